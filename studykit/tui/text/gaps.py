"""The gaps of a cloze text: hidden while asking, marked in place afterwards.

Gaps are found before Markdown is read and marked with private characters, so that a gap may hold a formula,
emphasis or a piece of code; the marks become a style once the text is laid out.
"""

from collections.abc import Callable
from typing import Literal

from textual.content import EMPTY_CONTENT, Content

from studykit.library.gaps import Gap, split
from studykit.tui.text.palette import GAP

GAP_OPEN, GAP_CLOSE, BRACKET_OPEN, BRACKET_CLOSE = "\ue000", "\ue001", "\ue002", "\ue003"
_MARKS = frozenset((GAP_OPEN, GAP_CLOSE, BRACKET_OPEN, BRACKET_CLOSE))


def with_gaps(text: str, gaps: Literal["hidden", "shown"]) -> str:
    """Return `text` with each gap marked: as `[…]` or `[what is asked]`, or with what it hides."""
    if gaps == "shown":
        return _replaced(text, lambda gap: gap.hidden)
    return _replaced(text, lambda gap: f"{BRACKET_OPEN}{gap.asked or '…'}{BRACKET_CLOSE}")


def _replaced(text: str, shown: Callable[[Gap], str]) -> str:
    return "".join(
        f"{GAP_OPEN}{shown(part)}{GAP_CLOSE}" if isinstance(part, Gap) else part for part in split(text)
    )


def styled_gaps(content: Content) -> Content:
    """Return `content` with the private marks replaced by a style."""
    if not _MARKS.intersection(content.plain):
        return content
    parts: list[Content] = []
    inside = False
    at = 0
    for i, character in enumerate(content.plain):
        if character in _MARKS:
            part = content[at:i]
            parts.append(part.stylize(GAP) if inside else part)
            parts.append(_bracket(character, inside=inside))
            inside = character == GAP_OPEN or (inside and character != GAP_CLOSE)
            at = i + 1
    rest = content[at:]
    return EMPTY_CONTENT.join([*parts, rest.stylize(GAP) if inside else rest])


def _bracket(mark: str, *, inside: bool) -> Content:
    text = {BRACKET_OPEN: "[", BRACKET_CLOSE: "]"}.get(mark, "")
    return Content.styled(text, GAP) if inside else Content(text)
