"""The decks, how far one is, and what to do next."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import OptionList, Static

from studykit.tui.outlook import day_text, left_text, outlook
from studykit.tui.text.markdown import blocks_of
from studykit.tui.text.palette import HEADING, MUTED
from studykit.tui.widgets.deck_list import ALL, DeckList, header
from studykit.tui.widgets.key_line import KeyLine
from studykit.tui.widgets.prose import Prose
from studykit.tui.widgets.top_line import TopLine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studykit.scheduling.session import Session
    from studykit.study import Counts, Study
    from studykit.tui.app import StudyApp

WELCOME = """\
**Welcome.** studykit asks; you answer; it works out when to ask again. Many answers are *code that runs*: you
write it, studykit runs it against a reference, on fresh numbers every time.

- **space** shows an answer, **1** to **4** grade it (Again, Hard, Good, Easy). Cards graded below Good
  come back the same day; the others after 1 day, 6 days, and then ever later.
- Every answer is saved at once: **q** quits whenever you like, **u** takes back any step.
- **?** shows every key.

Press **enter** to meet your first cards.
"""

NO_DECKS = """\
**There are no decks yet.** A deck is a YAML file `decks/TRACK/TOPIC.yaml`. studykit looks in the current
folder, in its data folder, and in the folders of `STUDYKIT_LIBRARY`. Start studykit where your decks are, or
put some there; `studykit check` says what is wrong with them.
"""


class HomeScreen(Screen[None]):
    """Lists the decks; enter studies the one under the cursor."""

    AUTO_FOCUS = "DeckList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "start", "start", key_display="enter"),
        Binding("b", "browse", "browse"),
        Binding("m", "map", "map"),
        Binding("s", "statistics", "statistics"),
        Binding("comma", "settings", "settings", key_display=","),
        Binding("u", "undo", "undo"),
        Binding("q", "quit", "quit"),
        Binding("question_mark,f1", "help", "help", key_display="?"),
    ]

    def __init__(self, desk: "StudyApp", study: "Study") -> None:
        super().__init__()
        self._desk = desk
        self._study = study

    def compose(self) -> ComposeResult:
        """Show a word about today, then the decks."""
        yield TopLine()
        with Container(classes="page"), Vertical(id="home"):
            yield Prose(id="today")
            yield Static(header(), id="deck-header", markup=False)
            yield DeckList(markup=False)
        yield KeyLine()

    def on_mount(self) -> None:
        """Count; each time it is shown, the list is a new one."""
        with self._desk.telling("Your data cannot be read"):
            self._count()

    def on_screen_resume(self) -> None:
        """Count again after another screen."""
        if self.is_mounted:
            self.on_mount()

    def _count(self) -> None:
        now = self._desk.clock()
        counts = self._study.counts(now)
        session = self._study.session(now)
        decks = self.query_one(DeckList)
        decks.fill(self._study, counts)
        decks.display = self.query_one("#deck-header").display = bool(counts)
        left = session.remaining
        self.query_one(TopLine).show(
            Content.styled("studykit", HEADING),
            Content.styled(left_text(left) or "nothing due", MUTED),
        )
        self.query_one("#today", Prose).show(blocks_of(self._today(counts, session)))
        self.refresh_bindings()

    def _today(self, counts: "Mapping[str, Counts]", session: "Session") -> str:
        """Return what to say above the decks."""
        if not counts:
            return NO_DECKS
        if session.current is None:
            return self._done()
        if not any(count.learned for count in counts.values()):
            return WELCOME
        return self._left(session) + self._problems()

    def _left(self, session: "Session") -> str:
        left = left_text(session.remaining)
        return f"Today: **{left}**. Press **enter** to study all decks, or the one under the cursor."

    def _problems(self) -> str:
        count = len(self._study.library.problems())
        if not count:
            return ""
        return f"\n\n**{count} problem{'s' if count > 1 else ''}** in the decks: `studykit check` says where."

    def _done(self) -> str:
        ahead = outlook(self._study, self._desk.clock())
        tomorrow = left_text(ahead.tomorrow)
        if tomorrow:
            return f"**Done for today.** Tomorrow: {tomorrow}."
        if ahead.next_due is not None:
            return f"**Done for today.** Next card: {day_text(ahead.next_due, ahead.today)}."
        return "**Nothing is due.** Every card is suspended, or there is none."

    @on(OptionList.OptionSelected)
    def _chosen(self, message: OptionList.OptionSelected) -> None:
        message.stop()
        self.action_start()

    def action_start(self) -> None:
        """Study the decks under the cursor."""
        decks = self.query_one(DeckList)
        if decks.highlighted is None:
            return
        chosen = decks.get_option_at_index(decks.highlighted).id
        self._desk.start(() if chosen in (None, ALL) else (chosen,))

    def action_browse(self) -> None:
        """Go to the list of cards."""
        self._desk.show_browser()

    def action_map(self) -> None:
        """Go to the map of what builds on what."""
        self._desk.show_map()

    def action_statistics(self) -> None:
        """Go to the statistics."""
        self._desk.show_statistics()

    def action_settings(self) -> None:
        """Go to the settings."""
        self._desk.show_settings()

    def action_undo(self) -> None:
        """Take back the last step and go to its card."""
        self._desk.undo()

    def action_quit(self) -> None:
        """Leave."""
        self._desk.exit()

    def action_help(self) -> None:
        """Show every key."""
        self._desk.show_help()
