"""What an answer is and does, without a database."""

from datetime import date, timedelta

import pytest

from studykit.scheduling.sm2 import Grade, Memory
from studykit.store.records import Marks, Record, Role
from studykit.store.transitions import (
    BLANK,
    State,
    day_for,
    leeches,
    marks_after,
    remember,
    replayed,
    role_on,
    scheduled,
)

DAY = date(2026, 3, 1)


def record(due: int = 5, drill_on: int | None = None, last_day: int = 0, lapses: int = 0) -> Record:
    drill_day = None if drill_on is None else DAY + timedelta(days=drill_on)
    memory = Memory(DAY + timedelta(days=due), 5, 2, 250)
    return Record(memory, "sm2", lapses, drill_day, DAY + timedelta(days=last_day))


@pytest.mark.parametrize(
    ("kept", "role"),
    [
        (None, Role.NEW),
        (record(due=0), Role.REVIEW),
        (record(due=-9), Role.REVIEW),
        (record(due=1), Role.CRAM),
        (record(due=1, drill_on=0), Role.DRILL),
        (record(due=1, drill_on=-1), Role.CRAM),
        (record(due=0, drill_on=-1), Role.REVIEW),
    ],
)
def test_what_is_remembered_says_what_an_answer_is(kept: Record | None, role: Role) -> None:
    assert role_on(kept, DAY) is role


@pytest.mark.parametrize(("last_day", "counts_for"), [(-3, 0), (0, 0), (4, 4)])
def test_no_answer_counts_for_a_day_before_the_last(last_day: int, counts_for: int) -> None:
    assert day_for(record(last_day=last_day), DAY) == DAY + timedelta(days=counts_for)
    assert day_for(None, DAY) == DAY


@pytest.mark.parametrize(
    ("role", "grade", "before", "after"),
    [
        (Role.REVIEW, 3, None, 0),
        (Role.REVIEW, 4, -1, None),
        (Role.DRILL, 3, 0, 0),
        (Role.DRILL, 4, 0, None),
        (Role.CRAM, 0, None, None),
        (Role.CRAM, 5, -1, -1),
    ],
)
def test_drill_begins_below_4_and_ends_at_4(
    role: Role, grade: int, before: int | None, after: int | None
) -> None:
    state = State(record(drill_on=before))
    kept = remember(state, role, Grade(grade), DAY, record().memory, "sm2")
    assert kept.drill_on == (None if after is None else DAY + timedelta(days=after))


@pytest.mark.parametrize(
    ("role", "grade", "lapses"),
    [(Role.REVIEW, 2, 4), (Role.REVIEW, 3, 3), (Role.NEW, 0, 3), (Role.DRILL, 0, 3), (Role.CRAM, 0, 3)],
)
def test_a_lapse_is_a_due_card_forgotten(role: Role, grade: int, lapses: int) -> None:
    state = State(record(lapses=3))
    assert remember(state, role, Grade(grade), DAY, record().memory, "sm2").lapses == lapses


def test_leeches_are_at_8_and_every_4_more() -> None:
    assert [lapses for lapses in range(22) if leeches(lapses)] == [8, 12, 16, 20]


def test_a_leech_is_suspended_only_if_asked() -> None:
    marks = Marks(buried_until=DAY, flagged=True)
    assert marks_after(marks, leech=True, suspend_leeches=False) == Marks(flagged=True, leech=True)
    assert marks_after(marks, leech=True, suspend_leeches=True) == Marks(True, None, True, True)
    assert marks_after(Marks(suspended=True), leech=True, suspend_leeches=False).suspended
    assert marks_after(marks, leech=False, suspend_leeches=True) == Marks(flagged=True)


def test_replaying_is_answering_again() -> None:
    given = [(Grade.GOOD, DAY), (Grade.GOOD, DAY + timedelta(days=1)), (Grade.HARD, DAY + timedelta(days=7))]
    memory = replayed(given, "sm2")
    assert memory is not None
    assert (memory.interval, memory.ease) == (15, 236)
    assert replayed([], "sm2") is None


def test_memory_of_another_scheduler_is_worked_out_anew() -> None:
    given = [(Grade.GOOD, DAY)]
    from_sm2 = scheduled(record(due=1), Grade.GOOD, DAY + timedelta(days=1), "fsrs", given)
    twice = replayed([*given, (Grade.GOOD, DAY + timedelta(days=1))], "fsrs")
    assert from_sm2 == twice


def test_marking_nothing_leaves_the_state() -> None:
    assert BLANK.marked(Marks()) is BLANK
    kept = State(record()).marked(Marks(flagged=True))
    assert kept.record is not None
    assert kept.record.marks == kept.marks == Marks(flagged=True)
