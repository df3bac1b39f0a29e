"""Working memory out from the log: for rebuilding, for undo, for a change of scheduler.

Memory is worked out: each answer's grade and day go through its scheduler again. Marks, and the revision that
was answered, are facts: each row says what they were after it.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row

from studykit.scheduling.sm2 import Grade
from studykit.store.names import Names
from studykit.store.past import all_rows, is_answer, rows_of
from studykit.store.records import SCHEDULING, Role
from studykit.store.snapshots import marks_in, revision_in
from studykit.store.transitions import BLANK, Given, State, hastened, remember, replayed, scheduled


class Card:
    """One card, as the rows so far leave it."""

    __slots__ = ("given", "state")

    def __init__(self) -> None:
        """Begin with a card of which nothing is kept."""
        self.state = BLANK
        self.given: Given = []

    def take(self, row: Row[Any]) -> None:
        """Go on by one step of this card."""
        if row.role == Role.RESET:
            self.given, self.state = [], State(None, self.state.marks)
        elif row.role == Role.DUE:
            self.state = hastened(self.state, date.fromisoformat(row.day))
        self.state = self.state.marked(marks_in(row.after))
        if is_answer(row):
            self._answered(row, Role(row.role), Grade(row.grade), date.fromisoformat(row.day))

    def replayed(self, scheduler: str) -> None:
        """Go on by working out the memory anew under another scheduler."""
        record = self.state.record
        if record is not None and record.scheduler != scheduler:
            memory = replayed(self.given, scheduler) or record.memory
            self.state = State(replace(record, memory=memory, scheduler=scheduler), self.state.marks)

    def _answered(self, row: Row[Any], role: Role, grade: Grade, day: date) -> None:
        record, marks, scheduler = self.state.record, self.state.marks, row.scheduler
        if role in SCHEDULING or record is None:
            memory = scheduled(record, grade, day, scheduler, self.given)
            self.given.append((grade, day))
        else:
            memory = record.memory
        after = remember(self.state, role, grade, day, memory, scheduler, revision_in(row.after))
        self.state = State(after, marks)


def card_from(rows: Iterable[Row[Any]]) -> Card:
    """Return the card that these rows, which are all of it, make."""
    card = Card()
    for row in rows:
        if row.role == Role.REPLAY:
            card.replayed(row.scheduler)
        else:
            card.take(row)
    return card


def state_without(connection: Connection, card: str, row_id: str) -> State:
    """Return what the log would say of `card` if it did not have one row."""
    return card_from(row for row in rows_of(connection, card) if row.id != row_id).state


def given_to(connection: Connection, card: str) -> Given:
    """Return the answers to `card` that moved its due day."""
    return card_from(rows_of(connection, card)).given


def states(connection: Connection) -> dict[str, State]:
    """Return what the log says of every card of which anything is to be kept."""
    cards: dict[str, Card] = {}
    names = Names.read(connection)
    for row in all_rows(connection):
        if row.role == Role.REPLAY:
            for card in cards.values():
                card.replayed(row.scheduler)
        else:
            cards.setdefault(names.present(row.card, row.seq), Card()).take(row)
    return {name: card.state for name, card in cards.items() if card.state != BLANK}
