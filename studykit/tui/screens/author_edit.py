"""The texts of a drafted card, to be edited in place."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static, TextArea

from studykit.authoring.card_text import edited_texts, texts_to_edit
from studykit.errors import StudykitError
from studykit.library.cards import Card
from studykit.tui.screens.confirm import ConfirmScreen
from studykit.tui.text.clean import clean, clean_line
from studykit.tui.text.palette import HEADING, KEY, MUTED


class EditScreen(ModalScreen[Card | bool | None]):
    """Gives the card as it is then; True: it is to be opened in the author's editor; None: as it was."""

    AUTO_FOCUS = "TextArea"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "save", show=False, priority=True),
        Binding("escape", "leave", "leave", show=False, priority=True),
        Binding("ctrl+e", "open_editor", "editor", show=False, priority=True),
    ]

    def __init__(self, card: Card, language: str, others: Sequence[str]) -> None:
        super().__init__()
        self._card = card
        self._language = language
        self._others = others
        self._texts = texts_to_edit(card, language)

    def compose(self) -> ComposeResult:
        """Show a field for each text."""
        with Vertical(classes="box -fields"):
            title = Content.assemble((clean_line(self._card.id), HEADING), (f"  {self._card.kind}", MUTED))
            yield Static(title, classes="box-title", markup=False)
            with VerticalScroll(can_focus=False):
                for name, text in self._texts.items():
                    yield Static(Content.styled(name, MUTED), markup=False)
                    yield TextArea(text, id=f"field-{name}", soft_wrap=True, tab_behavior="focus")
            yield Static("", id="field-fault", markup=False)
            keys = Content("   ").join(Content.assemble((key, KEY), f" {what}") for key, what in _keys())
            yield Static(keys, classes="box-keys", markup=False)

    def on_mount(self) -> None:
        """Begin at the end of the first text."""
        for area in self.query(TextArea):
            area.cursor_blink = self.app.animation_level != "none"
            area.move_cursor(area.document.end)
        self.call_after_refresh(self.query_one(VerticalScroll).scroll_home, animate=False)

    @property
    def _written(self) -> dict[str, str]:
        return {name: self.query_one(f"#field-{name}", TextArea).text for name in self._texts}

    @property
    def _is_changed(self) -> bool:
        return self._written != self._texts

    def action_save(self) -> None:
        """Take the texts over, if a valid card comes of them."""
        if not self._is_changed:
            self.dismiss(None)
            return
        try:
            card = edited_texts(self._card, self._language, self._written, self._others)
        except StudykitError as error:
            self.query_one("#field-fault", Static).update(Content(clean(str(error))))
            return
        self.dismiss(card)

    def action_leave(self) -> None:
        """Leave the card as it was."""
        if not self._is_changed:
            self.dismiss(None)
            return
        self.app.push_screen(
            ConfirmScreen("Throw your changes away?", "The card stays as it was.", "throw away", "go on"),
            self._throw_away,
        )

    def _throw_away(self, agreed: bool | None) -> None:
        if agreed:
            self.dismiss(None)

    def action_open_editor(self) -> None:
        """Go on in the author's editor, with the whole card."""
        if self._is_changed:
            self.query_one("#field-fault", Static).update("Save or leave first: then E opens the editor.")
        else:
            self.dismiss(True)


def _keys() -> Iterator[tuple[str, str]]:
    yield from (("ctrl+s", "save"), ("tab", "next field"), ("ctrl+e", "whole card in your editor"))
    yield "escape", "leave it as it was"
