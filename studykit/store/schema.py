"""Which revision a database has, and how it comes to have the newest."""

from pathlib import Path
from typing import TYPE_CHECKING

from studykit.errors import StudykitError
from studykit.store.database import Database
from studykit.store.faults import RESTORE

if TYPE_CHECKING:
    from sqlalchemy import Connection

REVISIONS = ("0001",)
"""Every released revision, oldest first. Known without importing Alembic, which costs more than a review."""

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
            f"{database.shown}: it was made by a newer studykit (revision {revision}); it was left as it is. "
            "Upgrade studykit: `pip install --upgrade studykit`"
        )
    return revision


def bring_up_to_date(database: Database) -> None:
    """Upgrade `database` if it is not of the newest revision."""
    if revision_of(database) != REVISIONS[-1]:
        upgrade(database)


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
        with database.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            _require_whole_references(database, connection)
    finally:
        with database.reading() as connection:
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")


def _recorded(connection: "Connection") -> str | None:
    named = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'alembic_version'"
    if connection.exec_driver_sql(named).first() is None:
        return None
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


def _require_whole_references(database: Database, connection: "Connection") -> None:
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise StudykitError(f"{database.shown}: the upgrade would lose rows and was not made. {RESTORE}")
