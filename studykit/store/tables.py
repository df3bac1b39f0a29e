"""The tables as they are now. How they came to be is in `migrations/`; a test holds the two together.

- `log`: every answer, mark and undo, append-only (triggers refuse updates and deletions). It is the truth.
- `memory`: what the log says of each card that has been seen, kept ready.
- `marks`: cards with a mark (suspended, buried, flagged, leech), seen or not.
- `meta`: `made_by`, the version of studykit that made or last upgraded the tables.
"""

from sqlalchemy import (
    DDL,
    REAL,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    event,
    text,
)

metadata = MetaData()

log = Table(
    "log",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("card", Text),
    Column("deck", Text),
    Column("at", Text, nullable=False),
    Column("offset_minutes", Integer, nullable=False),
    Column("day", Text, nullable=False),
    Column("grade", Integer, CheckConstraint("grade BETWEEN 0 AND 5")),
    Column("proposed", Integer, CheckConstraint("proposed BETWEEN 0 AND 5")),
    Column("evidence", Text),
    Column("seed", Integer),
    Column("duration_ms", Integer, CheckConstraint("duration_ms >= 0")),
    Column("scheduler", Text),
    Column("before", Text),
    Column("after", Text),
    Column("undoes", Text, ForeignKey("log.id")),
    Column("was", Text),
    sqlite_strict=True,
)
Index("log_card", log.c.card)
Index("log_day", log.c.day)
Index("log_undoes", log.c.undoes, unique=True, sqlite_where=text("undoes IS NOT NULL"))
Index("log_notes", log.c.role, sqlite_where=text("role IN ('rename', 'replay')"))

memory = Table(
    "memory",
    metadata,
    Column("card", Text, primary_key=True, nullable=False),
    Column("due", Text, nullable=False),
    Column("interval", Integer, CheckConstraint("interval >= 0"), nullable=False),
    Column("repetitions", Integer, CheckConstraint("repetitions >= 0"), nullable=False),
    Column("ease", Integer, nullable=False),
    Column("stability", REAL),
    Column("difficulty", REAL),
    Column("scheduler", Text, nullable=False),
    Column("lapses", Integer, CheckConstraint("lapses >= 0"), nullable=False),
    Column("drill_on", Text),
    Column("last_day", Text, nullable=False),
    Column("revision", Integer, nullable=False, server_default=text("1")),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

marks = Table(
    "marks",
    metadata,
    Column("card", Text, primary_key=True, nullable=False),
    Column("suspended", Integer, CheckConstraint("suspended IN (0, 1)"), nullable=False),
    Column("buried_until", Text),
    Column("flagged", Integer, CheckConstraint("flagged IN (0, 1)"), nullable=False),
    Column("leech", Integer, CheckConstraint("leech IN (0, 1)"), nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True, nullable=False),
    Column("value", Text, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

for _event, _refusal in (("update", "changed"), ("delete", "deleted")):
    _trigger = DDL(  # type: ignore[no-untyped-call]  # SQLAlchemy's own signature lacks types
        f"CREATE TRIGGER log_no_{_event} BEFORE {_event.upper()} ON log "
        f"BEGIN SELECT RAISE(ABORT, 'the log is append-only: rows are never {_refusal}'); END"
    )
    event.listen(log, "after_create", _trigger)
