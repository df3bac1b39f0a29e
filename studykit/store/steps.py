"""Steps that are about many cards at once: one transaction, and one undo.

The rows of such a step stand one after the other in the log; each says in `evidence` which of how many it is.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection

from studykit.store import rows
from studykit.store.journal import Entry, append
from studykit.store.records import Role
from studykit.store.transitions import State, forgotten, hastened

Change = Callable[[State], State]


def change(role: Role, day: date, until: date | None) -> Change:
    """Return what `role` does to a card on `day`; a bury ends on the day `until`."""
    match role:
        case Role.SUSPEND | Role.UNSUSPEND:
            return lambda state: state.marked(replace(state.marks, suspended=role is Role.SUSPEND))
        case Role.BURY | Role.UNBURY:
            if role is Role.BURY and until is None:
                raise ValueError("a bury needs its end")
            end = until if role is Role.BURY else None
            return lambda state: state.marked(replace(state.marks, buried_until=end))
        case Role.FLAG | Role.UNFLAG:
            return lambda state: state.marked(replace(state.marks, flagged=role is Role.FLAG))
        case Role.UNLEECH:
            return lambda state: state.marked(replace(state.marks, leech=False))
        case Role.RESET:
            return forgotten
        case Role.DUE:
            return lambda state: hastened(state, day)
    raise ValueError(f"{role} is nothing that is done to many cards")


def take(
    connection: Connection, change: Change, role: Role, cards: Collection[str], day: date, at: datetime
) -> list[str]:
    """Change the cards that `change` makes a difference to, and log it as one step; return them."""
    states = [(card, rows.read_state(connection, card)) for card in dict.fromkeys(cards)]
    changes = [(card, before, after) for card, before in states if (after := change(before)) != before]
    for number, (card, before, after) in enumerate(changes, 1):
        rows.write_state(connection, card, before, after)
        place = {"nth": number, "of": len(changes)} if len(changes) > 1 else None
        entry = Entry(role=role, card=card, day=day, at=at, before=before, after=after, evidence=place)
        append(connection, entry)
    return [card for card, _, _ in changes]
