"""What the store speaks: values about cards, free of rows and SQL."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from studykit.scheduling import session
from studykit.scheduling.sm2 import Grade, Memory


class Role(StrEnum):
    """What a row of the log is: an answer, a mark, or a note about the log itself."""

    NEW = "new"
    """The first answer to a card."""

    REVIEW = "review"
    """An answer to a card that was due."""

    DRILL = "drill"
    """An answer repeated on the same day, after one below 4: it schedules nothing."""

    CRAM = "cram"
    """An answer before the card was due: logged, and schedules nothing."""

    SUSPEND = "suspend"
    UNSUSPEND = "unsuspend"
    BURY = "bury"
    UNBURY = "unbury"
    FLAG = "flag"
    UNFLAG = "unflag"
    UNLEECH = "unleech"

    RESET = "reset"
    """The card is as if it had never been seen: no memory, no lapses, no leech, not buried.

    Suspension and flag stay, and the log keeps every answer.
    """

    DUE = "due"
    """The card is due on the row's day, and no longer buried; its interval and ease stay."""

    UNDO = "undo"
    """Takes back the row it names."""

    RENAME = "rename"
    """A card's id changed; earlier rows are found under the new one."""

    REPLAY = "replay"
    """All memory was worked out again under another scheduler."""


ANSWERS = frozenset({Role.NEW, Role.REVIEW, Role.DRILL, Role.CRAM})
SCHEDULING = frozenset({Role.NEW, Role.REVIEW})
"""The answers that move a card's due day."""

STEPS = ANSWERS | {
    Role.SUSPEND,
    Role.UNSUSPEND,
    Role.BURY,
    Role.UNBURY,
    Role.FLAG,
    Role.UNFLAG,
    Role.UNLEECH,
    Role.RESET,
    Role.DUE,
}
"""What undo takes back, one at a time."""


@dataclass(frozen=True, slots=True)
class Marks(session.Marks):
    """What is set on a card beside its schedule; a card never seen can have marks too.

    `suspended`: not shown until it is unsuspended. `buried_until`: not shown before this day.
    """

    flagged: bool = False
    """The learner wants to look at it later."""

    leech: bool = False
    """It was forgotten again and again."""


UNMARKED = Marks()


@dataclass(frozen=True, slots=True)
class Record:
    """What is remembered of a card that has been seen."""

    memory: Memory
    scheduler: str
    """The scheduler that `memory` is from."""

    lapses: int
    """Times it was forgotten (below 3) when due."""

    drill_on: date | None
    """The day on which it is to be repeated until it reaches 4; an earlier day means nothing."""

    last_day: date
    """The last day on which it was answered."""

    marks: Marks = UNMARKED

    revision: int = 1
    """The revision of the card that was answered last."""

    @property
    def suspended(self) -> bool:
        """Whether it is put away until it is unsuspended."""
        return self.marks.suspended

    @property
    def buried_until(self) -> date | None:
        """The day before which it is not shown."""
        return self.marks.buried_until

    @property
    def flagged(self) -> bool:
        """Whether the learner flagged it."""
        return self.marks.flagged

    @property
    def leech(self) -> bool:
        """Whether it was forgotten again and again."""
        return self.marks.leech


@dataclass(frozen=True, slots=True)
class Answered:
    """What one answer did."""

    card: str
    role: Role
    day: date
    """The day it counts for: never before the card's last day, even if the clock went backward."""

    before: Record | None
    after: Record
    leech: bool
    """This answer made the card a leech, or did so again."""


@dataclass(frozen=True, slots=True)
class Undone:
    """The step that was taken back."""

    card: str
    """The card's present id."""

    role: Role
    grade: Grade | None
    """The grade that was taken back, if the step was an answer."""

    day: date
    record: Record | None
    """The card as it stands again; `None` if it is new again."""

    marks: Marks
    count: int = 1
    """How many cards the step was about; `card` is the first of them."""


@dataclass(frozen=True, slots=True)
class Renamed:
    """What a rename did."""

    moved: Mapping[str, str]
    """Old id -> new id, where the history moved."""

    kept: Mapping[str, str]
    """Old id -> new id, where both have a history: the new card keeps its own, the old one's stays."""


class Brief(NamedTuple):
    """An answer that was not taken back, as far as statistics need it. A tuple, since there are very many."""

    card: str
    """The card's present id."""

    day: date
    role: str
    grade: int
    duration_ms: int | None
    interval: int
    """Days after which the card was due when it was answered; 0 of a new card."""


@dataclass(frozen=True, slots=True)
class LogRow:
    """One answer that was not taken back, under the card's present id."""

    seq: int
    id: str
    role: Role
    card: str
    at: datetime
    """The moment, in the offset the learner had."""

    day: date
    grade: Grade
    proposed: Grade | None
    """The grade that the evidence suggested."""

    seed: int | None
    duration_ms: int | None
    scheduler: str
    _evidence: str | None
    _before: str | None
    _after: str | None

    @property
    def deck(self) -> str:
        """The deck of the card's present id."""
        return deck_of(self.card)

    @property
    def evidence(self) -> Mapping[str, Any] | None:
        """What happened while answering."""
        return None if self._evidence is None else json.loads(self._evidence)

    @property
    def before(self) -> Record | None:
        """The card as it stood before; `None` if it was new."""
        from studykit.store.snapshots import decode

        return decode(self._before).record

    @property
    def after(self) -> Record | None:
        """The card as this answer left it."""
        from studykit.store.snapshots import decode

        return decode(self._after).record


def deck_of(card: str) -> str:
    """Return the deck in a card's id: `track/topic` of `track/topic/card_id`."""
    return card.rpartition("/")[0]
