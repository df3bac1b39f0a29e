"""Readable ids for new cards: `rope`, `scaled_dot_product`, `rope_formula`, and at worst `definition_3`.

An id is minted once and then stays, so it only has to be good, not the same again. It is made of what the
card is about. A Chinese term gives its translation in brackets, or the Latin words in it; Greek letters are
spelt out.
"""

import re
import unicodedata
from collections.abc import Collection

from studykit.library.names import ID

_LONGEST = 40
_BRACKETS = re.compile(r"[(\[]([^()\[\]]+)[)\]]")
_COMMAND = re.compile(
    r"\\(?:mathrm|mathbf|mathbb|mathcal|mathit|mathsf|boldsymbol|bm|text|textbf|operatorname|left|right|big|Big|bigl"
    r"|bigr|frac|dfrac|tfrac|langle|rangle|quad|qquad|displaystyle|limits|cdot)(?![A-Za-z])"
)
_LINKS = frozenset({"and", "or", "to", "in", "on", "for", "by", "with", "as", "at", "from", "than", "that"})
_FILLERS = frozenset({"a", "an", "the", "of", "is", "are", "what", "why"})


def new_id(name: str, rule: str, taken: Collection[str]) -> str:
    """Return an id that is not `taken`, for a card about `name` that `rule` found."""
    what = rule.removesuffix("s") if len(rule) > 4 else rule
    word = slug(name)
    if word and word not in taken:
        return word
    stem = f"{word}_{what}" if word and not f"_{word}_".endswith(f"_{what}_") else word or what
    if word and stem not in taken:
        return stem
    return next(
        found for number in range(2 if word else 1, 10**6) if (found := f"{stem}_{number}") not in taken
    )


def slug(name: str) -> str:
    """Return `name` in letters that an id may have; empty if there are none in it."""
    name = _COMMAND.sub(" ", unicodedata.normalize("NFKC", name))
    chinese = any("\u3400" <= letter <= "\u9fff" for letter in name)
    if chinese and (translation := next((w for b in _BRACKETS.findall(name) if (w := _words(b))), "")):
        return translation
    return _words(name)


def _words(text: str) -> str:
    words = re.findall(r"[a-z0-9]+", "".join(map(_latin, text)).casefold())
    told = [word for word in words if word not in _FILLERS] or words
    found = ""
    for word in told:
        longer = f"{found}_{word}" if found else word
        if found and len(longer) > _LONGEST:
            break
        found = longer[:_LONGEST]
    while (last := found.rpartition("_"))[0] and last[2] in _LINKS:
        found = last[0]
    # A lone letter or number says nothing: `x`, `3`.
    return found if len(found) > 1 and not found.isdigit() and ID.fullmatch(found) else ""


def _latin(letter: str) -> str:
    if letter.isascii():
        return letter
    if (name := unicodedata.name(letter, "")).startswith("GREEK"):
        return f" {name.rpartition('LETTER ')[2].partition(' ')[0]} "
    bare = unicodedata.normalize("NFKD", letter)[0]
    return bare if bare.isascii() else " "
