"""Working memory out from the log: for rebuilding, for undo, for a change of scheduler.

Memory is worked out: each answer's grade and day go through its scheduler again. Marks are facts: each row
says what they were after it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row

from studykit.scheduling.schedulers import get_scheduler
from studykit.scheduling.sm2 import Grade, Memory
from studykit.store.journal import is_answer, rows_after, undone
from studykit.store.names import Names
from studykit.store.records import SCHEDULING, Record, Role
from studykit.store.snapshots import decode
from studykit.store.transitions import BLANK, State, remember

CHUNK = 5_000
Given = list[tuple[Grade, date]]
"""The answers so far that moved a card's due day."""


class Card:
    """One card, as the rows so far leave it."""

    __slots__ = ("given", "state")

    def __init__(self) -> None:
        """Begin with a card of which nothing is kept."""
        self.state = BLANK
        self.given: Given = []

    def take(self, row: Row[Any]) -> None:
        """Go on by one step of this card."""
        if is_answer(row):
            record = self._answered(
                Role(row.role), Grade(row.grade), date.fromisoformat(row.day), row.scheduler
            )
            self.state = State(record, record.marks)
        self.state = self.state.marked(decode(row.after).marks)

    def replayed(self, scheduler: str) -> None:
        """Go on by working out the memory anew under another scheduler."""
        record = self.state.record
        if record is not None and record.scheduler != scheduler:
            memory = replayed(self.given, scheduler) or record.memory
            self.state = State(replace(record, memory=memory, scheduler=scheduler), self.state.marks)

    def _answered(self, role: Role, grade: Grade, day: date, scheduler: str) -> Record:
        record = self.state.record
        if role in SCHEDULING or record is None:
            memory = scheduled(record, grade, day, scheduler, self.given)
            self.given.append((grade, day))
        else:
            memory = record.memory
        return remember(self.state, role, grade, day, memory, scheduler)


def scheduled(
    record: Record | None, grade: Grade, day: date, scheduler: str, given: Iterable[tuple[Grade, date]]
) -> Memory:
    """Return the memory after an answer; what another scheduler made is worked out anew from `given`."""
    memory = None if record is None else record.memory
    if record is not None and record.scheduler != scheduler:
        memory = replayed(given, scheduler)
    return get_scheduler(scheduler)(memory, grade, day)


def replayed(given: Iterable[tuple[Grade, date]], scheduler: str) -> Memory | None:
    """Return the memory that these answers make under `scheduler`."""
    schedule = get_scheduler(scheduler)
    memory = None
    for grade, day in given:
        memory = schedule(memory, grade, day)
    return memory


def card_from(rows: Iterable[Row[Any]]) -> Card:
    """Return the card that these rows, which are all of it, make."""
    card = Card()
    for row in rows:
        if row.role == Role.REPLAY:
            card.replayed(row.scheduler)
        else:
            card.take(row)
    return card


def states(connection: Connection) -> dict[str, State]:
    """Return what the log says of every card of which anything is to be kept."""
    cards: dict[str, Card] = {}
    names = Names.read(connection)
    for row in _effective(connection):
        if row.role == Role.REPLAY:
            for card in cards.values():
                card.replayed(row.scheduler)
        else:
            cards.setdefault(names.present(row.card, row.seq), Card()).take(row)
    return {name: card.state for name, card in cards.items() if card.state != BLANK}


def _effective(connection: Connection) -> Iterator[Row[Any]]:
    taken_back = undone(connection)
    seq = 0
    while rows := rows_after(connection, seq, limit=CHUNK):
        yield from (row for row in rows if row.id not in taken_back)
        seq = rows[-1].seq
