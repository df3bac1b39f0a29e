"""The hot statements, as SQL text that goes to the driver as it is, and what their rows mean.

An answer is timed against bare `sqlite3`; text saves what building each statement would cost.
"""

import gc
import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from sys import intern
from typing import Any

from sqlalchemy import Connection

from studykit.scheduling.session import Standing
from studykit.scheduling.sm2 import Memory
from studykit.store.records import UNMARKED, Marks, Record
from studykit.store.transitions import State

_MEMORY = (
    "due, interval, repetitions, ease, stability, difficulty, scheduler, lapses, drill_on, last_day, revision"
)
_MARKS = "suspended, buried_until, flagged, leech"

_STATE = (
    f"SELECT {_MEMORY}, {_MARKS} FROM (SELECT ? AS card) "  # noqa: S608 (constants only)
    "LEFT JOIN memory USING (card) LEFT JOIN marks USING (card)"
)
_WRITE_MEMORY = f"REPLACE INTO memory (card, {_MEMORY}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)"  # noqa: S608
_WRITE_MARKS = f"REPLACE INTO marks (card, {_MARKS}) VALUES (?,?,?,?,?)"  # noqa: S608
_MEMORIES = f"SELECT card, {_MEMORY} FROM memory"  # noqa: S608
_STANDINGS = (
    "SELECT card, due, interval, repetitions, ease, stability, difficulty, drill_on, revision FROM memory"
)
_ANY_KEPT = (
    "SELECT 1 FROM memory WHERE card IN (SELECT value FROM json_each(?)) "
    "UNION ALL SELECT 1 FROM marks WHERE card IN (SELECT value FROM json_each(?))"
)
_ALL_MARKS = f"SELECT card, {_MARKS} FROM marks"  # noqa: S608

_day = lru_cache(maxsize=4096)(date.fromisoformat)  # 20,000 cards share a few hundred days: 2 MB less


def read_state(connection: Connection, card: str) -> State:
    """Return all that is kept of `card`."""
    row = connection.exec_driver_sql(_STATE, (card,)).one()
    marks = UNMARKED if row[11] is None else _marks(row[11:])
    return State(None if row[0] is None else _record(row[:11], marks), marks)


def write_state(connection: Connection, card: str, before: State, after: State) -> None:
    """Bring what is kept of `card` from `before` to `after`."""
    old = None if before.record is None else _memory_values(card, before.record)
    new = None if after.record is None else _memory_values(card, after.record)
    if new is None and old is not None:
        connection.exec_driver_sql("DELETE FROM memory WHERE card = ?", (card,))
    elif new is not None and new != old:
        connection.exec_driver_sql(_WRITE_MEMORY, new)
    if after.marks != before.marks:
        _write_marks(connection, card, after.marks)


def read_marks(connection: Connection) -> dict[str, Marks]:
    """Return the marks of all cards that have any."""
    return {row[0]: _marks(row[1:]) for row in connection.exec_driver_sql(_ALL_MARKS)}


def read_records(connection: Connection, cards: Sequence[str] | None) -> dict[str, Record]:
    """Return the records of `cards`, or of all that have been seen."""
    if cards is not None:
        states = {card: read_state(connection, card) for card in cards}
        return {card: state.record for card, state in states.items() if state.record is not None}
    marks = read_marks(connection)
    with _no_collection():
        rows = _bare_rows(connection, _MEMORIES)
        return {row[0]: _record(row[1:], marks.get(row[0], UNMARKED)) for row in rows}


def read_standings(connection: Connection) -> dict[str, Standing]:
    """Return, of all cards that have been seen, what planning a session needs."""
    marks = read_marks(connection)
    with _no_collection():
        rows = _bare_rows(connection, _STANDINGS)
        return {row[0]: _standing(row, marks.get(row[0], UNMARKED)) for row in rows}


def _bare_rows(connection: Connection, query: str) -> Iterator[Sequence[Any]]:
    """Yield all rows as the driver's tuples: making SQLAlchemy's of 20,000 takes milliseconds more."""
    cursor = connection.connection.cursor()
    try:
        yield from cursor.execute(query)  # one at a time: all at once would take their room a second time
    finally:
        cursor.close()


@contextmanager
def _no_collection() -> Iterator[None]:
    """Make many values at once without Python's collector going over all of them again and again."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def read_states(connection: Connection) -> dict[str, State]:
    """Return all that is kept, of every card of which anything is."""
    records, marks = read_records(connection, None), read_marks(connection)
    unseen = {card: State(None, mark) for card, mark in marks.items() if card not in records}
    return unseen | {card: State(record, record.marks) for card, record in records.items()}


def any_kept(connection: Connection, cards: Collection[str]) -> bool:
    """Tell whether anything is kept of any of `cards`."""
    if not cards:
        return False
    listed = json.dumps(list(cards))
    return connection.exec_driver_sql(_ANY_KEPT, (listed, listed)).first() is not None


def _write_marks(connection: Connection, card: str, marks: Marks) -> None:
    if marks == UNMARKED:
        connection.exec_driver_sql("DELETE FROM marks WHERE card = ?", (card,))
        return
    until = marks.buried_until and marks.buried_until.isoformat()
    connection.exec_driver_sql(_WRITE_MARKS, (card, marks.suspended, until, marks.flagged, marks.leech))


def _memory_values(card: str, record: Record) -> tuple[object, ...]:
    memory = record.memory
    return (
        card,
        memory.due.isoformat(),
        memory.interval,
        memory.repetitions,
        memory.ease,
        memory.stability,
        memory.difficulty,
        record.scheduler,
        record.lapses,
        record.drill_on and record.drill_on.isoformat(),
        record.last_day.isoformat(),
        record.revision,
    )


def _record(row: Sequence[Any], marks: Marks) -> Record:
    due, interval, repetitions, ease, stability, difficulty, scheduler, lapses, drill_on, last_day, seen = row
    memory = Memory(_day(due), interval, repetitions, ease, stability, difficulty)
    drill_day = None if drill_on is None else _day(drill_on)
    return Record(memory, intern(scheduler), lapses, drill_day, _day(last_day), marks, seen)


def _standing(row: Sequence[Any], marks: Marks) -> Standing:
    _, due, interval, repetitions, ease, stability, difficulty, drill_on, revision = row
    memory = Memory(_day(due), interval, repetitions, ease, stability, difficulty)
    return Standing(memory, drill_on and _day(drill_on), marks.suspended, marks.buried_until, revision)


def _marks(row: Sequence[Any]) -> Marks:
    suspended, until, flagged, leech = row
    return Marks(bool(suspended), until and _day(until), bool(flagged), bool(leech))
