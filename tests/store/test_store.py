"""Answers and marks: what they do, and what the log says of them afterwards."""

from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from studykit.errors import StudykitError
from studykit.scheduling.session import Candidate, Limits, Standing, plan
from studykit.scheduling.sm2 import Grade, Memory
from studykit.store.records import UNMARKED, Marks, Role
from studykit.store.store import Store

# What an answer is


def test_the_first_answer_is_new(learner: Any) -> None:
    answered = learner.answer(4)
    assert answered.role is Role.NEW
    assert answered.before is None
    assert answered.after.memory == Memory(due=date(2026, 3, 2), interval=1, repetitions=1, ease=250)
    assert answered.after.scheduler == "sm2"
    assert answered.after.last_day == date(2026, 3, 1)


def test_an_answer_on_the_due_day_is_a_review(learner: Any) -> None:
    learner.answer(4)
    assert learner.answer(4, day=1).role is Role.REVIEW
    assert learner.record().memory.due == date(2026, 3, 8)


def test_the_published_sequence_has_the_published_intervals(learner: Any) -> None:
    assert [learner.study(grade).memory.interval for grade in "44334"] == [1, 6, 15, 34, 76]


def test_lateness_is_ignored(learner: Any) -> None:
    learner.study("44")
    assert learner.answer(4, day=100).after.memory.interval == 15


def test_an_answer_below_4_is_drilled_the_same_day_until_it_reaches_4(learner: Any) -> None:
    first = learner.answer(2)
    assert first.after.drill_on == date(2026, 3, 1)
    again = learner.answer(3)
    assert (again.role, again.after.drill_on) == (Role.DRILL, date(2026, 3, 1))
    known = learner.answer(4)
    assert (known.role, known.after.drill_on) == (Role.DRILL, None)
    assert first.after.memory == again.after.memory == known.after.memory


def test_a_drill_left_unfinished_is_over_the_next_day(learner: Any) -> None:
    learner.answer(2)
    assert learner.answer(4, day=1).role is Role.REVIEW


def test_cramming_is_logged_and_schedules_nothing(learner: Any) -> None:
    before = learner.study("44")
    crammed = learner.answer(0, day=3)
    assert crammed.role is Role.CRAM
    assert crammed.after.memory == before.memory
    assert crammed.after.lapses == 0
    assert crammed.after.drill_on is None
    assert [row.role for row in learner.store.history("t/d/a")] == ["new", "review", "cram"]


def test_a_second_good_answer_on_the_same_day_is_cramming(learner: Any) -> None:
    learner.answer(4)
    assert learner.answer(5).role is Role.CRAM


def test_a_clock_that_went_backward_uses_the_last_day(learner: Any) -> None:
    learner.answer(4, day=0)
    learner.answer(4, day=10)
    back = learner.answer(4, day=2)
    assert (back.role, back.day) == (Role.CRAM, date(2026, 3, 11))
    assert learner.store.history("t/d/a")[-1].day == date(2026, 3, 11)


def test_a_clock_that_went_backward_in_the_drill_keeps_drilling(learner: Any) -> None:
    learner.answer(1, day=5)
    assert learner.answer(4, day=4).role is Role.DRILL


def test_another_card_is_not_held_by_the_days_of_this_one(learner: Any) -> None:
    learner.answer(4, day=10)
    assert learner.answer(4, day=2, card="t/d/b").day == date(2026, 3, 3)


# Lapses and leeches


def test_only_a_due_card_below_3_lapses(learner: Any) -> None:
    assert learner.study("0").lapses == 0  # it was new: nothing to forget
    assert learner.study("3").lapses == 0
    assert learner.study("2").lapses == 1
    learner.answer(0)  # drill, or cram
    assert learner.record().lapses == 1


def test_the_eighth_lapse_and_every_fourth_after_it_make_a_leech(learner: Any) -> None:
    learner.study("4")
    leeches = []
    for number in range(1, 18):
        due = learner.record().memory.due
        if learner.answer(1, day=(due - date(2026, 3, 1)).days).leech:
            leeches.append(number)
    assert leeches == [8, 12, 16]
    assert learner.record().leech
    assert not learner.record().suspended


def test_a_leech_is_suspended_if_that_is_the_setting(learner: Any) -> None:
    assert not learner.study("4" + "1" * 7, suspend_leeches=True).suspended
    assert learner.study("1", suspend_leeches=True).marks == Marks(suspended=True, leech=True)


def test_a_card_can_be_said_to_be_no_leech_any_more(learner: Any) -> None:
    learner.study("4" + "1" * 8)
    assert learner.mark("unleech")
    assert not learner.mark("unleech")
    assert (learner.record().leech, learner.record().lapses) == (False, 8)
    assert not learner.study("111").leech
    assert learner.study("1").leech


# Marks


