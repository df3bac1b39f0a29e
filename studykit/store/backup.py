"""Copies of the database: made daily and before the tables change, kept ten at a time, and brought back.

Copies are made by SQLite's backup API, which gives one consistent state even while others write. A copy
appears under its name only when it is whole, and is a single file that any SQLite opens.
"""

import re
import shutil
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from studykit.errors import StudykitError
from studykit.store.database import Database, path_of
from studykit.store.drafts import discard, discard_sidecars, draft_beside
from studykit.store.faults import translated
from studykit.store.schema import is_current, revision_of, upgrade

KEPT = 10
_NAME = re.compile(r"studykit-(\d{8})T\d{6}Z(-\d+)?\.db")


def backup(url: str, folder: Path, *, now: datetime, file: Path | None = None) -> Path:
    """Copy the database that `url` names into `folder`, or to `file`; return where it is.

    In `folder` its name is the moment in UTC, and the newest ten such copies are kept. A `file` of the
    learner's own choice is never removed; one that exists is replaced only if it is a studykit database.
    """
    path = _file_of(url)
    if not path.exists():
        raise StudykitError(f"{path}: there is no database yet, so there is nothing to back up")
    with closing(Database(path)) as database:
        return save(database, folder, now) if file is None else _copy(database, _place_for(file, path, now))


def save(database: Database, folder: Path, now: datetime) -> Path:
    """Copy `database` into `folder` under the moment's name, and remove copies beyond the newest ten."""
    saved = _copy(database, _named(folder, now))
    _prune(folder, spared=saved)
    return saved


def daily(database: Database, folder: Path, now: datetime) -> Path | None:
    """Copy `database` into `folder` unless a copy of this day (in UTC) is there; return the new one."""
    today = f"{now.astimezone(UTC):%Y%m%d}"
    if any(day == today for day, _ in _copies_in(folder)):
        return None
    return save(database, folder, now)


def restore(file: Path, url: str, folder: Path, *, now: datetime) -> Path | None:
    """Put the backup `file` in the place of the present database; return the copy of what was there before.

    The backup is first copied, checked and brought up to date beside the database: if anything is wrong with
    it, nothing has been changed. Other processes that have the database open go on with the restored one.
    """
    path = _file_of(url)
    if file.absolute() == path or (file.exists() and path.exists() and file.samefile(path)):
        raise StudykitError(f"{file}: this is the database itself; name a backup")
    if path.is_dir():
        raise StudykitError(f"{path}: this is a folder, not a database")
    draft = draft_beside(path)
    try:
        _fill(draft, file)
        if not path.exists():
            _replace(draft, path)
            return None
        if not _readable(path):
            kept = _keep_bytes(path, _named(folder, now))
            _replace(draft, path)
            return kept
        with closing(Database(path)) as present:
            kept = _copy(present, _named(folder, now))
            _pour(draft, present)
        return kept
    finally:
        discard(draft)


def _file_of(url: str) -> Path:
    path = path_of(url)
    if path is None:
        raise StudykitError("a database in memory has no backups")
    return path


# Copying


def _copy(database: Database, target: Path) -> Path:
    """Copy `database` to `target`, which is either as it was or whole."""
    draft = draft_beside(target)
    try:
        _copy_pages(database, draft)
        draft.replace(target)
    except OSError as error:
        raise StudykitError(f"{target}: cannot be written ({error.strerror})") from error
    finally:
        discard(draft)
    return target


def _copy_pages(source: Database, draft: Path) -> None:
    with closing(Database(draft)) as target:
        with source.reading(), translated(target.shown):
            source.driver.backup(target.driver)
        with target.reading() as connection:
            # So that the copy is one file, and can be read where nothing may be written beside it.
            connection.exec_driver_sql("PRAGMA journal_mode=DELETE")


# Names


def _named(folder: Path, now: datetime) -> Path:
    stem = f"studykit-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    path, number = folder / f"{stem}.db", 1
    while path.exists():
        path, number = folder / f"{stem}-{number}.db", number + 1
    return path


def _place_for(file: Path, database: Path, now: datetime) -> Path:
    if file.is_dir():
        return _named(file, now)
    if not file.exists():
        return file
    if file.samefile(database):
        raise StudykitError(f"{file}: this is the database itself; name another file")
    with closing(Database(file, readonly=True)) as present:
        revision_of(present)  # refuses what is not ours
    return file


def _copies_in(folder: Path) -> list[tuple[str, Path]]:
    """Return (day, path) of the copies in `folder` that were named here, oldest first."""
    try:
        paths = sorted(folder.iterdir())
    except OSError:
        return []
    return [(match[1], path) for path in paths if (match := _NAME.fullmatch(path.name))]


def _prune(folder: Path, spared: Path) -> None:
    for _, path in _copies_in(folder)[:-KEPT]:
        if path != spared:
            with suppress(OSError):  # a copy too many harms nobody
                path.unlink()


# Bringing back


def _fill(draft: Path, file: Path) -> None:
    """Copy the backup `file` into `draft`; require that it is whole and ours, and bring it up to date."""
    if not file.exists():
        raise StudykitError(f"there is no file {file}; nothing was changed")
    if not file.is_file() or not file.stat().st_size:
        raise StudykitError(f"{file}: this is not a backup; nothing was changed")
    with closing(Database(file, readonly=True)) as source:
        if revision_of(source) is None:
            raise StudykitError(f"{file}: there is nothing in this database; nothing was changed")
        _copy_pages(source, draft)
    with closing(Database(draft)) as copy:
        with copy.reading() as connection:
            found = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
        if found != "ok":
            raise StudykitError(f"{file}: this backup is damaged ({found}); nothing was changed")
        if not is_current(copy):
            upgrade(copy)


def _readable(path: Path) -> bool:
    try:
        with closing(Database(path)) as database, database.reading() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_schema")
    except StudykitError:
        return False
    return True


def _keep_bytes(path: Path, target: Path) -> Path:
    """Copy a database that SQLite cannot read, byte by byte, with its write-ahead log."""
    target = target.with_suffix(".damaged")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        log = path.with_name(path.name + "-wal")
        if log.exists():
            shutil.copyfile(log, target.with_name(target.name + "-wal"))
    except OSError as error:
        raise StudykitError(f"{target}: cannot be written ({error.strerror}); nothing was changed") from error
    return target


def _pour(draft: Path, present: Database) -> None:
    """Overwrite a database in one transaction, so that whoever has it open sees the old or the new one."""
    with closing(Database(draft)) as source, present.reading(), translated(present.shown):
        source.driver.backup(present.driver)


def _replace(draft: Path, path: Path) -> None:
    discard_sidecars(path)  # they belong to what was there
    draft.replace(path)
