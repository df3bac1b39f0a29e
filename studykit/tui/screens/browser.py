"""The browser: find cards, look at them, do something to many of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input

from studykit.errors import StudykitError
from studykit.store.records import Role, Undone
from studykit.tui import preview
from studykit.tui.browsing import Line, Order, lines_of, renewed, words_of
from studykit.tui.screens.place import COMMON, Fetch, Place
from studykit.tui.text.blocks import Block, Flow
from studykit.tui.text.markdown import blocks_of
from studykit.tui.text.palette import CAUTION, HEADING, MUTED
from studykit.tui.widgets.card_table import CardTable, TableHeader
from studykit.tui.widgets.key_line import KeyLine
from studykit.tui.widgets.prose import Prose
from studykit.tui.widgets.top_line import TopLine

if TYPE_CHECKING:
    from studykit.tui.app import StudyApp

_PAUSE = 0.06
"""Seconds without a key after which a search begins."""

_GLANCE = 0.03
"""Seconds for which the cursor rests on a card before it is shown."""

PLACEHOLDER = (
    "words  tag:T deck:D kind:K  is:due|new|learned|changed|suspended|buried|flagged|leech  -word leaves out"
)
NOTHING_FOUND = """\
**No card matches.** Every word must be found, in any text of a card or in its id.

