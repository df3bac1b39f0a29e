"""Undo, rename, rebuild: the past is corrected by saying more, never by forgetting."""

import sqlite3
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from studykit.errors import StudykitError
from studykit.store.records import Marks, Renamed, Role
from studykit.store.store import Store

# Undo


def test_there_may_be_nothing_to_undo(learner: Any) -> None:
    assert learner.undo() is None
    learner.answer(4)
    assert learner.undo() is not None
    assert learner.undo() is None


def test_undo_of_the_first_answer_makes_the_card_new(learner: Any) -> None:
    learner.answer(2)
    undone = learner.undo()
    assert (undone.card, undone.role, undone.grade, undone.day) == ("t/d/a", Role.NEW, 2, date(2026, 3, 1))
    assert (undone.record, undone.marks) == (None, Marks())
    assert learner.everything() == ({}, {})
    assert learner.answer(4).role is Role.NEW


def test_undo_takes_back_answer_leech_and_suspension_as_one_step(learner: Any) -> None:
    learner.study("4" + "1" * 7)
    learner.mark("bury", date(2026, 12, 1))
    before = learner.everything()
    assert learner.study("1", suspend_leeches=True).marks == Marks(suspended=True, leech=True)
    learner.undo()
    assert learner.everything() == before
    assert learner.record().lapses == 7
    assert learner.record().buried_until == date(2026, 12, 1)


def test_undo_takes_back_answers_and_marks_in_their_order(learner: Any) -> None:
    learner.answer(4, card="t/d/a")
    learner.mark("flag", card="t/d/b")
    learner.answer(1, card="t/d/c")
    learner.mark("suspend", card="t/d/a")
    assert [(undone.role, undone.card) for undone in iter(learner.undo, None)] == [
        ("suspend", "t/d/a"),
        ("new", "t/d/c"),
        ("flag", "t/d/b"),
        ("new", "t/d/a"),
    ]


def test_undo_goes_on_after_a_restart(url: str, tmp_path: Path, learner: Any) -> None:
    for grade in (4, 3, 2):
        with Store.open(url) as store:
            learner.store = store
            learner.study(str(grade))
    grades = []
    for _ in range(3):
        with Store.open(url) as store:
            learner.store = store
            grades.append(int(learner.undo().grade))
    assert grades == [2, 3, 4]


def test_an_answer_after_an_undo_is_undone_first(learner: Any) -> None:
    learner.study("44")
    learner.undo()
    learner.answer(3, day=1)
    assert [int(undone.grade) for undone in iter(learner.undo, None)] == [3, 4]


def test_the_log_still_has_what_was_taken_back(on_disk: Any, path: Path) -> None:
    on_disk.answer(4)
    on_disk.undo()
    raw = sqlite3.connect(path)
    answer, undo = raw.execute("SELECT id, role, undoes FROM log ORDER BY seq").fetchall()
    raw.close()
    assert answer[1:] == ("new", None)
    assert undo[1:] == ("undo", answer[0])


# Rename


def rename(learner: Any, day: int = 0, **renamed: str) -> Renamed:
    names = {f"t/d/{old}": f"t/d/{new}" for old, new in renamed.items()}
    result: Renamed = learner.store.rename(names, day=learner.day(day), at=learner.at(day))
    return result


def test_memory_marks_and_history_follow_a_rename(learner: Any) -> None:
    before = learner.study("443")
    learner.mark("flag")
    assert rename(learner, a="b") == Renamed({"t/d/a": "t/d/b"}, {})
    assert set(learner.store.records()) == {"t/d/b"}
    assert learner.record("t/d/b").memory == before.memory
    assert learner.record("t/d/b").flagged
    assert [row.card for row in learner.store.history("t/d/b")] == ["t/d/b"] * 3
    assert learner.store.history("t/d/a") == []
    assert learner.store.check() == []


def test_renaming_again_does_nothing(learner: Any) -> None:
    learner.answer(4)
    rename(learner, a="b")
    assert rename(learner, a="b") == Renamed({}, {})
    assert rename(learner) == Renamed({}, {})


def test_marks_of_a_card_never_seen_follow_too(learner: Any) -> None:
    learner.mark("suspend")
    rename(learner, a="b")
    assert learner.store.marks() == {"t/d/b": Marks(suspended=True)}


def test_a_card_with_a_history_of_its_own_keeps_it(learner: Any) -> None:
    old, new = learner.study("44", card="t/d/a"), learner.study("2", card="t/d/b")
    assert rename(learner, a="b") == Renamed({}, {"t/d/a": "t/d/b"})
    assert learner.store.records() == {"t/d/a": old, "t/d/b": new}
    assert len(learner.store.history("t/d/b")) == 1


def test_a_card_whose_only_history_was_taken_back_has_none(learner: Any) -> None:
    learner.answer(4, card="t/d/b")
    learner.undo()
    learner.answer(3, card="t/d/a")
    assert rename(learner, a="b").moved == {"t/d/a": "t/d/b"}
    assert learner.store.check() == []


def test_a_card_that_was_only_marked_and_unmarked_has_a_history(learner: Any) -> None:
    learner.mark("flag", card="t/d/b")
    learner.mark("unflag", card="t/d/b")
    learner.answer(3, card="t/d/a")
    assert rename(learner, a="b").kept == {"t/d/a": "t/d/b"}
    assert learner.undo().card == "t/d/a"
    assert learner.undo().card == "t/d/b"
    assert learner.store.check() == []


