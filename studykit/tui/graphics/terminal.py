"""What the terminal can show, told by its environment: a question sent to it would delay the first card."""

import os
from collections.abc import Mapping
from functools import lru_cache
from importlib.util import find_spec
from typing import Literal, NamedTuple

Protocol = Literal["kitty", "sixel", ""]

SETTING = "STUDYKIT_PICTURES"
"""`kitty`, `sixel` or `none`, for terminals that are not known here, or known wrongly."""

_NEEDED = ("textual_image", "ziamath", "resvg_py", "PIL")
_KITTY_PROGRAMS = frozenset(("ghostty", "kitty"))
_SIXEL_PROGRAMS = frozenset(("wezterm", "iterm.app", "mintty", "rio", "contour"))
_SIXEL_TERMS = ("foot", "mlterm", "contour", "yaft")
_KONSOLE = 220_400
"""The version from which Konsole knows sixel."""

_USUAL = (10, 20)


class Cell(NamedTuple):
    """The size of a character in pixels."""

    width: int
    height: int


def protocol(environment: Mapping[str, str] | None = None) -> Protocol:
    """Return how the terminal takes pictures; `""` if it does not, or is not known to."""
    known = os.environ if environment is None else environment
    match known.get(SETTING, "").lower():
        case "kitty":
            return "kitty"
        case "sixel":
            return "sixel"
        case "":
            return _guessed(known)
    return ""


def _guessed(known: Mapping[str, str]) -> Protocol:
    term, program = known.get("TERM", "").lower(), known.get("TERM_PROGRAM", "").lower()
    if known.get("TMUX") or known.get("STY") or term.startswith(("tmux", "screen", "dumb", "linux")):
        return ""  # a multiplexer does not hand pictures on
    if "kitty" in term or "ghostty" in term or known.get("KITTY_WINDOW_ID") or program in _KITTY_PROGRAMS:
        return "kitty"
    konsole = known.get("KONSOLE_VERSION", "")
    if konsole.isdecimal() and int(konsole) >= _KONSOLE:
        return "sixel"
    return "sixel" if program in _SIXEL_PROGRAMS or term.startswith(_SIXEL_TERMS) else ""


@lru_cache(maxsize=1)
def is_installed() -> bool:
    """Tell whether what draws is there."""
    return all(find_spec(name) is not None for name in _NEEDED)


@lru_cache(maxsize=1)
def cell() -> Cell:
    """Return the size of a character: as the terminal's driver says, or a usual one."""
    try:
        import fcntl
        import struct
        import termios

        for stream in (2, 1, 0):
            try:
                answer = fcntl.ioctl(stream, termios.TIOCGWINSZ, b"\0" * 8)
            except OSError:
                continue
            rows, columns, width, height = struct.unpack("HHHH", answer)
            if rows and columns and width >= columns and height >= rows:
                return Cell(width // columns, height // rows)
    except ImportError:  # Windows
        pass
    return Cell(*_USUAL)
