"""The library: which decks, cards and snippets there are, in which order, and what is wrong with it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from studykit.errors import StudykitError
from studykit.library import order
from studykit.library.cache import FileEntry, RootCache
from studykit.library.cards import Card
from studykit.library.compile import Found, Misplaced, compiled, find
from studykit.library.deck import Problem, read_deck
from studykit.library.entries import DeckEntry, Entry, Root, Track
from studykit.library.plain import from_plain
from studykit.library.roots import distinct
from studykit.library.search import search, text_of
from studykit.wording import closest, shown


def open_library(roots: Sequence[Root], cache_dir: Path | None) -> "Library":
    """Return the library of `roots`; what was compiled before is taken from `cache_dir`."""
    return Library(distinct(roots), cache_dir)


@dataclass(frozen=True, slots=True)
class _Deck:
    """A deck file as it was compiled."""

    root: Root
    cache: RootCache
    path: Path
    id: str
    file: FileEntry

    @property
    def content(self) -> Mapping[str, Any]:
        return self.file.content


class Library:
    """All decks and snippets found. Made by `open_library`."""

    def __init__(self, roots: tuple[Root, ...], cache_dir: Path | None) -> None:
        self.roots = roots
        self._problems: list[Problem] = []
        self._files: dict[str, _Deck] = {}
        self._tracks: dict[str, Track] = {}
        self._loaded: dict[str, dict[str, Card]] = {}
        self._texts: dict[str, list[tuple[str, str]]] = {}
        self._places: dict[str, tuple[str, int]] = {}
        for root in roots:
            self._read(root, RootCache(cache_dir, root.path))

    def _read(self, root: Root, cache: RootCache) -> None:
        if not (root.path / "decks").is_dir():
            self._problem(root.path, (1, 1), "no-decks", "this folder of STUDYKIT_LIBRARY holds no decks/")
            return
        known = cache.load()
        entries: dict[str, FileEntry] = {}
        for found in find(root.path):
            if isinstance(found, Misplaced):
                self._problem(found.path, (1, 1), found.rule, found.message)
                continue
            entry = entries[found.name] = compiled(found, known.get(found.name), cache)
            for line, column, rule, message in entry.content["problems"]:
                self._problem(found.path, (line, column), rule, message)
            self._add(root, cache, found, entry)
        if entries != known:
            cache.save(entries)

    def _add(self, root: Root, cache: RootCache, found: Found, entry: FileEntry) -> None:
        if found.topic is None:
            if "track" in entry.content and found.track not in self._tracks:
                title, summary, topics, place = entry.content["track"]
                self._tracks[found.track] = Track(found.track, title, summary, tuple(topics), place)
                self._listed(root, found, topics)
            return
        deck = _Deck(root, cache, found.path, f"{found.track}/{found.topic}", entry)
        if "cards" not in entry.content:
            return
        first = self._files.setdefault(deck.id, deck)
        if first is not deck:
            message = f"the deck {deck.id} is also {shown(first.path)}, which is in use: rename one of them"
            self._problem(found.path, (1, 1), "duplicate-deck", message)

    def _listed(self, root: Root, found: Found, topics: Sequence[str]) -> None:
        folder = root.path / "decks" / found.track
        present = {path.stem for path in folder.glob("*.yaml") if not path.name.startswith(("_", "."))}
        for topic in topics:
            if topic not in present:
                self._problem(
                    found.path, (1, 1), "no-deck", f"`topics` names {topic}, but there is no {topic}.yaml"
                )
        for topic in sorted(present - set(topics)):
            self._problem(
                found.path, (1, 1), "unlisted-deck", f"{topic}.yaml is not listed: add it to `topics`"
            )

    def _problem(self, path: Path, at: tuple[int, int], rule: str, message: str) -> None:
        self._problems.append(Problem(shown(path), *at, rule, message))

    # What there is

    @cached_property
    def _decks(self) -> dict[str, DeckEntry]:
        ordered, circles = order.decks(
            {deck: file.content["requires"] for deck, file in self._files.items()}, self._tracks
        )
        for deck in circles:
            file = self._files[deck]
            message = "the decks it requires require it in turn: leave one out"
            self._problem(file.path, tuple(file.content["requires_at"]), "requires-circle", message)
        return {deck: self._deck_entry(self._files[deck]) for deck in ordered}

    def _deck_entry(self, file: _Deck) -> DeckEntry:
        content = file.content
        for needed in content["requires"]:
            if needed not in self._files:
                message = f"there is no deck {needed}{_meant(needed, self._files)}"
                self._problem(file.path, tuple(content["requires_at"]), "unknown-deck", message)
        track, topic = file.id.split("/")
        return DeckEntry(
            file.id,
            content["title"],
            track,
            tuple(needed for needed in content["requires"] if needed in self._files),
            file.root,
            file.path,
            tuple(f"{file.id}/{row[0]}" for row in content["cards"]),
            self._article(file),
            self._inside(file.root, file.root.path / "snippets" / track / f"{topic}.py"),
        )

    def _article(self, file: _Deck) -> Path | None:
        name = file.content["article"]
        if name is None or "/" in name or "\\" in name:
            return None
        path = self._inside(file.root, file.path.parent / name)
        if path is None:
            at = tuple(file.content["article_at"])
            self._problem(file.path, at, "no-article", f"there is no article {name} beside the deck")
        return path

    def _inside(self, root: Root, path: Path) -> Path | None:
        """Return `path` if it is a file of the root's own."""
        try:
            return path if path.is_file() and path.resolve().is_relative_to(root.path) else None
        except (OSError, RuntimeError):
            return None

    @cached_property
    def _entries(self) -> dict[str, Entry]:
        entries: dict[str, Entry] = {}
        for deck in self._decks:
            file = self._files[deck]
            for name, kind, requires, was, tags, group, *_, retired, revision in file.content["cards"]:
                card = f"{deck}/{name}"
                entries[card] = Entry(
                    card,
                    deck,
                    kind,
                    tuple([_full(deck, one) for one in requires]) if requires else (),
                    None if group is None else f"{deck} {group}",
                    len(entries),
                    tuple([_full(deck, one) for one in was]) if was else (),
                    tuple(tags) if tags else (),
                    retired,
                    revision,
                )
        return self._sound(entries)

    def _sound(self, entries: dict[str, Entry]) -> dict[str, Entry]:
        """Report and drop prerequisites that nobody can meet: of unknown cards, and in a circle."""
        demanding = {card: entry.requires for card, entry in entries.items() if entry.requires}
        circles = order.circles(demanding)
        for card, requires in demanding.items():
            kept = tuple(
                need
                for need in requires
                if need in entries
                and not entries[need].retired  # nobody will be asked it, so it must hold back nothing
                and not (card in circles and need in circles)
            )
            if kept == requires:
                continue
            entries[card] = entries[card]._replace(requires=kept)
            path, line = self._where(card)
            if card in circles:
                message = f"`{card}` requires cards that require it in turn: leave one out"
                self._problem(path, (line, 1), "requires-circle", message)
            for need in requires:
                if need not in entries:
                    message = f"`{card}` requires {need}, which there is not{_meant(need, entries)}"
                    self._problem(path, (line, 1), "unknown-card", message)
        return entries

    def decks(self) -> Mapping[str, DeckEntry]:
        """Return the decks by id, in the order in which they are studied."""
        return self._decks

    def entries(self) -> Mapping[str, Entry]:
        """Return what the queue needs of each card, by id, in library order."""
        return self._entries

    def tracks(self) -> Mapping[str, Track]:
        """Return the tracks by id, in order; a track without `_track.yaml` is called by its id."""
        named = {deck.split("/")[0] for deck in self._decks}
        tracks = [self._tracks.get(track, Track(track, track)) for track in named]
        return {track.id: track for track in sorted(tracks, key=lambda track: (track.order, track.id))}

    def problems(self) -> tuple[Problem, ...]:
        """Return everything that is wrong with the decks and tracks, alone and together."""
        _ = self._entries
        return tuple(sorted(set(self._problems)))

    def renamed(self) -> Mapping[str, str]:
        """Return the earlier ids of cards: old id -> present id."""
        return {
            old: card
            for card, entry in self._entries.items()
            for old in entry.was
            if old not in self._entries
        }

    # One card

    def card(self, card_id: str) -> Card:
        """Return a card's body. Raises StudykitError, with a suggestion, for an id that is not there."""
        entry = self._entries.get(card_id)
        if entry is None:
            meant = _meant(card_id, self._entries) or ". `studykit search` finds cards by their words."
            raise StudykitError(f"there is no card {card_id}{meant}")
        loaded = self._loaded.setdefault(entry.deck, {})
        if card_id not in loaded:
            loaded[card_id] = self._from_cache(entry) or self._from_file(entry)
        return loaded[card_id]

    def cards(self, deck: str) -> Iterator[tuple[str, Card]]:
        """Yield (id, card) of a deck, reading all of it at once."""
        file, loaded = self._files[deck], self._loaded.setdefault(deck, {})
        ids = self._decks[deck].cards
        if len(loaded) < len(ids):
            try:
                bodies = [from_plain(body) for body in file.cache.bodies(file.file.digest)]
            except (OSError, ValueError, KeyError, TypeError):
                bodies = []
            if len(bodies) != len(ids):
                parsed = read_deck(file.path).deck
                bodies = list(parsed.cards) if parsed else []
            loaded.update({f"{deck}/{card.id}": card for card in bodies})
        yield from ((card_id, loaded[card_id]) for card_id in ids if card_id in loaded)

    def texts(self, deck: str) -> Sequence[tuple[str, str]]:
        """Return (id, all its words as `search` wants them) of a deck's cards; only the words are kept."""
        if deck not in self._texts:
            used = deck in self._loaded
            self._texts[deck] = [(card_id, text_of(card_id, card)) for card_id, card in self.cards(deck)]
            if not used:  # the bodies of a whole library take much more room than its words
                self._loaded.pop(deck, None)
        return self._texts[deck]

    def _row(self, entry: Entry) -> Sequence[Any]:
        deck = self._decks[entry.deck]
        row: Sequence[Any] = self._files[entry.deck].content["cards"][entry.position - self._first(deck)]
        return row

    def _first(self, deck: DeckEntry) -> int:
        return self._entries[deck.cards[0]].position

    def _from_cache(self, entry: Entry) -> Card | None:
        file, row = self._files[entry.deck], self._row(entry)
        try:
            card = from_plain(file.cache.body(file.file.digest, (row[6], row[7])))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return card if card.id == row[0] else None

    def _from_file(self, entry: Entry) -> Card:
        for card_id, card in self.cards(entry.deck):
            if card_id == entry.id:
                return card
        path = shown(self._files[entry.deck].path)
        raise StudykitError(f"{entry.id} is gone: {path} was changed meanwhile. Start again.")

    def place(self, card_id: str) -> str:
        """Return where a card is written, as path:line."""
        path, line = self._where(card_id)
        return f"{shown(path)}:{line}"

    def _where(self, card_id: str) -> tuple[Path, int]:
        deck, _, name = card_id.rpartition("/")
        file = self._files[deck]
        line = next((row[8] for row in file.content["cards"] if row[0] == name), 1)
        return file.path, line

    def snippet_path(self, card_id: str) -> Path | None:
        """Return the snippet that a card's code is about: the deck's, or another that the card names."""
        entry = self._entries[card_id]
        deck, other = self._decks[entry.deck], self._row(entry)[9]
        if other is None:
            return deck.snippet
        return self._inside(deck.root, deck.root.path / "snippets" / deck.track / f"{other}.py")

    # Finding

    def decks_matching(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the decks that `names` mean: `transformer/rope`, `rope`, or a track; all when there are
        none.

        Raises StudykitError for a name that means nothing, or more than one thing.
        """
        chosen = {deck for name in names for deck in self._matching(name.strip("/"))}
        return tuple(deck for deck in self._decks if deck in chosen or not names)

    def _matching(self, name: str) -> list[str]:
        if name in self._decks:
            return [name]
        in_track = [deck for deck, entry in self._decks.items() if entry.track == name]
        by_topic = [deck for deck in self._decks if deck.split("/")[1] == name]
        if in_track or len(by_topic) == 1:
            return in_track or by_topic
        if by_topic:
            raise StudykitError(f"{name} could be {' or '.join(by_topic)}: say which")
        known = [*self._decks, *self.tracks(), *(deck.split("/")[1] for deck in self._decks)]
        raise StudykitError(
            f"there is no deck or track {name}{_meant(name, known)}. `studykit list` shows all."
        )

    def search(self, words: Sequence[str]) -> Iterator[str]:
        """Yield the cards that match all of `words`: see `studykit.library.search`."""
        return search(self, words)


def _full(deck: str, card: str) -> str:
    return card if "/" in card else f"{deck}/{card}"


def _meant(name: str, known: Collection[str]) -> str:
    meant = closest(name, known)
    return f" (did you mean {meant}?)" if meant else ""