@pytest.mark.parametrize(
    ("set_it", "arguments", "take_it", "marks"),
    [
        ("suspend", (), "unsuspend", Marks(suspended=True)),
        ("bury", (date(2026, 3, 2),), "unbury", Marks(buried_until=date(2026, 3, 2))),
        ("flag", (), "unflag", Marks(flagged=True)),
    ],
)
def test_a_mark_is_set_once_and_taken_once(
    learner: Any, set_it: str, arguments: tuple[Any, ...], take_it: str, marks: Marks
) -> None:
    assert learner.mark(set_it, *arguments)
    assert not learner.mark(set_it, *arguments)
    assert learner.store.marks() == {"t/d/a": marks}
    assert learner.record() is None, "a mark is no answer"
    assert learner.mark(take_it)
    assert not learner.mark(take_it)
    assert learner.store.marks() == {}


def test_marks_stay_when_a_new_card_is_answered(learner: Any) -> None:
    learner.mark("flag")
    assert learner.answer(4).after.flagged
    assert learner.answer(4).before.flagged


def test_marking_leaves_the_schedule_alone(learner: Any) -> None:
    memory = learner.study("443").memory
    learner.mark("suspend")
    learner.mark("bury", date(2026, 9, 1))
    assert learner.record().memory == memory


def test_an_answer_ends_a_bury(learner: Any) -> None:
    learner.answer(4)
    learner.mark("bury", date(2026, 3, 5), day=1)
    assert learner.record().buried_until == date(2026, 3, 5)
    assert learner.answer(4, day=1).after.buried_until is None
    assert learner.store.marks() == {}


# What is asked every day


def test_records_of_some_cards_leave_out_those_never_seen(learner: Any) -> None:
    learner.answer(4, card="t/d/a")
    learner.answer(3, card="t/d/b")
    assert set(learner.store.records()) == {"t/d/a", "t/d/b"}
    assert set(learner.store.records(["t/d/b", "t/d/c"])) == {"t/d/b"}
    assert learner.store.records(["t/d/b"])["t/d/b"] == learner.store.records()["t/d/b"]


def test_standings_say_what_planning_needs(learner: Any) -> None:
    learner.answer(2)
    learner.mark("suspend")
    memory = Memory(due=date(2026, 3, 2), interval=1, repetitions=0, ease=250)
    assert learner.store.standings() == {"t/d/a": Standing(memory, date(2026, 3, 1), True, None)}


def test_a_session_can_be_planned_from_the_store(learner: Any) -> None:
    learner.answer(4, card="t/d/seen")
    learner.answer(2, card="t/d/drill", day=1)
    learner.mark("bury", date(2026, 3, 3), card="t/d/buried", day=1)
    names = ("seen", "drill", "buried", "fresh")
    candidates = [Candidate(f"t/d/{name}", "t/d", position) for position, name in enumerate(names)]
    store = learner.store
    session = plan(
        candidates, store.standings(), store.marks(), learner.day(1), Limits(), store.done_on(learner.day(1))
    )
    assert [(item.card, item.state) for item in session.queue] == [
        ("t/d/seen", "review"),
        ("t/d/fresh", "new"),
        ("t/d/drill", "drill"),
    ]


def test_what_was_done_today_is_counted_by_deck(learner: Any) -> None:
    learner.answer(4, card="t/d/a")
    learner.answer(4, day=1, card="t/d/a")
    learner.answer(2, day=1, card="t/d/b")
    learner.answer(4, day=1, card="t/d/b")  # drill
    learner.answer(4, day=1, card="t/e/c")
    learner.answer(4, day=1, card="t/e/d")
    learner.undo(day=1)
    done = learner.store.done_on(learner.day(1))
    assert (done.new, done.reviews) == ({"t/d": 1, "t/e": 1}, {"t/d": 1})


# The log


