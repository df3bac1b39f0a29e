"""What SQLite's errors mean to a learner: the one place that translates them."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from studykit.errors import StudykitError

RESTORE = (
    "`studykit restore FILE` brings a backup back (they are in the `backups` folder beside the database)"
)

_LOCKED = "another program has kept it locked; nothing was changed. Close that program and try again"

_MEANINGS = {
    sqlite3.SQLITE_FULL: "the disk is full; nothing was changed. Free some space and try again",
    sqlite3.SQLITE_IOERR: "the disk cannot be read or written (full, over quota or failing); "
    "nothing was changed",
    sqlite3.SQLITE_READONLY: "it cannot be written; nothing was changed. "
    "Make the file and its folder writable, or set STUDYKIT_HOME to a folder that is",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened. Check that the file and its folder may be read and "
    "written, or set STUDYKIT_HOME to a folder that may",
    sqlite3.SQLITE_PERM: "it may not be opened. Check the permissions of the file and its folder",
    sqlite3.SQLITE_AUTH: "it may not be opened. Check the permissions of the file and its folder",
    sqlite3.SQLITE_NOTADB: f"it is not a database, or a damaged one; it was left as it is. {RESTORE}",
    sqlite3.SQLITE_CORRUPT: f"it is damaged; it was left as it is. {RESTORE}",
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
}


@contextmanager
def translated(shown: str) -> Iterator[None]:
    """Turn SQLite's errors about the database `shown` into a `StudykitError` that says what to do."""
    try:
        yield
    except DBAPIError as error:
        raise translation(error.orig, shown) from error
    except sqlite3.Error as error:
        raise translation(error, shown) from error


def translation(error: BaseException | None, shown: str) -> StudykitError:
    """Return what to tell the learner about `error`."""
    code = getattr(error, "sqlite_errorcode", None)
    meaning = None if code is None else _MEANINGS.get(code & 0xFF)
    if meaning is None:
        return StudykitError(f"{shown}: the database refused: {error}")
    return StudykitError(f"{shown}: {meaning} ({error})")
