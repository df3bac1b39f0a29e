"""Keep siblings apart: no two cards that give each other away in a row, where that can be avoided.

The order of a queue means something, so it changes as little as will do: the earliest card that may come
next comes next. A card may, if the rest can still be laid out with the fewest neighbouring siblings. How
few those are is known beforehand: of `n` cards with `c` of one group, the other cards make room for `n - c
+ 1` of them, and for one less at each end that touches the group. Where cards have prerequisites this is a
lower bound only, and the search goes back when it meets a dead end.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

Group = str | None
"""What siblings share; a card of group `None` has no siblings."""

_PATIENCE = 1_000
"""Steps after which a search that must go back settles for a good order; its blocks share them."""


@dataclass(frozen=True, slots=True)
class Place:
    """A card, as far as its place in the queue is concerned."""

    card: str
    group: Group = None
    after: tuple[str, ...] = ()
    """Cards that come first, where they are in the same block. Circles are not allowed."""


def spread(blocks: Sequence[Sequence[Place]], previous: Group = None) -> list[str]:
    """Return the cards, block after block, with as few neighbouring siblings as possible.

    Cards stay in their block. They keep their order where there is nothing to mend. `previous` is the group
    of the card before the first.
    """
    blocks = [block for block in blocks if block]
    if not blocks:
        return []
    patience = _PATIENCE // (1 + sum(_constrained(block) for block in blocks))
    cards: list[str] = []
    for block, following in zip(blocks, _forced_beginnings(blocks, patience), strict=True):
        arranged = _arranged(block, previous, following, patience)
        cards += [place.card for place in arranged]
        previous = arranged[-1].group
    return cards


def touching(groups: Sequence[Group]) -> int:
    """Return how many neighbours are siblings."""
    return sum(_siblings(one, other) for one, other in pairwise(groups))


def _constrained(block: Sequence[Place]) -> bool:
    return any(place.after for place in block)


def _forced_beginnings(blocks: Sequence[Sequence[Place]], patience: int) -> list[Group]:
    """Return for each block the group that the block after it can but begin with, if there is one.

    It cannot be two: if beginning with `A` is best, and avoiding `A` costs something, nothing else was as
    good.
    """
    found: list[Group] = [None]
    for block in reversed(blocks[1:]):
        best = _arranged(block, None, found[-1], patience)
        first = best[0].group
        other = _arranged(block, first, found[-1], patience)
        dearer = _cost(first, other, found[-1]) > _cost(None, best, found[-1])
        found.append(first if dearer else None)
    return found[::-1]


def _cost(previous: Group, block: Sequence[Place], following: Group) -> int:
    return touching([previous, *(place.group for place in block), following])


def _arranged(block: Sequence[Place], previous: Group, following: Group, patience: int) -> Sequence[Place]:
    if not _cost(previous, block, following) and _in_order(block):
        return block
    return _Search(block, previous, following, patience).best()


def _in_order(block: Sequence[Place]) -> bool:
    if not _constrained(block):
        return True
    ahead = {place.card for place in block}
    for place in block:
        ahead.discard(place.card)
        if not ahead.isdisjoint(place.after):
            return False
    return True


class _Rest:
    """The cards of a block that have no place yet: in order, and counted by group."""

    def __init__(self, block: Sequence[Place]) -> None:
        self.groups = [place.group for place in block]
        self.size = len(block)
        self._counts = Counter(group for group in self.groups if group is not None)
        self._sizes = Counter(self._counts.values())
        self._largest = max(self._sizes, default=0)
        # A ring through all cards, with one more link that is both its beginning and its end.
        self._next = [*range(1, self.size + 1), 0]
        self._back = [self.size, *range(self.size)]
        index = {place.card: number for number, place in enumerate(block)}
        self._unlocks: list[list[int]] = [[] for _ in block]
        self._waits = [0] * self.size
        for number, place in enumerate(block):
            for card in set(place.after) & index.keys():
                self._waits[number] += 1
                self._unlocks[index[card]].append(number)
        self._end = self.size

    def ready(self) -> Iterator[int]:
        """Yield the cards whose prerequisites have their place, earliest first."""
        card = self._next[self._end]
        while card != self._end:
            if not self._waits[card]:
                yield card
            card = self._next[card]

    def least(self, previous: Group, following: Group) -> int:
        """Return the fewest neighbouring siblings that laying out the rest must cost, prerequisites aside."""
        ends = [group for group in (previous, following) if group is not None]
        both = len(ends) == 2 and previous == following
        at_ends = max((2 * self._counts[group] + both for group in ends), default=0)
        return max(0, 2 * self._largest - self.size - 1, at_ends - self.size)

    def take(self, card: int) -> None:
        """Give `card` its place."""
        back, after = self._back[card], self._next[card]
        self._next[back], self._back[after] = after, back
        self._recount(card, -1)

    def give_back(self, card: int) -> None:
        """Undo `take`; the last card taken is the first to be given back."""
        back, after = self._back[card], self._next[card]
        self._next[back] = self._back[after] = card
        self._recount(card, +1)

    def _recount(self, card: int, change: int) -> None:
        self.size += change
        for unlocked in self._unlocks[card]:
            self._waits[unlocked] += change
        group = self.groups[card]
        if group is None:
            return
        before = self._counts[group]
        self._counts[group] = before + change
        self._sizes[before] -= 1
        self._sizes[before + change] += 1
        if not self._sizes[self._largest] or before + change > self._largest:
            self._largest = before + change


class _Search:
    """The search for the order of one block: earliest card first, cut where the rest would cost too much."""

    def __init__(self, block: Sequence[Place], previous: Group, following: Group, patience: int) -> None:
        self._block = block
        self._previous = previous
        self._following = following
        self._rest = _Rest(block)
        self._placed: list[int] = []
        self._costs = [0]
        self._patience = patience + 2 * len(block)

    def best(self) -> list[Place]:
        """Return the block in the best order that is found."""
        fewest = self._rest.least(self._previous, self._following)
        while self._patience > 0 and not self._found(fewest):
            fewest += 1
        while self._rest.size:
            self._place(self._next_best())
        return [self._block[card] for card in self._placed]

    def _found(self, fewest: int) -> bool:
        """Lay out all cards at the cost of `fewest` neighbouring siblings, or none of them."""
        hopeless: set[tuple[int, Group, frozenset[int]]] = set()
        choices = [self._affordable(fewest)]
        while self._rest.size and choices and self._patience > 0:
            self._patience -= 1
            card = next(choices[-1], None)
            if card is None:
                hopeless.add(self._state())
                choices.pop()
                self._take_back()
            else:
                self._place(card)
                dead_end = bool(hopeless) and self._state() in hopeless
                choices.append(iter(()) if dead_end else self._affordable(fewest))
        if self._rest.size:
            while self._placed:
                self._take_back()
        return not self._rest.size

    def _affordable(self, fewest: int) -> Iterator[int]:
        """Yield the cards that may come next if the whole block is to cost no more than `fewest`."""
        last, spent = self._last, self._costs[-1]
        refused = set()
        for card in self._rest.ready():
            group = self._rest.groups[card]
            if group in refused:
                continue
            self._rest.take(card)
            cost = spent + _siblings(last, group) + self._rest.least(group, self._following)
            self._rest.give_back(card)
            if cost <= fewest:
                yield card
            else:
                refused.add(group)

    def _next_best(self) -> int:
        apart = (card for card in self._rest.ready() if not _siblings(self._last, self._rest.groups[card]))
        return next(apart, next(self._rest.ready()))

    @property
    def _last(self) -> Group:
        return self._rest.groups[self._placed[-1]] if self._placed else self._previous

    def _state(self) -> tuple[int, Group, frozenset[int]]:
        return self._costs[-1], self._last, frozenset(self._placed)

    def _place(self, card: int) -> None:
        self._costs.append(self._costs[-1] + _siblings(self._last, self._rest.groups[card]))
        self._placed.append(card)
        self._rest.take(card)

    def _take_back(self) -> None:
        if self._placed:
            self._rest.give_back(self._placed.pop())
            self._costs.pop()


def _siblings(one: Group, other: Group) -> bool:
    return one is not None and one == other
