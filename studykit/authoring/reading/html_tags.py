"""What HTML says: which tags are marks, which stand inside text, which hide what is in them."""

import re

from studykit.authoring.blocks import Mark

TAG = re.compile(r"<(/?)([A-Za-z][\w-]*)")
ALT = re.compile(r"""\balt\s*=\s*(["'])(.*?)\1""", re.DOTALL | re.IGNORECASE)
LANGUAGE = re.compile(r"\b(?:language-|lang-|highlight-source-|brush:\s*|lang(?:uage)?=[\"']?)([\w+#-]+)")

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

INLINE_TAGS = frozenset(MARKS_OF_TAGS) | {
    *(
        "a",
        "abbr",
        "big",
        "br",
        "cite",
        "del",
        "font",
        "img",
        "ins",
        "q",
        "s",
        "small",
        "span",
        "strike",
        "sub",
    ),
    *("sup", "tt", "u", "var", "wbr"),
}

HIDDEN_TAGS = frozenset(
    (
        *(
            "audio",
            "button",
            "caption",
            "figcaption",
            "head",
            "iframe",
            "noscript",
            "object",
            "script",
            "select",
        ),
        *("style", "svg", "template", "title", "video"),
    )
)
