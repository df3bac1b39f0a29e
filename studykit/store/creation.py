"""How a database comes to be, and comes to be up to date."""

import os
import secrets
from datetime import datetime
from pathlib import Path

from studykit.errors import StudykitError
from studykit.store.database import Database
from studykit.store.faults import RESTORE
from studykit.store.schema import REVISIONS, revision_of, upgrade


def prepared(path: Path | None, backups: Path | None, now: datetime | None) -> Database:
    """Return the database at `path` (`None`: in memory), made or upgraded if need be."""
    if path is None:
        database = Database(None)
        upgrade(database)
        return database
    if not path.exists():
        _create(path)
    return _opened(path, backups, now)


def _opened(path: Path, backups: Path | None, now: datetime | None) -> Database:
    _refuse_what_is_no_file(path)
    database = Database(path)
    try:
        if revision_of(database) != REVISIONS[-1]:
            upgrade(database)
    except BaseException:
        database.close()
        raise
    return database


def _refuse_what_is_no_file(path: Path) -> None:
    if path.is_dir():
        raise StudykitError(f"{path}: this is a folder, not a database")
    if path.stat().st_size == 0:
        raise StudykitError(
            f"{path}: the database is empty (0 bytes). {RESTORE}; or delete the file to start anew"
        )


def _create(path: Path) -> None:
    """Make the database beside its place and link it there: it appears whole, and only if there is none."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.touch(exist_ok=False)
    except OSError as error:
        raise StudykitError(
            f"{path}: the database cannot be made here ({error.strerror}). "
            "Make the folder writable, or set STUDYKIT_HOME to a folder that is"
        ) from error
    try:
        database = Database(draft)
        try:
            with database.reading() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            upgrade(database)
        finally:
            database.close()
        _put(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _put(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was faster, with the same tables
    except OSError:
        draft.replace(path)  # a file system without hard links
