"""The statistics: what was learned, how well it holds, what it costs, what comes."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content

from studykit.library.cards import text_in
from studykit.tui import charts
from studykit.tui.screens.place import COMMON, Fetch, Place
from studykit.tui.text.blocks import Flow
from studykit.tui.text.clean import clean_line
from studykit.tui.text.markdown import blocks_of
from studykit.tui.text.palette import HEADING, MUTED
from studykit.tui.widgets.key_line import KeyLine
from studykit.tui.widgets.prose import Prose
from studykit.tui.widgets.top_line import TopLine

if TYPE_CHECKING:
    from studykit.statistics import Statistics
    from studykit.tui.app import StudyApp

_YEAR = timedelta(weeks=52)

NO_ANSWERS = """\
**No answers yet.** What you learn shows here: answers by day, how much you still know when a card is due, the
time it takes, what is coming, and the cards that will not stick.

Press **escape**, then **enter**, to answer the first cards.
"""


@dataclass(frozen=True, slots=True)
class _Found:
    """What the screen shows."""

    statistics: "Statistics"
    forecast: list[int]
    today: date


class _Page(VerticalScroll, inherit_bindings=False):
    """Scrolls; left and right are the screen's."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "Up", show=False),
        Binding("down,j", "scroll_down", "Down", show=False),
        Binding("pageup", "page_up", "Page up", show=False),
        Binding("pagedown", "page_down", "Page down", show=False),
        Binding("home", "scroll_home", "Top", show=False),
        Binding("end", "scroll_end", "Bottom", show=False),
    ]


class StatisticsScreen(Place):
    """One page that scrolls; everything on it is in `studykit stats --json` too."""

    KEYS = "Statistics"
    AUTO_FOCUS = "#statistics"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "year(-1)", "year before", key_display="←"),
        Binding("right", "year(1)", "year after", key_display="→"),
        Binding("t", "track(1)", "next track"),
        Binding("T", "track(-1)", "track before", show=False),
        Binding("space", "page", "on"),
        *COMMON,
    ]

    def __init__(self, desk: "StudyApp") -> None:
        super().__init__(desk)
        self._found: _Found | None = None
        self._back = 0
        self._tracks = ("", *self.study.library.tracks())
        self._track = 0
        self._counting = Fetch[_Found](self, self._counted, "Your data cannot be read")

    def compose(self) -> ComposeResult:
        """Make room for the page."""
        yield TopLine()
        with _Page(id="statistics"), Container(classes="sheet"):
            yield Prose(id="record")
            with Container(id="charts"):
                yield Prose(id="charts-left")
                yield Prose(id="charts-right")
        yield KeyLine()

    def on_mount(self) -> None:
        """Count."""
        self._count()

    def _count(self) -> None:
        self._head("counting …")
        now, track = self.desk.clock(), self._tracks[self._track]
        decks = [track] if track else []
        study = self.study
        self._counting.start(
            lambda: _Found(
                study.statistics(now, decks), study.forecast(now, decks), study.calendar.day_of(now)
            )
        )

    def _counted(self, found: _Found) -> None:
        self._found = found
        self._head("")
        self._draw()
        self.query_one("#statistics").scroll_home(animate=False)
        self.refresh_bindings()

    def _head(self, note: str) -> None:
        named = self.study.library.tracks().get(self._tracks[self._track])
        track = clean_line(text_in(named.title, self.study.settings.language)) if named else "all decks"
        title = Content.assemble(("Statistics", HEADING), f"  {track}")
        self.query_one(TopLine).show(title, Content.styled(note, MUTED))

    def _draw(self) -> None:
        found = self._found
        if found is None:
            return
        numbers, today = found.statistics, found.today
        left, right = self.query_one("#charts-left", Prose), self.query_one("#charts-right", Prose)
        if not numbers.answers:
            track = self._tracks[self._track]
            nothing = [Flow(Content("Nothing of this track was answered yet."))]
            self.query_one("#record", Prose).show(nothing if track else blocks_of(NO_ANSWERS))
            left.show([])
            right.show([])
            return
        self._draw_year(numbers, today)
        left.show([*charts.retention(numbers), *charts.grades(numbers, self.study.settings.grades)])
        right.show(
            [*charts.due(found.forecast, today), *charts.time(numbers, today), *charts.hardest(numbers)]
        )

    def _draw_year(self, numbers: "Statistics", today: date) -> None:
        year = charts.answers(numbers, today + self._back * _YEAR, today)
        self.query_one("#record", Prose).show([*charts.summary(numbers), *year])

    # ---- keys

    def action_year(self, step: int) -> None:
        """Show another year of answers."""
        if self._found is not None:
            self._back += step
            self._draw_year(self._found.statistics, self._found.today)
            self.refresh_bindings()

    def action_track(self, step: int) -> None:
        """Count another track alone; after the last, all again."""
        self._track = (self._track + step) % len(self._tracks)
        self._back = 0
        self._count()

    def action_page(self) -> None:
        """Scroll by a page."""
        self.query_one("#statistics").scroll_page_down(animate=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say whether a key does something now."""
        if action == "year":
            return self._has_year(1 if parameters == (1,) else -1)
        return not (action == "track" and len(self._tracks) <= 2)

    def _has_year(self, step: int) -> bool:
        found = self._found
        if found is None or not found.statistics.days:
            return False
        if step > 0:
            return self._back < 0
        begin = found.today + self._back * _YEAR - _YEAR
        return min(found.statistics.days) <= begin
