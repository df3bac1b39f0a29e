"""Copies of the files that were approved, so that a change can be shown and not only noticed.

Each lies in the data folder under its own SHA-256; what no approval names any more is removed.
"""

import contextlib
import difflib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

FOLDER = "approved"
MAX_LINES = 10_000


class Copies:
    """What approved files contained, by hash."""

    def __init__(self, home: Path) -> None:
        self.folder = home / FOLDER

    def keep(self, path: Path, sha256: str) -> None:
        """Keep a copy of a file, if it still has that content. Raises OSError if that cannot be written."""
        target = self.folder / sha256
        if target.exists():
            return
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != sha256:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".new-", dir=self.folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).replace(target)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise

    def forget_all_but(self, hashes: set[str]) -> None:
        """Remove the copies that no approval names."""
        with contextlib.suppress(FileNotFoundError):
            for copy in self.folder.iterdir():
                if copy.name not in hashes:
                    copy.unlink(missing_ok=True)

    def changes(self, sha256: str, path: Path) -> Iterator[str]:
        """Yield the lines of a unified diff from the approved content to that of `path` now."""
        try:
            before = (self.folder / sha256).read_bytes()
            after = path.read_bytes()
        except OSError:
            yield "(the approved version is not at hand: read the whole file)"
            return
        old, new = (data.decode("utf8", "replace").splitlines() for data in (before, after))
        if max(len(old), len(new)) > MAX_LINES:  # comparing takes the square of that
            yield "(too long to be compared: read the whole file)"
            return
        yield from difflib.unified_diff(old, new, "approved", "now", lineterm="")
