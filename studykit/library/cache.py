"""The compiled cache: what was read from a library root, so that the next start need not read it again.

One JSON file per root holds, for each file of `decks/`, the file's fingerprint and everything the index
needs of it; the cards' bodies lie beside it, one line of JSON per card, and are read one by one. Nothing in
the cache is executed, and nothing is believed that does not fit its seal: a cache that is damaged, foreign
or from another version is made again, and one that cannot be written is done without.

A fingerprint is size, modification time, change time and inode. The change time cannot be set back, so a copy
with an old date is seen. A file that was read within two seconds of its change could have changed again in
the same tick of the clock, so for it the content is compared too, as git does.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VERSION = "5"
RACY_NS = 2_000_000_000

Fingerprint = list[int]


def fingerprint(status: os.stat_result) -> Fingerprint:
    """Return what changes when a file does."""
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def digest(data: bytes) -> str:
    """Return a name for a content."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class FileEntry:
    """What the cache knows of one file."""

    stamp: Fingerprint
    read_at: int
    """When it was read, in nanoseconds, before it was looked at."""

    digest: str
    content: Mapping[str, Any]
    """What was made of it: see `studykit.library.compile`."""

    def is_certain(self) -> bool:
        """Whether an equal fingerprint is enough to say that the file is the same."""
        return self.read_at - max(self.stamp[1], self.stamp[2]) > RACY_NS


class RootCache:
    """The cache of one root."""

    def __init__(self, folder: Path | None, root: Path) -> None:
        self._folder = folder
        self._name = digest(f"{VERSION}\0{root}".encode())
        self._root = str(root)

    def load(self) -> dict[str, FileEntry]:
        """Return the entries by file name; none if there is no usable cache."""
        if self._folder is None:
            return {}
        try:
            seal, _, content = (self._folder / f"{self._name}.json").read_bytes().partition(b"\n")
            if seal != digest(content).encode():
                return {}
            document = json.loads(content)
            if document["version"] != VERSION or document["root"] != self._root:
                return {}
            return {name: FileEntry(*entry) for name, entry in document["files"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return {}

    def save(self, entries: Mapping[str, FileEntry]) -> None:
        """Write the entries, and forget the bodies that none of them needs."""
        files = {
            name: [entry.stamp, entry.read_at, entry.digest, entry.content] for name, entry in entries.items()
        }
        document = {"version": VERSION, "root": self._root, "files": files}
        content = _compact(document).encode()
        if self._write(f"{self._name}.json", digest(content).encode() + b"\n" + content):
            self._sweep({self._body_name(entry.digest) for entry in entries.values()})

    def save_bodies(self, content: str, bodies: Iterable[Mapping[str, Any]]) -> list[tuple[int, int]]:
        """Write the cards of the deck with digest `content`; return each one's place, (offset, length)."""
        lines = [_compact(body).encode() for body in bodies]
        places, offset = [], 0
        for line in lines:
            places.append((offset, len(line)))
            offset += len(line) + 1
        self._write(self._body_name(content), b"\n".join(lines) + b"\n")
        return places

    def body(self, content: str, place: tuple[int, int]) -> Any:
        """Return one card as plain data. Raises OSError or ValueError if the cache does not have it."""
        if self._folder is None:
            raise FileNotFoundError(content)
        with (self._folder / self._body_name(content)).open("rb") as file:
            file.seek(place[0])
            return json.loads(file.read(place[1]))

    def bodies(self, content: str) -> list[Any]:
        """Return all cards of a deck. Raises OSError or ValueError if the cache does not have them."""
        if self._folder is None:
            raise FileNotFoundError(content)
        data = (self._folder / self._body_name(content)).read_bytes()
        return [json.loads(line) for line in data.splitlines() if line]

    def _body_name(self, content: str) -> str:
        return f"{self._name}-{content}.jsonl"

    def _sweep(self, needed: set[str]) -> None:
        if self._folder is not None:
            with suppress(OSError):
                for path in self._folder.glob(f"{self._name}-*.jsonl"):
                    if path.name not in needed:
                        path.unlink(missing_ok=True)

    def _write(self, name: str, data: bytes) -> bool:
        """Write a file as a whole or not at all; whether it was written."""
        if self._folder is None:
            return False
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=self._folder)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(temporary).replace(self._folder / name)
        except OSError:
            # A cache is a convenience: a read-only or full disk must not keep anybody from studying.
            return False
        return True


def _compact(value: object) -> str:
    # Plain ASCII, so that lone surrogates in a deck do not matter.
    return json.dumps(value, separators=(",", ":"))
