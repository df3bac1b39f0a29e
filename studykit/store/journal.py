"""Reading and writing the log: the rows that are the truth."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select

from studykit.scheduling.sm2 import Grade
from studykit.store.names import Names, Span
from studykit.store.records import ANSWERS, STEPS, LogRow, Role, deck_of
from studykit.store.snapshots import encode
from studykit.store.tables import log
from studykit.store.transitions import BLANK, State
from studykit.store.uuid7 import uuid7

_APPEND = (
    "INSERT INTO log (id, role, card, deck, at, offset_minutes, day, grade, proposed, evidence, seed, "
    "duration_ms, scheduler, before, after, undoes, was) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
)
_STEPS = select(log).where(log.c.role.in_([str(role) for role in STEPS]))
_HISTORY = select(log).where(log.c.role.in_([str(role) for role in (*STEPS, Role.REPLAY)]))
_undo = log.alias("undo")
_TAKEN_BACK = select(_undo.c.seq).where(_undo.c.undoes == log.c.id).exists()
_REPLAYS = "SELECT seq FROM log WHERE role IN ('rename', 'replay') AND role = 'replay'"
_SCHEDULED_ON = (
    "SELECT role, card, seq FROM log WHERE day = ? AND role IN ('new', 'review') "
    "AND NOT EXISTS (SELECT 1 FROM log AS undo WHERE undo.undoes = log.id)"
)
_UNDONE = "SELECT undoes FROM log WHERE undoes IS NOT NULL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row to append."""

    role: Role
    card: str | None
    day: date
    at: datetime
    before: State = BLANK
    after: State = BLANK
    grade: Grade | None = None
    proposed: Grade | None = None
    evidence: Mapping[str, object] | None = None
    seed: int | None = None
    duration_ms: int | None = None
    scheduler: str | None = None
    undoes: str | None = None
    was: str | None = None


def append(connection: Connection, entry: Entry) -> None:
    """Append a row."""
    offset = entry.at.utcoffset()
    if offset is None:
        raise ValueError("a moment needs its offset from UTC")
    values = (
        uuid7(entry.at),
        str(entry.role),
        entry.card,
        entry.card and deck_of(entry.card),
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        offset // timedelta(minutes=1),
        entry.day.isoformat(),
        entry.grade,
        entry.proposed,
        None if entry.evidence is None else json.dumps(entry.evidence, separators=(",", ":")),
        entry.seed,
        entry.duration_ms,
        entry.scheduler,
        encode(entry.before),
        encode(entry.after),
        entry.undoes,
        entry.was,
    )
    connection.exec_driver_sql(_APPEND, values)


def undone(connection: Connection) -> set[str]:
    """Return the ids of all rows that were taken back."""
    return set(connection.exec_driver_sql(_UNDONE).scalars())


def last_step(connection: Connection) -> Row[Any] | None:
    """Return the last answer or mark that was not taken back."""
    return connection.execute(_STEPS.where(~_TAKEN_BACK).order_by(log.c.seq.desc()).limit(1)).first()


def replays(connection: Connection) -> list[int]:
    """Return the rows at which all memory was worked out anew."""
    return list(connection.exec_driver_sql(_REPLAYS).scalars())


def rows_of(connection: Connection, card: str) -> list[Row[Any]]:
    """Return the steps of `card`, under any name it had, that were not taken back, and all replays."""
    spans = [_within(span) for span in Names.read(connection).spans(card)]
    mine = or_(*spans, log.c.seq.in_(replays(connection)))
    return list(connection.execute(_HISTORY.where(mine, ~_TAKEN_BACK).order_by(log.c.seq)))


def rows_after(connection: Connection, seq: int, *, limit: int) -> list[Row[Any]]:
    """Return the next steps and replays after row `seq`, those taken back included."""
    return list(connection.execute(_HISTORY.where(log.c.seq > seq).order_by(log.c.seq).limit(limit)))


def has_steps(connection: Connection, card: str) -> bool:
    """Tell whether `card` has any step that was not taken back."""
    return any(row.role != Role.REPLAY for row in rows_of(connection, card))


def scheduled_on(connection: Connection, day: date) -> Iterator[tuple[str, str, int]]:
    """Yield (role, card, seq) of the answers on `day` that moved a due day and were not taken back."""
    found = connection.exec_driver_sql(_SCHEDULED_ON, (day.isoformat(),))
    return ((row[0], row[1], row[2]) for row in found)


def is_answer(row: Row[Any]) -> bool:
    """Tell whether the row is an answer."""
    return row.role in ANSWERS


def log_row(row: Row[Any], card: str) -> LogRow:
    """Return a row that is an answer, as a domain value, under the card's present id."""
    return LogRow(
        seq=row.seq,
        id=row.id,
        role=Role(row.role),
        card=card,
        at=datetime.fromisoformat(row.at).astimezone(timezone(timedelta(minutes=row.offset_minutes))),
        day=date.fromisoformat(row.day),
        grade=Grade(row.grade),
        proposed=None if row.proposed is None else Grade(row.proposed),
        seed=row.seed,
        duration_ms=row.duration_ms,
        scheduler=row.scheduler,
        _evidence=row.evidence,
        _before=row.before,
        _after=row.after,
    )


def _within(span: Span) -> ColumnElement[bool]:
    return and_(log.c.card == span.name, log.c.seq > span.after, log.c.seq < span.before)
