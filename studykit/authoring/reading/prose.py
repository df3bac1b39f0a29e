"""Which language prose is written in."""

import re

_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_WORDS = re.compile(r"[A-Za-z]+")
_ENOUGH = 40_000


def language_of_prose(text: str) -> str:
    """Return `zh` or `en`. A Chinese article is full of English terms, not the other way round."""
    text = text[:_ENOUGH]
    han = len(_HAN.findall(text))
    return "zh" if han > 0 and han >= 0.6 * len(_WORDS.findall(text)) else "en"
