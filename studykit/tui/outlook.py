"""What comes next, once today is done."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studykit.scheduling.session import State
    from studykit.study import Study

_HORIZON = 3653
"""Ten years: what is due later is as good as known."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """The queue of tomorrow, and the first day on which a card seen before comes again."""

    tomorrow: "Mapping[State, int]"
    next_due: date | None
    today: date


def outlook(study: "Study", now: datetime) -> Outlook:
    """Look ahead from `now`."""
    tomorrow = study.session(now + timedelta(days=1)).remaining
    today = study.calendar.day_of(now)
    ahead = next((day for day, count in enumerate(study.forecast(now, days=_HORIZON)) if count), None)
    return Outlook(tomorrow, None if ahead is None else today + timedelta(days=ahead), today)


def left_text(left: "Mapping[State, int]") -> str:
    """Return counts by state as people read them: `5 due · 20 new`."""
    counts = {str(state): count for state, count in left.items() if count}
    names = {"review": "due", "new": "new", "drill": "again today"}
    return " · ".join(f"{counts[state]} {name}" for state, name in names.items() if state in counts)


def day_text(day: date, today: date) -> str:
    """Return a day as people name it, seen from `today`."""
    if day <= today:
        return "today"
    return "tomorrow" if (day - today).days == 1 else f"{day:%A, %d %B %Y}"
