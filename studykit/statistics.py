"""What the review log says about the learner: pure functions of its answers.

True retention is what Anki calls so (its `rslib/src/stats/graphs/retention.rs`): of the answers to cards
that were due, after at least a day, the share that was still known. First answers, drill and cramming do not
count. "Known" is a grade of 3 or better, as Anki counts everything but Again. A card is mature when its
interval, before the answer, was 21 days or more; else it is young.
"""

from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from studykit.store.records import UNMARKED, Brief, Marks, Record

YOUNG = 21
"""Intervals below this many days are young, the others mature, as in Anki."""

HARDEST = 10

_KNOWN = 3
_REVIEW = "review"
_STARTS = (2, 7, 21, 60, 180)
"""Where the second of `INTERVALS` begins, and those after it."""

_YOUNG_ONES = 3

INTERVALS: tuple[tuple[int, int | None], ...] = (
    *((1, 1), (2, 6), (7, 20)),
    *((21, 59), (60, 179), (180, None)),
)
"""First and last day of the intervals by which retention is told; the first three are young."""

PERIODS: Mapping[str, int | None] = {
    "today": 1,
    "yesterday": 1,
    "week": 7,
    "month": 30,
    "year": 365,
    "all_time": None,
}
"""Anki's periods: how many days of the learner each has, up to today (`yesterday`: up to then)."""


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
class Hard:
    """A card that is forgotten often."""

    card: str
    lapses: int
    """Times it was forgotten when due, since it was new (or new again)."""

    reviews: int
    """Times it was due and answered, in all its history."""

    ease: float
    leech: bool


@dataclass(frozen=True, slots=True)
class Statistics:
    """The learner's record so far."""

    answers: int
    """All answers: first ones, reviews, drill, cramming."""

    seconds: float
    """Time spent on answers that were timed."""

    days: Mapping[date, int]
    """Answers by day; days without any are left out."""

    time: Mapping[date, float]
    """Seconds spent by day."""

    time_by_kind: Mapping[str, float]
    """Seconds spent by card kind."""

    streak: int
    """Days in a row with an answer, up to today or yesterday."""

    longest_streak: int

    retention: Mapping[str, Retention]
    """`all`, `young` and `mature` reviews, by the interval that the card had."""

    by_interval: Sequence[tuple[int, int | None, Retention]]
    """True retention by the interval that the card had: first day, last day, reviews."""

    by_period: Mapping[str, Mapping[str, Retention]]
    """True retention by period, of `all`, `young` and `mature` reviews."""

    grades: Mapping[str, Mapping[int, int]]
    """Grades by card kind, of all answers."""

    cards: Mapping[str, int]
    """How many cards are `new`, `young` and `mature`, whatever is suspended, and how many are `suspended`."""

    hardest: Sequence[Hard]
    """Cards with most lapses; of equal lapses, those with fewer reviews first."""


class _Tally:
    """Counts answers, one after the other."""

    def __init__(self, kinds: Mapping[str, str]) -> None:
        self.kinds = kinds
        self.days: Counter[date] = Counter()
        self.milliseconds: Counter[date] = Counter()
        self.by_kind: Counter[str] = Counter()
        self.grades: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self.reviews: Counter[str] = Counter()
        self.passed: Counter[tuple[int, date]] = Counter()
        """By place in `INTERVALS` and day; `failed` likewise. All about retention follows from these two."""
        self.failed: Counter[tuple[int, date]] = Counter()

    def add(self, answer: Brief) -> None:
        card, day, role, grade, milliseconds, interval = answer
        kind = self.kinds.get(card, "unknown")
        self.days[day] += 1
        self.grades[kind][grade] += 1
        if milliseconds:
            self.milliseconds[day] += milliseconds
            self.by_kind[kind] += milliseconds
        if role == _REVIEW:
            self.reviews[card] += 1
            (self.passed if grade >= _KNOWN else self.failed)[bisect(_STARTS, interval), day] += 1

    def retention(self, counts: Callable[[int, date], bool]) -> Retention:
        """Return the retention of the reviews that `counts`, given place in `INTERVALS` and day."""
        passed = sum(n for where, n in self.passed.items() if counts(*where))
        failed = sum(n for where, n in self.failed.items() if counts(*where))
        return Retention(passed + failed, passed)

    def by_age(self, days: Callable[[date], bool] = lambda _day: True) -> dict[str, Retention]:
        """Return the retention of `all`, `young` and `mature` reviews on `days`."""
        young = self.retention(lambda place, day: place < _YOUNG_ONES and days(day))
        mature = self.retention(lambda place, day: place >= _YOUNG_ONES and days(day))
        everything = Retention(young.reviews + mature.reviews, young.passed + mature.passed)
        return {"all": everything, "young": young, "mature": mature}


