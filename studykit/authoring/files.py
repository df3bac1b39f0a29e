"""Files that appear as wholes or not at all, several together."""

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from studykit.errors import StudykitError
from studykit.wording import shown


def read_or_none(path: Path) -> bytes | None:
    """Return what a file holds; None if there is none. Raises StudykitError if it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StudykitError(f"{shown(path)} cannot be read: {error.strerror}") from error


def write_all(files: Mapping[Path, bytes], seen: Mapping[Path, bytes | None]) -> None:
    """Write all files: each is complete beside its place before the first one is put there.

    Raises StudykitError if that fails, or if a file is no longer as it was `seen`.
    """
    drafts: list[tuple[Path, Path]] = []
    try:
        for path, data in files.items():
            drafts.append((_draft(path, data), _target(path)))
        for path, before in seen.items():
            if path in files and read_or_none(path) != before:
                raise StudykitError(
                    f"{shown(path)} was changed while its article was read; nothing was written. Run it again"
                )
        for draft, path in drafts:
            draft.replace(path)
    except OSError as error:
        name = shown(Path(error.filename)) if error.filename else "the deck"
        raise StudykitError(f"{name} cannot be written: {error.strerror}") from error
    finally:
        for draft, _ in drafts:
            with suppress(OSError):
                draft.unlink(missing_ok=True)


def _target(path: Path) -> Path:
    # Of a link, what it leads to is replaced, and the link stays.
    return path.resolve() if path.is_symlink() else path


def _draft(path: Path, data: bytes) -> Path:
    """Write `data` beside the place of `path`, with the rights of the file that is there."""
    target = _target(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(_rights(target))
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    return draft


def _rights(target: Path) -> int:
    try:
        return target.stat().st_mode & 0o777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
