"""The decks as a tree of what builds on what.

Prerequisites make a graph without circles; as a tree, every deck stands once: below the first deck that it
requires. Below the others that it requires stands a reference to it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from studykit.library.entries import DeckEntry


@dataclass(frozen=True, slots=True)
class Branch:
    """A place in the tree."""

    deck: str
    path: tuple[str, ...]
    """The decks above it, from the root down."""

    last: tuple[bool, ...]
    """For every deck of the path but the root, and for this one: is it the last below its parent?"""

    reference: bool = False
    """The deck itself stands elsewhere, below the first deck that it requires."""

    children: int = 0
    """How many branches stand right below it."""


def tree(decks: Mapping[str, DeckEntry]) -> list[Branch]:
    """Return the branches from top to bottom; what stands at the same level is in library order."""
    below: dict[str, list[str]] = {deck: [] for deck in decks}
    roots: list[str] = []
    for deck, entry in decks.items():
        for needed in dict.fromkeys(entry.requires):
            below[needed].append(deck)
        if not entry.requires:
            roots.append(deck)
    placed: set[str] = set()
    branches: list[Branch] = []
    # Decks that require one another in a circle hang below no root: the first of them becomes one.
    for root in (*roots, *decks):
        if root not in placed:
            branches.extend(_below(root, decks, below, placed))
    return branches


def _below(
    root: str, decks: Mapping[str, DeckEntry], below: Mapping[str, list[str]], placed: set[str]
) -> Iterator[Branch]:
    waiting: list[tuple[str, tuple[str, ...], tuple[bool, ...]]] = [(root, (), ())]
    while waiting:
        deck, path, last = waiting.pop()
        parent = path[-1] if path else None
        at_home = deck not in placed and (parent is None or decks[deck].requires[0] == parent)
        children = below[deck] if at_home else []
        yield Branch(deck, path, last, not at_home, len(children))
        if at_home:
            placed.add(deck)
            for place, child in reversed(list(enumerate(children))):
                waiting.append((child, (*path, deck), (*last, place == len(children) - 1)))
