"""Putting what needs something after what it needs; and finding those that need each other."""

import heapq
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studykit.library.entries import Track


def decks(
    requires: Mapping[str, Iterable[str]], tracks: Mapping[str, "Track"]
) -> tuple[list[str], list[str]]:
    """Return the decks in the order of study, and those that stand in a circle.

    A deck comes after those it requires; else the order of the tracks decides, and within a track the order
    of its topics.
    """
    waiting = {deck: {need for need in needs if need in requires} for deck, needs in requires.items()}
    needed_by: dict[str, list[str]] = {}
    for deck, needs in waiting.items():
        for need in needs:
            needed_by.setdefault(need, []).append(deck)
    ready = [(_place(deck, tracks), deck) for deck, needs in waiting.items() if not needs]
    heapq.heapify(ready)
    ordered: list[str] = []
    while ready:
        _, deck = heapq.heappop(ready)
        ordered.append(deck)
        for other in needed_by.get(deck, ()):
            waiting[other].discard(deck)
            if not waiting[other]:
                heapq.heappush(ready, (_place(other, tracks), other))
    left = sorted(set(requires) - set(ordered), key=lambda deck: _place(deck, tracks))
    return [*ordered, *left], sorted(circles({deck: waiting[deck] for deck in left}))


def _place(deck: str, tracks: Mapping[str, "Track"]) -> tuple[int, str, int, str]:
    name, topic = deck.split("/")
    track = tracks.get(name)
    if track is None:
        return 1_000, name, 0, topic
    index = track.topics.index(topic) if topic in track.topics else len(track.topics)
    return track.order, name, index, topic


def circles(requires: Mapping[str, Iterable[str]]) -> set[str]:
    """Return those that come, over others or directly, to require themselves."""
    left = {one: {need for need in needs if need in requires} for one, needs in requires.items()}
    # Whoever needs nobody that is left, or is needed by nobody that is left, is in no circle.
    while True:
        needed = {need for needs in left.values() for need in needs}
        gone = {one for one, needs in left.items() if not needs or one not in needed}
        if not gone:
            return set(left)
        left = {one: needs - gone for one, needs in left.items() if one not in gone}
