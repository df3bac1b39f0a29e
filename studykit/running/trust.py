"""Which libraries' code may run here, as direnv does it: what was looked at and approved, byte for byte.

The built-in library runs. Any other root (the current folder's, the data folder's, `STUDYKIT_LIBRARY`'s)
runs only while every file that holds code, that is each deck and each snippet, has the content that was
approved; a new, changed or missing file asks again. Cards without code can be studied all the same.

The approvals are `trust.json` in the data folder, with copies of what was approved beside it
(`approved.py`). A file whose size, times and inode are those of the approval is not read again, unless it was
written so shortly before that a later change could look the same.
"""

import contextlib
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from studykit.errors import StudykitError
from studykit.running.approved import Copies
from studykit.running.snippets import SnippetError, functions_of

FILE = "trust.json"
NO_CODE = ("_track.yaml", "_standard.yaml")
MAX_DEPTH = 8
MAX_FILE = 16 * 2**20
RACY_NS = 2 * 10**9
"""A file changed this shortly before it was hashed is hashed again: its times may not show the next one."""


class Root(Protocol):
    """What is needed of a `library.index.Root`."""

    @property
    def path(self) -> Path:
        """The folder that holds `decks` and `snippets`."""

    @property
    def origin(self) -> str:
        """Where it was found: `builtin`, `folder`, `home`, `extra`."""


@dataclass(frozen=True, slots=True)
class Trusted:
    """The code may run."""


@dataclass(frozen=True, slots=True)
class New:
    """Nothing of this root was ever approved."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Something differs from what was approved."""

    files: tuple[str, ...]
    """The files, relative to the root: new, changed or gone."""


State = Trusted | New | Changed


@dataclass(frozen=True, slots=True)
class PendingFile:
    """One file that would run once approved."""

    path: str
    """Relative to the root."""
    status: str
    """`new`, `changed`, `gone` or `approved`."""
    runs: tuple[str, ...]
    """What would run: the functions of a snippet, the run-it cards of a deck (`id: kind`)."""
    mark: Mapping[str, Any]
    """Its hash, and how it looked on disk when that was taken."""
    changes: tuple[str, ...] = ()
    """Of a changed file: the diff from what was approved, line by line."""


@dataclass(frozen=True, slots=True)
class Pending:
    """All code of a root as it was shown; approving it approves this and nothing newer."""

    root: Path
    files: tuple[PendingFile, ...]


class Trust:
    """The learner's approvals."""

    def __init__(self, home: Path) -> None:
        self._file = home / FILE
        self._copies = Copies(home)

    def state(self, root: Root) -> State:
        """Return whether the code of `root` may run."""
        if root.origin == "builtin":
            return Trusted()
        approved = self._read().get(_key(root.path))
        if approved is None:
            return New()
        found = _code_files(root.path)
        differing = [name for name, path in found.items() if not _same(path, approved.get(name))]
        differing += [name for name in approved if name not in found]
        return Changed(tuple(sorted(differing))) if differing else Trusted()

    def pending(self, root: Root) -> Pending:
        """Return what would run if `root` were approved, all of it, with what is new marked."""
        approved = self._read().get(_key(root.path), {})
        found = _code_files(root.path)
        files = [self._pending(name, path, approved.get(name)) for name, path in found.items()]
        files += [PendingFile(name, "gone", (), {}) for name in approved if name not in found]
        return Pending(root.path, tuple(sorted(files, key=lambda file: file.path)))

    def approve(self, pending: Pending) -> None:
        """Let what was shown run. Raises StudykitError if that cannot be written down."""
        marks = {file.path: dict(file.mark) for file in pending.files if file.mark}
        roots = {**self._read(), _key(pending.root): marks}
        try:
            for name, mark in marks.items():
                self._copies.keep(pending.root / name, mark["sha256"])
        except OSError as error:
            raise StudykitError(
                f"cannot keep a copy of what was approved in {self._copies.folder}: {error.strerror}"
            ) from error
        self._write(roots)
        self._copies.forget_all_but(_hashes(roots))

    def revoke(self, root: Root) -> None:
        """Forget the approval of `root`."""
        roots = {key: marks for key, marks in self._read().items() if key != _key(root.path)}
        self._write(roots)
        self._copies.forget_all_but(_hashes(roots))

    def _pending(self, name: str, path: Path, approved: object) -> PendingFile:
        try:
            mark = _mark(path)
        except OSError:
            return PendingFile(name, "new", ("(cannot be read)",), {})
        runs = tuple(_functions(path) if path.suffix == ".py" else _cards(path))
        before = approved.get("sha256") if isinstance(approved, dict) else None
        if not isinstance(before, str):
            return PendingFile(name, "new", runs, mark)
        if before == mark["sha256"]:
            return PendingFile(name, "approved", runs, mark)
        return PendingFile(name, "changed", runs, mark, tuple(self._copies.changes(before, path)))

    def _read(self) -> dict[str, dict[str, Any]]:
        """Return the approvals; a file that cannot be understood approves nothing."""
        try:
            stored = json.loads(self._file.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        roots = stored.get("roots") if isinstance(stored, dict) and stored.get("version") == 1 else None
        if not isinstance(roots, dict):
            return {}
        return {key: marks for key, marks in roots.items() if isinstance(marks, dict)}

    def _write(self, roots: Mapping[str, Mapping[str, Any]]) -> None:
        text = json.dumps({"version": 1, "roots": roots}, indent=1, sort_keys=True)
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=FILE, dir=self._file.parent)
            try:
                with os.fdopen(handle, "w", encoding="utf8") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(self._file)
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise StudykitError(f"cannot write {self._file}: {error.strerror}") from error


