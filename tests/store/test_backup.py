"""Copies: made daily, ten kept, and brought back whole or not at all."""

import shutil
import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from studykit.errors import StudykitError
from studykit.store.backup import backup, restore
from studykit.store.store import Store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIXTURES = Path(__file__).parent.parent / "fixtures" / "store"


def names_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def cards_in(path: Path) -> list[str]:
    raw = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    cards = [row[0] for row in raw.execute("SELECT card FROM memory ORDER BY card")]
    raw.close()
    return cards


# Making


def test_the_first_use_of_a_day_makes_a_copy(url: str, backups: Path, learner: Any) -> None:
    for hour in (0, 1, 30):
        with Store.open(url, backups=backups, now=NOW + timedelta(hours=hour)) as store:
            learner.store = store
            learner.answer(4, card=f"t/d/{hour}")
    assert names_in(backups) == ["studykit-20260301T120000Z.db", "studykit-20260302T180000Z.db"]
    assert cards_in(backups / "studykit-20260302T180000Z.db") == ["t/d/0", "t/d/1"]


def test_names_are_in_utc(url: str, backups: Path) -> None:
    now = datetime(2026, 3, 1, 1, 30, tzinfo=timezone(timedelta(hours=8)))
    Store.open(url, backups=backups, now=now).close()
    assert names_in(backups) == ["studykit-20260228T173000Z.db"]


def test_without_a_folder_no_copy_is_made(url: str, path: Path) -> None:
    Store.open(url, now=NOW).close()
    assert names_in(path.parent) == ["studykit.db"]


def test_the_newest_ten_are_kept_and_nothing_else_is_touched(url: str, backups: Path) -> None:
    backups.mkdir(parents=True)
    others = [
        "mine.db",
        "studykit-old.db",
        "studykit-20200101T000000Z.db.gz",
        "studykit-20200101T000000Z.damaged",
    ]
    for other in others:
        (backups / other).write_text("keep me")
    for day in range(13):
        Store.open(url, backups=backups, now=NOW + timedelta(days=day)).close()
    ours = [f"studykit-202603{day:02}T120000Z.db" for day in range(4, 14)]
    assert names_in(backups) == sorted([*ours, *others])


def test_a_copy_made_with_the_clock_wrong_is_not_removed_at_once(url: str, backups: Path) -> None:
    for day in range(100, 111):
        Store.open(url, backups=backups, now=NOW + timedelta(days=day)).close()
    Store.open(url, backups=backups, now=NOW).close()
    assert "studykit-20260301T120000Z.db" in names_in(backups)


def test_a_copy_is_one_file_and_readable_where_nothing_may_be_written(
    on_disk: Any, url: str, tmp_path: Path
) -> None:
    on_disk.answer(4)
    copy = backup(url, tmp_path / "b", now=NOW)
    assert names_in(copy.parent) == [copy.name]
    raw = sqlite3.connect(copy)
    assert raw.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    raw.close()


def test_a_copy_holds_what_is_only_in_the_write_ahead_log_yet(on_disk: Any, url: str, tmp_path: Path) -> None:
    on_disk.answer(4)
    assert cards_in(backup(url, tmp_path / "b", now=NOW)) == ["t/d/a"]


def test_two_copies_of_one_second_have_two_names(on_disk: Any, url: str, tmp_path: Path) -> None:
    for _ in range(3):
        backup(url, tmp_path / "b", now=NOW)
    assert names_in(tmp_path / "b") == [
        "studykit-20260301T120000Z-1.db",
        "studykit-20260301T120000Z-2.db",
        "studykit-20260301T120000Z.db",
    ]


def test_a_copy_may_go_to_a_file_or_folder_of_choice(on_disk: Any, url: str, tmp_path: Path) -> None:
    on_disk.answer(4)
    chosen = tmp_path / "usb" / "cards.db"
    assert backup(url, tmp_path / "b", now=NOW, file=chosen) == chosen
    on_disk.answer(4, card="t/d/b")
    backup(url, tmp_path / "b", now=NOW, file=chosen)
    assert cards_in(chosen) == ["t/d/a", "t/d/b"]
    in_folder = backup(url, tmp_path / "b", now=NOW, file=tmp_path / "usb")
    assert in_folder == tmp_path / "usb" / "studykit-20260301T120000Z.db"
    assert not (tmp_path / "b").exists()


