"""One sitting: from the first card shown to the summary.

Joins the session (what comes next) with the store (what is kept), so that a card moves on only when its
answer is saved. Knows nothing of screens.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from studykit.scheduling.sm2 import Grade, Memory

if TYPE_CHECKING:
    from studykit.scheduling.session import Item, Session, State
    from studykit.store.records import Answered, Undone
    from studykit.study import Study
    from studykit.tui.attempt import Attempt

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Given:
    """An answer given in this sitting."""

    card: str
    grade: Grade
    seconds: float


@dataclass(slots=True)
class _Step:
    """What one undo takes back: the session before it and the answers given until then."""

    session: "Session"
    given: tuple[Given, ...]


@dataclass(slots=True)
class Sitting:
    """Moves through a session; every step is in the store before the next card is current."""

    study: "Study"
    decks: Sequence[str]
    clock: Clock
    session: "Session" = field(init=False)
    given: tuple[Given, ...] = ()
    _past: list[_Step] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Plan the session."""
        self.session = self.study.session(self.clock(), self.decks)

    @property
    def current(self) -> "Item | None":
        """The card to show, if any is left."""
        return self.session.current

    @property
    def remaining(self) -> "Mapping[State, int]":
        """How many cards are left, by state."""
        return self.session.remaining

    def preview(self) -> "Mapping[Grade, Memory]":
        """Return what each grade would make of the current card; a drill changes nothing."""
        item = self.require_current()
        if item.state == "drill":
            record = self.study.store.records([item.card])[item.card]
            return dict.fromkeys(Grade, record.memory)
        return self.study.preview(item.card, self.clock())

    def answer(self, grade: Grade, attempt: "Attempt", *, machine_graded: bool) -> "Answered":
        """Save a grade for the current card, then move on."""
        item = self.require_current()
        now = self.clock()
        seconds = attempt.seconds(now)
        answered = self.study.answer(
            item.card,
            grade,
            now,
            evidence=attempt.as_log(now) if machine_graded else None,
            proposed=attempt.proposal.grade if attempt.proposal else None,
            seed=attempt.seed if machine_graded else None,
            duration_ms=round(seconds * 1000),
        )
        # A leech may have been put away by this very answer: then it does not come again.
        away = answered.after.suspended
        self._step(self.session.without(item.card) if away else self.session.answered(grade))
        self.given = (*self.given, Given(item.card, grade, seconds))
        return answered

    def bury(self) -> str:
        """Put the current card off until tomorrow; return its id."""
        item = self.require_current()
        self.study.bury(item.card, self.clock())
        self._step(self.session.without(item.card))
        return item.card

    def suspend(self) -> str:
        """Put the current card away until it is asked for; return its id."""
        item = self.require_current()
        self.study.suspend(item.card, self.clock())
        self._step(self.session.without(item.card))
        return item.card

    def drop(self) -> None:
        """Leave the current card out of this sitting without a trace."""
        self.session = self.session.skip()

    def flag(self) -> bool:
        """Mark the current card to be looked at later, or take the mark away; return whether it is marked."""
        card, now = self.require_current().card, self.clock()
        day = self.study.calendar.day_of(now)
        flagged = self.study.store.flag(card, day=day, at=now)
        if not flagged:
            self.study.store.unflag(card, day=day, at=now)
        self._step(self.session)
        return flagged

    def undo(self) -> "Undone | None":
        """Take back the last step, of this sitting or an earlier one; its card becomes current."""
        undone = self.study.undo(self.clock())
        if undone is None:
            return None
        step = self._past.pop() if self._past else None
        if step and step.session.current and step.session.current.card == undone.card:
            self.session, self.given = step.session, step.given
        else:
            self._past.clear()
            self.session = self.study.session(self.clock(), self.decks).first(undone.card)
        return undone

    def replan(self, first: str | None = None) -> None:
        """Plan the rest of the day anew, after the library changed; `first` comes first."""
        self._past.clear()
        session = self.study.session(self.clock(), self.decks)
        self.session = session if first is None else session.first(first)

    def _step(self, session: "Session") -> None:
        self._past.append(_Step(self.session, self.given))
        self.session = session

    def require_current(self) -> "Item":
        """Return the current card, where there must be one."""
        if self.session.current is None:
            raise LookupError("no card is current")
        return self.session.current
