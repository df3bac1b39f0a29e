"""Files that appear whole or not at all: written under another name beside their place, then moved there."""

import secrets
from contextlib import suppress
from pathlib import Path

from studykit.errors import StudykitError

_STALE_SECONDS = 3600
_SIDECARS = ("-journal", "-wal", "-shm")


def draft_beside(target: Path) -> Path:
    """Return a new empty file in the folder of `target`, which is made if it is missing."""
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.touch(exist_ok=False)
    except OSError as error:
        raise StudykitError(
            f"{target}: cannot be written here ({error.strerror}). "
            "Make the folder writable, or set STUDYKIT_HOME to a folder that is"
        ) from error
    _clear_stale(draft)
    return draft


def discard(draft: Path) -> None:
    """Remove a draft, if it was not moved to its place, and what SQLite put beside it."""
    draft.unlink(missing_ok=True)
    discard_sidecars(draft)


def discard_sidecars(path: Path) -> None:
    """Remove what SQLite puts beside a database."""
    for suffix in _SIDECARS:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _clear_stale(draft: Path) -> None:
    """Remove drafts whose writer was killed; the new draft's own time tells which are old."""
    limit = draft.stat().st_mtime - _STALE_SECONDS
    for other in draft.parent.glob(".studykit*.????????.partial*"):
        with suppress(OSError):
            if other.stat().st_mtime < limit:
                other.unlink()
