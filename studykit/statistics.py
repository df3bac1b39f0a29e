"""What the review log says about the learner: pure functions of its rows."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from studykit.scheduling.sm2 import Grade
from studykit.store.records import LogRow, Record, Role

YOUNG = 21
"""Intervals below this many days are young, the others mature, as in Anki."""

HARDEST = 10


@dataclass(frozen=True, slots=True)
class Retention:
    """Of the cards that were due, how many were still known."""

    reviews: int
    passed: int

    @property
    def share(self) -> float | None:
        """The true retention; None before the first review."""
        return self.passed / self.reviews if self.reviews else None


@dataclass(frozen=True, slots=True)
class Statistics:
    """The learner's record so far."""

    answers: int
    seconds: float
    """Time spent on answers that were timed."""

    days: Mapping[date, int]
    """Answers by day."""

    streak: int
    """Days in a row with an answer, up to today or yesterday."""

    retention: Mapping[str, Retention]
    """`all`, `young` and `mature` reviews, by the interval that the card had."""

    grades: Mapping[str, Mapping[int, int]]
    """Grades by card kind."""

    hardest: Sequence[tuple[str, int]]
    """Cards with most lapses."""


def statistics(
    rows: Iterable[LogRow], records: Mapping[str, Record], kinds: Mapping[str, str], today: date
) -> Statistics:
    """Return the statistics of the log's answers, read once."""
    days: Counter[date] = Counter()
    grades: dict[str, Counter[int]] = {}
    seen: dict[str, list[int]] = {name: [0, 0] for name in ("all", "young", "mature")}
    milliseconds = 0
    for row in rows:
        days[row.day] += 1
        milliseconds += row.duration_ms or 0
        grades.setdefault(kinds.get(row.card, "unknown"), Counter())[int(row.grade)] += 1
        if row.role is Role.REVIEW:
            for name in ("all", _age(row)):
                seen[name][0] += 1
                seen[name][1] += row.grade >= Grade.HARD
    return Statistics(
        answers=days.total(),
        seconds=milliseconds / 1000,
        days=dict(sorted(days.items())),
        streak=_streak(days, today),
        retention={name: Retention(*counts) for name, counts in seen.items()},
        grades={kind: dict(sorted(counts.items())) for kind, counts in sorted(grades.items())},
        hardest=_hardest(records),
    )


def _age(row: LogRow) -> str:
    before = row.before
    return "mature" if before is not None and before.memory.interval >= YOUNG else "young"


def _streak(days: Mapping[date, int], today: date) -> int:
    # A day that has only begun does not break the chain.
    last = today.toordinal() if today in days else today.toordinal() - 1
    length = 0
    while last > 0 and date.fromordinal(last) in days:
        length, last = length + 1, last - 1
    return length


def _hardest(records: Mapping[str, Record]) -> list[tuple[str, int]]:
    lapsed = [(card, record.lapses) for card, record in records.items() if record.lapses]
    return sorted(lapsed, key=lambda entry: (-entry[1], entry[0]))[:HARDEST]
