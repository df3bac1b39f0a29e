"""Plots of plain characters: what they show is in their shapes, colour only helps.

Nothing here needs Textual, so the command line draws with it too.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

EIGHTHS = " ▁▂▃▄▅▆▇█"
SHADES = "·░▒▓█"
"""No answers, then few to many."""

WEEKS = 53
_DAYS = 7


def bar(share: float, width: int) -> tuple[str, str]:
    """Return the filled and the empty part of a bar across `width`."""
    filled = min(width, max(0, round(share * width)))
    return "━" * filled, "╌" * (width - filled)


def spark(values: Sequence[float]) -> str:
    """Return one character per value: a dot for nothing, columns for the others."""
    most = max(values, default=0)
    return "".join(EIGHTHS[max(1, round(value / most * 8))] if value > 0 else SHADES[0] for value in values)


def columns(values: Sequence[float], height: int) -> list[str]:
    """Return lines, the top first, in which each value is a column of one character's width."""
    most = max(values, default=0) or 1
    # Whatever is above nothing is seen: at least an eighth of a line.
    eighths = [max(1, round(value / most * height * 8)) if value > 0 else 0 for value in values]
    return [
        "".join(EIGHTHS[min(8, max(0, one - 8 * row))] for one in eighths) for row in reversed(range(height))
    ]


def quartiles(counts: Sequence[int]) -> tuple[int, int, int]:
    """Return the counts from which a day is in the second, third and fourth quarter of the days studied."""
    ordered = sorted(count for count in counts if count) or [1]
    return (
        ordered[len(ordered) // 4],
        ordered[len(ordered) // 2],
        ordered[3 * len(ordered) // 4],
    )


def level(count: int, limits: tuple[int, int, int]) -> int:
    """Return which of `SHADES` stands for a day with `count` answers."""
    return 0 if not count else 1 + sum(count > limit for limit in limits)


def year(days: Mapping[date, int], end: date) -> list[list[int | None]]:
    """Return the answers of the 53 weeks that end with the week of `end`, a row per weekday from Monday.

    Days after `end` are None.
    """
    monday = end - timedelta(days=end.weekday(), weeks=WEEKS - 1)
    return [
        [
            days.get(day, 0) if (day := monday + timedelta(weeks=week, days=weekday)) <= end else None
            for week in range(WEEKS)
        ]
        for weekday in range(_DAYS)
    ]


def months(end: date, cell: int) -> str:
    """Return the names of the months above their first Mondays; each week is `cell` wide."""
    monday = end - timedelta(days=end.weekday(), weeks=WEEKS - 1)
    line = [" "] * (WEEKS * cell)
    free = 0
    for week in range(WEEKS):
        first = monday + timedelta(weeks=week)
        begins = week == 0 or first.day <= _DAYS
        at = week * cell
        if begins and at >= free and at + 3 <= len(line):
            line[at : at + 3] = f"{first:%b}"
            free = at + 4
    return "".join(line).rstrip()
