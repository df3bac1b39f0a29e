"""Finding cards: words in any field, and filters.

A word is found in every text of a card and in its id, whatever its case and width (NFKC), in the middle of
words too, so that Chinese needs no dictionary. `tag:`, `deck:` and `kind:` filter; a minus leaves out. All
must match.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from studykit.errors import StudykitError
from studykit.library.cards import KINDS, Card, texts_of
from studykit.library.entries import Entry

if TYPE_CHECKING:
    from studykit.library.index import Library

FILTERS = ("tag", "deck", "kind", "is")


def search(library: "Library", words: Sequence[str]) -> Iterator[str]:
    """Yield the ids of the cards that match all of `words`, in library order."""
    filters: list[tuple[bool, Callable[[Entry], bool]]] = []
    texts: list[tuple[bool, str]] = []
    for word in words:
        wanted, bare = not word.startswith("-") or len(word) == 1, word.removeprefix("-") or word
        name, colon, value = bare.partition(":")
        if colon and name.isalpha() and name.isascii() and value and not value.startswith("//"):
            filters.append((wanted, _filter(name, value)))
        else:
            texts.append((wanted, folded(bare)))
    for deck in library.decks():
        entries = [library.entries()[card] for card in library.decks()[deck].cards]
        chosen = {one.id for one in entries if all(matches(one) == wanted for wanted, matches in filters)}
        if not texts:
            yield from (one.id for one in entries if one.id in chosen)
        elif chosen:
            for card_id, text in library.texts(deck):
                if card_id in chosen and all((word in text) == wanted for wanted, word in texts):
                    yield card_id


def _filter(name: str, value: str) -> Callable[[Entry], bool]:
    match name:
        case "tag":
            return lambda entry: value in entry.tags
        case "deck":
            return lambda entry: (
                entry.deck == value or entry.deck.startswith(f"{value}/") or entry.deck.endswith(f"/{value}")
            )
        case "kind":
            if value not in KINDS:
                raise StudykitError(f"there is no kind {value}; choose one of {', '.join(KINDS)}")
            return lambda entry: entry.kind == value
    known = ", ".join(f"{one}:" for one in FILTERS)
    raise StudykitError(f"there is no filter {name}:; choose one of {known} or put the words in quotes")


def text_of(card_id: str, card: Card) -> str:
    """Return everything a word may be found in."""
    return folded("\n".join([card_id, *card.tags, *(text for _, text in texts_of(card))]))


def folded(text: str) -> str:
    """Return `text` so that texts a reader takes for the same are equal."""
    return unicodedata.normalize("NFKC", text).casefold()
