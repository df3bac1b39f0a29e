"""When disk or file fail: a sentence that says what to do, and the old data untouched."""

import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from studykit.errors import StudykitError
from studykit.scheduling.sm2 import Grade
from studykit.store.store import Store

PROGRAM = Path(__file__).parent.parent / "fixtures" / "store" / "as_nobody.py"
ROOT = Path(__file__).parents[2]


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size` bytes: a disk that fills up."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def answer_until_it_fails(learner: Any) -> int:
    """Return how many answers were confirmed."""
    for number in range(2_000):
        try:
            learner.answer(4, card=f"t/d/{number}", evidence={"text": "x" * 500})
        except StudykitError:
            return number
    raise AssertionError("the disk never filled up")


def test_a_full_disk_says_so_and_loses_no_answer_that_was_confirmed(
    on_disk: Any, url: str, path: Path
) -> None:
    with files_up_to(path.stat().st_size + 150_000):
        confirmed = answer_until_it_fails(on_disk)
        with pytest.raises(StudykitError, match=r"the disk cannot be read or written|the disk is full"):
            on_disk.answer(4, card="t/d/x", evidence={"text": "x" * 50_000})
        assert len(on_disk.store.records()) == confirmed
        assert len(list(on_disk.store.log())) == confirmed
    assert on_disk.store.check() == []
    on_disk.answer(4, card="t/d/after")
    on_disk.store.close()
    with Store.open(url) as store:
        assert len(store.records()) == confirmed + 1
        assert store.check() == []


def test_a_full_database_says_that_the_disk_is_full(on_disk: Any) -> None:
    driver = on_disk.store._database.driver
    pages = driver.execute("PRAGMA page_count").fetchone()[0]
    driver.execute(f"PRAGMA max_page_count = {pages + 20}")
    confirmed = answer_until_it_fails(on_disk)
    with pytest.raises(
        StudykitError, match=r"studykit\.db: the disk is full; nothing was changed\. Free some space"
    ):
        on_disk.answer(4, card="t/d/x", evidence={"text": "x" * 50_000})
    assert len(on_disk.store.records()) == confirmed
    assert on_disk.store.check() == []


def test_undo_on_a_full_disk_changes_nothing(on_disk: Any, path: Path) -> None:
    record = on_disk.study("443")
    with (
        files_up_to(path.with_name("studykit.db-wal").stat().st_size),
        pytest.raises(StudykitError, match="nothing was changed"),
    ):
        on_disk.undo()
    assert on_disk.record() == record
    assert on_disk.undo().grade == 3


def test_without_room_no_database_is_made_and_nothing_is_left_behind(url: str, path: Path) -> None:
    with files_up_to(10_000), pytest.raises(StudykitError, match="disk"):
        Store.open(url)
    assert list(path.parent.iterdir()) == []


def test_without_room_a_backup_is_not_half_made(on_disk: Any, url: str, backups: Path, path: Path) -> None:
    from datetime import UTC, datetime

    from studykit.store.backup import backup, restore

    for number in range(300):
        on_disk.answer(4, card=f"t/d/{number}")
    now = datetime(2026, 3, 1, tzinfo=UTC)
    with files_up_to(50_000), pytest.raises(StudykitError, match="disk"):
        backup(url, backups, now=now)
    assert list(backups.iterdir()) == []
    saved = backup(url, backups, now=now)
    on_disk.answer(4, card="t/d/later")
    with files_up_to(50_000), pytest.raises(StudykitError, match="disk"):
        restore(saved, url, backups, now=now)
    assert len(on_disk.store.records()) == 301
    assert on_disk.store.check() == []
    assert {file.name for file in path.parent.iterdir()} == {
        "backups",
        "studykit.db",
        "studykit.db-shm",
        "studykit.db-wal",
    }


# Files that are no database of ours


DAMAGES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _: b"", r"is empty \(0 bytes\).*studykit restore"),
    "noise": (lambda _: bytes(range(256)) * 100, "not a database"),
    "short": (lambda _: b"SQLite", "not a database"),
    "header": (lambda content: content[:100], "damaged"),
    "truncated": (lambda content: content[: len(content) // 2], "damaged"),
    "zeros": (lambda content: bytes(len(content)), "not a database"),
    "schema": (lambda content: content[:100] + b"\xff" * 4000 + content[4100:], "damaged"),
    "text": (lambda _: "我的卡片\n".encode() * 2000, "not a database"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_database_is_named_and_left_as_it_is(on_disk: Any, url: str, path: Path, name: str) -> None:
    spoil, message = DAMAGES[name]
    on_disk.study("443")
    on_disk.store.close()
    damaged = spoil(path.read_bytes())
    path.write_bytes(damaged)
    with pytest.raises(StudykitError, match=message) as fault:
        Store.open(url)
    assert str(fault.value).startswith(f"{path}: ")
    assert "studykit restore" in str(fault.value)
    assert path.read_bytes() == damaged


def test_damage_deeper_inside_is_found_when_it_is_met(on_disk: Any, url: str, path: Path) -> None:
    for number in range(300):
        on_disk.answer(4, card=f"t/d/{number}")
    on_disk.store.close()
    raw = sqlite3.connect(path)
    page = raw.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'memory'").fetchone()[0]
    raw.close()
    content = bytearray(path.read_bytes())
    content[(page - 1) * 4096 : page * 4096] = b"\xff" * 4096
    path.write_bytes(content)
    with Store.open(url) as store:
        with pytest.raises(StudykitError, match=r"it is damaged; it was left as it is\. `studykit restore"):
            store.records()
        with pytest.raises(StudykitError, match="damaged"):
            store.answer("t/d/1", Grade.GOOD, day=on_disk.day(9), at=on_disk.at(9))
        assert any("damaged" in fault for fault in store.check())
    assert path.read_bytes() == bytes(content)


def test_a_folder_is_no_database(url: str, path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(StudykitError, match="this is a folder, not a database"):
        Store.open(url)


@pytest.mark.parametrize("home", ["/proc/no-such-process", "/dev/null"])
def test_a_home_that_cannot_be_made_says_what_to_set(home: str) -> None:
    with pytest.raises(StudykitError, match=rf"^{home}/studykit\.db: .*STUDYKIT_HOME"):
        Store.open(f"sqlite:///{home}/studykit.db")


# Folders and files that may not be written. The tests may run as root, who may write everything: so another
# process gives root up first.


def as_nobody(case: str) -> str:
    """Return what the program says that tries `case` without any privilege."""
    ran = subprocess.run(
        [sys.executable, str(PROGRAM), case],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        timeout=60,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("new database in a read-only folder", "cannot be written here (Permission denied). Make the folder"),
        ("read-only folder and file", "STUDYKIT_HOME"),
        (
            "read-only file",
            "it cannot be written; nothing was changed. Make the file and its folder writable",
        ),
        ("unreadable file", "it cannot be opened. Check that the file and its folder may be read"),
        ("unreadable folder", "cannot be opened (Permission denied)"),
    ],
)
def test_what_may_not_be_written_says_so_and_stays(case: str, message: str) -> None:
    said = as_nobody(case)
    assert message in said
    assert "unchanged: True" in said
