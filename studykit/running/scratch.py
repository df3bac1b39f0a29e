"""Scratch folders: made for one run, measured while it lasts, removed whatever was left in them.

What is in one was made by foreign code. Links are never followed, and nothing here is recursive: a tree of
thousands of levels, which has no path that a system call would take, is measured and removed all the same.
"""

import contextlib
import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

MAX_BYTES = 64 * 2**20
MAX_FILES = 2_000
MAX_DEPTH = 40

_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)

_HIDING = {errno.EACCES, errno.ENAMETOOLONG} if os.name == "posix" else set()
"""How a folder looks from outside that foreign code has hidden; on Windows, also one being deleted."""


@dataclass(frozen=True, slots=True)
class Size:
    """What a scratch folder holds, counted no further than the limits."""

    bytes: int = 0
    files: int = 0
    depth: int = 0
    hidden: bool = False
    """Whether there is something that cannot be seen: closed to its owner, or too deep for a path."""

    @property
    def excess(self) -> str:
        """Say which limit is passed, or nothing."""
        if self.hidden:
            return "folders that cannot be listed"
        if self.bytes > MAX_BYTES:
            return f"more than {MAX_BYTES // 2**20} MB of files"
        if self.files > MAX_FILES:
            return f"more than {MAX_FILES:,} files"
        if self.depth > MAX_DEPTH:
            return f"folders nested more than {MAX_DEPTH} deep"
        return ""


def create(inside: Path | None = None) -> Path:
    """Make an empty folder that only we may enter."""
    return Path(tempfile.mkdtemp(prefix="studykit-", dir=inside))


def measure(folder: Path) -> Size:
    """Count what is in the folder, stopping as soon as it is too much. It may change meanwhile."""
    taken = files = deepest = 0
    way: list[_Folder] = []
    try:
        with contextlib.suppress(FileNotFoundError):
            way.append(_Folder(os.fspath(folder), None))
        while way:
            entry = next(way[-1].entries, None)
            if entry is None:
                way.pop().close()
                continue
            files += 1
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):  # gone, or another by now
                taken += _room(entry.stat(follow_symlinks=False))
                if entry.is_dir(follow_symlinks=False):
                    way.append(_Folder(entry.name, way[-1]))
            deepest = max(deepest, len(way) - 1)
            if (size := Size(taken, files, deepest)).excess:
                return size
    except OSError as error:
        return Size(taken, files, deepest, hidden=error.errno in _HIDING)
    finally:
        for one in way:
            one.close()
    return Size(taken, files, deepest)


def _room(status: os.stat_result) -> int:
    # Blocks, not length: a file of holes takes no room, and a tiny one takes a block. Windows does not say.
    return status.st_blocks * 512 if hasattr(status, "st_blocks") else status.st_size


class _Folder:
    """A folder on the way down, held open: renaming the ones above it does not lead astray."""

    def __init__(self, name: str, inside: "_Folder | None") -> None:
        self.path: str = os.path.join(inside.path, name) if inside else name  # noqa: PTH118 - on the way of every run
        self.descriptor = -1
        if os.scandir in os.supports_fd:
            within = inside.descriptor if inside else None
            self.descriptor = os.open(name, _FOLDER, dir_fd=within)
        try:
            self.entries = os.scandir(self.path if self.descriptor < 0 else self.descriptor)
        except OSError:
            self._let_go()
            raise

    def close(self) -> None:
        self.entries.close()
        self._let_go()

    def _let_go(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)


def remove(folder: Path) -> None:
    """Remove the folder and all in it; nothing may be running in it any more."""
    try:
        descriptor = os.open(folder, _FOLDER)
    except OSError:
        return
    try:
        _empty(descriptor)
    finally:
        os.close(descriptor)
    with contextlib.suppress(OSError):
        folder.rmdir()


def _empty(top: int) -> None:
    """Flatten while deleting: a folder's folders are moved to the top, until there are none left."""
    fresh = (f".flat-{number}" for number in count())
    while folders := [name for name in os.listdir(top) if not _unlink(name, top)]:
        removed = [_flatten(name, top, fresh) for name in folders]
        if not any(removed):
            return


def _flatten(name: str, top: int, fresh: Iterator[str]) -> bool:
    try:
        os.chmod(name, stat.S_IRWXU, dir_fd=top)
        inner = os.open(name, _FOLDER, dir_fd=top)
        try:
            for entry in os.listdir(inner):  # noqa: PTH208 - a descriptor has no path
                if not _unlink(entry, inner):
                    os.chmod(entry, stat.S_IRWXU, dir_fd=inner)
                    os.rename(entry, next(fresh), src_dir_fd=inner, dst_dir_fd=top)
        finally:
            os.close(inner)
        os.rmdir(name, dir_fd=top)
    except OSError:
        return False
    return True


def _unlink(name: str, folder: int) -> bool:
    """Delete what is no folder; say whether it was."""
    try:
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        if stat.S_ISDIR(mode):
            return False
        os.unlink(name, dir_fd=folder)
    except OSError:
        return True
    return True
