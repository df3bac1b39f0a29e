"""Deck text is data: nothing in it may drive the terminal or hide what it says."""

import re

_CONTROLS = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # C0 and C1 controls: escape sequences begin with one
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional controls: they reorder what is read
    "\ud800-\udfff\U000e0000-\U000e007f"  # lone surrogates; tag characters, which are invisible text
)
_UNSAFE = re.compile(f"[{_CONTROLS}\ue000-\ue00f]")  # with the private characters that mark gaps
_DECODED = re.compile(f"[{_CONTROLS}]")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060-\u2064\ufeff]")
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029]")
_CONTROL_PICTURES = 0x2400
_DELETE = 0x7F


def clean(text: str) -> str:
    """Return `text` with control characters made visible and line ends made plain; tabs and newlines stay."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(_shown, _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text)))


def clean_decoded(text: str) -> str:
    """Return clean `text` again without controls, which an entity such as `&#8238;` may have decoded to."""
    return text if text.isascii() and text.isprintable() else _DECODED.sub(_shown, text)


def clean_line(text: str) -> str:
    """Return `text` cleaned and on one line, for titles and lists."""
    return " ".join(clean(text).split())


def _shown(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < ord(" "):
        return chr(_CONTROL_PICTURES + code)
    if code == _DELETE:
        return "\u2421"
    return f"\u27e8U+{code:04X}\u27e9"
