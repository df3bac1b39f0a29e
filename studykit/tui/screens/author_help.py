"""Every key of the drafts, in words."""

from textual.content import Content

from studykit.tui.text.blocks import Block, Flow
from studykit.tui.text.palette import HEADING, KEY

_WIDTH = 15
KEYS = (
    ("k, enter", "keep the card and go on; one that is retired stays in use"),
    ("d", "drop it and go on: a card dropped is not drafted again"),
    ("e", "edit its texts; E or ctrl+e: the whole card in your editor"),
    ("s", "alike, but another card: the old one retires, the article's is new; again: the same card"),
    ("t", "take the article's words in place of yours"),
    ("n, p", "the next, the one before; home and end: the first, the last"),
    ("u", "undo the last decision"),
    ("r", "what was left out, and why; there k makes a card of it"),
    ("a", "also cards that are as they were, or only what has changed"),
    ("tab", "both panes, the card alone, the article alone"),
    ("up, down, space", "scroll the card; ctrl+up and ctrl+down the article"),
    ("left, right", "scroll wide code"),
    ("w", "say what would be written, and write it; until then nothing is"),
    ("q", "leave without writing anything"),
)


def blocks() -> list[Block]:
    """Return the list."""
    rest = Content(" " * (_WIDTH + 2))
    rows = [
        Flow(Content(what), Content.styled(f"  {key:<{_WIDTH}}", KEY), rest, gap=False) for key, what in KEYS
    ]
    return [Flow(Content.styled("Keys", HEADING)), *rows]
