"""One connection to the learner's database, set up so that what is confirmed stays."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast
from urllib.parse import quote

from sqlalchemy import Connection, create_engine, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from studykit.errors import StudykitError
from studykit.store.faults import translated

WAIT_SECONDS = 30.0
"""How long one process waits for another's transaction, each of which takes milliseconds."""

OLDEST = (3, 37, 0)
"""The first SQLite with strict tables."""

_PRAGMAS = ("synchronous=FULL", "foreign_keys=ON", "trusted_schema=OFF")


def path_of(url: str) -> Path | None:
    """Return the file that `url` names; `None` is a database in memory. Anything but SQLite is refused."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StudykitError(
            f"{url!r} is not a database URL; write sqlite:////absolute/path/to/studykit.db"
        ) from None
    if parsed.drivername not in {"sqlite", "sqlite+pysqlite"}:
        raise StudykitError(
            f"{parsed.render_as_string()}: only SQLite is supported so far; "
            "write sqlite:////absolute/path/to/studykit.db"
        )
    if parsed.database in {None, "", ":memory:"}:
        return None
    if parsed.query or str(parsed.database).startswith("file:"):
        raise StudykitError(
            f"{url}: options are not supported; write sqlite:////absolute/path/to/studykit.db"
        )
    return Path(str(parsed.database)).absolute()


def require_sqlite() -> None:
    """Refuse a SQLite that does not know strict tables; some systems build Python against an old one."""
    if sqlite3.sqlite_version_info < OLDEST:
        raise StudykitError(
            f"this Python has SQLite {sqlite3.sqlite_version}, which is too old: studykit needs "
            f"{'.'.join(map(str, OLDEST))} or newer. Use another Python, such as one from python.org or uv"
        )


class Database:
    """A connection that threads may share: one at a time, reads plain, writes as whole transactions."""

    def __init__(self, path: Path | None, *, readonly: bool = False) -> None:
        """Open the existing file `path`, or a new database in memory."""
        self.path = path
        self.shown = str(path or "the database in memory")
        self._mode = "ro" if readonly else "rw"
        self._lock = threading.RLock()
        engine = create_engine(
            "sqlite://", creator=self._connect, poolclass=NullPool, isolation_level="AUTOCOMMIT"
        )
        with translated(self.shown):
            self._connection = engine.connect()

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()

    @property
    def driver(self) -> sqlite3.Connection:
        """The driver's own connection, for what SQLAlchemy does not offer."""
        return cast("sqlite3.Connection", self._connection.connection.driver_connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give the connection; errors come out as `StudykitError`."""
        with self._lock, translated(self.shown):
            yield self._connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give the connection within one transaction, which is on the disk when the block ends.

        The transaction holds the write lock from its start: what it reads cannot change before it writes.
        """
        with self._lock, translated(self.shown):
            self._connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.exec_driver_sql("COMMIT")
            except BaseException:
                if self.driver.in_transaction:  # after some errors SQLite has rolled back by itself
                    self._connection.exec_driver_sql("ROLLBACK")
                raise

    def _connect(self) -> sqlite3.Connection:
        # Mode "rw" never creates the file: a database appears whole or not at all (see `creation`).
        where = ":memory:" if self.path is None else f"file:{quote(str(self.path))}?mode={self._mode}"
        connection = sqlite3.connect(
            where, uri=True, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False
        )
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        return connection
