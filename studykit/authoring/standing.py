"""Whether the words of a card still stand in the article, though no rule makes a card of them now.

A slip in a cue word, or a newer set of rules, must not retire a card whose words are still there.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from studykit.authoring.change import is_material
from studykit.authoring.likeness import normalised, similarity, tokens
from studykit.authoring.matching import SURE

_ENDS = re.compile(r"(?<=[.!?;:])\s+|(?<=[。！？；：])|\n")
_MOST = 20_000
"""Pieces that are looked at: a book has that many."""


@dataclass(frozen=True, slots=True)
class Stands:
    """Where the words stand."""

    lines: tuple[int, int]
    similarity: float


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    words: tuple[str, ...]
    line: int


class Standing:
    """The words of an article, to be looked for."""

    def __init__(self, source: Sequence[str]) -> None:
        """Take the lines of the article."""
        self._pieces = [
            _Piece(text, words, number)
            for number, line in enumerate(source, start=1)
            for part in _ENDS.split(line)
            if (words := tokens(text := normalised(part)))
        ][:_MOST]

    def find(self, quote: str) -> Stands | None:
        """Return where a normalised quote stands, if its words do, and say the same."""
        wanted = tokens(quote)
        different = set(wanted)
        best: tuple[float, int, int] = (0.0, 0, 0)
        for begin in range(len(self._pieces)):
            if different.isdisjoint(self._pieces[begin].words):
                continue
            for end in self._ends(begin, len(wanted)):
                words = [word for piece in self._pieces[begin:end] for word in piece.words]
                if 2 * len(different.intersection(words)) < len(different):
                    continue
                likeness = similarity(wanted, tuple(words))
                best = max(best, (likeness, -begin, -end))
        likeness, begin, end = best[0], -best[1], -best[2]
        if likeness < SURE or is_material(quote.partition(" …")[0], self._text(begin, end)):
            return None
        return Stands((self._pieces[begin].line, self._pieces[end - 1].line), likeness)

    def _ends(self, begin: int, count: int) -> list[int]:
        """Return behind which pieces a text of about `count` words may end that begins with this one."""
        found, total = [], 0
        for end in range(begin, len(self._pieces)):
            total += len(self._pieces[end].words)
            if 2 * total >= count:
                found.append(end + 1)
            if total >= count * 1.5 or len(found) == 6:
                break
        return found

    def _text(self, begin: int, end: int) -> str:
        return " ".join(piece.text for piece in self._pieces[begin:end])
