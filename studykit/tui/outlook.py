"""What comes next, once today is done."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studykit.scheduling.session import State
    from studykit.study import Study


@dataclass(frozen=True, slots=True)
class Outlook:
    """The queue of tomorrow, and the first day on which a card seen before comes again."""

    tomorrow: "Mapping[State, int]"
    next_due: date | None
    today: date


def outlook(study: "Study", now: datetime) -> Outlook:
    """Look ahead from `now`."""
    tomorrow = study.session(now + timedelta(days=1)).remaining
    days = (standing.memory.due for standing in study.store.standings().values() if not standing.suspended)
    return Outlook(tomorrow, min(days, default=None), study.calendar.day_of(now))


def left_text(left: "Mapping[State, int]") -> str:
    """Return counts by state as people read them: `5 due · 20 new`."""
    names = {"review": "due", "new": "new", "drill": "again today"}
    return " · ".join(f"{left.get(state, 0)} {name}" for state, name in names.items() if left.get(state, 0))


def day_text(day: date, today: date) -> str:
    """Return a day as people name it, seen from `today`."""
    if day <= today:
        return "today"
    return "tomorrow" if (day - today).days == 1 else f"{day:%A, %d %B %Y}"
