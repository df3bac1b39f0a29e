"""Which decks and snippets a check is about: paths, as a person or a commit hook names them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from studykit.errors import StudykitError

TOP_FOLDERS = ("decks", "snippets")


@dataclass(frozen=True, slots=True)
class Selection:
    """A library root and what of it is asked for."""

    root: Path
    """A folder that holds `decks/` and `snippets/`."""

    track: str | None = None
    """Only this track."""

    topic: str | None = None
    """Only this topic of the track."""

    def holds(self, deck_id: str) -> bool:
        """Whether the deck `track/topic` is asked for."""
        track, _, topic = deck_id.partition("/")
        return self.track in (None, track) and self.topic in (None, topic)


def select(paths: Sequence[str], default: Path) -> tuple[Selection, ...]:
    """Return what `paths` name: roots, `decks` folders, tracks, decks, articles or snippets.

    Without paths it is `default`. Raises StudykitError for a path that is not there or belongs to no library.
    """
    if not paths:
        return (Selection(default),)
    return tuple(dict.fromkeys(_select(Path(path)) for path in paths))


def _select(path: Path) -> Selection:
    if not path.exists():
        raise StudykitError(f"there is no {path}. Name a deck, a snippet, or a folder that holds decks/.")
    where = path.resolve()
    if where.is_dir() and any((where / name).is_dir() for name in TOP_FOLDERS):
        return Selection(where)
    for parent in (where, *where.parents):
        if parent.name in TOP_FOLDERS and not parent.is_file():
            return _inside(parent, where.relative_to(parent).parts)
    raise StudykitError(
        f"{path} is in no library. A library is a folder that holds decks/<track>/<topic>.yaml and "
        "snippets/<track>/<topic>.py."
    )


def _inside(top: Path, parts: tuple[str, ...]) -> Selection:
    """Return the selection of `parts` below a `decks` or `snippets` folder."""
    match parts:
        case ():
            return Selection(top.parent)
        case (name,) if (top / name).is_file():
            return Selection(top.parent)
        case (track,):
            return Selection(top.parent, track)
        case (track, "_track.yaml"):
            return Selection(top.parent, track)
    track, name = parts[:2]
    return Selection(top.parent, track, _topic(top.parent, track, Path(name).stem))


def _topic(root: Path, track: str, stem: str) -> str:
    """Return the topic that a file belongs to: `rope_triton.py` belongs to `rope`."""
    candidates = [stem[:end] for end in range(len(stem), 0, -1) if end == len(stem) or stem[end] == "_"]
    for candidate in candidates:
        if (root / "decks" / track / f"{candidate}.yaml").exists():
            return candidate
    return stem