def _key(root: Path) -> str:
    return str(root.resolve())


def _code_files(root: Path) -> dict[str, Path]:
    """Return every deck and snippet below `root` by relative name; links are followed, as when they run."""
    found = {}
    for folder, endings in (("decks", (".yaml", ".yml")), ("snippets", (".py",))):
        for path in _walk(root / folder, MAX_DEPTH, frozenset()):
            if path.name.endswith(endings) and path.name not in NO_CODE:
                found[path.relative_to(root).as_posix()] = path
    return found


def _walk(folder: Path, depth: int, above: frozenset[tuple[int, int]]) -> Iterator[Path]:
    try:
        status = folder.stat()
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    here = (status.st_dev, status.st_ino)
    if here in above or depth == 0:
        return
    for entry in entries:
        with contextlib.suppress(OSError):
            if entry.is_dir():
                yield from _walk(Path(entry.path), depth - 1, above | {here})
            elif entry.is_file():
                yield Path(entry.path)


def _same(path: Path, mark: object) -> bool:
    """Tell whether a file has the content that `mark` stands for."""
    if not isinstance(mark, dict):
        return False
    try:
        looks = _looks(path.stat())
        settled = isinstance(mark.get("hashed"), int) and mark["hashed"] - max(looks[1:3]) > RACY_NS
        if settled and mark.get("looks") == looks:
            return True
        return bool(mark.get("sha256") == _hash(path))
    except OSError:
        return False


def _mark(path: Path) -> dict[str, Any]:
    looks = _looks(path.stat())  # before reading: a change in between shows
    return {"sha256": _hash(path), "looks": looks, "hashed": time.time_ns()}


def _looks(status: os.stat_result) -> list[int]:
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_dev]


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise OSError(f"{path.name} is larger than {MAX_FILE:,} bytes")
    return hashlib.sha256(data).hexdigest()


def _hashes(roots: Mapping[str, Mapping[str, Any]]) -> set[str]:
    marks = (mark for of_root in roots.values() for mark in of_root.values() if isinstance(mark, dict))
    return {str(mark.get("sha256")) for mark in marks}


def _functions(path: Path) -> Iterable[str]:
    try:
        return functions_of(path.read_text("utf8"))
    except (SnippetError, UnicodeDecodeError) as error:
        return (f"(cannot be read: {error})",)


def _cards(path: Path) -> Iterable[str]:
    from studykit.library.deck import read_deck

    deck = read_deck(path).deck
    kinds = ("predict", "compute", "implement", "repair")
    return [f"{card.id}: {card.kind}" for card in deck.cards if card.kind in kinds] if deck else []
