"""FSRS-6 behind the signature of SM-2: the `fsrs` package, counted in whole days.

Source: J. Ye et al., "A Stochastic Shortest Path Algorithm for Optimizing Spaced Repetition Scheduling",
2022, and the FSRS-6 formulas of the open-spaced-repetition group.

The default parameters, a desired retention of 90%, no learning steps (the drill of the session takes their
place) and no fuzz, so the same log always gives the same memory. Four decisions, all pinned by tests:

- FSRS knows four ratings: 0, 1 and 2 are Again; 3 is Hard, 4 is Good, 5 is Easy;
- lateness counts in whole days of the learner; a second review on the same day, or one that a clock put
  back dates before the last, is a same-day review;
- repetitions are counted as in SM-2 and the ease stays as it is, so that a learner can go back to SM-2;
- a card that comes from SM-2 starts with what it has: its interval is the stability (both aim at 90%), its
  ease tells the difficulty, as in Anki.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from math import exp, expm1, log

import fsrs

from studykit.scheduling.sm2 import MAX_INTERVAL, Grade, Memory

RETENTION = 0.9

PARAMETERS: tuple[float, ...] = (
    *(0.212, 1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194),
    *(0.001, 1.8722, 0.1666, 0.796, 1.4835, 0.0614, 0.2629),
    *(1.6483, 0.6014, 1.8729, 0.5425, 0.0912, 0.0658, 0.1542),
)
"""The defaults of FSRS-6, written out: whatever the version of the package, a log gives the same memory."""

RATINGS = {
    Grade.BLACKOUT: fsrs.Rating.Again,
    Grade.WRONG: fsrs.Rating.Again,
    Grade.NEARLY: fsrs.Rating.Again,
    Grade.HARD: fsrs.Rating.Hard,
    Grade.GOOD: fsrs.Rating.Good,
    Grade.EASY: fsrs.Rating.Easy,
}

_LAST_REVIEW = datetime(2000, 1, 1, 12, tzinfo=UTC)
"""The package wants moments in UTC. Only the days between them matter: every last review is put here."""

_LATEST = 1_000_000
"""Days after which being later changes nothing."""


def review(memory: Memory | None, grade: Grade, today: date) -> Memory:
    """Return the memory as it stands after answering with `grade` on `today`; `None` is a card never seen."""
    memory = memory or Memory(due=today)
    at = _LAST_REVIEW + timedelta(days=_elapsed(memory, today))
    card, _ = _scheduler().review_card(_as_card(memory), RATINGS[grade], at)
    interval = (card.due - at).days
    return replace(
        memory,
        due=today + timedelta(days=min(interval, (date.max - today).days)),
        interval=interval,
        repetitions=memory.repetitions + 1 if grade >= Grade.HARD else 0,
        stability=card.stability,
        difficulty=card.difficulty,
    )


@cache
def _scheduler() -> fsrs.Scheduler:
    return fsrs.Scheduler(
        parameters=PARAMETERS,
        desired_retention=RETENTION,
        learning_steps=(),
        relearning_steps=(),
        maximum_interval=MAX_INTERVAL,
        enable_fuzzing=False,
    )


def _elapsed(memory: Memory, today: date) -> int:
    """Return the days since the last review: the one that made the card due after `interval` days."""
    return min(max(0, (today - memory.due).days + memory.interval), _LATEST)


def _as_card(memory: Memory) -> fsrs.Card:
    # Both `card_id` and `due` are given because the package would read the clock for them.
    if memory.interval == 0:
        return fsrs.Card(card_id=0, due=_LAST_REVIEW)
    stability = memory.stability or float(memory.interval)
    return fsrs.Card(
        card_id=0,
        state=fsrs.State.Review,
        stability=stability,
        difficulty=memory.difficulty or _difficulty_from_ease(memory.ease, stability),
        due=_LAST_REVIEW,
        last_review=_LAST_REVIEW,
    )


def _difficulty_from_ease(ease: int, stability: float) -> float:
    """Return the difficulty with which a Good answer in time makes the stability grow as the ease would."""
    growth = (
        exp(PARAMETERS[8]) * exp(-PARAMETERS[9] * log(stability)) * expm1((1 - RETENTION) * PARAMETERS[10])
    )
    return min(max(1.0, 11 - (ease / 100 - 1) / growth), 10.0)
