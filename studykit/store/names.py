"""Which name a card had when: the log keeps the ids of its day, and renames are rows of it."""

from bisect import bisect_right
from collections.abc import Iterator
from typing import Self

from sqlalchemy import Connection

_RENAMES = "SELECT seq, was, card FROM log WHERE role IN ('rename', 'replay') AND was IS NOT NULL"
"""Unordered: for the sake of the order, SQLite would read the whole log instead of the index `log_notes`."""


Span = tuple[str, int, int]
"""Name, after, before: the rows between these two that carry the name are of one card."""


class Names:
    """All renames, in order."""

    def __init__(self, renames: list[tuple[int, str, str]]) -> None:
        """Take (seq, old, new) of each rename."""
        self._from: dict[str, list[tuple[int, str]]] = {}
        self._into: dict[str, list[tuple[int, str]]] = {}
        for seq, old, new in renames:
            self._from.setdefault(old, []).append((seq, new))
            self._into.setdefault(new, []).append((seq, old))

    @classmethod
    def read(cls, connection: Connection) -> Self:
        """Read the renames from the log."""
        return cls(sorted((row[0], row[1], row[2]) for row in connection.exec_driver_sql(_RENAMES)))

    def present(self, name: str, seq: int) -> str:
        """Return what the card that row `seq` calls `name` is called now."""
        while name in self._from:
            renames = self._from[name]
            following = bisect_right(renames, seq, key=lambda rename: rename[0])
            if following == len(renames):
                return name
            seq, name = renames[following]
        return name

    def spans(self, name: str) -> Iterator[Span]:
        """Yield under which names the card now called `name` is found in the log."""
        yield from self._spans(name, before=1 << 62)

    def _spans(self, name: str, before: int) -> Iterator[Span]:
        left = [seq for seq, _ in self._from.get(name, ()) if seq < before]
        after = left[-1] if left else 0  # what was called so until then has another name since
        yield name, after, before
        for seq, old in self._into.get(name, ()):
            if after < seq < before:
                yield from self._spans(old, before=seq)