def test_the_log_keeps_everything_about_an_answer(learner: Any) -> None:
    at = datetime(2026, 3, 2, 1, 30, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    learner.store.answer(
        "t/d/a",
        Grade.HARD,
        day=date(2026, 3, 1),
        at=at,
        evidence={"attempts": 2, "text": "注意 \ud800 力"},
        proposed=Grade.GOOD,
        seed=7,
        duration_ms=1500,
    )
    (row,) = learner.store.history("t/d/a")
    assert (row.seq, row.card, row.deck, row.role) == (1, "t/d/a", "t/d", Role.NEW)
    assert (row.at, row.at.utcoffset()) == (at, timedelta(hours=8))
    assert (row.day, row.grade, row.proposed) == (date(2026, 3, 1), Grade.HARD, Grade.GOOD)
    assert row.evidence == {"attempts": 2, "text": "注意 \ud800 力"}
    assert (row.seed, row.duration_ms, row.scheduler) == (7, 1500, "sm2")
    assert row.before is None
    assert row.after == learner.record()
    assert row.id[14] == "7"


def test_a_moment_without_an_offset_is_refused(learner: Any) -> None:
    with pytest.raises(ValueError, match="offset"):
        learner.store.answer("t/d/a", Grade.GOOD, day=date(2026, 3, 1), at=datetime(2026, 3, 1))  # noqa: DTZ001
    assert learner.everything() == ({}, {}), "nothing was changed"


def test_an_unknown_scheduler_is_refused_and_changes_nothing(learner: Any) -> None:
    with pytest.raises(StudykitError, match="'anki'"):
        learner.answer(4, scheduler="anki")
    assert learner.everything() == ({}, {})
    assert learner.undo() is None


def test_the_log_can_be_asked_by_deck_and_day(learner: Any) -> None:
    for day, card in enumerate(("t/d/a", "t/e/b", "t/d/c", "t/e/d")):
        learner.answer(4, day, card)
    learner.mark("flag")
    cards = [row.card for row in learner.store.log()]
    assert cards == ["t/d/a", "t/e/b", "t/d/c", "t/e/d"]
    assert [row.card for row in learner.store.log(decks=["t/e"])] == ["t/e/b", "t/e/d"]
    some = learner.store.log(since=learner.day(1), until=learner.day(2))
    assert [row.card for row in some] == ["t/e/b", "t/d/c"]


def test_answers_taken_back_are_in_no_history(learner: Any) -> None:
    learner.study("443")
    learner.undo()
    assert [int(row.grade) for row in learner.store.history("t/d/a")] == [4, 4]
    assert [int(row.grade) for row in learner.store.log()] == [4, 4]


def test_the_log_is_read_in_parts_while_more_is_written(
    learner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studykit.store.past._CHUNK", 2)
    learner.study("44444")
    seen: list[int] = []
    for row in learner.store.log():
        if not seen:
            learner.study("4")
        seen.append(row.seq)
    assert seen == [1, 2, 3, 4, 5, 6]


def test_the_usual_time_is_the_median_of_passed_answers(learner: Any) -> None:
    assert learner.store.usual_seconds("t/d/a") is None
    learner.answer(4)
    assert learner.store.usual_seconds("t/d/a") is None
    for seconds, grade in ((2, 4), (9, 3), (4, 5), (100, 2)):
        learner.answer(grade, duration_ms=seconds * 1000)
    assert learner.store.usual_seconds("t/d/a") == 4.0


@pytest.mark.parametrize("change", ["UPDATE log SET grade = 5", "DELETE FROM log"])
def test_the_log_refuses_to_be_changed(on_disk: Any, path: Path, change: str) -> None:
    import sqlite3

    on_disk.answer(2)
    raw = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw.execute(change)
    raw.close()


# Schedulers


def test_a_card_goes_over_to_fsrs_with_its_whole_history(learner: Any) -> None:
    learner.study("44", card="t/d/a")
    learner.study("44", card="t/d/b", scheduler="fsrs")
    promised = learner.store.memory_under("t/d/a", "fsrs")
    learner.answer(4, day=7, card="t/d/a", scheduler="fsrs")
    learner.store.records()
    (new, review, last) = learner.store.history("t/d/a")
    assert (new.scheduler, review.scheduler, last.scheduler) == ("sm2", "sm2", "fsrs")
    from studykit.scheduling.fsrs import review as fsrs

    alone = fsrs(fsrs(None, Grade.GOOD, new.day), Grade.GOOD, review.day)
    assert promised == alone
    assert learner.record().memory == fsrs(alone, Grade.GOOD, learner.day(7))
    assert learner.record().scheduler == "fsrs"


def test_a_card_comes_back_from_fsrs_as_if_it_had_never_been_there(learner: Any) -> None:
    for scheduler in ("fsrs", "fsrs", "sm2"):
        learner.study("4", scheduler=scheduler)
    assert learner.record().memory.interval == 15
    assert learner.record().memory.stability is None


def test_cramming_and_drill_change_no_scheduler(learner: Any) -> None:
    learner.answer(2)
    learner.answer(4, scheduler="fsrs")
    assert learner.record().scheduler == "sm2"
    assert [row.scheduler for row in learner.store.history("t/d/a")] == ["sm2", "sm2"]


def test_memory_under_the_same_scheduler_is_the_records(learner: Any) -> None:
    assert learner.store.memory_under("t/d/a", "sm2") is None
    assert learner.store.memory_under("t/d/a", "fsrs") is None
    record = learner.study("43")
    assert learner.store.memory_under("t/d/a", "sm2") == record.memory


# Threads


def test_threads_may_share_a_store(on_disk: Any) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: on_disk.answer(4, card=f"t/d/c{number % 10}"), range(100)))
    assert len(list(on_disk.store.log())) == 100
    assert on_disk.store.check() == []


def test_a_store_in_memory_forgets(learner: Any) -> None:
    learner.answer(4)
    with Store.open("sqlite://") as other:
        assert other.records() == {}
    assert learner.record().marks is UNMARKED
