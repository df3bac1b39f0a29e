"""What corrects the past: undo, rename, rebuild. Each works within a transaction of the caller's."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import Connection

from studykit.scheduling.schedulers import get_scheduler
from studykit.scheduling.sm2 import Grade
from studykit.store import past, replay, rows
from studykit.store.journal import Entry, append
from studykit.store.names import Names
from studykit.store.records import Renamed, Role, Undone
from studykit.store.snapshots import decode
from studykit.store.transitions import BLANK


def undo(connection: Connection, day: date, at: datetime) -> Undone | None:
    """Take back the last step that was not taken back yet; one of many cards as a whole."""
    last = past.last_step(connection)
    if last is None:
        return None
    steps, names, replays = (
        past.whole_step(connection, last),
        Names.read(connection),
        past.replays(connection),
    )
    card, then = last.card, BLANK
    for step in steps:
        card = names.present(step.card, step.seq)
        now, then = rows.read_state(connection, card), decode(step.before)
        if any(seq > step.seq for seq in replays):
            # The memory in the row is of another scheduler than the present one.
            then = replay.state_without(connection, card, step.id)
        rows.write_state(connection, card, now, then)
        append(
            connection,
            Entry(role=Role.UNDO, card=card, day=day, at=at, before=now, after=then, undoes=step.id),
        )
    grade = None if last.grade is None else Grade(last.grade)
    then_day = date.fromisoformat(last.day)
    return Undone(card, Role(last.role), grade, then_day, then.record, then.marks, len(steps))


def rename(connection: Connection, renamed: Mapping[str, str], day: date, at: datetime) -> Renamed:
    """Let what is kept of each old id be of its new one, unless that has steps of its own."""
    moved, kept = {}, {}
    for old, new in renamed.items():
        state = rows.read_state(connection, old)
        if state == BLANK or old == new:
            continue
        if past.has_steps(connection, new):
            kept[old] = new
            continue
        rows.write_state(connection, old, state, BLANK)
        rows.write_state(connection, new, BLANK, state)
        entry = Entry(role=Role.RENAME, card=new, was=old, day=day, at=at, before=state, after=state)
        append(connection, entry)
        moved[old] = new
    return Renamed(moved, kept)


def note_replay(connection: Connection, scheduler: str, day: date, at: datetime) -> None:
    """Write down that from here on all memory is as if `scheduler` had seen every answer."""
    get_scheduler(scheduler)  # refuses an unknown name
    append(connection, Entry(role=Role.REPLAY, card=None, day=day, at=at, scheduler=scheduler))


def rebuild(connection: Connection) -> int:
    """Make everything as the log says; return of how many cards it was not."""
    said, kept = replay.states(connection), rows.read_states(connection)
    differing = [card for card in said.keys() | kept.keys() if said.get(card) != kept.get(card)]
    for card in differing:
        rows.write_state(connection, card, kept.get(card, BLANK), said.get(card, BLANK))
    return len(differing)


def faults(connection: Connection) -> list[str]:
    """Return what is wrong with the file, or with what is kept beside the log."""
    found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    damages = [f"damaged: {fault}" for fault in found if fault != "ok"]
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        damages.append("damaged: an undo names a row that does not exist")
    if damages:
        return damages
    said, kept = replay.states(connection), rows.read_states(connection)
    differing = sum(said.get(card) != kept.get(card) for card in said.keys() | kept.keys())
    if differing:
        return [f"memory of {differing} cards is not what the log says: run `studykit doctor --rebuild`"]
    return []
