"""Reading the log: the steps of a card, of all cards, and the last one."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select

from studykit.scheduling.sm2 import Grade
from studykit.store.names import Names
from studykit.store.records import ANSWERS, STEPS, Brief, LogRow, Role
from studykit.store.tables import log

_CHUNK = 5_000
_STEPS = select(log).where(log.c.role.in_([str(role) for role in STEPS]))
_HISTORY = select(log).where(log.c.role.in_([str(role) for role in (*STEPS, Role.REPLAY)]))
_undo = log.alias("undo")
_TAKEN_BACK = select(_undo.c.seq).where(_undo.c.undoes == log.c.id).exists()
_UNDONE = "SELECT undoes FROM log WHERE undoes IS NOT NULL"
_MANY = 10_000
_BRIEFS = (
    "SELECT seq, card, day, role, grade, duration_ms, json_extract(before, '$.interval') FROM log "
    "WHERE seq > ? AND role IN ('new', 'review', 'drill', 'cram') "
    "AND NOT EXISTS (SELECT 1 FROM log AS undo WHERE undo.undoes = log.id) ORDER BY seq LIMIT ?"
)
_REPLAYS = "SELECT seq FROM log WHERE role IN ('rename', 'replay') AND role = 'replay'"


def last_step(connection: Connection) -> Row[Any] | None:
    """Return the last answer or mark that was not taken back."""
    return connection.execute(_STEPS.where(~_TAKEN_BACK).order_by(log.c.seq.desc()).limit(1)).first()


def whole_step(connection: Connection, last: Row[Any]) -> list[Row[Any]]:
    """Return the rows of the step that ended with the row `last`, from there back to its first."""
    if last.role in ANSWERS or last.evidence is None:
        return [last]
    cards = json.loads(last.evidence)["of"]
    within = log.c.seq.between(last.seq - cards + 1, last.seq)
    return list(connection.execute(select(log).where(within).order_by(log.c.seq.desc())))


def replays(connection: Connection) -> list[int]:
    """Return the rows at which all memory was worked out anew."""
    return list(connection.exec_driver_sql(_REPLAYS).scalars())


def rows_of(connection: Connection, card: str) -> list[Row[Any]]:
    """Return the steps of `card`, under any name it had, that were not taken back, and all replays."""
    spans = [_within(*span) for span in Names.read(connection).spans(card)]
    mine = or_(*spans, log.c.seq.in_(replays(connection)))
    return list(connection.execute(_HISTORY.where(mine, ~_TAKEN_BACK).order_by(log.c.seq)))


def has_steps(connection: Connection, card: str) -> bool:
    """Tell whether `card` has any step that was not taken back."""
    return any(row.role != Role.REPLAY for row in rows_of(connection, card))


def undone(connection: Connection) -> set[str]:
    """Return the ids of all rows that were taken back."""
    return set(connection.exec_driver_sql(_UNDONE).scalars())


def rows_after(connection: Connection, seq: int) -> list[Row[Any]]:
    """Return the next few thousand steps and replays after row `seq`, those taken back included."""
    return list(connection.execute(_HISTORY.where(log.c.seq > seq).order_by(log.c.seq).limit(_CHUNK)))


def briefs_after(connection: Connection, seq: int) -> tuple[list[Brief], int | None]:
    """Return some thousand answers after row `seq`, and the last row looked at; None after the last."""
    cursor = connection.connection.cursor()
    try:
        found = cursor.execute(_BRIEFS, (seq, _MANY)).fetchall()
    finally:
        cursor.close()
    names = Names.read(connection)
    briefs = [
        Brief(names.present(card, at), _day(day), role, grade, milliseconds, interval or 0)
        for at, card, day, role, grade, milliseconds, interval in found
    ]
    return briefs, found[-1][0] if len(found) == _MANY else None


_day = lru_cache(maxsize=10_000)(date.fromisoformat)


def all_rows(connection: Connection) -> Iterator[Row[Any]]:
    """Yield all steps that were not taken back, and all replays."""
    taken_back, seq = undone(connection), 0
    while rows := rows_after(connection, seq):
        yield from (row for row in rows if row.id not in taken_back)
        seq = rows[-1].seq


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


def _within(name: str, after: int, before: int) -> ColumnElement[bool]:
    return and_(log.c.card == name, log.c.seq > after, log.c.seq < before)