- `deck:transformer`, `kind:implement`, `tag:hard`, `is:due` narrow it down; `-word` leaves out.
- Press `/` to change the search.
"""
NO_CARDS = """\
**There are no cards yet.** Start studykit where your `decks/` are, put decks into its data folder, or name a
library in `STUDYKIT_LIBRARY`. `studykit check` says what is wrong with decks.
"""


@dataclass(frozen=True, slots=True)
class _Action:
    """What a key does to cards, or back again if all of them are so already."""

    role: Role
    done: str
    back: Role | None = None
    undone: str = ""
    already: Callable[[Line], bool] = lambda _line: False
    nothing: str = "Nothing to change there."


ACTIONS = {
    "suspend": _Action(
        Role.SUSPEND, "Suspended", Role.UNSUSPEND, "Back again", lambda line: line.marks.suspended
    ),
    "bury": _Action(
        Role.BURY, "Buried until tomorrow", Role.UNBURY, "Back again", lambda line: line.state == "buried"
    ),
    "flag": _Action(Role.FLAG, "Flagged", Role.UNFLAG, "No longer flagged", lambda line: line.marks.flagged),
    "due": _Action(Role.DUE, "Due now", nothing="New cards cannot be due, and the others are due already."),
    "reset": _Action(Role.RESET, "New again", nothing="They are new already."),
}


class BrowserScreen(Place):
    """A search, what it finds, and the card under the cursor."""

    KEYS = "Cards"
    AUTO_FOCUS = "CardTable"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "search", key_display="/"),
        Binding("exclamation_mark", "do('suspend')", "suspend", key_display="!"),
        Binding("minus", "do('bury')", "bury", key_display="-"),
        Binding("f", "do('flag')", "flag"),
        Binding("d", "do('due')", "due now"),
        Binding("r", "do('reset')", "reset"),
        Binding("u", "undo", "undo"),
        Binding("s", "sort", "sort"),
        Binding("o", "reverse", "other way", show=False),
        Binding("a", "tick_all", "tick all"),
        Binding("enter", "look", "whole card"),
        Binding("p", "preview", "preview"),
        Binding("ctrl+down", "scroll_preview(1)", show=False),
        Binding("ctrl+up", "scroll_preview(-1)", show=False),
        *COMMON,
    ]

    def __init__(self, desk: "StudyApp", query: str = "") -> None:
        super().__init__(desk)
        self._query = query
        self._order = Order()
        self._lines: dict[str, Line] = {}
        self._found: list[str] = []
        self._fault = ""
        self._previews = True
        self._loading = Fetch[dict[str, Line]](self, self._loaded, "Your data cannot be read")
        self._searching = Fetch[tuple[list[str], str]](self, self._searched, "Your data cannot be read")
        self._sorting = Fetch[list[Line]](self, self._sorted, "Your data cannot be read")
        self._doing = Fetch[tuple[dict[str, Line], str]](self, self._done, "That was not saved")
        self._undoing = Fetch[Undone | None](self, self._undone, "Nothing was taken back")

    def compose(self) -> ComposeResult:
        """Show the search, the list, and the card."""
        yield TopLine()
        yield Input(self._query, placeholder=PLACEHOLDER, id="query", compact=True)
        with Horizontal(id="browser"):
            with Vertical(id="found"):
                yield TableHeader()
                yield CardTable()
            with Container(id="empty"):
                yield Prose()
            with VerticalScroll(id="preview", can_focus=False):
                yield Prose()
        yield KeyLine()

    def on_mount(self) -> None:
        """Get the cards."""
        self.query_one(TableHeader).show(self._order)
        self.query_one("#empty").display = False
        self.query_one(Input).cursor_blink = not self.study.settings.reduced_motion
        self._say("looking …")
        self._glance = self.set_timer(_GLANCE, self._show_card, pause=True)
        self._later = self.set_timer(_PAUSE, self._search, pause=True)
        self._load()

    def on_unmount(self) -> None:
        """Let go of the cards at once, not when Python next looks for garbage."""
        self._lines, self._found = {}, []

    def _load(self) -> None:
        now = self.desk.clock()
        self._loading.start(lambda: lines_of(self.study, now))

    def _loaded(self, lines: dict[str, Line]) -> None:
        self._lines = lines
        self._search()

    # ---- finding

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        message.stop()
        self._query = message.value
        self._later.stop()
        self._later = self.set_timer(_PAUSE, self._search)

    def _search(self) -> None:
        words, now = words_of(self._query), self.desk.clock()
        self._searching.start(lambda: self._find(words, now))

    def _find(self, words: Sequence[str], now: datetime) -> tuple[list[str], str]:
        """Return what is found; while a filter is being typed it may mean nothing yet: then say why."""
        try:
            return self.study.search(words, now), ""
        except StudykitError as error:
            return self._found, str(error)

    def _searched(self, result: tuple[list[str], str]) -> None:
        self._found, self._fault = result
        self._sort()

    def _sort(self) -> None:
        lines = [self._lines[card] for card in self._found if card in self._lines]
        self._sorting.start(lambda: self._order.sorted(lines))

    def _sorted(self, lines: list[Line]) -> None:
        self.query_one(CardTable).show(lines)
        self._tell_count()
        empty = self.query_one("#empty")
        empty.display = not lines
        self.query_one("#found").display = bool(lines)
        self.query_one("#preview").display = bool(lines) and self._previews
        if not self.is_typing:
            self.set_focus(self.query_one(CardTable) if lines else None)
        if not lines:
            empty.query_one(Prose).show(blocks_of(NOTHING_FOUND if self._lines else NO_CARDS))
        self.refresh_bindings()

    def _tell_count(self) -> None:
        table = self.query_one(CardTable)
        ticked = f"{len(table.ticked)} ticked · " if table.ticked else ""
        self._say(f"{ticked}{len(table.lines)} of {len(self._lines)}")

    def _say(self, progress: str) -> None:
        fault = Content.styled(f"  {self._fault}", CAUTION) if self._fault else Content("")
        title = Content.styled("Browse", HEADING) + fault
        self.query_one(TopLine).show(title, Content.styled(progress, MUTED))

    def action_search(self) -> None:
        """Type what to look for."""
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _to_the_list(self, message: Input.Submitted) -> None:
        message.stop()
        self.query_one(CardTable).focus()

    def action_sort(self) -> None:
        """Sort by the next column."""
        self._sort_by(self._order.next())

    def action_reverse(self) -> None:
        """Sort the other way round."""
        self._sort_by(self._order.by_column(self._order.by))

    @on(TableHeader.Clicked)
    def _clicked(self, message: TableHeader.Clicked) -> None:
        message.stop()
        self._sort_by(self._order.by_column(message.column))

    def _sort_by(self, order: Order) -> None:
        self._order = order
        self.query_one(TableHeader).show(order)
        self._sort()

    # ---- looking

    @on(CardTable.Moved)
    def _moved(self, message: CardTable.Moved) -> None:
        message.stop()
        self._glance.stop()
        self._glance = self.set_timer(_GLANCE, self._show_card)

    def _show_card(self) -> None:
        line = self.query_one(CardTable).current
        pane = self.query_one("#preview")
        pane.query_one(Prose).show([] if line is None or not pane.display else self._blocks(line))
        pane.scroll_home(animate=False)

    def _blocks(self, line: Line) -> list[Block]:
        try:
            card = self.study.card(line.card)
        except StudykitError as error:
            return [Flow(Content.styled(str(error), CAUTION))]
        parts = [preview.head(line), preview.body(card, self.study.settings.language)]
        return [*parts[0], *parts[1], *preview.foot(self.study, line.card, card)]

    def action_preview(self) -> None:
        """Show or hide the card beside the list."""
        self._previews = not self._previews
        self.query_one("#preview").display = self._previews
        self._show_card()

    def action_scroll_preview(self, direction: int) -> None:
        """Scroll the card beside the list."""
        pane = self.query_one("#preview")
        (pane.scroll_page_down if direction > 0 else pane.scroll_page_up)(animate=False)

    def action_look(self) -> None:
        """Show the card alone, with every answer to it."""
        line = self.query_one(CardTable).current
        if line is None:
            return
        from studykit.tui.screens.whole_card import WholeCardScreen

        with self.desk.telling("Your data cannot be read"):
            rows = self.study.store.history(line.card)
            past = preview.past(rows, self.study.settings.grades, line.today)
            self.app.push_screen(WholeCardScreen([*self._blocks(line), *past]))

    # ---- doing

    def action_tick_all(self) -> None:
        """Tick all that was found, or nothing."""
        self.query_one(CardTable).tick_all()

    @on(CardTable.Ticked)
    def _ticked(self, message: CardTable.Ticked) -> None:
        message.stop()
        self._tell_count()

    def action_do(self, name: str) -> None:
        """Do something to the ticked cards, or to the one under the cursor, as one step."""
        cards, now, action = self.query_one(CardTable).chosen, self.desk.clock(), ACTIONS[name]
        if not cards:
            return
        if len(cards) > 1:
            self._say("saving …")
        self._doing.start(lambda: self._do(action, cards, now))

    def _do(self, action: _Action, cards: list[str], now: datetime) -> tuple[dict[str, Line], str]:
        back = action.back is not None and all(action.already(self._lines[card]) for card in cards)
        role = action.back if back and action.back else action.role
        changed = self.study.take(role, cards, now)
        what = f"{action.undone if back else action.done}: {_counted(changed)} (u takes it back)"
        return renewed(self.study, self._lines, changed, now), what if changed else action.nothing

    def _done(self, result: tuple[dict[str, Line], str]) -> None:
        """Show the cards as they are now; they stay in the list even if the search would not find them."""
        changed, what = result
        self._lines.update(changed)
        self.desk.cards_changed = self.desk.cards_changed or bool(changed)
        table = self.query_one(CardTable)
        table.show([self._lines[line.card] for line in table.lines])
        self._tell_count()
        self.desk.say(what)

    def action_undo(self) -> None:
        """Take back the last step, of this screen or of the review."""
        now = self.desk.clock()
        self._undoing.start(lambda: self.study.undo(now))

    def _undone(self, undone: Undone | None) -> None:
        if undone is None:
            self.desk.say("There is nothing to undo.")
            return
        self.desk.cards_changed = True
        self.desk.say_undone(undone)
        self._load()

    # ---- going

    def action_leave(self) -> None:
        """Leave the search field; then untick; then go back."""
        table = self.query_one(CardTable)
        if self.is_typing:
            table.focus()
        elif table.ticked:
            table.untick()
        else:
            super().action_leave()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Say whether a key does something now."""
        if action in ("leave", "help", "quit"):
            return True
        if self.is_typing or not self.is_mounted:
            return False
        needs_cards = action in ("do", "sort", "reverse", "tick_all", "look", "preview", "scroll_preview")
        return not needs_cards or bool(self.query_one(CardTable).lines)


def _counted(cards: Sequence[str]) -> str:
    return cards[0] if len(cards) == 1 else f"{len(cards)} cards"
