"""The faces of a card as plain text: the same rendering as on the screen, without colours and drawn lines."""

from collections.abc import Sequence

from studykit.tui.text.blocks import Block, Rule

_UNWRAPPED = 1_000_000
_CODE_WIDTH = 100


def text_of(blocks: Sequence[Block], width: int = 0) -> str:
    """Return blocks as text; paragraphs are one line each where `width` is 0."""
    parts: list[str] = []
    for block in blocks:
        if isinstance(block, Rule):
            continue
        room = width or (_CODE_WIDTH if block.scrolls else _UNWRAPPED)
        if block.gap and parts:
            parts.append("")
        parts.extend(line.plain.rstrip() for line in block.lines(room))
    return "\n".join(parts).strip("\n")
