"""The statistics as blocks of text: each plot says with shapes and numbers what colour only repeats."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from textual.content import EMPTY_CONTENT, Content

from studykit.scheduling.sm2 import Grade
from studykit.tui.grades import Scheme, duration_text, name_of
from studykit.tui.text.blocks import Align, Block, Flow, Table
from studykit.tui.text.clean import clean_line
from studykit.tui.text.palette import ACCENT, BAR, CAUTION, HEADING, MUTED, RIGHT
from studykit.tui.text.plots import SHADES, WEEKS, bar, columns, level, months, quartiles, spark, year
from studykit.wording import counted

if TYPE_CHECKING:
    from studykit.statistics import Retention, Statistics

_LABEL = 4
_WEEKDAYS = ("Mon", "", "Wed", "", "Fri", "", "Sun")
_SHADE_STYLES = (MUTED, BAR, BAR, f"bold {BAR}", f"bold {BAR}")
_HEIGHT = 6
_RETENTION_BAR = 24
_GOAL = 0.85
"""Retention below this asks for a look: the cards are too hard, or too late."""


@dataclass(frozen=True, slots=True)
class Heatmap:
    """The answers of the 53 weeks up to `end`, a column per week; twice as wide where there is room."""

    days: Mapping[date, int]
    end: date
    gap: bool = True
    scrolls: bool = False
    fill: str = ""

    def lines(self, width: int) -> list[Content]:
        """Draw it."""
        cell = 2 if width >= _LABEL + 2 * WEEKS else 1
        rows = year(self.days, self.end)
        shown = [count for row in rows for count in row if count]
        limits = quartiles(shown)
        weeks = max(1, min(WEEKS, (width - _LABEL) // cell))  # the latest, where not all have room
        head = " " * _LABEL + months(self.end, cell).ljust(WEEKS * cell)[-weeks * cell :]
        lines = [Content.styled(head, MUTED)]
        for name, row in zip(_WEEKDAYS, rows, strict=True):
            cells = Content("").join(_cell(count, limits, cell) for count in row[-weeks:])
            lines.append(Content.styled(f"{name:<{_LABEL}}", MUTED) + cells)
        return [*lines, _legend(limits, max(shown, default=0))]


def _cell(count: int | None, limits: tuple[int, int, int], cell: int) -> Content:
    if count is None:
        return Content(" " * cell)
    shade = level(count, limits)
    text = SHADES[shade] * cell if shade else SHADES[0].ljust(cell)
    return Content.styled(text, _SHADE_STYLES[shade])


def _legend(limits: tuple[int, int, int], most: int) -> Content:
    if not most:
        return Content.styled(" " * _LABEL + "no answers in these weeks", MUTED)
    starts = [1, *(limit + 1 for limit in limits)]
    ends = [*limits, most]
    parts = [
        f"{SHADES[shade]} {first}" + (f"–{last}" if last > first else "")
        for shade, first, last in zip(range(1, 5), starts, ends, strict=True)
        if first <= last
    ]
    return Content.styled(
        " " * _LABEL + "   ".join([f"{SHADES[0]} none", *parts]) + "   answers a day", MUTED
    )


@dataclass(frozen=True, slots=True)
class Columns:
    """Values as columns above a ground line with a word at either end; as wide as there is room."""

    values: Sequence[float]
    left: str
    right: str
    most: str
    """What the highest column is worth."""

    gap: bool = False
    scrolls: bool = False
    fill: str = ""

    def lines(self, width: int) -> list[Content]:
        """Draw it."""
        cell = max(1, min(3, width // max(1, len(self.values))))
        wide = cell * len(self.values)
        plot = columns([value for value in self.values for _ in range(cell)], _HEIGHT)
        ground = self.left + self.right.rjust(max(0, wide - len(self.left)))
        return [
            Content.styled(f"{self.most:>{min(wide, width)}}", MUTED),
            *(Content.styled(line, BAR) for line in plot),
            Content.styled("‾" * wide, MUTED),
            Content.styled(ground, MUTED),
        ]


def title(text: str, note: str = "") -> Block:
    """Return the heading of a section."""
    return Flow(Content.assemble((text, HEADING), (f"  {note}" if note else "", MUTED)))


def summary(found: "Statistics") -> list[Block]:
    """Return the record in a few lines."""
    seen = found.cards["young"] + found.cards["mature"]
    cards = Content.assemble(
        (f"{seen:,}", "bold"),
        f" of {seen + found.cards['new']:,} cards seen: ",
        f"{found.cards['mature']:,} mature, {found.cards['young']:,} young",
        f"; {found.cards['suspended']:,} suspended" if found.cards["suspended"] else "",
    )
    answers = Content.assemble(
        (counted(found.answers, "answer"), "bold"),
        f" on {counted(len(found.days), 'day')} in {duration_text(found.seconds)}",
    )
    streak = Content.assemble(
        "Streak: ", (counted(found.streak, "day"), "bold"), f", the longest {found.longest_streak}"
    )
    return [Flow(answers), Flow(cards, gap=False), Flow(streak, gap=False)]


def answers(found: "Statistics", end: date, today: date) -> list[Block]:
    """Return the year up to `end` as a heatmap."""
    note = "the last year" if end == today else f"the year up to {end:%d %B %Y}"
    return [title("Answers by day", note), Heatmap(found.days, end, gap=False)]


def retention(found: "Statistics") -> list[Block]:
    """Return true retention by interval and by period."""
    rows = [_retention_line(_span(first, last), kept) for first, last, kept in found.by_interval]
    return [
        title("True retention by interval", "due cards that were still known"),
        *rows,
        Flow(Content.styled(f"! below {_GOAL:.0%}: fewer new cards, or better ones, would help", MUTED)),
        title("True retention by period"),
        _table(
            ("", "young", "mature", "all"),
            [
                (
                    Content(name.replace("_", " ")),
                    *(_percent(ages[age]) for age in ("young", "mature", "all")),
                )
                for name, ages in found.by_period.items()
            ],
        ),
        Flow(Content.styled("young: an interval below 21 days before the answer; mature: 21 or more", MUTED)),
    ]


def _retention_line(name: str, kept: "Retention") -> Block:
    if kept.share is None:
        return Flow(Content.styled(f"{name:>9}  none yet", MUTED), gap=False)
    full, empty = bar(kept.share, _RETENTION_BAR)
    warned = "!" if round(kept.share, 2) < _GOAL else " "
    return Flow(
        Content.assemble(
            f"{name:>9}  ",
            (full, CAUTION if warned == "!" else RIGHT),
            (empty, MUTED),
            (f" {kept.share:>4.0%}{warned}", "bold"),
            (f" of {kept.reviews:,}", MUTED),
        ),
        gap=False,
    )


def _span(first: int, last: int | None) -> str:
    if first == last:
        return f"{first} d"
    return f"{first} d +" if last is None else f"{first}–{last} d"


def _percent(kept: "Retention") -> Content:
    if kept.share is None:
        return Content.styled("·", MUTED)
    return Content.assemble((f"{kept.share:.0%}", "bold"), (f" of {kept.reviews:,}", MUTED))


def streak_line(streak: int) -> Block:
    """Return how many days in a row were studied."""
    days = f"{streak} day{'' if streak == 1 else 's'} in a row"
    return Flow(Content.assemble("Studied ", (days, "bold")), gap=False)


def in_brief(streak: int, forecast: Sequence[int]) -> list[Block]:
    """Return the streak and the reviews of the next days in one line, and in a few signs."""
    days = f"{streak} day{'' if streak == 1 else 's'} in a row"
    line = Content.assemble(
        days,
        (f" · next {len(forecast)} days ", MUTED),
        (spark(forecast), BAR),
        (f" {sum(forecast):,} due", MUTED),
    )
    return [Flow(line, gap=False)]


def due(forecast: Sequence[int], today: date) -> list[Block]:
    """Return the reviews of the next days."""
    week, most = sum(forecast[:7]), max(forecast)
    note = f"{forecast[0]:,} today, {week:,} in 7 days, {sum(forecast):,} in {len(forecast)}"
    last = today + timedelta(days=len(forecast) - 1)
    if not most:
        return [title("Forecast"), Flow(Content.styled("Nothing falls due in these days.", MUTED), gap=False)]
    return [title("Forecast", note), Columns(forecast, "today", f"{last:%d %b}", f"up to {most:,}")]


def grades(found: "Statistics", scheme: Scheme) -> list[Block]:
    """Return the grades by kind."""
    given = sorted({grade for counts in found.grades.values() for grade in counts})
    heads = [name_of(_grade(grade), "six") if scheme == "six" else f"{grade}" for grade in given]
    rows = []
    for kind, counts in found.grades.items():
        total = sum(counts.values())
        known = sum(n for grade, n in counts.items() if grade >= 3)
        cells = [_count(counts.get(grade, 0)) for grade in given]
        rows.append((Content(clean_line(kind)), *cells, Content.styled(f"{known / total:.0%}", "bold")))
    legend = "   ".join(f"{grade} {name_of(_grade(grade), 'six')}" for grade in given)
    note = [] if scheme == "six" else [Flow(Content.styled(legend, MUTED))]
    return [title("Grades by kind"), _table(("kind", *heads, "known"), rows), *note]


def _grade(grade: int) -> Grade:
    return Grade(grade)


def _count(number: int) -> Content:
    return Content(f"{number:,}") if number else Content.styled("·", MUTED)


def time(found: "Statistics", today: date, days: int = 30) -> list[Block]:
    """Return the time spent in the last days, and by kind."""
    minutes = [found.time.get(today - timedelta(days=ago), 0) / 60 for ago in reversed(range(days))]
    studied = [one for one in minutes if one]
    first = today - timedelta(days=days - 1)
    if not studied:
        return [title("Time spent"), Flow(Content.styled(f"None in the last {days} days.", MUTED), gap=False)]
    average = duration_text(60 * sum(studied) / len(studied))
    by_kind = sorted(found.time_by_kind.items(), key=lambda one: -one[1])
    kinds = " · ".join(f"{clean_line(kind)} {duration_text(spent)}" for kind, spent in by_kind)
    most = f"up to {duration_text(60 * max(minutes))}"
    return [
        title("Time spent", f"{average} on a day of study, in the last {days} days"),
        Columns(minutes, f"{first:%d %b}", "today", most),
        Flow(Content.styled(kinds, MUTED)),
    ]


def hardest(found: "Statistics") -> list[Block]:
    """Return the cards that are forgotten most."""
    if not found.hardest:
        return [title("Hardest cards"), Flow(Content.styled("Nothing was forgotten yet.", MUTED), gap=False)]
    rows = [
        (
            Content(clean_line(hard.card)),
            Content.styled(str(hard.lapses), "bold"),
            Content(str(hard.reviews)),
            Content(f"{hard.ease:.1f}"),
            Content.styled("leech" if hard.leech else "", ACCENT),
        )
        for hard in found.hardest
    ]
    return [title("Hardest cards"), _table(("card", "lapses", "reviews", "ease", ""), rows)]


def _table(heads: Sequence[str], rows: Sequence[tuple[Content, ...]]) -> Block:
    rest: list[Align] = ["right"] * (len(heads) - 1)
    aligns: tuple[Align, ...] = ("left", *rest)
    return Table((tuple(map(Content, heads)), *rows), aligns, EMPTY_CONTENT, gap=False)
