"""The settings: what each is for, changed and saved at once."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from studykit.errors import StudykitError
from studykit.tui.preferences import OF_DECKS, PREFERENCES, Preference, is_default, of_decks, value_of
from studykit.tui.screens.place import COMMON, Place
from studykit.tui.text.blocks import Flow
from studykit.tui.text.clean import clean_line
from studykit.tui.text.markdown import blocks_of
from studykit.tui.text.palette import HEADING, MUTED, STRONG, WRONG
from studykit.tui.widgets.deck_list import Row
from studykit.tui.widgets.key_line import KeyLine
from studykit.tui.widgets.line_list import LineList
from studykit.tui.widgets.prose import Prose
from studykit.tui.widgets.top_line import TopLine
from studykit.wording import shown

if TYPE_CHECKING:
    from studykit.tui.app import StudyApp

_ADD = Preference(
    "decks",
    "Give a deck or a track its own …",
    "A deck (`transformer/rope`) or a whole track (`python`) may have its own limits and scheduler. Write "
    f"which, what, and how much: `transformer/rope new_per_day 5`. There are {', '.join(OF_DECKS)}.",
    "transformer/rope new_per_day 5",
)


class SettingsScreen(Place):
    """One line per setting; the one under the cursor is explained below."""

    KEYS = "Settings"
    AUTO_FOCUS = "#settings"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "change", "change", key_display="enter"),
        Binding("left", "step(-1)", "other value", key_display="← →"),
        Binding("right", "step(1)", show=False),
        Binding("backspace,delete", "default", "default", key_display="⌫"),
        *COMMON,
    ]

    def __init__(self, desk: "StudyApp") -> None:
        super().__init__(desk)
        self._shown: list[Preference] = []

    def compose(self) -> ComposeResult:
        """Show the list, and room for the explanation."""
        yield TopLine()
        with Container(classes="page"), Vertical(id="settings-page"):
            yield LineList(id="settings", markup=False)
            with VerticalScroll(id="explained", can_focus=False):
                yield Prose()
                yield Input(id="value", compact=True)
                yield Prose(id="fault")
        yield KeyLine()

    def on_mount(self) -> None:
        """Fill it."""
        self.query_one(TopLine).show(
            Content.styled("Settings", HEADING), Content.styled(shown(self.study.home / "config.toml"), MUTED)
        )
        field = self.query_one("#value", Input)
        field.display = False
        field.cursor_blink = not self.study.settings.reduced_motion
        self._fill()

    def _fill(self) -> None:
        rows = self.query_one(LineList)
        at = rows.highlighted or 0
        self._shown = [*PREFERENCES, *of_decks(self.study.settings), _ADD]
        rows.set_options([Option(self._row(one), one.key) for one in self._shown])
        rows.highlighted = min(at, len(self._shown) - 1)

    def _row(self, one: Preference) -> Row:
        if one is _ADD:
            return Row(one.title, MUTED, tuple)
        settings = self.study.settings
        value = clean_line(value_of(settings, one.key)) or "this computer's"
        # The bar says without colour what was changed.
        changed = "" if is_default(settings, one.key) else "• "
        return Row(
            clean_line(f"  {one.title}" if "." in one.key else one.title),
            "",
            lambda: [Content.styled(changed + value, STRONG if changed else MUTED)],
        )

    @property
    def current(self) -> Preference:
        """The setting under the cursor."""
        return self._shown[self.query_one(LineList).highlighted or 0]

    @on(OptionList.OptionHighlighted)
    def _explain(self, message: OptionList.OptionHighlighted) -> None:
        message.stop()
        self._close_field()
        one = self.current
        text = one.explanation
        if one.choices:
            text += "\n\n" + " or ".join(f"`{choice}`" for choice in one.choices)
        self.query_one("#explained Prose", Prose).show(blocks_of(text))
        self.refresh_bindings()

    # ---- changing

    def choices(self, one: Preference) -> tuple[str, ...]:
        """Return all that a setting may be; nothing where it is typed."""
        return tuple(sorted(self.app.available_themes)) if one.key == "theme" else one.choices

    @on(OptionList.OptionSelected)
    def _selected(self, message: OptionList.OptionSelected) -> None:
        message.stop()
        self.action_change()

    def action_change(self) -> None:
        """Choose another value from a list, or type one."""
        one = self.current
        choices = self.choices(one)
        if len(choices) > 2:  # with two there is nothing to choose from
            self._choose(one, choices)
        elif choices:
            self.action_step(1)
        else:
            self._open_field(one)

    def _choose(self, one: Preference, choices: tuple[str, ...]) -> None:
        from studykit.tui.screens.choose import ChooseScreen

        before = value_of(self.study.settings, one.key)

        def look(choice: str) -> None:
            if one.key == "theme":
                self.app.theme = choice

        def take(choice: str | None) -> None:
            look(choice or before)
            if choice is not None:
                self._save(one.key, choice)

        self.app.push_screen(ChooseScreen(one.title, choices, before, look), take)

    def action_step(self, step: int) -> None:
        """Take the next value or the one before."""
        one = self.current
        choices, value = self.choices(one), value_of(self.study.settings, one.key)
        if choices:
            at = choices.index(value) if value in choices else 0
            self._save(one.key, choices[(at + step) % len(choices)])

    def action_default(self) -> None:
        """Take a setting back to what it is without the learner's word."""
        if self.current is not _ADD:
            self._save(self.current.key, "")

    def _open_field(self, one: Preference) -> None:
        field = self.query_one("#value", Input)
        field.value = "" if one is _ADD else value_of(self.study.settings, one.key)
        field.placeholder = one.example
        field.display = True
        field.focus()
        note = "enter saves, escape leaves it as it was" + ("" if one is _ADD else "; nothing is the default")
        self.query_one("#fault", Prose).show([Flow(Content.styled(note, MUTED))])
        self.query_one("#fault").scroll_visible(animate=False)

    def _close_field(self) -> None:
        self.query_one("#value", Input).display = False
        self.query_one("#fault", Prose).show([])
        self.query_one(LineList).focus()

    @on(Input.Submitted)
    def _submitted(self, message: Input.Submitted) -> None:
        message.stop()
        one, text = self.current, message.value.strip()
        if one is not _ADD:
            self._save(one.key, text)
        elif text:
            try:
                self._save(*self._of_deck(text))
            except StudykitError as error:
                self._refuse(str(error))
        else:
            self._close_field()

    def _of_deck(self, text: str) -> tuple[str, str]:
        """Return key and value of `DECK NAME VALUE`. Raises StudykitError for what is no such thing."""
        deck, name, *value = [*text.replace("=", " ").split(), "", ""]
        found = self.study.library.decks_matching([deck])
        if deck not in self.study.library.tracks():
            deck = found[0]
        if name not in OF_DECKS or not value[0]:
            raise StudykitError(f"write {deck}, then one of {', '.join(OF_DECKS)}, then its value")
        return f"decks.{deck}.{name}", value[0]

    def _save(self, key: str, text: str) -> None:
        try:
            self.study.change(key, text)
        except StudykitError as error:
            self._refuse(str(error))
            return
        self.desk.settle_looks()
        self._close_field()
        self._fill()
        self.desk.say("Saved.")

    def _refuse(self, error: str) -> None:
        said = error.removeprefix(f"{self.study.home / 'config.toml'}: ")
        fault = self.query_one("#fault", Prose)
        fault.show([Flow(Content.assemble(("✗ ", WRONG), clean_line(said)))])
        fault.scroll_visible(animate=False)

    # ---- going

    def action_leave(self) -> None:
        """Leave the field without a change; else go back."""
        if self.is_typing:
            self._close_field()
        else:
            super().action_leave()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Say whether a key does something now."""
        if action in ("leave", "help", "quit"):
            return True
        if self.is_typing or not self._shown:
            return False
        if action == "step":
            return bool(self.choices(self.current))
        return not (action == "default" and self.current is _ADD)
