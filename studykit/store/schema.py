"""Which revision a database has, and how it comes to have the newest.

To change the tables: change `tables.py`; write `migrations/versions/r000N_what.py`, complete in itself (it
must go on working when the code has moved on); add the revision to `REVISIONS`; and put a dump made by
`tests/fixtures/store/sample.py` beside the others. The tests hold all of this together.
"""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from studykit import __version__
from studykit.errors import StudykitError
from studykit.store.database import Database
from studykit.store.faults import RESTORE

if TYPE_CHECKING:
    from sqlalchemy import Connection

REVISIONS = ("0001", "0002")
"""Every released revision, oldest first. Known without importing Alembic, which costs more than a review."""

_NOTE_MAKER = "REPLACE INTO meta (key, value) VALUES ('made_by', ?)"
_READ_MAKER = "SELECT value FROM meta WHERE key = 'made_by'"

_one_at_a_time = threading.Lock()
"""Alembic's context is the process's, not the thread's: two upgrades at once would swap their connections."""

_MIGRATIONS = Path(__file__).parent / "migrations"


def revision_of(database: Database) -> str | None:
    """Return the revision of `database`; `None` if it is empty. Refuse what is not ours, or newer than us."""
    with database.reading() as connection:
        revision = _recorded(connection)
        tables = connection.exec_driver_sql("SELECT count(*) FROM sqlite_schema").scalar_one()
    if revision is None and not tables:
        return None
    if revision is None:
        raise StudykitError(
            f"{database.shown}: this is not a studykit database; it was left as it is. {RESTORE}"
        )
    if revision not in REVISIONS:
        raise StudykitError(
            f"{database.shown}: it was made by a newer studykit{_maker(database)}; it was left as it is. "
            "Upgrade studykit: `pip install --upgrade studykit`"
        )
    return revision


def is_current(database: Database) -> bool:
    """Tell whether `database` is of the newest revision."""
    return revision_of(database) == REVISIONS[-1]


def upgrade(database: Database) -> None:
    """Bring `database` to the newest revision, in one transaction: it is as it was if anything fails."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with database.reading() as connection:
        # Rebuilding a table (Alembic's batch mode) drops it for a moment, which foreign keys would forbid.
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    try:
        with _one_at_a_time, database.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.exec_driver_sql(_NOTE_MAKER, (__version__,))
            _require_whole_references(database, connection)
    finally:
        with database.reading() as connection:
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")


def _recorded(connection: "Connection") -> str | None:
    named = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'alembic_version'"
    if connection.exec_driver_sql(named).first() is None:
        return None
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


def _maker(database: Database) -> str:
    """Return the version that made or last upgraded the tables, as far as it can be read."""
    try:
        with database.reading() as connection:
            version = connection.exec_driver_sql(_READ_MAKER).scalar()
    except StudykitError:
        return ""
    return f", version {version}"


def _require_whole_references(database: Database, connection: "Connection") -> None:
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise StudykitError(f"{database.shown}: the upgrade would lose rows and was not made. {RESTORE}")
