"""Where files and database meet: one learner, his library, his memory and his calendar.

The user interfaces speak to `Study` alone. It reads no clock: whoever calls passes the moment.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from studykit import config
from studykit.errors import StudykitError
from studykit.library.cards import Card, Cloze, Compute, Implement, Predict, Repair, fields_set, text_in
from studykit.library.entries import Root
from studykit.library.index import Library, open_library
from studykit.library.roots import default_roots
from studykit.scheduling.days import Calendar, zone
from studykit.scheduling.forecast import forecast
from studykit.scheduling.schedulers import preview
from studykit.scheduling.session import Candidate, Limits, Session, plan
from studykit.scheduling.sm2 import Grade, Memory
from studykit.statistics import YOUNG, Statistics, statistics, streak
from studykit.store.records import Answered, Role, Undone
from studykit.store.store import Store

if TYPE_CHECKING:
    from studykit.running.runner import Exercise, Runner

IS_FILTERS = ("due", "new", "learned", "changed", "suspended", "buried", "flagged", "leech", "retired")


@dataclass(frozen=True, slots=True)
class Counts:
    """How far the learner is with a deck; retired cards do not count."""

    total: int
    new: int
    due: int
    drill: int
    learned: int
    """Cards seen at least once."""

    mature: int = 0
    """Cards that come again after 21 days or more."""


def memory_as_json(memory: Memory) -> dict[str, object]:
    """Return `memory` as scripts see it: ease as 2.5."""
    return {
        "repetitions": memory.repetitions,
        "interval": memory.interval,
        "ease": memory.ease / 100,
        "due": memory.due.isoformat(),
    }


class Study:
    """Everything one learner has: the library, what is remembered, and how days are counted."""

    def __init__(self, library: Library, store: Store, settings: config.Settings, home: Path) -> None:
        self.library = library
        self.store = store
        self.settings = settings
        self.home = home
        self.calendar = Calendar(zone(settings.timezone), settings.rollover)

    @classmethod
    def open(cls, now: datetime, home: Path | None = None, folder: Path | None = None) -> Self:
        """Open the learner's data in `home` and the decks found from `folder`, at the moment `now`."""
        home = home or config.home()
        settings = config.load_settings(home)
        library = open_library(default_roots(home, folder or Path.cwd()), config.cache(home))
        store = Store.open(config.database_url(home), backups=config.backups(home), now=now)
        study = cls(library, store, settings, home)
        renamed = library.renamed()
        if renamed:
            store.rename(renamed, day=study.calendar.day_of(now), at=now)
        return study

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database."""
        self.store.close()

    # What to study

    def session(self, at: datetime, decks: Sequence[str] = ()) -> Session:
        """Return the queue of the learner's day, of `decks` (ids or tracks; all when empty)."""
        today = self.calendar.day_of(at)
        chosen = set(self.library.decks_matching(decks))
        candidates = [candidate for candidate in self._candidates if candidate.deck in chosen]
        standings, marks = self.store.standings(), self.store.marks()
        return plan(candidates, standings, marks, today, self._limits, self.store.done_on(today))

    def counts(self, at: datetime) -> dict[str, Counts]:
        """Return how far the learner is with every deck, in library order."""
        today = self.calendar.day_of(at)
        standings = self.store.standings()
        tallies: dict[str, list[int]] = {deck: [0, 0, 0, 0, 0, 0] for deck in self.library.decks()}
        for card, entry in self.library.entries().items():
            if entry.retired:
                continue
            tally = tallies[entry.deck]
            tally[0] += 1
            standing = standings.get(card)
            if standing is None:
                tally[1] += 1
                continue
            tally[2] += standing.due_for(entry.revision, today) <= today
            tally[3] += standing.drill_on == today
            tally[4] += 1
            tally[5] += standing.memory.interval >= YOUNG
        return {deck: Counts(*tally) for deck, tally in tallies.items()}

    # Answering

    def answer(
        self,
        card: str,
        grade: Grade,
        at: datetime,
        *,
        evidence: Mapping[str, object] | None = None,
        proposed: Grade | None = None,
        seed: int | None = None,
        duration_ms: int | None = None,
    ) -> Answered:
        """Record an answer, durably, and return what is remembered before and after."""
        return self.store.answer(
            card,
            grade,
            day=self.calendar.day_of(at),
            at=at,
            scheduler=self.scheduler_of(card),
            evidence=evidence,
            proposed=proposed,
            seed=seed,
            duration_ms=duration_ms,
            suspend_leeches=self.settings.suspend_leeches,
            revision=self._revision(card),
        )

    def take(self, role: Role, cards: Sequence[str], at: datetime) -> list[str]:
        """Do what `role` says (suspend, bury until tomorrow, flag, reset, due ...) to `cards`, as one step.

        Return the cards that it changed.
        """
        today = self.calendar.day_of(at)
        return self.store.take(role, cards, day=today, at=at, until=today + timedelta(days=1))

    def undo(self, at: datetime) -> Undone | None:
        """Take back the last answer, bury, suspension or flag; None if there is nothing to take back."""
        return self.store.undo(day=self.calendar.day_of(at), at=at)

    def rebuild(self, at: datetime, scheduler: str | None = None) -> int:
        """Work all memory out again from the log; return how many cards were not as it says."""
        return self.store.rebuild(scheduler, day=self.calendar.day_of(at), at=at)

    def preview(self, card: str, at: datetime) -> dict[Grade, Memory]:
        """Return what each grade would lead to."""
        scheduler = self.scheduler_of(card)
        return preview(self.store.memory_under(card, scheduler), self.calendar.day_of(at), scheduler)

    def bury(self, card: str, at: datetime) -> None:
        """Leave a card out until tomorrow."""
        today = self.calendar.day_of(at)
        self.store.bury(card, today + timedelta(days=1), day=today, at=at)

    def suspend(self, card: str, at: datetime) -> None:
        """Leave a card out until it is unsuspended."""
        self.store.suspend(card, day=self.calendar.day_of(at), at=at)

    def reread(self, at: datetime) -> None:
        """Read the decks again, after a file was changed; history follows a renamed card."""
        library = open_library(self.library.roots, config.cache(self.home))
        if renamed := library.renamed():
            self.store.rename(renamed, day=self.calendar.day_of(at), at=at)
        self.library = library
        self.__dict__.pop("_candidates", None)

    def change(self, key: str, text: str) -> None:
        """Change a setting, durably and at once. Raises StudykitError for what is not allowed."""
        config.set_setting(self.home, key, text)
        self.settings = config.load_settings(self.home)
        self.calendar = Calendar(zone(self.settings.timezone), self.settings.rollover)
        self.__dict__.pop("_limits", None)

    def scheduler_of(self, card: str) -> str:
        """Return the name of the scheduler that the learner chose for a card's deck."""
        return self.settings.scheduler_of(card.rpartition("/")[0])

    def _revision(self, card: str) -> int:
        entry = self.library.entries().get(card)
        return 1 if entry is None or entry.retired else entry.revision

    # Looking

    def card_id(self, name: str) -> str:
        """Return the id of the card called `name`, also by an earlier id. Raises StudykitError."""
        name = self.library.renamed().get(name, name)
        self.library.card(name)
        return name

    def card(self, card_id: str) -> Card:
        """Return a card's body."""
        return self.library.card(card_id)

    def changed(self, card_id: str) -> bool:
        """Tell whether the card's answer has changed since the learner gave one."""
        record = self.store.records([card_id]).get(card_id)
        return record is not None and self._revision(card_id) > record.revision

    def headline(self, card_id: str) -> str:
        """Return the first line of what a card asks."""
        card = self.library.card(card_id)
        text = text_in(card.text if isinstance(card, Cloze) else card.front, self.settings.language)
        return next((line.strip() for line in text.splitlines() if line.strip()), "")

    def fields_of(self, card_id: str) -> dict[str, object]:
        """Return what a card holds, with texts in the learner's language and empty fields left out."""
        card = self.library.card(card_id)
        return {name: self._shown(name, value) for name, value in fields_set(card)}

    def _shown(self, name: str, value: object) -> object:
        if name in ("front", "text", "back", "hint") and isinstance(value, str | dict):
            return text_in(value, self.settings.language)
        if is_dataclass(value) and not isinstance(value, type):
            return {key: part for key, part in asdict(value).items() if part is not None}
        if isinstance(value, tuple):
            return [text_in(part, self.settings.language) for part in value]
        return value

    def chosen(self, words: Sequence[str], at: datetime) -> list[str]:
        """Return the cards that `words` name, if all are ids; else those that a search for them finds."""
        known, renamed = self.library.entries(), self.library.renamed()
        ids = [renamed.get(word, word) for word in words]
        return ids if all(one in known for one in ids) else self.search(words, at)

    def search(self, words: Sequence[str], at: datetime) -> list[str]:
        """Return the cards that match all of `words`: see `studykit.library.search`, and `is:` states."""
        states = [word for word in words if re.match("-?is:", word)]
        found = list(self.library.search([word for word in words if word not in states]))
        for word in states:
            wanted = self._in_state(word.lstrip("-").removeprefix("is:"), found, at)
            found = [card for card in found if (card in wanted) != word.startswith("-")]
        return found

    def _in_state(self, state: str, cards: Iterable[str], at: datetime) -> set[str]:
        today, marks = self.calendar.day_of(at), self.store.marks()
        # Of every card that was seen there is much to read: only where it is asked for.
        records = self.store.standings() if state in ("due", "new", "changed", "learned") else {}
        retired = {card for card, entry in self.library.entries().items() if entry.retired}
        changed = {card for card, one in records.items() if self._revision(card) > one.revision}
        match state:
            case "due":
                return {card for card, one in records.items() if one.memory.due <= today} - retired | changed
            case "new":
                return {card for card in cards if card not in records} - retired
            case "changed":
                return changed
            case "retired":
                return retired
            case "learned":
                return set(records)
            case "suspended":
                return {card for card, mark in marks.items() if mark.suspended}
            case "buried":
                return {
                    card for card, mark in marks.items() if mark.buried_until and today < mark.buried_until
                }
            case "flagged":
                return {card for card, mark in marks.items() if mark.flagged}
            case "leech":
                return {card for card, mark in marks.items() if mark.leech}
        raise StudykitError(
            f"there is no is:{state}; choose one of {', '.join(f'is:{name}' for name in IS_FILTERS)}"
        )

    def statistics(self, at: datetime, decks: Sequence[str] = ()) -> Statistics:
        """Return the learner's record in `decks`."""
        chosen = set(self.library.decks_matching(decks))
        entries = self.library.entries().values()
        kinds = {entry.id: entry.kind for entry in entries if entry.deck in chosen}

        def counts(card: str) -> bool:
            return not decks or card.rpartition("/")[0] in chosen

        answers = (answer for answer in self.store.briefs() if counts(answer.card))
        records = {card: record for card, record in self.store.records().items() if counts(card)}
        retired = {entry.id for entry in entries if entry.retired}
        return statistics(answers, records, kinds, self.calendar.day_of(at), self.store.marks(), retired)

    def streak(self, at: datetime) -> int:
        """Return on how many days in a row, up to today, the learner has studied."""
        return streak(self.store.studied_on, self.calendar.day_of(at))

    def forecast(self, at: datetime, decks: Sequence[str] = (), days: int = 30) -> list[int]:
        """Return how many reviews fall due on each of the next `days` days; what is overdue counts today."""
        chosen = set(self.library.decks_matching(decks))
        standings = self.store.standings()
        known, today = self.library.entries(), self.calendar.day_of(at)
        mine = {
            card: one.for_revision(known[card].revision, today)
            for card, one in standings.items()
            if card in known and known[card].deck in chosen and not known[card].retired
        }
        return forecast(mine, today, days)

    def place_of(self, card_id: str) -> str:
        """Return where a card is written, as path:line."""
        return self.library.place(card_id)

    # Running

    def exercise(self, card_id: str) -> "Exercise":
        """Return what running a card needs. Raises StudykitError for a card that runs no code."""
        from studykit.running.runner import Exercise

        card = self.library.card(card_id)
        if not isinstance(card, Predict | Compute | Implement | Repair):
            raise StudykitError(f"{card_id} is a {card.kind} card: it runs no code")
        root = self.library.decks()[self.library.entries()[card_id].deck].root
        return Exercise(
            card_id=card_id,
            card=card,
            snippet=self.library.snippet_path(card_id),
            trusted=self.trusts(root),
            contained=root.origin != "builtin",
        )

    def trusts(self, root: Root) -> bool:
        """Whether the code of a library may run here: built in, or approved as it is now."""
        from studykit.running.trust import Trust, Trusted

        return isinstance(Trust(self.home).state(root), Trusted)

    def runner(self, device: str = "auto") -> "Runner":
        """Return a runner for this learner's cards; the caller closes it."""
        from studykit.running.runner import Runner

        return Runner(device=device, languages=self.settings.language)

    # Keeping

    def backup(self, at: datetime, file: Path | None = None) -> Path:
        """Copy the database to `file`, or to a new file in the backups folder; return where it is."""
        from studykit.store.backup import backup

        return backup(self.store.url, config.backups(self.home), now=at, file=file)

    @cached_property
    def _candidates(self) -> list[Candidate]:
        return [
            Candidate(entry.id, entry.deck, entry.position, entry.requires, entry.group, entry.revision)
            for entry in self.library.entries().values()
            if not entry.retired
        ]

    @cached_property
    def _limits(self) -> Limits:
        per_deck = {
            deck: (one.new_per_day, one.reviews_per_day) for deck, one in self.settings.per_deck.items()
        }
        return Limits(self.settings.new_per_day, self.settings.reviews_per_day, per_deck)
