"""From the files of a root to what the index holds of them, through the cache."""

import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studykit.library.cache import FileEntry, RootCache, digest, fingerprint
from studykit.library.cards import Card
from studykit.library.names import ID

MAX_TRACK_BYTES = 1_000_000
TRACK_FILE = "_track.yaml"


@dataclass(frozen=True, slots=True)
class Found:
    """A file of `decks/`: a deck, or a track's `_track.yaml`."""

    path: Path
    track: str
    topic: str | None
    """None for the track's own file."""

    @property
    def name(self) -> str:
        """How the cache calls it."""
        return f"{self.track}/{self.path.name}"


@dataclass(frozen=True, slots=True)
class Misplaced:
    """Something in `decks/` that cannot be used, and why."""

    path: Path
    rule: str
    message: str


def find(root: Path) -> Iterator[Found | Misplaced]:
    """Yield the deck and track files of `root`, by name; never one that lies outside of it."""
    decks = root / "decks"
    for folder in _listed(decks):
        if folder.name.startswith((".", "_")) or not _is_folder(folder):
            continue
        if not ID.fullmatch(folder.name):
            yield Misplaced(folder, "track-name", "name the folder with lower-case letters, digits and _")
            continue
        plain = _is_inside(root, folder)
        for path in _listed(folder):
            if path.suffix != ".yaml" or path.name.startswith("."):
                continue
            yield _file(root, folder.name, path, plain=plain)


def _is_inside(root: Path, folder: Path) -> bool:
    """Whether `folder` lies in `root`, links followed: then so does each of its files that is no link."""
    try:
        return folder.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):
        return False


def _file(root: Path, track: str, path: Path, *, plain: bool) -> Found | Misplaced:
    try:
        # Following links takes half of the time in which a large library opens; hardly any file is one.
        inside = (plain and not path.is_symlink()) or path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):
        return Misplaced(path, "unreadable", "a link that leads nowhere")
    if not inside:
        return Misplaced(path, "outside", "a link that leads out of the library: copy the file here")
    if path.name == TRACK_FILE:
        return Found(path, track, None)
    if not ID.fullmatch(path.stem):
        return Misplaced(path, "deck-name", "name the file with lower-case letters, digits and _")
    return Found(path, track, path.stem)


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def compiled(found: Found, known: FileEntry | None, cache: RootCache) -> FileEntry:
    """Return what is to be known of a file: from the cache if it is surely the same, else read afresh."""
    try:
        status = found.path.stat()
    except OSError as error:
        return _unread(f"cannot be read: {error.strerror}")
    stamp = fingerprint(status)
    if known is not None and known.stamp == stamp and known.is_certain():
        return known
    read_at = time.time_ns()
    data = _bytes(found, status.st_size) if stat.S_ISREG(status.st_mode) else "not a file"
    if isinstance(data, str):
        return _unread(data)
    content = digest(data)
    if known is not None and known.digest == content and known.stamp == stamp:
        return FileEntry(stamp, read_at, content, known.content)
    build: Callable[[Found, bytes, str, RootCache], dict[str, Any]] = _deck if found.topic else _track
    return FileEntry(stamp, read_at, content, build(found, data, content, cache))


def _unread(message: str) -> FileEntry:
    # A stamp that no file has: it is looked at again next time.
    return FileEntry([-1, 0, 0, 0], 0, "", {"problems": [[1, 1, "unreadable", message]]})


def _bytes(found: Found, size: int) -> bytes | str:
    from studykit.library.deck import MAX_BYTES

    limit = MAX_BYTES if found.topic else MAX_TRACK_BYTES
    if size > limit:
        return f"{size:,} bytes; at most {limit:,} are read"
    try:
        with found.path.open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def _track(found: Found, data: bytes, _content: str, _cache: RootCache) -> dict[str, Any]:
    from studykit.library.tracks import parse_track

    track, problems = parse_track(data, "", found.track)
    return {
        "problems": [[one.line, one.column, one.rule, one.message] for one in problems],
        "track": [track.title, track.summary, list(track.topics), track.order],
    }


def _deck(_found: Found, data: bytes, content: str, cache: RootCache) -> dict[str, Any]:
    from studykit.library.deck import parse_deck
    from studykit.library.plain import to_plain

    parsed = parse_deck(data, "")
    problems = [[one.line, one.column, one.rule, one.message] for one in parsed.problems]
    if parsed.deck is None:
        return {"problems": problems}
    deck = parsed.deck
    places = cache.save_bodies(content, (to_plain(card) for card in deck.cards))
    cards = [
        [
            card.id,
            card.kind,
            list(card.requires),
            list(card.was),
            list(card.tags),
            _group(card),
            *place,
            parsed.positions[f"cards.{card.id}"][0],
            getattr(card, "snippet", None),
            card.retired,
            card.revision,
        ]
        for card, place in zip(deck.cards, places, strict=True)
    ]
    return {
        "problems": problems,
        "title": deck.title,
        "article": deck.article,
        "requires": list(deck.requires),
        "requires_at": list(parsed.positions.get("requires", (1, 1))),
        "article_at": list(parsed.positions.get("article", (1, 1))),
        "cards": cards,
    }


def _group(card: Card) -> str | None:
    """Return what a card shares with its siblings: the function it is about, else the lines it comes from."""
    function = getattr(card, "function", None)
    if function is not None:
        return f"function {function}"
    if card.source is not None and card.source.lines is not None:
        return f"lines {card.source.lines[0]}-{card.source.lines[1]}"
    return None
