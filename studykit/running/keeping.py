"""Results of the deck's own code, kept while a runner lives: the last few, and not too many bytes."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from studykit.running.jobs import Outcome

MAX_KEPT = 64
MAX_KEPT_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Kept:
    """One successful run of the deck's own code, and the values that came out of it, encoded."""

    outcome: Outcome
    blobs: tuple[bytes, ...] = ()

    @property
    def size(self) -> int:
        """How much memory this takes, roughly."""
        return sum(map(len, self.blobs)) + len(self.outcome.stdout) + 1000


class Keeper:
    """Forgets what was used longest ago. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._size = 0

    def get(self, key: Hashable) -> Kept | None:
        """Return what is kept under `key`."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def keep(self, key: Hashable, value: Kept) -> Kept:
        """Keep `value` under `key`, and return it."""
        with self._lock:
            if (old := self._kept.pop(key, None)) is not None:
                self._size -= old.size
            self._kept[key] = value
            self._size += value.size
            while len(self._kept) > 1 and (len(self._kept) > MAX_KEPT or self._size > MAX_KEPT_BYTES):
                self._size -= self._kept.popitem(last=False)[1].size
        return value
