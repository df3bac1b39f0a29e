"""What every room's messages need: text that drives no terminal, what was meant, paths as people see them."""

import re
from collections.abc import Collection
from pathlib import Path

CHANGED = "the article changed"
"""Said of a card whose answer is not the one that the learner knows."""

_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb\ud800-\udfff]"
)
_MANY = 3_000


def printable(text: str) -> str:
    """Return `text` without what could steer a terminal or turn the reading direction; \\n and \\t stay."""
    return _UNPRINTABLE.sub("\ufffd", text.replace("\r\n", "\n"))


def closest(name: str, known: Collection[str]) -> str | None:
    """Return the one of `known` that `name` was probably meant to be."""
    import difflib

    # Of very many names, only those with the same beginning are looked at: difflib is slow.
    near = known if len(known) < _MANY else [one for one in known if one[:8] == name[:8]]
    return next(iter(difflib.get_close_matches(name, list(near), n=1)), None)


def counted(number: int, thing: str) -> str:
    """Return `number` with `thing`, in the plural where there are several: 1 day, 2 days."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def shown(path: Path) -> str:
    """Return `path` as people see it: relative to the current folder where it lies below."""
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)
