"""What HTML inside Markdown says: its tags are never shown, its text is."""

import re

from studykit.authoring.blocks import Mark

TAG = re.compile(r"<(/?)([A-Za-z][\w-]*)")
ALT = re.compile(r"""\balt\s*=\s*(["'])(.*?)\1""", re.DOTALL | re.IGNORECASE)
MARKS_OF_TAGS = {
    "b": Mark.STRONG,
    "strong": Mark.STRONG,
    "i": Mark.EMPHASIS,
    "em": Mark.EMPHASIS,
    "dfn": Mark.EMPHASIS,
    "code": Mark.CODE,
    "kbd": Mark.CODE,
    "tt": Mark.CODE,
    "samp": Mark.CODE,
    "mark": Mark.HIGHLIGHT,
}
