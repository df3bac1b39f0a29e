"""What a paper came to. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from studykit.quiz.marking import Mark, Marked
from studykit.quiz.paper import LeftOut, Terms


@dataclass(frozen=True, slots=True)
class Tally:
    """Right answers out of those that count."""

    name: str
    """What is counted: a topic's deck, or a kind of card."""

    title: str
    right: int
    of: int
    unmarked: int = 0

    @property
    def percent(self) -> int:
        """The share of right answers, rounded down: only all right is 100."""
        return 100 * self.right // self.of if self.of else 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """A paper, marked."""

    terms: Terms
    marked: tuple[Marked, ...]
    left_out: tuple[LeftOut, ...] = ()
    at: datetime | None = None
    """When it was handed in."""

    seconds: float | None = None
    time_up: bool = False
    """The time limit ended it."""

    @property
    def total(self) -> Tally:
        """The score."""
        return _tally("", "", self.marked)

    @property
    def topics(self) -> tuple[Tally, ...]:
        """The score by topic, weakest first."""
        decks = dict.fromkeys(one.put.question.deck for one in self.marked)
        tallies = [
            _tally(deck, mine[0].put.topic, mine)
            for deck in decks
            if (mine := [one for one in self.marked if one.put.question.deck == deck])
        ]
        return tuple(sorted(tallies, key=lambda tally: (tally.of == 0, tally.percent, tally.name)))

    @property
    def kinds(self) -> tuple[Tally, ...]:
        """The score by kind of card, weakest first."""
        kinds = sorted({one.put.question.kind for one in self.marked})
        tallies = [
            _tally(kind, kind, [one for one in self.marked if one.put.question.kind == kind])
            for kind in kinds
        ]
        return tuple(sorted(tallies, key=lambda tally: (tally.of == 0, tally.percent, tally.name)))

    @property
    def missed(self) -> tuple[Marked, ...]:
        """What was wrong or left blank, in the order of the paper."""
        return tuple(one for one in self.marked if one.mark in (Mark.WRONG, Mark.BLANK))

    @property
    def unmarked(self) -> tuple[Marked, ...]:
        """What could not be marked."""
        return tuple(one for one in self.marked if one.mark is Mark.UNMARKED)


def _tally(name: str, title: str, marked: Iterable[Marked]) -> Tally:
    marks = [one.mark for one in marked]
    unmarked = marks.count(Mark.UNMARKED)
    return Tally(name, title or name, marks.count(Mark.RIGHT), len(marks) - unmarked, unmarked)
