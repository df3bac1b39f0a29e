"""The learner's memory and log: every method is one transaction, every value a domain type."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection

from studykit.errors import StudykitError
from studykit.scheduling.session import Done, Standing
from studykit.scheduling.sm2 import Grade, Memory
from studykit.store import journal, rows
from studykit.store.creation import prepared
from studykit.store.database import Database, path_of
from studykit.store.journal import Entry
from studykit.store.names import Names
from studykit.store.records import (
    Answered,
    Brief,
    LogRow,
    Marks,
    Record,
    Renamed,
    Role,
    Undone,
    deck_of,
)
from studykit.store.transitions import Given, State, answered, replayed


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

    def look(self, cards: Collection[str]) -> dict[str, tuple[Record | None, Marks]]:
        """Return what is remembered of each of `cards`, and its marks; a card never seen has marks alone."""
        with self._database.reading() as connection:
            states = {card: rows.read_state(connection, card) for card in cards}
        return {card: (state.record, state.marks) for card, state in states.items()}

    def standings(self) -> dict[str, Standing]:
        """Return, of all cards that have been seen, what planning a session needs."""
        with self._database.reading() as connection:
            return rows.read_standings(connection)

    def marks(self) -> dict[str, Marks]:
        """Return the marks of all cards that have any, seen or not."""
        with self._database.reading() as connection:
            return rows.read_marks(connection)

    def memory_under(self, card: str, scheduler: str) -> Memory | None:
        """Return the memory that the next answer to `card` would build on; `None` if it was never seen.

        It differs from the record's where another scheduler made that one.
        """
        with self._database.reading() as connection:
            record = rows.read_state(connection, card).record
            if record is None:
                return None
            if record.scheduler == scheduler:
                return record.memory
            return replayed(_given(connection, card), scheduler)

    def done_on(self, day: date) -> Done:
        """Return how many cards were introduced and reviewed on `day`, by deck."""
        with self._database.reading() as connection:
            scheduled_then = journal.scheduled_on(connection, day)
        decks = [(role, deck_of(card)) for role, card in scheduled_then]
        return Done(
            new=Counter(deck for role, deck in decks if role is Role.NEW),
            reviews=Counter(deck for role, deck in decks if role is Role.REVIEW),
        )

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
        revision: int = 1,
    ) -> Answered:
        """Log an answer and schedule the card, durably, in one transaction.

        What kind of answer it is follows from what is remembered: see `Role`. A `day` before the card's last
        day counts as that day. The answer ends a bury. The eighth lapse, and every fourth after it, marks the
        card as a leech, and suspends it if `suspend_leeches`. The first answer to a higher `revision` of the
        card is a review on any day.
        """
        with self._database.writing() as connection:
            before = rows.read_state(connection, card)
            step = answered(
                before,
                grade,
                day,
                scheduler,
                revision,
                suspend_leeches=suspend_leeches,
                given=lambda: _given(connection, card),
            )
            record = step.record
            after = State(record, record.marks)
            rows.write_state(connection, card, before, after)
            entry = Entry(
                role=step.role,
                card=card,
                day=record.last_day,
                at=at,
                before=before,
                after=after,
                grade=grade,
                proposed=proposed,
                evidence=evidence,
                seed=seed,
                duration_ms=duration_ms,
                scheduler=record.scheduler,
            )
            journal.append(connection, entry)
        return Answered(card, step.role, record.last_day, before.record, record, step.leech)

    def suspend(self, card: str, *, day: date, at: datetime) -> bool:
        """Put `card` away until it is unsuspended; return False if it was already."""
        return bool(self.take(Role.SUSPEND, [card], day=day, at=at))

    def unsuspend(self, card: str, *, day: date, at: datetime) -> bool:
        """Bring a suspended card back; return False if it was not suspended."""
        return bool(self.take(Role.UNSUSPEND, [card], day=day, at=at))

    def bury(self, card: str, until: date, *, day: date, at: datetime) -> bool:
        """Put `card` away until the day `until`; return False if it was already, until that very day."""
        return bool(self.take(Role.BURY, [card], day=day, at=at, until=until))

    def unbury(self, card: str, *, day: date, at: datetime) -> bool:
        """Bring a buried card back; return False if it was not buried."""
        return bool(self.take(Role.UNBURY, [card], day=day, at=at))

    def flag(self, card: str, *, day: date, at: datetime) -> bool:
        """Flag `card`; return False if it was flagged already."""
        return bool(self.take(Role.FLAG, [card], day=day, at=at))

    def unflag(self, card: str, *, day: date, at: datetime) -> bool:
        """Take the flag off `card`; return False if it had none."""
        return bool(self.take(Role.UNFLAG, [card], day=day, at=at))

    def unleech(self, card: str, *, day: date, at: datetime) -> bool:
        """Say that `card` is no leech any more; return False if it was none. Its lapses stay counted."""
        return bool(self.take(Role.UNLEECH, [card], day=day, at=at))

    def take(
        self, role: Role, cards: Collection[str], *, day: date, at: datetime, until: date | None = None
    ) -> list[str]:
        """Do to all `cards` what `role` says (any mark, `RESET`, `DUE`), as one step that `undo` takes back.

        Return the cards that it changed. `until` is the day on which a bury ends.
        """
        from studykit.store import steps

        with self._database.writing() as connection:
            return steps.take(connection, steps.change(role, day, until), role, cards, day, at)

    def undo(self, *, day: date, at: datetime) -> Undone | None:
        """Take back the last answer or mark that was not taken back yet, whoever made it and when.

        The card is exactly as it was before that step. Nothing is deleted: the log says it was taken back.
        """
        from studykit.store.corrections import undo

        with self._database.writing() as connection:
            return undo(connection, day, at)

    # Names

    def rename(self, renamed: Mapping[str, str], *, day: date, at: datetime) -> Renamed:
        """Let the history of each old id follow to its new one; calling it again does nothing.

        Where the new id has a history of its own, it keeps that one, and the old id's stays where it was.
        """
        with self._database.reading() as connection:
            if not rows.any_kept(connection, renamed):
                return Renamed({}, {})
        from studykit.store.corrections import rename

        with self._database.writing() as connection:
            return rename(connection, renamed, day, at)

    # The log

    def history(self, card: str) -> list[LogRow]:
        """Return the answers to `card`, under any id it had, oldest first; those taken back are left out."""
        from studykit.store import past

        with self._database.reading() as connection:
            found = past.rows_of(connection, card)
        return [past.log_row(row, card) for row in found if past.is_answer(row)]

    def log(
        self,
        *,
        decks: Collection[str] | None = None,
        since: date | None = None,
        until: date | None = None,
    ) -> Iterator[LogRow]:
        """Yield all answers that were not taken back, oldest first; of `decks`, from `since` to `until`."""
        for answer in self._answers():
            if (
                (decks is None or answer.deck in decks)
                and (since is None or since <= answer.day)
                and (until is None or answer.day <= until)
            ):
                yield answer

    def briefs(self) -> Iterator[Brief]:
        """Yield all answers that were not taken back, oldest first, in brief: much faster than `log`."""
        from studykit.store import past

        seq: int | None = 0
        while seq is not None:
            with self._database.reading() as connection:  # given back while the caller works
                found, seq = past.briefs_after(connection, seq)
            yield from found

    def studied_on(self, day: date) -> bool:
        """Tell whether any answer of `day` was not taken back."""
        with self._database.reading() as connection:
            return journal.answered_on(connection, day)

    def _answers(self) -> Iterator[LogRow]:
        from studykit.store import past

        with self._database.reading() as connection:
            names, taken_back = Names.read(connection), past.undone(connection)
        seq = 0
        while True:
            with self._database.reading() as connection:  # given back while the caller works
                chunk = past.rows_after(connection, seq)
            if not chunk:
                return
            seq = chunk[-1].seq
            for row in chunk:
                if past.is_answer(row) and row.id not in taken_back:
                    yield past.log_row(row, names.present(row.card, row.seq))

    def usual_seconds(self, card: str) -> float | None:
        """Return the median time of the card's passed answers (3 or better); `None` if none was timed."""
        from statistics import median

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
        from studykit.store.corrections import note_replay, rebuild

        with self._database.writing() as connection:
            if scheduler is not None:
                if day is None or at is None:
                    raise ValueError("changing the scheduler is logged: say when")
                note_replay(connection, scheduler, day, at)
            return rebuild(connection)

    def check(self) -> list[str]:
        """Return what is wrong with the database, as sentences; nothing is changed."""
        from studykit.store.corrections import faults

        try:
            with self._database.reading() as connection:
                return faults(connection)
        except StudykitError as error:
            return [str(error)]


def _given(connection: Connection, card: str) -> Given:
    """Return the answers that a scheduler must see again where another one made the memory."""
    from studykit.store.replay import given_to

    return given_to(connection, card)
