"""How many reviews the coming days bring, as things stand."""

from collections.abc import Mapping
from datetime import date

from studykit.scheduling.session import Standing


def forecast(standings: Mapping[str, Standing], today: date, days: int = 30) -> list[int]:
    """Return the number of reviews due on `today` and the days after it; what is overdue counts today.

    Each card counts once, on the day it is due next. Suspended cards do not count, buried ones when they
    are back.
    """
    counts = [0] * days
    for standing in standings.values():
        if standing.suspended:
            continue
        day = max(standing.memory.due, standing.buried_until or today, today)
        ahead = (day - today).days
        if ahead < days:
            counts[ahead] += 1
    return counts
