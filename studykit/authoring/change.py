"""Whether an answer has changed so much that who knew the old one must be asked again."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping

from studykit.authoring.likeness import similarity

SAME = 0.85

_NUMBERS = re.compile(
    r"\d+(?:\.\d+)?|\b(?:two|three|four|five|six|seven|eight|nine|ten|half|twice|double)\b|[两三四五六七八九十百千万亿]"
)
_TURNS = re.compile(
    r"\b(?:not|no|never|cannot|without|more|less|greater|fewer|smaller|larger|higher|lower|before|after|increases?"
    r"|decreases?|grows?|shrinks?|maximum|minimum|always)\b|n't\b"
    r"|不(?!过|仅|但|断)|没有|未|无法|并非|大于|小于|高于|低于|增加|减少|增大|减小|提高|降低"
)
"""Words that turn a sentence into another one though hardly a letter changes."""

_MATHS = re.compile(r"\$\$?(.+?)\$\$?", re.DOTALL)
_SIGNS = re.compile(
    r"[-+*/=<>^_±]|\\(?:le|ge|leq|geq|neq|ne|times|cdot|pm|approx|sum|prod|min|max|log|exp)(?![a-zA-Z])"
)
_GAP = re.compile(r"\{\{(.+?)(?:::(.+?))?\}\}(?!\})", re.DOTALL)

_ANSWERS = {
    "basic": ("back",),
    "typed": ("accept",),
    "choice": ("right",),
    "predict": ("code",),
    "compute": ("function",),
    "implement": ("function",),
    "repair": ("broken",),
}


def answer_of(kind: str, fields: Mapping[str, object]) -> str:
    """Return what the learner must know, as the fields of a card say it."""
    if kind == "cloze":
        return "\n".join(gap.group(1) for text in _texts(fields.get("text")) for gap in _GAP.finditer(text))
    return "\n".join(text for name in _ANSWERS.get(kind, ()) for text in _texts(fields.get(name)))


def is_material(old: str, new: str) -> bool:
    """Tell whether `new` is another answer than `old`, and not the same one put better."""
    if old.strip() == new.strip():
        return False
    one, other = _folded(old), _folded(new)
    return (
        similarity(_letters(one), _letters(other)) < SAME
        or any(Counter(found.findall(one)) != Counter(found.findall(other)) for found in (_NUMBERS, _TURNS))
        or _signs(one) != _signs(other)
    )


def _signs(text: str) -> Counter[str]:
    return Counter(sign for formula in _MATHS.findall(text) for sign in _SIGNS.findall(formula))


def _letters(text: str) -> tuple[str, ...]:
    return tuple(letter for letter in text if not letter.isspace())


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            yield from (text for text in value.values() if isinstance(text, str))
        case tuple() | list():
            for part in value:
                yield from _texts(part)