def test_renames_may_follow_each_other(learner: Any) -> None:
    learner.study("4")
    rename(learner, a="b")
    learner.study("4", card="t/d/b")
    assert rename(learner, a="c", b="c").moved == {"t/d/b": "t/d/c"}
    learner.study("3", card="t/d/c")
    assert [int(row.grade) for row in learner.store.history("t/d/c")] == [4, 4, 3]
    assert learner.record("t/d/c").memory.repetitions == 3


def test_an_old_name_may_be_used_anew(learner: Any) -> None:
    learner.study("44", card="t/d/a")
    rename(learner, a="b")
    learner.study("2", card="t/d/a")
    assert [int(row.grade) for row in learner.store.history("t/d/a")] == [2]
    assert [int(row.grade) for row in learner.store.history("t/d/b")] == [4, 4]
    rename(learner, a="c")
    assert [int(row.grade) for row in learner.store.history("t/d/c")] == [2]
    assert [row.card for row in learner.store.log()] == ["t/d/b", "t/d/b", "t/d/c"]
    assert learner.store.check() == []


def test_undo_reaches_behind_a_rename(learner: Any) -> None:
    first = learner.study("4")
    learner.study("3")
    rename(learner, a="b")
    assert learner.undo().card == "t/d/b"
    assert learner.store.records() == {"t/d/b": first}
    learner.undo()
    assert learner.store.records() == {}


def test_counts_of_the_day_follow_a_rename_into_another_deck(learner: Any) -> None:
    learner.answer(4)
    learner.store.rename({"t/d/a": "t/e/a"}, day=learner.day(0), at=learner.at(0))
    assert learner.store.done_on(learner.day(0)).new == {"t/e": 1}
    assert [row.deck for row in learner.store.log(decks=["t/e"])] == ["t/e"]


def test_the_scheduler_may_change_after_a_rename(learner: Any) -> None:
    learner.study("44")
    rename(learner, a="b")
    learner.study("4", card="t/d/b", scheduler="fsrs")
    assert learner.record("t/d/b").memory.repetitions == 3
    assert learner.store.check() == []


# Rebuild


def test_rebuild_finds_nothing_to_do_where_all_is_well(learner: Any) -> None:
    learner.study("443")
    learner.mark("flag")
    learner.study("1102", card="t/d/b", scheduler="fsrs")
    assert learner.store.rebuild() == 0


def test_rebuild_brings_back_what_was_lost_or_altered(on_disk: Any, path: Path) -> None:
    for card in "abcd":
        on_disk.study("4423", card=f"t/d/{card}")
    on_disk.mark("suspend", card="t/d/d")
    before = on_disk.everything()
    raw = sqlite3.connect(path)
    raw.execute("DELETE FROM memory WHERE card = 't/d/a'")
    raw.execute("UPDATE memory SET ease = 131, lapses = 9 WHERE card = 't/d/b'")
    raw.execute(
        "INSERT INTO memory SELECT 't/d/x', due, interval, repetitions, ease, stability, difficulty,"
        " scheduler, lapses, drill_on, last_day, revision FROM memory WHERE card = 't/d/c'"
    )
    raw.execute("DELETE FROM marks")
    raw.commit()
    raw.close()
    assert on_disk.store.check() == [
        "memory of 4 cards is not what the log says: run `studykit doctor --rebuild`"
    ]
    assert on_disk.store.rebuild() == 4
    assert on_disk.everything() == before
    assert on_disk.store.check() == []


def replay(learner: Any, scheduler: str) -> int:
    changed: int = learner.store.rebuild(scheduler, day=learner.day(0), at=learner.at(0))
    return changed


def test_all_memory_can_be_replayed_under_another_scheduler(learner: Any) -> None:
    learner.study("443", card="t/d/a")
    learner.study("443", card="t/d/b", scheduler="fsrs")
    assert replay(learner, "fsrs") == 1
    record_a, record_b = learner.record("t/d/a"), learner.record("t/d/b")
    assert (record_a.scheduler, record_b.scheduler) == ("fsrs", "fsrs")
    assert record_a.memory.stability is not None
    assert learner.store.rebuild() == 0, "the log remembers that it was replayed"
    assert replay(learner, "sm2") == 2
    assert learner.record("t/d/a").memory.interval == 15


def test_a_replay_says_when(learner: Any) -> None:
    with pytest.raises(ValueError, match="say when"):
        learner.store.rebuild("fsrs")


def test_a_replay_under_an_unknown_scheduler_changes_nothing(learner: Any) -> None:
    before = learner.study("44")
    with pytest.raises(StudykitError, match="'anki'"):
        replay(learner, "anki")
    assert learner.record() == before
    assert learner.store.check() == []


def test_undo_after_a_replay_stays_under_the_new_scheduler(learner: Any) -> None:
    learner.study("44", scheduler="fsrs", card="t/d/like")
    learner.study("44")
    learner.study("4", card="t/d/a")
    replay(learner, "fsrs")
    assert learner.undo().grade == 4
    record = learner.record()
    assert (record.scheduler, record.memory.repetitions) == ("fsrs", 2)
    assert record.memory.stability is not None
    assert learner.store.check() == []