def test_a_file_that_is_no_backup_is_not_overwritten(on_disk: Any, url: str, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Anna, " * 100)
    with pytest.raises(StudykitError, match=r"letter\.txt: it is not a database"):
        backup(url, tmp_path / "b", now=NOW, file=letter)
    assert letter.read_text().startswith("Dear Anna")


def test_the_database_is_no_place_for_its_own_copy(
    on_disk: Any, url: str, path: Path, tmp_path: Path
) -> None:
    with pytest.raises(StudykitError, match="this is the database itself"):
        backup(url, tmp_path / "b", now=NOW, file=path)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:////no/such/place/studykit.db"])
def test_there_may_be_nothing_to_copy(url: str, tmp_path: Path) -> None:
    with pytest.raises(StudykitError, match=r"no backups|no database yet"):
        backup(url, tmp_path / "b", now=NOW)


def test_the_day_starts_even_if_its_copy_cannot_be_made(url: str, path: Path, learner: Any) -> None:
    Store.open(url).close()
    with Store.open(url, backups=path / "not" / "a" / "folder", now=NOW) as store:
        assert store.warning is not None
        assert store.warning.startswith("today's backup could not be made: ")
        learner.store = store
        learner.answer(4)
    with Store.open(url, backups=path.parent / "backups", now=NOW) as store:
        assert store.warning is None


def test_what_a_killed_copy_left_behind_is_removed_when_it_is_old(url: str, backups: Path) -> None:
    import os

    backups.mkdir(parents=True)
    old, young = (
        backups / f".studykit-20260301T120000Z.db.{name}.partial" for name in ("0123abcd", "0123abce")
    )
    old.write_text("half")
    young.write_text("half")
    before = young.stat().st_mtime - 7200
    os.utime(old, (before, before))
    Store.open(url, backups=backups, now=NOW).close()
    assert names_in(backups) == [young.name, "studykit-20260301T120000Z.db"]


# Bringing back


@pytest.fixture
def saved(on_disk: Any, url: str, tmp_path: Path) -> Path:
    """Return a backup in which there is one card; the database has two by now."""
    on_disk.answer(4, card="t/d/a")
    copy = backup(url, tmp_path / "b", now=NOW, file=tmp_path / "saved.db")
    on_disk.answer(4, card="t/d/b")
    return copy


def test_a_backup_comes_back_and_what_was_there_is_kept(
    saved: Path, on_disk: Any, url: str, path: Path, backups: Path
) -> None:
    on_disk.store.close()
    kept = restore(saved, url, backups, now=NOW)
    assert kept == backups / "studykit-20260301T120000Z.db"
    assert cards_in(kept) == ["t/d/a", "t/d/b"]
    with Store.open(url) as store:
        assert set(store.records()) == {"t/d/a"}
        assert store.check() == []
    assert cards_in(saved) == ["t/d/a"], "the backup is still there"
    assert names_in(path.parent) == ["backups", "studykit.db"]


def test_who_has_it_open_goes_on_with_the_restored_one(
    saved: Path, on_disk: Any, url: str, backups: Path
) -> None:
    restore(saved, url, backups, now=NOW)
    assert set(on_disk.store.records()) == {"t/d/a"}
    on_disk.answer(4, card="t/d/c")
    with Store.open(url) as store:
        assert set(store.records()) == {"t/d/a", "t/d/c"}
        assert store.check() == []
        assert store._database.driver.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_restoring_can_be_taken_back(saved: Path, on_disk: Any, url: str, backups: Path) -> None:
    kept = restore(saved, url, backups, now=NOW)
    assert kept is not None
    restore(kept, url, backups, now=NOW)
    assert set(on_disk.store.records()) == {"t/d/a", "t/d/b"}


def test_the_oldest_backup_is_not_removed_while_it_is_restored(url: str, backups: Path, learner: Any) -> None:
    for day in range(10):
        with Store.open(url, backups=backups, now=NOW + timedelta(days=day)) as store:
            learner.store = store
            learner.answer(4, card=f"t/d/{day}")
    oldest = backups / "studykit-20260301T120000Z.db"
    restore(backups / "studykit-20260302T120000Z.db", url, backups, now=NOW + timedelta(days=9))
    assert oldest.exists()
    restore(oldest, url, backups, now=NOW + timedelta(days=9))
    with Store.open(url) as store:
        assert store.records() == {}


def test_a_backup_comes_back_where_there_is_nothing(saved: Path, tmp_path: Path, backups: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'studykit.db'}"
    assert restore(saved, url, backups, now=NOW) is None
    with Store.open(url) as store:
        assert set(store.records()) == {"t/d/a"}


@pytest.mark.parametrize("damage", [b"", b"\0" * 50_000, b"not a database, by any means" * 500])
def test_a_backup_replaces_a_database_that_cannot_be_read(
    saved: Path, on_disk: Any, url: str, path: Path, backups: Path, damage: bytes
) -> None:
    on_disk.store.close()
    path.write_bytes(damage)
    kept = restore(saved, url, backups, now=NOW)
    assert kept is not None
    if damage:
        assert kept.name == "studykit-20260301T120000Z.damaged"
        assert kept.read_bytes() == damage
    with Store.open(url) as store:
        assert set(store.records()) == {"t/d/a"}
        assert store.check() == []


def test_a_write_ahead_log_of_the_damaged_database_does_not_get_into_the_restored_one(
    saved: Path, on_disk: Any, url: str, path: Path, backups: Path
) -> None:
    wal = path.with_name("studykit.db-wal")
    content = wal.read_bytes()
    assert content
    on_disk.store.close()
    path.write_bytes(b"damaged" * 1000)
    wal.write_bytes(content)
    kept = restore(saved, url, backups, now=NOW)
    assert kept is not None
    assert kept.with_name(kept.name + "-wal").read_bytes() == content
    with Store.open(url) as store:
        assert set(store.records()) == {"t/d/a"}


def test_an_old_backup_is_brought_up_to_date(tmp_path: Path, backups: Path) -> None:
    old = tmp_path / "old.db"
    raw = sqlite3.connect(old)
    raw.executescript((FIXTURES / "0001.sql").read_text(encoding="utf8"))
    raw.close()
    url = f"sqlite:///{tmp_path / 'studykit.db'}"
    restore(old, url, backups, now=NOW)
    with Store.open(url) as store:
        assert store.check() == []
        assert set(store.records()) == {"t/d/a", "t/d/c", "t/d/renamed"}


def spoil(saved: Path, how: str) -> Path:
    """Return something that is no sound backup."""
    match how:
        case "missing":
            saved.unlink()
        case "folder":
            saved.unlink()
            saved.mkdir()
        case "empty":
            saved.write_bytes(b"")
        case "text":
            saved.write_text("not a database" * 1000)
        case "truncated":
            saved.write_bytes(saved.read_bytes()[:20_000])
        case "page":
            content = bytearray(saved.read_bytes())
            content[8192:12288] = b"\xff" * 4096
            saved.write_bytes(content)
        case "newer":
            change(saved, "UPDATE alembic_version SET version_num = '9999'")
        case "foreign":
            saved.unlink()
            change(saved, "CREATE TABLE songs (title)")
    return saved


def change(path: Path, statement: str) -> None:
    raw = sqlite3.connect(path)
    raw.execute(statement)
    raw.commit()
    raw.close()


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("missing", "there is no file"),
        ("folder", "this is not a backup"),
        ("empty", "this is not a backup"),
        ("text", "not a database"),
        ("truncated", "damaged"),
        ("page", "damaged"),
        ("newer", "made by a newer studykit"),
        ("foreign", "not a studykit database"),
    ],
)
def test_what_is_no_sound_backup_is_refused_and_everything_stays(
    saved: Path, on_disk: Any, url: str, path: Path, backups: Path, how: str, message: str
) -> None:
    on_disk.store.close()
    before = path.read_bytes()
    with pytest.raises(StudykitError, match=message):
        restore(spoil(saved, how), url, backups, now=NOW)
    assert path.read_bytes() == before
    assert names_in(path.parent) == ["studykit.db"]


def test_the_database_is_no_backup_of_itself(on_disk: Any, url: str, path: Path, backups: Path) -> None:
    link = path.with_name("link.db")
    link.hardlink_to(path)
    for file in (path, link):
        with pytest.raises(StudykitError, match="this is the database itself"):
            restore(file, url, backups, now=NOW)


def test_where_what_is_there_cannot_be_kept_nothing_is_restored(saved: Path, on_disk: Any, url: str) -> None:
    with pytest.raises(StudykitError, match="cannot be written"):
        restore(saved, url, saved / "no" / "folder", now=NOW)
    assert set(on_disk.store.records()) == {"t/d/a", "t/d/b"}


def test_a_live_database_of_another_home_can_be_restored(on_disk: Any, path: Path, tmp_path: Path) -> None:
    on_disk.answer(4)
    other = tmp_path / "other"
    shutil.copytree(path.parent, other)
    assert (other / "studykit.db-wal").stat().st_size > 0
    url = f"sqlite:///{tmp_path / 'new' / 'studykit.db'}"
    restore(other / "studykit.db", url, tmp_path / "b", now=NOW)
    with Store.open(url) as store:
        assert set(store.records()) == {"t/d/a"}