def statistics(
    answers: Iterable[Brief],
    records: Mapping[str, Record],
    kinds: Mapping[str, str],
    today: date,
    marks: Mapping[str, Marks] | None = None,
    retired: Container[str] = (),
) -> Statistics:
    """Return the statistics of `answers`, read once; `kinds` are those of the cards that they are about.

    Cards that are `retired` have their answers, and are no longer counted as cards.
    """
    tally = _Tally(kinds)
    for answer in answers:
        tally.add(answer)
    return Statistics(
        answers=tally.days.total(),
        seconds=tally.milliseconds.total() / 1000,
        days=dict(sorted(tally.days.items())),
        time={day: spent / 1000 for day, spent in sorted(tally.milliseconds.items())},
        time_by_kind={kind: spent / 1000 for kind, spent in sorted(tally.by_kind.items())},
        streak=streak(lambda day: day in tally.days, today),
        longest_streak=_longest(tally.days),
        retention=tally.by_age(),
        by_interval=[(*span, tally.retention(_at(place))) for place, span in enumerate(INTERVALS)],
        by_period={name: tally.by_age(_within(name, length, today)) for name, length in PERIODS.items()},
        grades={kind: dict(sorted(counts.items())) for kind, counts in sorted(tally.grades.items())},
        cards=_cards(records, [card for card in kinds if card not in retired], marks or {}),
        hardest=_hardest(records, tally.reviews),
    )


def streak(studied: Callable[[date], bool], today: date) -> int:
    """Return how many days in a row were `studied`, up to today; a day only begun breaks no chain."""
    day = today if studied(today) else today - timedelta(days=1)
    length = 0
    while studied(day) and day > date.min:
        length, day = length + 1, day - timedelta(days=1)
    return length


def _longest(days: Iterable[date]) -> int:
    longest = length = 0
    before = None
    for day in sorted(days):
        length = length + 1 if before is not None and (day - before).days == 1 else 1
        longest, before = max(longest, length), day
    return longest


def _at(place: int) -> Callable[[int, date], bool]:
    return lambda where, _day: where == place


def _within(name: str, length: int | None, today: date) -> Callable[[date], bool]:
    if length is None:
        return lambda _day: True
    end = today - timedelta(days=name == "yesterday")
    start = end - timedelta(days=length - 1)
    return lambda day: start <= day <= end


def _cards(records: Mapping[str, Record], cards: Sequence[str], marks: Mapping[str, Marks]) -> dict[str, int]:
    counts = Counter(
        "new" if (record := records.get(card)) is None else "young" if _is_young(record) else "mature"
        for card in cards
    )
    suspended = sum(marks.get(card, UNMARKED).suspended for card in cards)
    return {name: counts[name] for name in ("new", "young", "mature")} | {"suspended": suspended}


def _is_young(record: Record) -> bool:
    return record.memory.interval < YOUNG


def _hardest(records: Mapping[str, Record], reviews: Mapping[str, int]) -> list[Hard]:
    lapsed = [
        Hard(card, record.lapses, reviews.get(card, 0), record.memory.ease / 100, record.leech)
        for card, record in records.items()
        if record.lapses
    ]
    return sorted(lapsed, key=lambda hard: (-hard.lapses, hard.reviews, hard.card))[:HARDEST]


def as_json(found: Statistics) -> dict[str, object]:
    """Return the statistics as scripts get them."""
    return {
        "answers": found.answers,
        "seconds": round(found.seconds, 3),
        "streak": found.streak,
        "longest_streak": found.longest_streak,
        "days": {day.isoformat(): count for day, count in found.days.items()},
        "time": {day.isoformat(): round(spent, 3) for day, spent in found.time.items()},
        "time_by_kind": {kind: round(spent, 3) for kind, spent in found.time_by_kind.items()},
        "retention": _retentions(found.retention),
        "retention_by_interval": [
            {"from": first, "to": last, "reviews": kept.reviews, "passed": kept.passed}
            for first, last, kept in found.by_interval
        ],
        "retention_by_period": {name: _retentions(ages) for name, ages in found.by_period.items()},
        "grades": {kind: {str(grade): n for grade, n in by.items()} for kind, by in found.grades.items()},
        "cards": dict(found.cards),
        "hardest": [
            {
                "card": hard.card,
                "lapses": hard.lapses,
                "reviews": hard.reviews,
                "ease": hard.ease,
                "leech": hard.leech,
            }
            for hard in found.hardest
        ],
    }


def _retentions(ages: Mapping[str, Retention]) -> dict[str, dict[str, int]]:
    return {name: {"reviews": kept.reviews, "passed": kept.passed} for name, kept in ages.items()}
