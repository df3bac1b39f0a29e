"""SM-2, the SuperMemo 2 scheduler, as one pure function.

Source: P. A. Wozniak, "Optimization of learning", 1990, section 3.2.

No clock, no randomness, no storage: the caller says what day it is. Ease is kept in integer
hundredths, so that 50 days at 2.2 are 110 days and not, by float noise, 111. Where the published text
leaves room, four decisions, all pinned by tests:

- a failed answer (below 3) restarts the intervals and leaves the ease alone, as the text says;
- the ease is updated first, and the updated ease makes the next interval (the order of the text's steps);
- a fraction of a day is rounded up (the text: "round it up to the nearest integer");
- how late or early the answer came does not matter.

An interval never exceeds a century, nor `date.max`. What FSRS knew of the card is dropped: it would be out
of date.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import IntEnum

FIRST_INTERVAL = 1
SECOND_INTERVAL = 6
MIN_EASE = 130
MAX_INTERVAL = 36_500
EASE_CHANGE = {5: +10, 4: 0, 3: -14}


class Grade(IntEnum):
    """How well an answer was recalled, on Wozniak's scale."""

    BLACKOUT = 0
    WRONG = 1
    NEARLY = 2
    HARD = 3
    GOOD = 4
    EASY = 5


@dataclass(frozen=True, slots=True)
class Memory:
    """What a scheduler remembers about one card that has been seen."""

    due: date
    interval: int = 0
    """Days from the last review to `due`; 0 until the first review."""

    repetitions: int = 0
    """Reviews passed in a row."""

    ease: int = 250
    """E-factor in hundredths."""

    stability: float | None = None
    """FSRS only: days until the chance of recall falls to 90%."""

    difficulty: float | None = None
    """FSRS only: 1 (easy) to 10 (hard)."""


def review(memory: Memory | None, grade: Grade, today: date) -> Memory:
    """Return the memory as it stands after answering with `grade` on `today`; `None` is a card never seen."""
    memory = memory or Memory(due=today)
    if grade < Grade.HARD:
        # A lapse restarts the intervals and leaves the ease alone.
        return _scheduled(replace(memory, repetitions=0), FIRST_INTERVAL, today)
    ease = max(MIN_EASE, memory.ease + EASE_CHANGE[grade])
    passed = replace(memory, repetitions=memory.repetitions + 1, ease=ease)
    return _scheduled(passed, _next_interval(memory, ease), today)


def _scheduled(memory: Memory, interval: int, today: date) -> Memory:
    due = today + timedelta(days=min(interval, (date.max - today).days))
    return replace(memory, interval=interval, due=due, stability=None, difficulty=None)


def _next_interval(memory: Memory, ease: int) -> int:
    if memory.repetitions == 0:
        return FIRST_INTERVAL
    if memory.repetitions == 1:
        return SECOND_INTERVAL
    rounded_up = -(-memory.interval * ease // 100)
    # A century is for ever. What came in longer, from an import, stays as it is.
    return min(rounded_up, max(MAX_INTERVAL, memory.interval))
