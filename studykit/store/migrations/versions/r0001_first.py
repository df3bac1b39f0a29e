"""The first tables: an append-only log, and what follows from it."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_REFUSALS = {
    "UPDATE": "the log is append-only: rows are never changed",
    "DELETE": "the log is append-only: rows are never deleted",
}


def upgrade() -> None:
    """Create all tables."""
    _create_log()
    _create_memory()
    _create_marks()
    op.create_table(
        "meta",
        sa.Column("key", sa.Text, primary_key=True, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _create_log() -> None:
    op.create_table(
        "log",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("card", sa.Text),
        sa.Column("deck", sa.Text),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("offset_minutes", sa.Integer, nullable=False),
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("grade", sa.Integer, sa.CheckConstraint("grade BETWEEN 0 AND 5")),
        sa.Column("proposed", sa.Integer, sa.CheckConstraint("proposed BETWEEN 0 AND 5")),
        sa.Column("evidence", sa.Text),
        sa.Column("seed", sa.Integer),
        sa.Column("duration_ms", sa.Integer, sa.CheckConstraint("duration_ms >= 0")),
        sa.Column("scheduler", sa.Text),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.Column("undoes", sa.Text, sa.ForeignKey("log.id")),
        sa.Column("was", sa.Text),
        sqlite_strict=True,
    )
    op.create_index("log_card", "log", ["card"])
    op.create_index("log_day", "log", ["day"])
    op.create_index("log_undoes", "log", ["undoes"], unique=True, sqlite_where=sa.text("undoes IS NOT NULL"))
    op.create_index("log_notes", "log", ["role"], sqlite_where=sa.text("role IN ('rename', 'replay')"))
    for event, refusal in _REFUSALS.items():
        op.execute(
            f"CREATE TRIGGER log_no_{event.lower()} BEFORE {event} ON log "
            f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        )


def _create_memory() -> None:
    op.create_table(
        "memory",
        sa.Column("card", sa.Text, primary_key=True, nullable=False),
        sa.Column("due", sa.Text, nullable=False),
        sa.Column("interval", sa.Integer, sa.CheckConstraint("interval >= 0"), nullable=False),
        sa.Column("repetitions", sa.Integer, sa.CheckConstraint("repetitions >= 0"), nullable=False),
        sa.Column("ease", sa.Integer, nullable=False),
        sa.Column("stability", sa.REAL),
        sa.Column("difficulty", sa.REAL),
        sa.Column("scheduler", sa.Text, nullable=False),
        sa.Column("lapses", sa.Integer, sa.CheckConstraint("lapses >= 0"), nullable=False),
        sa.Column("drill_on", sa.Text),
        sa.Column("last_day", sa.Text, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _create_marks() -> None:
    op.create_table(
        "marks",
        sa.Column("card", sa.Text, primary_key=True, nullable=False),
        sa.Column("suspended", sa.Integer, sa.CheckConstraint("suspended IN (0, 1)"), nullable=False),
        sa.Column("buried_until", sa.Text),
        sa.Column("flagged", sa.Integer, sa.CheckConstraint("flagged IN (0, 1)"), nullable=False),
        sa.Column("leech", sa.Integer, sa.CheckConstraint("leech IN (0, 1)"), nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
