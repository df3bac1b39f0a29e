"""A card whose answer has changed: it counts as due, whatever its day, and undo and rebuild know it."""

from typing import Any

import pytest

from studykit.store.records import Role


def test_the_first_answer_to_a_new_revision_is_a_review_on_any_day(learner: Any) -> None:
    learner.study("44")
    assert learner.record().memory.due == learner.day(7)
    answered = learner.answer(4, day=2, revision=2)
    assert answered.role is Role.REVIEW
    assert answered.after.revision == 2
    assert (answered.after.memory.interval, answered.after.memory.due) == (15, learner.day(17))
    assert learner.answer(4, day=3, revision=2).role is Role.CRAM


def test_not_to_know_a_new_answer_is_no_lapse_but_comes_again_today(learner: Any) -> None:
    learner.study("44")
    after = learner.answer(1, day=2, revision=2).after
    assert (after.lapses, after.memory.interval, after.drill_on) == (0, 1, learner.day(2))
    again = learner.answer(4, day=2, revision=2)
    assert (again.role, again.after.revision, again.after.drill_on) == (Role.DRILL, 2, None)
    assert learner.answer(1, day=3, revision=2).after.lapses == 1


def test_a_new_revision_ends_a_drill_of_the_old_one(learner: Any) -> None:
    learner.answer(2)
    assert learner.answer(4, day=0, revision=2).role is Role.REVIEW


def test_undo_brings_back_the_revision_that_was_answered(learner: Any) -> None:
    learner.study("44", revision=3)
    before = learner.everything()
    learner.answer(2, day=2, revision=4)
    assert learner.record().revision == 4
    undone = learner.undo(day=2)
    assert undone.record.revision == 3
    assert learner.everything() == before


def test_undo_knows_the_revision_after_a_change_of_scheduler_too(learner: Any) -> None:
    learner.study("44", revision=3)
    learner.answer(2, day=2, revision=4)
    learner.store.rebuild("fsrs", day=learner.day(2), at=learner.at(2))
    assert learner.undo(day=2).record.revision == 3


@pytest.mark.parametrize("scheduler", ["sm2", "fsrs"])
def test_the_log_alone_gives_the_same_revisions_and_lapses(learner: Any, scheduler: str) -> None:
    learner.study("44", scheduler=scheduler)
    learner.answer(1, day=2, revision=2, scheduler=scheduler)
    before = learner.everything()
    database = learner.store._database.driver
    database.execute("DELETE FROM memory")
    database.commit()
    assert learner.store.rebuild() == 1
    assert learner.everything() == before
    assert learner.record().revision == 2


def test_a_revision_follows_a_rename(learner: Any) -> None:
    learner.study("4", revision=2)
    learner.store.rename({"t/d/a": "t/d/z"}, day=learner.day(1), at=learner.at(1))
    assert learner.record("t/d/z").revision == 2


def test_a_deck_set_back_to_an_older_text_asks_nobody_again(learner: Any) -> None:
    learner.study("4", revision=2)
    assert learner.answer(4, day=0, revision=1).role is Role.CRAM
    assert learner.record().revision == 1
