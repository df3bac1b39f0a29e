"""A database appears whole or not at all, where it can appear; else the learner is told what to do."""

import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from studykit.errors import StudykitError
from studykit.store.store import Store

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_a_missing_home_is_made_with_the_database_in_it(url: str, path: Path) -> None:
    Store.open(url).close()
    assert [file.name for file in path.parent.iterdir()] == ["studykit.db"]


def test_what_is_kept_is_there_after_a_restart(url: str, learner: Any) -> None:
    with Store.open(url) as store:
        learner.store = store
        record = learner.study("443")
    with Store.open(url) as store:
        assert store.records() == {"t/d/a": record}


def test_the_database_is_set_up_to_keep_what_it_confirms(on_disk: Any) -> None:
    driver = on_disk.store._database.driver
    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "trusted_schema")
    found = {name: driver.execute(f"PRAGMA {name}").fetchone()[0] for name in names}
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30_000,
        "trusted_schema": 0,
    }


def test_a_database_named_with_odd_characters_works(tmp_path: Path, learner: Any) -> None:
    path = tmp_path / "100% 学习 #1 a&b=c" / "my data.db"
    with Store.open(f"sqlite:///{path}") as store:
        learner.store = store
        learner.answer(4)
    assert path.stat().st_size > 0


def test_a_relative_name_is_meant_from_the_folder_it_was_opened_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, learner: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    with Store.open("sqlite:///here.db") as store:
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        learner.store = store
        learner.answer(4)
    assert (tmp_path / "here.db").exists()


def test_several_threads_may_make_it_at_once(url: str, path: Path) -> None:
    faults: list[BaseException] = []
    ready = threading.Barrier(4)

    def make() -> None:
        ready.wait()
        try:
            Store.open(url).close()
        except BaseException as fault:  # noqa: BLE001 (shown below)
            faults.append(fault)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert [file.name for file in path.parent.iterdir()] == ["studykit.db"]


def test_without_hard_links_it_is_made_too(url: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    Store.open(url).close()
    assert [file.name for file in path.parent.iterdir()] == ["studykit.db"]


def test_a_backup_copied_into_place_by_hand_gets_its_write_ahead_log_back(
    url: str, path: Path, backups: Path
) -> None:
    Store.open(url, backups=backups, now=NOW).close()
    (copy,) = backups.iterdir()
    path.write_bytes(copy.read_bytes())
    Store.open(url).close()
    raw = sqlite3.connect(path)
    assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    raw.close()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql://me:secret@localhost/cards", r"only SQLite is supported so far"),
        ("mysql+pymysql://localhost/cards", "only SQLite is supported so far"),
        ("sqlite+aiosqlite:///x.db", "only SQLite is supported so far"),
        ("studykit.db", "not a database URL; write sqlite:////absolute"),
        ("", "not a database URL"),
        ("sqlite:///x.db?mode=ro", "options are not supported"),
        ("sqlite:///file:x.db?uri=true", "options are not supported"),
    ],
)
def test_other_databases_are_refused(url: str, message: str) -> None:
    with pytest.raises(StudykitError, match=message) as refused:
        Store.open(url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite+pysqlite://"])
def test_a_database_may_be_in_memory(url: str) -> None:
    with Store.open(url) as store:
        assert store.check() == []


def test_an_old_sqlite_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    monkeypatch.setattr(sqlite3, "sqlite_version", "3.34.1")
    with pytest.raises(StudykitError, match=r"SQLite 3\.34\.1, which is too old: studykit needs 3\.37\.0"):
        Store.open("sqlite://")
