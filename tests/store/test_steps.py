"""Steps about many cards: one transaction, one undo, and what each does to a card."""

from datetime import date
from typing import Any

import pytest

from studykit.scheduling.sm2 import Grade, Memory
from studykit.store.records import Marks, Role

CARDS = ["t/d/a", "t/d/b", "t/d/c"]


def take(learner: Any, role: str, cards: list[str] = CARDS, day: int = 0, **more: Any) -> list[str]:
    changed: list[str] = learner.store.take(
        Role(role), cards, day=learner.day(day), at=learner.at(day), **more
    )
    return changed


@pytest.mark.parametrize(
    ("role", "back", "marks"),
    [
        ("suspend", "unsuspend", Marks(suspended=True)),
        ("flag", "unflag", Marks(flagged=True)),
        ("bury", "unbury", Marks(buried_until=date(2026, 3, 2))),
    ],
)
def test_marks_are_set_on_many_cards_and_taken_off_again(
    learner: Any, role: str, back: str, marks: Marks
) -> None:
    learner.mark(role, *([date(2026, 3, 2)] if role == "bury" else []), card="t/d/b")
    assert take(learner, role, until=date(2026, 3, 2)) == ["t/d/a", "t/d/c"]
    assert learner.store.marks() == dict.fromkeys(CARDS, marks)
    assert take(learner, back) == CARDS
    assert learner.store.marks() == {}


def test_one_undo_takes_a_step_of_many_cards_back(learner: Any) -> None:
    learner.answer(4)
    learner.mark("flag", card="t/d/b")
    before = learner.everything()
    take(learner, "suspend")
    undone = learner.undo()
    assert (undone.card, undone.role, undone.count) == ("t/d/a", Role.SUSPEND, 3)
    assert learner.everything() == before
    assert learner.undo().role is Role.FLAG
    assert learner.undo().count == 1


def test_steps_of_many_cards_are_taken_back_one_after_the_other(learner: Any) -> None:
    take(learner, "suspend")
    take(learner, "flag", ["t/d/a", "t/d/b"])
    assert [(undone.role, undone.count) for undone in iter(learner.undo, None)] == [
        ("flag", 2),
        ("suspend", 3),
    ]


def test_a_step_that_changes_nothing_is_no_step(learner: Any) -> None:
    take(learner, "flag")
    assert take(learner, "flag") == []
    assert take(learner, "due") == []
    assert learner.undo().role is Role.FLAG
    assert learner.undo() is None


def test_a_card_named_twice_is_changed_once(learner: Any) -> None:
    assert take(learner, "flag", ["t/d/a", "t/d/a"]) == ["t/d/a"]


def test_a_reset_forgets_all_but_what_the_learner_set(learner: Any) -> None:
    learner.study("4" + "1" * 8)
    learner.mark("flag")
    learner.mark("suspend")
    learner.mark("bury", date(2026, 12, 1))
    before = learner.everything()
    assert take(learner, "reset") == ["t/d/a"]
    assert learner.store.records() == {}
    assert learner.store.marks() == {"t/d/a": Marks(suspended=True, flagged=True)}
    assert len(learner.store.history("t/d/a")) == 9
    assert learner.store.check() == []
    learner.undo()
    assert learner.everything() == before


@pytest.mark.parametrize("scheduler", ["sm2", "fsrs"])
def test_after_a_reset_a_card_starts_anew_under_any_scheduler(learner: Any, scheduler: str) -> None:
    learner.study("444")
    take(learner, "reset", day=30)
    answered = learner.answer(4, 30, scheduler=scheduler)
    assert (answered.role, answered.before) == (Role.NEW, None)
    learner.store.take(Role.RESET, ["t/d/a"], day=learner.day(40), at=learner.at(40))
    fresh = learner.answer(4, 40, scheduler=scheduler).after.memory
    assert fresh.interval == answered.after.memory.interval
    assert learner.store.rebuild() == 0


def test_due_now_moves_the_day_and_nothing_else_of_sm2(learner: Any) -> None:
    learner.study("444")  # answered on 1, 2 and 8 March, due on the 23rd
    learner.mark("bury", date(2026, 3, 20))
    assert take(learner, "due", day=11) == ["t/d/a"]
    record = learner.record()
    assert record.memory == Memory(date(2026, 3, 12), interval=15, repetitions=3, ease=250)
    assert record.marks == Marks()
    assert learner.answer(4, 11).role is Role.REVIEW
    assert learner.record().memory.interval == 38
    assert learner.store.check() == []


def test_due_now_leaves_fsrs_the_time_that_really_passed(learner: Any) -> None:
    learner.study("444", scheduler="fsrs")
    last_day, due = learner.record().last_day, learner.record().memory.due
    halfway = (due - learner.day(0)).days - 5
    take(learner, "due", ["t/d/a"], day=halfway)
    memory = learner.record().memory
    assert memory.due - last_day == learner.day(memory.interval) - learner.day(0)
    assert learner.answer(4, halfway, scheduler="fsrs").role is Role.REVIEW
    assert learner.store.check() == []


def test_a_card_that_is_due_already_or_new_is_not_hastened(learner: Any) -> None:
    learner.study("4")
    before = learner.everything()
    assert take(learner, "due", day=9) == []
    assert learner.everything() == before


def test_an_answer_is_nothing_to_do_to_many_cards(learner: Any) -> None:
    with pytest.raises(ValueError, match="nothing that is done to many cards"):
        take(learner, "review")
    with pytest.raises(ValueError, match="a bury needs its end"):
        take(learner, "bury")


def test_grades_are_no_part_of_a_step_of_many(learner: Any) -> None:
    learner.answer(4, evidence={"attempts": 1})
    assert learner.undo().grade == Grade.GOOD
