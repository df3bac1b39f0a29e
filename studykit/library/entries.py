"""What the index says about roots, tracks, decks and cards."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from studykit.library.cards import Text


@dataclass(frozen=True, slots=True)
class Root:
    """A folder that holds `decks/` and `snippets/`."""

    path: Path
    origin: Literal["builtin", "folder", "home", "extra"]
    """How it was found: it came with the program, lies in the current or the data folder, or was named."""


class Entry(NamedTuple):
    """What the queue and lists need of a card, without its body. A tuple, since there may be very many."""

    id: str
    """`track/topic/card_id`."""

    deck: str
    """`track/topic`."""

    kind: str
    requires: tuple[str, ...]
    """Cards to be seen before, by full id; only cards that exist."""

    group: str | None
    """What siblings share: the function they are about, or the lines they come from."""

    position: int
    """Place in the library: decks in the order of study, cards in the order of their file."""

    was: tuple[str, ...]
    """Earlier ids, in full."""

    tags: tuple[str, ...]
    retired: bool = False
    """Never asked: the article has it no more."""

    revision: int = 1
    """Higher than the one last answered: the answer has changed since."""


@dataclass(frozen=True, slots=True)
class DeckEntry:
    """What is known of a deck without its cards' bodies."""

    id: str
    title: Text
    track: str
    requires: tuple[str, ...]
    root: Root
    path: Path
    cards: tuple[str, ...]
    article: Path | None
    snippet: Path | None


@dataclass(frozen=True, slots=True)
class Track:
    """A folder of topics."""

    id: str
    title: Text
    summary: Text = ""
    topics: tuple[str, ...] = ()
    """In the order in which they are studied; topics that are not named come after, by name."""

    order: int = 1_000
    """Tracks come in this order, then by name."""
