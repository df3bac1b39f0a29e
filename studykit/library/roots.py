"""Where decks are looked for."""

import os
from collections.abc import Sequence
from pathlib import Path

from studykit.library.entries import Root


def builtin_root() -> Root:
    """Return the library that comes with the program: inside the package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    packed = package / "builtin"
    return Root(packed if packed.is_dir() else package.parent, "builtin")


def default_roots(home: Path, folder: Path) -> tuple[Root, ...]:
    """Return where decks are looked for: built in, in `folder`, in the data folder, on STUDYKIT_LIBRARY."""
    named = [Path(part) for part in os.environ.get("STUDYKIT_LIBRARY", "").split(os.pathsep) if part]
    roots = [
        builtin_root(),
        Root(folder, "folder"),
        Root(home, "home"),
        *(Root(path.expanduser(), "extra") for path in named),
    ]
    present = [root for root in roots if root.origin == "extra" or (root.path / "decks").is_dir()]
    return distinct(present)


def distinct(roots: Sequence[Root]) -> tuple[Root, ...]:
    """Return the roots, each folder once, as absolute paths."""
    found: dict[Path, Root] = {}
    for root in roots:
        resolved = root.path.resolve()
        found.setdefault(resolved, Root(resolved, root.origin))
    return tuple(found.values())
