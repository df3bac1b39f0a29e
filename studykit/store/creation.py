"""How a database comes to be, and comes to be up to date."""

import os
from contextlib import closing
from datetime import datetime
from pathlib import Path

from studykit.errors import StudykitError
from studykit.store.database import Database, require_sqlite
from studykit.store.faults import RESTORE
from studykit.store.schema import is_current, upgrade


def prepared(path: Path | None, backups: Path | None, now: datetime | None) -> tuple[Database, str | None]:
    """Return the database at `path` (`None`: in memory), made or upgraded if need be.

    Also return why there is no backup of today, if there should be one and there is not: a full disk must not
    keep anyone from looking at his cards.
    """
    require_sqlite()
    if path is None:
        database = Database(None)
        upgrade(database)
        return database, None
    try:
        if not path.exists():
            _create(path)
        _require_file(path)
    except OSError as error:
        raise StudykitError(f"{path}: the database cannot be opened ({error.strerror})") from error
    database = Database(path)
    try:
        return database, _up_to_date(database, backups, now)
    except BaseException:
        database.close()
        raise


def _up_to_date(database: Database, backups: Path | None, now: datetime | None) -> str | None:
    if not is_current(database):
        if backups is not None and now is not None:
            from studykit.store.backup import save

            save(database, backups, now)
        upgrade(database)
    with database.reading() as connection:
        if connection.exec_driver_sql("PRAGMA journal_mode").scalar() != "wal":
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")  # it was a backup, copied here by hand
    if backups is not None and now is not None:
        from studykit.store.backup import daily

        try:
            daily(database, backups, now)
        except StudykitError as error:
            return f"today's backup could not be made: {error}"
    return None


def _require_file(path: Path) -> None:
    if path.is_dir():
        raise StudykitError(f"{path}: this is a folder, not a database")
    if path.stat().st_size == 0:
        raise StudykitError(
            f"{path}: the database is empty (0 bytes); something has gone wrong with it. {RESTORE}. "
            "To start anew instead, delete the file"
        )


def _create(path: Path) -> None:
    """Make the database beside its place and link it there: it appears whole, and only if there is none."""
    from studykit.store.drafts import discard, draft_beside

    draft = draft_beside(path)
    try:
        with closing(Database(draft)) as database:
            with database.reading() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            upgrade(database)
        _put(draft, path)
    finally:
        discard(draft)


def _put(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was faster, with the same tables
    except OSError:
        draft.replace(path)  # a file system without hard links
