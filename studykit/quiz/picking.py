"""Which cards a quiz asks: drawn from a seed, topics and kinds mixed fairly. Pure."""

import hashlib
import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """A card that may be asked."""

    card: str
    deck: str
    kind: str
    group: str | None = None
    """Cards of one group are about the same function or lines: one can give the other away."""


def pick(candidates: Iterable[Candidate], count: int, seed: int) -> tuple[Candidate, ...]:
    """Return at most `count` of the candidates.

    Topics take turns in an order drawn from the seed; each turn asks the kind that was asked least so far,
    and not about something that was asked already while there is anything else.
    """
    draw = random.Random(seed)
    left = _shuffled(candidates, draw)
    turns = list(left)
    draw.shuffle(turns)
    kinds: Counter[str] = Counter()
    groups: Counter[tuple[str, str]] = Counter()
    picked: list[Candidate] = []
    while turns and len(picked) < count:
        for deck in turns[: count - len(picked)]:
            best = min(left[deck], key=lambda one: (_asked(one, groups), kinds[one.kind]))
            left[deck].remove(best)
            kinds[best.kind] += 1
            if best.group is not None:
                groups[best.deck, best.group] += 1
            picked.append(best)
        turns = [deck for deck in turns if left[deck]]
    return tuple(picked)


def seed_of(seed: int, card: str) -> int:
    """Return the seed of one question: it does not depend on the other questions of the paper."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{card}".encode()).digest()[:4], "little") >> 1


def _shuffled(candidates: Iterable[Candidate], draw: random.Random) -> dict[str, list[Candidate]]:
    """Return the candidates by topic, each topic in a drawn order; the order they came in says nothing."""
    by_deck: defaultdict[str, list[Candidate]] = defaultdict(list)
    for one in sorted(candidates, key=lambda candidate: candidate.card):
        by_deck[one.deck].append(one)
    for cards in by_deck.values():
        draw.shuffle(cards)
    return by_deck


def _asked(one: Candidate, groups: Counter[tuple[str, str]]) -> int:
    return 0 if one.group is None else groups[one.deck, one.group]
