"""Which card of the deck is which candidate of the article: one to one, within a kind.

First the same words, in the same section if there is a choice; then what the card is about; then likeness,
best first. A card matched by likeness alone is listed for review while it is below `SURE`.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from studykit.authoring.candidates import Candidate
from studykit.authoring.likeness import normalised, quote_of, similarity, tokens

LIKE = 0.6
SURE = 0.75
SAME_SECTION = 0.05
UNLIKE = 0.35
"""A formula's left-hand side or a first line of code is not enough where the rest differs more than this."""


@dataclass(frozen=True, slots=True)
class Known:
    """A card as it was drafted before."""

    id: str
    kind: str
    rule: str
    key: str
    quote: str
    """Normalised and bounded: `quote_of`."""
    section: str | None


@dataclass(frozen=True, slots=True)
class Match:
    """A card and its candidate."""

    id: str
    candidate: int
    similarity: float
    doubtful: bool
    """Only alike, and not very: a person should look."""


@dataclass(frozen=True, slots=True)
class _Side:
    kind: str
    rule: str
    key: str
    quote: str
    section: str | None
    words: tuple[str, ...]

    @property
    def bare(self) -> str:
        return self.quote.replace(" ", "")


def matched(known: Sequence[Known], candidates: Sequence[Candidate]) -> list[Match]:
    """Return the pairs, in the order of the candidates."""
    old = [_Side(one.kind, one.rule, one.key, one.quote, one.section, tokens(one.quote)) for one in known]
    new = [_side(candidate) for candidate in candidates]
    pairing = _Pairing(old, new)
    # The section decides between equal words only: with other words it is no more than a hint.
    pairing.equal(lambda one: one.bare and (one.kind, one.bare, one.key, one.section))
    pairing.equal(lambda one: one.bare and (one.kind, one.bare, one.key))
    pairing.equal(lambda one: one.bare and (one.kind, one.bare, one.section))
    pairing.equal(lambda one: one.bare and (one.kind, one.bare))
    pairing.same_key()
    pairing.alike()
    return sorted(
        (Match(known[i].id, j, likeness, doubtful) for (i, j), (likeness, doubtful) in pairing.found.items()),
        key=lambda match: match.candidate,
    )


def _side(candidate: Candidate) -> _Side:
    quote = quote_of(candidate.quote)
    return _Side(candidate.kind, candidate.rule, candidate.key, quote, candidate.section, tokens(quote))


class _Pairing:
    def __init__(self, old: Sequence[_Side], new: Sequence[_Side]) -> None:
        self.old, self.new = old, new
        self.found: dict[tuple[int, int], tuple[float, bool]] = {}
        self._left_old = dict.fromkeys(range(len(old)))
        self._left_new = dict.fromkeys(range(len(new)))

    def equal(self, identity: Callable[[_Side], Hashable]) -> None:
        """Pair what has the same identity, in order; an empty identity is none."""
        waiting: dict[Hashable, list[int]] = defaultdict(list)
        for i in self._left_old:
            if name := identity(self.old[i]):
                waiting[name].append(i)
        for j in list(self._left_new):
            if (name := identity(self.new[j])) and waiting[name]:
                self._pair(waiting[name].pop(0), j, 1.0, doubtful=False)

    def same_key(self) -> None:
        """Pair what is about the same thing, the most alike first."""
        groups: dict[tuple[str, str], tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for i in self._left_old:
            groups[self.old[i].kind, self.old[i].key][0].append(i)
        for j in self._left_new:
            groups[self.new[j].kind, self.new[j].key][1].append(j)
        for (_, key), (mine, theirs) in groups.items():
            if key:
                self._greedily(self._scored(product(mine, theirs), self._about_the_same))

    def alike(self) -> None:
        """Pair what is alike enough, the most alike first."""
        by_kind: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for i in self._left_old:
            by_kind[self.old[i].kind][0].append(i)
        for j in self._left_new:
            by_kind[self.new[j].kind][1].append(j)
        pairs = (pair for mine, theirs in by_kind.values() for pair in product(mine, theirs))
        self._greedily(self._scored(pairs, self._alike_enough))

    def _scored(
        self, pairs: Iterable[tuple[int, int]], enough: Callable[[_Side, _Side, float], bool]
    ) -> Iterator[tuple[float, float, int, int]]:
        for i, j in pairs:
            one, other = self.old[i], self.new[j]
            hopeless = _most(one.words, other.words) < UNLIKE
            likeness = 0.0 if hopeless else similarity(one.words, other.words)
            if enough(one, other, likeness):
                yield likeness + SAME_SECTION * (one.section == other.section), likeness, i, j

    def _about_the_same(self, one: _Side, other: _Side, likeness: float) -> bool:
        if likeness >= UNLIKE:
            return True
        # What a thing is may be said in other words; what else is said of it is something else.
        return one.rule == other.rule and (
            (_is_word(one) and one.section == other.section) or _is_telling(one)
        )

    def _alike_enough(self, one: _Side, other: _Side, likeness: float) -> bool:
        if likeness + SAME_SECTION * (one.section == other.section) < LIKE:
            return False
        # Items of one list are alike, and about different things.
        return likeness >= SURE or not (one.key and other.key) or _keys_alike(one.key, other.key)

    def _greedily(self, scored: Iterable[tuple[float, float, int, int]]) -> None:
        for _, likeness, i, j in sorted(scored, key=lambda one: (-one[0], one[2], one[3])):
            if i in self._left_old and j in self._left_new:
                same_key = self.old[i].key and self.old[i].key == self.new[j].key
                sure = UNLIKE if same_key else SURE
                self._pair(i, j, likeness, doubtful=likeness < sure)

    def _pair(self, i: int, j: int, likeness: float, *, doubtful: bool) -> None:
        self.found[i, j] = (likeness, doubtful)
        del self._left_old[i], self._left_new[j]


def _most(one: Sequence[str], other: Sequence[str]) -> float:
    """Return how alike two texts of these lengths can be at most."""
    return 2 * min(len(one), len(other)) / max(1, len(one) + len(other))


def _is_word(side: _Side) -> bool:
    return side.kind not in ("cloze", "predict", "implement") and side.key.isalpha()


def _is_telling(side: _Side) -> bool:
    """Tell whether the key is a term by itself, and not a letter or a piece of code."""
    return _is_word(side) and (len(side.key) >= 4 or (len(side.key) >= 2 and not side.key.isascii()))


def _keys_alike(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= 2 and shorter in longer:
        return True
    return similarity(_letters(one), _letters(other)) >= LIKE


def _letters(key: str) -> tuple[str, ...]:
    return tuple(normalised(key).replace(" ", ""))
