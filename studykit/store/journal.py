"""Writing the log, and what of it is read every day; `past` reads the rest."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection

from studykit.scheduling.sm2 import Grade
from studykit.store.names import Names
from studykit.store.records import Role, deck_of
from studykit.store.snapshots import encode
from studykit.store.transitions import BLANK, State
from studykit.store.uuid7 import uuid7

_APPEND = (
    "INSERT INTO log (id, role, card, deck, at, offset_minutes, day, grade, proposed, evidence, seed, "
    "duration_ms, scheduler, before, after, undoes, was) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
)
_SCHEDULED_ON = (
    "SELECT role, card, seq FROM log WHERE day = ? AND role IN ('new', 'review') "
    "AND NOT EXISTS (SELECT 1 FROM log AS undo WHERE undo.undoes = log.id)"
)


_ANSWERED_ON = (
    "SELECT 1 FROM log WHERE day = ? AND role IN ('new', 'review', 'drill', 'cram') "
    "AND NOT EXISTS (SELECT 1 FROM log AS undo WHERE undo.undoes = log.id) LIMIT 1"
)


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


def scheduled_on(connection: Connection, day: date) -> list[tuple[Role, str]]:
    """Return (role, card) of the answers on `day` that moved a due day and were not taken back."""
    names = Names.read(connection)
    found = connection.exec_driver_sql(_SCHEDULED_ON, (day.isoformat(),))
    return [(Role(role), names.present(card, seq)) for role, card, seq in found]


def answered_on(connection: Connection, day: date) -> bool:
    """Tell whether any answer of `day` was not taken back."""
    return connection.exec_driver_sql(_ANSWERED_ON, (day.isoformat(),)).first() is not None
