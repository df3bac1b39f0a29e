"""The learner's memory and log: every method is one transaction, every value a domain type."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Self

from sqlalchemy import Connection

from studykit.scheduling.session import Done, Standing
from studykit.scheduling.sm2 import Grade, Memory
from studykit.store import journal, replay, rows
from studykit.store.creation import prepared
from studykit.store.database import Database, path_of
from studykit.store.journal import Entry
from studykit.store.names import Names
from studykit.store.records import (
    SCHEDULING,
    Answered,
    LogRow,
    Marks,
    Record,
    Renamed,
    Role,
    Undone,
    deck_of,
)
from studykit.store.snapshots import decode
from studykit.store.transitions import State, day_for, lapsed, leeches, marks_after, remember, role_on


class Store:
    """One learner's database. Threads may share it; so may processes, each with its own `Store`."""

    def __init__(self, database: Database, url: str, warning: str | None = None) -> None:
        """Use `open` instead."""
        self._database = database
        self.url = url
        self.warning = warning
        """What the learner should know, though the store works: today's backup could not be made."""

    @classmethod
    def open(cls, url: str, *, backups: Path | None = None, now: datetime | None = None) -> Self:
        """Open the database that `url` names: create it if it is missing, bring it up to date if it is old.

        With `backups` (a folder) and `now`, a copy is kept there once a day, and before the tables change.
        """
        database, warning = prepared(path_of(url), backups, now)
        return cls(database, url, warning)

    def close(self) -> None:
        """Close the connection."""
        self._database.close()

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        self.close()

    # What is remembered

    def records(self, cards: Collection[str] | None = None) -> dict[str, Record]:
        """Return what is remembered of `cards`, or of all, by id; cards never seen are left out."""
        with self._database.reading() as connection:
            return rows.read_records(connection, None if cards is None else list(cards))

    def standings(self) -> dict[str, Standing]:
        """Return, of all cards that have been seen, what planning a session needs."""
        with self._database.reading() as connection:
            return rows.read_standings(connection)

    def marks(self) -> dict[str, Marks]:
        """Return the marks of all cards that have any, seen or not."""
        with self._database.reading() as connection:
            return rows.read_marks(connection)

    def done_on(self, day: date) -> Done:
        """Return how many cards were introduced and reviewed on `day`, by deck."""
        counts: dict[str, dict[str, int]] = {Role.NEW: {}, Role.REVIEW: {}}
        with self._database.reading() as connection:
            names = Names.read(connection)
            for role, card, seq in journal.scheduled_on(connection, day):
                deck = deck_of(names.present(card, seq))
                counts[role][deck] = counts[role].get(deck, 0) + 1
        return Done(new=counts[Role.NEW], reviews=counts[Role.REVIEW])

    # Steps, each of which `undo` takes back as a whole

    def answer(
        self,
        card: str,
        grade: Grade,
        *,
        day: date,
        at: datetime,
        scheduler: str = "sm2",
        evidence: Mapping[str, object] | None = None,
        proposed: Grade | None = None,
        seed: int | None = None,
        duration_ms: int | None = None,
        suspend_leeches: bool = False,
    ) -> Answered:
        """Log an answer and schedule the card, durably, in one transaction.

        What kind of answer it is follows from what is remembered: see `Role`. A `day` before the card's last
        day counts as that day. The answer ends a bury. The eighth lapse, and every fourth after it, marks the
        card as a leech, and suspends it if `suspend_leeches`.
        """
        with self._database.writing() as connection:
            before = rows.read_state(connection, card)
            day = day_for(before.record, day)
            role = role_on(before.record, day)
            if role in SCHEDULING or before.record is None:
                memory = _scheduled(connection, card, before.record, grade, day, scheduler)
            else:
                memory, scheduler = before.record.memory, before.record.scheduler
            record = remember(before, role, grade, day, memory, scheduler)
            leech = lapsed(role, grade) and leeches(record.lapses)
            record = replace(
                record, marks=marks_after(before.marks, leech=leech, suspend_leeches=suspend_leeches)
            )
            after = State(record, record.marks)
            rows.write_state(connection, card, before, after)
            entry = Entry(
                role=role,
                card=card,
                day=day,
                at=at,
                before=before,
                after=after,
                grade=grade,
                proposed=proposed,
                evidence=evidence,
                seed=seed,
                duration_ms=duration_ms,
                scheduler=scheduler,
            )
            journal.append(connection, entry)
        return Answered(card, role, day, before.record, record, leech)

    def suspend(self, card: str, *, day: date, at: datetime) -> bool:
        """Put `card` away until it is unsuspended; return False if it was already."""
        return self._mark(Role.SUSPEND, card, day, at, lambda marks: replace(marks, suspended=True))

    def unsuspend(self, card: str, *, day: date, at: datetime) -> bool:
        """Bring a suspended card back; return False if it was not suspended."""
        return self._mark(Role.UNSUSPEND, card, day, at, lambda marks: replace(marks, suspended=False))

    def bury(self, card: str, until: date, *, day: date, at: datetime) -> bool:
        """Put `card` away until the day `until`; return False if it was already, until that very day."""
        return self._mark(Role.BURY, card, day, at, lambda marks: replace(marks, buried_until=until))

    def unbury(self, card: str, *, day: date, at: datetime) -> bool:
        """Bring a buried card back; return False if it was not buried."""
        return self._mark(Role.UNBURY, card, day, at, lambda marks: replace(marks, buried_until=None))

    def flag(self, card: str, *, day: date, at: datetime) -> bool:
        """Flag `card`; return False if it was flagged already."""
        return self._mark(Role.FLAG, card, day, at, lambda marks: replace(marks, flagged=True))

    def unflag(self, card: str, *, day: date, at: datetime) -> bool:
        """Take the flag off `card`; return False if it had none."""
        return self._mark(Role.UNFLAG, card, day, at, lambda marks: replace(marks, flagged=False))

    def unleech(self, card: str, *, day: date, at: datetime) -> bool:
        """Say that `card` is no leech any more; return False if it was none. Its lapses stay counted."""
        return self._mark(Role.UNLEECH, card, day, at, lambda marks: replace(marks, leech=False))

    def undo(self, *, day: date, at: datetime) -> Undone | None:
        """Take back the last answer or mark that was not taken back yet, whoever made it and when.

        The card is exactly as it was before that step. Nothing is deleted: the log says it was taken back.
        """
        with self._database.writing() as connection:
            step = journal.last_step(connection)
            if step is None:
                return None
            card = Names.read(connection).present(step.card, step.seq)
            now = rows.read_state(connection, card)
            then = decode(step.before)
            if any(seq > step.seq for seq in journal.replays(connection)):
                # The memory that the row remembers is of another scheduler than the present one.
                earlier = [row for row in journal.rows_of(connection, card) if row.id != step.id]
                then = replay.card_from(earlier).state
            rows.write_state(connection, card, now, then)
            entry = Entry(role=Role.UNDO, card=card, day=day, at=at, before=now, after=then, undoes=step.id)
            journal.append(connection, entry)
        grade = None if step.grade is None else Grade(step.grade)
        return Undone(card, Role(step.role), grade, date.fromisoformat(step.day), then.record, then.marks)

    def _mark(self, role: Role, card: str, day: date, at: datetime, change: Callable[[Marks], Marks]) -> bool:
        with self._database.writing() as connection:
            before = rows.read_state(connection, card)
            after = before.marked(change(before.marks))
            if after == before:
                return False
            rows.write_state(connection, card, before, after)
            entry = Entry(role=role, card=card, day=day, at=at, before=before, after=after)
            journal.append(connection, entry)
        return True

    # Names

    def rename(self, renamed: Mapping[str, str], *, day: date, at: datetime) -> Renamed:
        """Let the history of each old id follow to its new one; calling it again does nothing.

        Where the new id has a history of its own, it keeps that one, and the old id's stays where it was.
        """
        moved, kept = {}, {}
        if not self._any_of(renamed):
            return Renamed({}, {})
        with self._database.writing() as connection:
            for old, new in renamed.items():
                state = rows.read_state(connection, old)
                if state == State() or old == new:
                    continue
                if journal.has_steps(connection, new):
                    kept[old] = new
                    continue
                rows.write_state(connection, old, state, State())
                rows.write_state(connection, new, State(), state)
                entry = Entry(role=Role.RENAME, card=new, was=old, day=day, at=at, before=state, after=state)
                journal.append(connection, entry)
                moved[old] = new
        return Renamed(moved, kept)

    def _any_of(self, cards: Collection[str]) -> bool:
        if not cards:
            return False
        with self._database.reading() as connection:
            return rows.any_kept(connection, cards)

    # The log

    def history(self, card: str) -> list[LogRow]:
        """Return the answers to `card`, under any id it had, oldest first; those taken back are left out."""
        with self._database.reading() as connection:
            found = journal.rows_of(connection, card)
        return [journal.log_row(row, card) for row in found if journal.is_answer(row)]

    def log(
        self,
        *,
        decks: Collection[str] | None = None,
        since: date | None = None,
        until: date | None = None,
    ) -> Iterator[LogRow]:
        """Yield all answers that were not taken back, oldest first; of `decks`, from `since` to `until`."""
        with self._database.reading() as connection:
            names, taken_back = Names.read(connection), journal.undone(connection)
        seq = 0
        while True:
            with self._database.reading() as connection:
                chunk = journal.rows_after(connection, seq, limit=replay.CHUNK)
            if not chunk:
                return
            seq = chunk[-1].seq
            for row in chunk:
                if row.id in taken_back or not journal.is_answer(row):
                    continue
                answer = journal.log_row(row, names.present(row.card, row.seq))
                if (
                    (decks is None or answer.deck in decks)
                    and (since is None or since <= answer.day)
                    and (until is None or answer.day <= until)
                ):
                    yield answer

    def usual_seconds(self, card: str) -> float | None:
        """Return the median time of the card's passed answers (3 or better); `None` if none was timed."""
        times = [
            row.duration_ms
            for row in self.history(card)
            if row.duration_ms is not None and row.grade >= Grade.HARD
        ]
        return median(times) / 1000 if times else None

    # Care

    def rebuild(
        self, scheduler: str | None = None, *, day: date | None = None, at: datetime | None = None
    ) -> int:
        """Work all memory out again from the log; return how many cards were not as it says.

        With `scheduler`, as if every answer had been given under that one; this is noted in the log.
        """
        with self._database.writing() as connection:
            if scheduler is not None:
                if day is None or at is None:
                    raise ValueError("changing the scheduler is logged: say when")
                journal.append(
                    connection, Entry(role=Role.REPLAY, card=None, day=day, at=at, scheduler=scheduler)
                )
            said = replay.states(connection)
            kept = rows.read_states(connection)
            differing = [card for card in said.keys() | kept.keys() if said.get(card) != kept.get(card)]
            for card in differing:
                rows.write_state(connection, card, kept.get(card, State()), said.get(card, State()))
        return len(differing)

    def check(self) -> list[str]:
        """Return what is wrong with the database, as sentences; nothing is changed."""
        with self._database.reading() as connection:
            faults = rows.integrity(connection)
            if faults:
                return faults
            said, kept = replay.states(connection), rows.read_states(connection)
        differing = sum(said.get(card) != kept.get(card) for card in said.keys() | kept.keys())
        if differing:
            return [f"memory of {differing} cards is not what the log says: run `studykit doctor --rebuild`"]
        return []


def _scheduled(
    connection: Connection, card: str, record: Record | None, grade: Grade, day: date, scheduler: str
) -> Memory:
    given: replay.Given = []
    if record is not None and record.scheduler != scheduler:
        given = replay.card_from(journal.rows_of(connection, card)).given
    return replay.scheduled(record, grade, day, scheduler, given)
