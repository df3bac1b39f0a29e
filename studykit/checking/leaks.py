"""Does a card give its own answer away? What is hidden must not stand in what is shown."""

import re
import unicodedata
from collections.abc import Iterator

from studykit.library.cards import Card, Choice, Cloze, Text, Typed
from studykit.library.rules import GAP

SHORTEST = 4
"""A shorter answer (`no`, `2`, `dim`) may well stand in a question by chance."""


def leaks(card: Card) -> Iterator[tuple[str, str]]:
    """Yield (field, message) for each place where `card` shows its answer before it is given."""
    match card:
        case Typed(front=front, accept=accept):
            for answer in accept:
                yield from _shown(answer, {"front": front, "hint": card.hint})
        case Choice(front=front, right=right, wrong=wrong):
            # A question that names every option gives none away.
            if not any(_holds(front, option) for one in wrong for option in _texts(one)):
                for option in (option for one in right for option in _texts(one)):
                    yield from _shown(option, {"front": front, "hint": card.hint})
        case Cloze(text=text):
            for language in _texts(text):
                rest = GAP.sub(" ", language)
                for gap in GAP.finditer(language):
                    yield from _shown(gap[1], {"text": rest, "hint": card.hint})
        case _:
            return


def _shown(answer: str, fields: dict[str, Text | None]) -> Iterator[tuple[str, str]]:
    for name, text in fields.items():
        if text is not None and _holds(text, answer):
            yield name, f"the answer stands in it: {answer.strip()}"


def _holds(text: Text, answer: str) -> bool:
    wanted = _plain(answer)
    if len(wanted) < SHORTEST:
        return False
    edge_before, edge_after = (r"\b" if re.match(r"\w", end) else "" for end in (wanted[0], wanted[-1]))
    pattern = re.compile(edge_before + re.escape(wanted) + edge_after)
    return any(pattern.search(_plain(one)) for one in _texts(text))


def _texts(text: Text) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text.values())


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("`", "").split())
