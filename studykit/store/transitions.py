"""What an answer does to what is remembered of a card: pure functions."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from studykit.scheduling.schedulers import get_scheduler
from studykit.scheduling.sm2 import Grade, Memory
from studykit.store.records import SCHEDULING, UNMARKED, Marks, Record, Role

LEECH_AT = 8
LEECH_AGAIN = 4

Given = list[tuple[Grade, date]]
"""The answers to a card that moved its due day, in order."""


@dataclass(frozen=True, slots=True)
class State:
    """All that is kept of one card."""

    record: Record | None = None
    marks: Marks = UNMARKED
    """The same as the record's, if there is one."""

    def marked(self, marks: Marks) -> "State":
        """Return the state with other marks."""
        if marks == self.marks:
            return self
        return State(self.record and replace(self.record, marks=marks), marks)


BLANK = State()


@dataclass(frozen=True, slots=True)
class Step:
    """What an answer was, and what it leaves."""

    role: Role
    record: Record
    """With its marks; its last day is the day that the answer counts for."""
    leech: bool
    """Whether this answer made the card a leech, or did so again."""


def answered(
    state: State,
    grade: Grade,
    day: date,
    scheduler: str,
    revision: int,
    *,
    suspend_leeches: bool,
    given: Callable[[], Given],
) -> Step:
    """Return what an answer on `day` to a card in `state` does.

    `given` is asked for the earlier answers only where another scheduler made the memory.
    """
    record = state.record
    day = day_for(record, day)
    role = role_on(record, day, revision)
    if role in SCHEDULING or record is None:
        earlier = [] if record is None or record.scheduler == scheduler else given()
        memory = scheduled(record, grade, day, scheduler, earlier)
    else:
        memory, scheduler = record.memory, record.scheduler
    after = remember(state, role, grade, day, memory, scheduler, revision)
    leech = after.lapses > (record.lapses if record else 0) and leeches(after.lapses)
    marks = marks_after(state.marks, leech=leech, suspend_leeches=suspend_leeches)
    return Step(role, replace(after, marks=marks), leech)


def day_for(record: Record | None, day: date) -> date:
    """Return the day an answer counts for: a clock that went backward does not take the card with it."""
    return day if record is None else max(day, record.last_day)


def role_on(record: Record | None, day: date, revision: int = 1) -> Role:
    """Return what an answer on `day` to this revision of the card is: the first to a new one is a review."""
    if record is None:
        return Role.NEW
    if revision > record.revision:
        return Role.REVIEW
    if record.drill_on == day:
        return Role.DRILL
    return Role.REVIEW if record.memory.due <= day else Role.CRAM


def remember(
    state: State, role: Role, grade: Grade, day: date, memory: Memory, scheduler: str, revision: int = 1
) -> Record:
    """Return the record after an answer that left `memory`, with the marks as they were.

    Not to know what the article said only since then is no lapse.
    """
    record = state.record
    changed = record is not None and revision > record.revision
    return Record(
        memory=memory,
        scheduler=scheduler,
        lapses=(record.lapses if record else 0) + (lapsed(role, grade) and not changed),
        drill_on=_drill_on(record, role, grade, day),
        last_day=day,
        marks=state.marks,
        revision=revision,
    )


def scheduled(record: Record | None, grade: Grade, day: date, scheduler: str, given: Given) -> Memory:
    """Return the memory after an answer; what another scheduler made is worked out anew from `given`."""
    memory = None if record is None else record.memory
    if record is not None and record.scheduler != scheduler:
        memory = replayed(given, scheduler)
    return get_scheduler(scheduler)(memory, grade, day)


def replayed(given: Given, scheduler: str) -> Memory | None:
    """Return the memory that these answers make under `scheduler`."""
    schedule = get_scheduler(scheduler)
    memory = None
    for grade, day in given:
        memory = schedule(memory, grade, day)
    return memory


def lapsed(role: Role, grade: Grade) -> bool:
    """Tell whether a card that was due had been forgotten."""
    return role is Role.REVIEW and grade < Grade.HARD


def leeches(lapses: int) -> bool:
    """Tell whether this number of lapses makes a card a leech, or does so again."""
    return lapses >= LEECH_AT and (lapses - LEECH_AT) % LEECH_AGAIN == 0


def marks_after(marks: Marks, *, leech: bool, suspend_leeches: bool) -> Marks:
    """Return the marks after an answer: a bury has ended, and a leech is marked."""
    if not leech:
        return replace(marks, buried_until=None) if marks.buried_until else marks
    return replace(marks, buried_until=None, leech=True, suspended=marks.suspended or suspend_leeches)


def forgotten(state: State) -> State:
    """Return the state after a reset: as if the card had never been seen; what the learner set stays."""
    return State(None, replace(state.marks, buried_until=None, leech=False))


def hastened(state: State, day: date) -> State:
    """Return the state of a seen card that is due on `day` if it was not before, and not buried.

    SM-2's interval tells how well the card is known, and stays. FSRS has its stability for that; there, the
    interval must go on telling when the last review was.
    """
    record = state.record
    if record is None:
        return state
    memory = replace(record.memory, due=min(record.memory.due, day))
    if memory.stability is not None and memory != record.memory:
        memory = replace(memory, interval=max(1, (day - record.last_day).days))
    marks = replace(state.marks, buried_until=None)
    return State(replace(record, memory=memory, marks=marks), marks)


def _drill_on(record: Record | None, role: Role, grade: Grade, day: date) -> date | None:
    if role in SCHEDULING:
        return day if grade < Grade.GOOD else None
    if record is None or (role is Role.DRILL and grade >= Grade.GOOD):
        return None
    return record.drill_on
