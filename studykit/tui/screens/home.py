"""The decks, how far one is, and what to do next."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widgets import OptionList, Static

from studykit.tui.outlook import Outlook, day_text, left_text, outlook
from studykit.tui.screens.place import DeskScreen, Fetch
from studykit.tui.text.markdown import blocks_of
from studykit.tui.text.palette import HEADING, MUTED
from studykit.tui.widgets.deck_list import ALL, DeckList, header
from studykit.tui.widgets.key_line import KeyLine
from studykit.tui.widgets.prose import Prose
from studykit.tui.widgets.top_line import TopLine
from studykit.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from studykit.scheduling.session import Session
    from studykit.study import Counts
    from studykit.tui.app import StudyApp

_AT_ONCE = 3_000
"""With more cards than this, counting takes long enough to be done beside the screen."""

_TALL = 40
"""Lines of a screen on which the next days are drawn large."""

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


@dataclass(frozen=True, slots=True)
class _Overview:
    """What the screen shows, read at one moment."""

    counts: "Mapping[str, Counts]"
    session: "Session"
    forecast: "Sequence[int]"
    streak: int
    ahead: Outlook | None
    """What comes next, when nothing is due."""

    today: date

    @property
    def begun(self) -> bool:
        """Whether anything was learned yet."""
        return any(count.learned for count in self.counts.values())


class HomeScreen(DeskScreen):
    """Lists the decks; enter studies the one under the cursor."""

    KEYS = "Decks"
    AUTO_FOCUS = "DeckList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "start", "start", key_display="enter"),
        Binding("b", "browse", "cards"),
        Binding("s", "statistics", "stats"),
        Binding("m", "map", "map"),
        Binding("z", "quiz", "quiz"),
        Binding("comma", "settings", "settings", key_display=","),
        Binding("q", "quit", "quit"),
        Binding("u", "undo", "undo"),
        Binding("question_mark,f1", "help", "help", key_display="?"),
    ]

    def __init__(self, desk: "StudyApp") -> None:
        super().__init__(desk)
        self._overview: _Overview | None = None
        self._counting = Fetch[_Overview](self, self._show, "Your data cannot be read")

    def compose(self) -> ComposeResult:
        """Show a word about today, then the decks."""
        yield TopLine()
        with Container(classes="page"), Vertical(id="home"):
            yield Prose(id="today")
            yield Prose(id="ahead")
            yield Static(header(), id="deck-header", markup=False)
            yield DeckList(markup=False)
        yield KeyLine()

    def on_mount(self) -> None:
        """Count; each time it is shown, the list is a new one."""
        self._count()

    def on_screen_resume(self) -> None:
        """Count again after another screen."""
        if self.is_mounted:
            self._count()

    def on_resize(self) -> None:
        """Draw what comes as large as there is room."""
        self._show_ahead()

    def _count(self) -> None:
        now = self.desk.clock()
        if len(self.study.library.entries()) > _AT_ONCE:
            self._counting.start(lambda: self._read(now))
        else:
            with self.desk.telling("Your data cannot be read"):
                self._show(self._read(now))

    def _read(self, now: datetime) -> _Overview:
        study = self.study
        session = study.session(now)
        return _Overview(
            counts=study.counts(now),
            session=session,
            forecast=study.forecast(now),
            streak=study.streak(now),
            ahead=outlook(study, now) if session.current is None else None,
            today=study.calendar.day_of(now),
        )

    def _show(self, overview: _Overview) -> None:
        self._overview = overview
        decks = self.query_one(DeckList)
        at = decks.highlighted
        decks.fill(self.study, overview.counts)
        if at is not None and at < decks.option_count:
            decks.highlighted = at
        decks.display = self.query_one("#deck-header").display = bool(overview.counts)
        left = overview.session.remaining
        self.query_one(TopLine).show(
            Content.styled("studykit", HEADING),
            Content.styled(left_text(left) or "nothing due", MUTED),
        )
        self.query_one("#today", Prose).show(blocks_of(self._today(overview)))
        self._show_ahead()
        self.refresh_bindings()

    def _show_ahead(self) -> None:
        """Show the streak and the reviews of the next days; on a tall screen as a plot."""
        overview, ahead = self._overview, self.query_one("#ahead", Prose)
        ahead.display = overview is not None and overview.begun
        if overview is None or not overview.begun:
            return
        from studykit.tui import charts

        if self.size.height >= _TALL:
            ahead.show([charts.streak_line(overview.streak), *charts.due(overview.forecast, overview.today)])
        else:
            ahead.show(charts.in_brief(overview.streak, overview.forecast))

    def _today(self, overview: _Overview) -> str:
        """Return what to say above the decks."""
        if not overview.counts:
            said = NO_DECKS
        elif overview.ahead is not None:
            said = self._done(overview.ahead)
        elif not overview.begun:
            said = WELCOME
        else:
            said = self._left(overview.session)
        return said + self._problems()

    def _left(self, session: "Session") -> str:
        left = left_text(session.remaining)
        return f"Today: **{left}**. Press **enter** to study all decks, or the one under the cursor."

    def _problems(self) -> str:
        count = len(self.study.library.problems())
        if not count:
            return ""
        return f"\n\n**{counted(count, 'problem')}** in the decks: `studykit doctor` says where."

    def _done(self, ahead: Outlook) -> str:
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
        chosen = self._under_cursor()
        if chosen is not None:
            self.desk.start(chosen)

    def action_quiz(self) -> None:
        """Begin a quiz on the decks under the cursor."""
        chosen = self._under_cursor()
        if chosen is not None:
            self.desk.show_quiz(chosen)

    def _under_cursor(self) -> "Sequence[str] | None":
        """Return what the cursor is on: a deck, a track, or () for all; None where there is nothing."""
        decks = self.query_one(DeckList)
        if decks.highlighted is None:
            return None
        chosen = decks.get_option_at_index(decks.highlighted).id
        return () if chosen in (None, ALL) else (chosen,)

    def action_browse(self) -> None:
        """Go to the list of cards."""
        self.desk.show_browser()

    def action_map(self) -> None:
        """Go to the map of what builds on what."""
        self.desk.show_map()

    def action_statistics(self) -> None:
        """Go to the statistics."""
        self.desk.show_statistics()

    def action_settings(self) -> None:
        """Go to the settings."""
        self.desk.show_settings()

    def action_undo(self) -> None:
        """Take back the last step and go to its card."""
        self.desk.undo()
