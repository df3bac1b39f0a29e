"""One card as the text that its author edits, and what an edit changes."""

import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

from studykit.authoring.deck_file import Place, own, plain_value
from studykit.errors import StudykitError
from studykit.library.cards import Card, fields_set
from studykit.library.deck import parse_deck
from studykit.library.yaml_write import block, flow

_FIRST = ("id", "kind", "front", "text", "code", "right", "wrong", "accept", "function", "back", "hint")
_LINES_ABOVE = 3


def text_of(card: Card) -> str:
    """Return a card as it may stand in its deck."""
    return written({name: plain_value(value) for name, value in fields_set(card)})


def written(fields: Mapping[str, object]) -> str:
    """Return the fields of a card, in the order in which people write them."""
    order = [*(name for name in _FIRST if name in fields), *(name for name in fields if name not in _FIRST)]
    return "".join(f"{name}:{block(fields[name], 0)}\n" for name in order)


def read_card(text: str, others: Iterable[str] = ()) -> Card:
    """Return the card that `text` says, beside `others` in its deck. Raises StudykitError if it is none."""
    deck = f"title: deck\ncards:\n  -\n{textwrap.indent(text, '    ')}\n"
    deck += "".join(f"  - {{id: {flow(other)}, kind: basic, front: x, back: x}}\n" for other in others)
    parsed = parse_deck(deck, "card")
    if parsed.problems:
        raise StudykitError(
            "\n".join(f"line {one.line - _LINES_ABOVE}: {one.message}" for one in parsed.problems)
        )
    if parsed.deck is None or not parsed.deck.cards:
        raise StudykitError("this is no card")
    return parsed.deck.cards[0]


def differences(old: Card, new: Card) -> dict[Place, object]:
    """Return what an edit changes, as places in the card; None: nothing stands there any more."""
    before = {name: plain_value(value) for name, value in fields_set(old)}
    after = {name: plain_value(value) for name, value in fields_set(new)}
    places: dict[Place, object] = {}
    for name in dict.fromkeys((*before, *after)):
        one, other = before.get(name), after.get(name)
        if one == other:
            continue
        if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
            places |= {(name, part): other[part] for part in one if one[part] != other[part]}
        else:
            places[name,] = other
    return places


def texts_to_edit(card: Card, language: str) -> dict[str, str]:
    """Return the texts of a card that are edited as such, by field; an empty one may be filled."""
    texts: dict[str, str] = {}
    for name in ("front", "text", "code", "broken", "back", "hint"):
        if not hasattr(card, name):
            continue
        value = own(card, name, language)[1]
        if isinstance(value, dict):  # in other languages only
            continue
        texts[name] = str(value or "").rstrip()
    return texts


def edited_texts(card: Card, language: str, texts: Mapping[str, str], others: Iterable[str] = ()) -> Card:
    """Return `card` with other texts. Raises StudykitError if that is no valid card."""
    fields = {name: plain_value(value) for name, value in fields_set(card)}
    before = texts_to_edit(card, language)
    for name, text in texts.items():
        if text.rstrip() != before[name]:
            _put(fields, own(card, name, language)[0], text.rstrip())
    return read_card(written(fields), others)


def with_proposals(card: Card, language: str) -> Card:
    """Return `card` with the article's words in place of the author's."""
    fields = {name: plain_value(value) for name, value in fields_set(card) if name != "proposed"}
    for name, value in card.proposed.items():
        _put(fields, own(card, name, language)[0], plain_value(value))
    return read_card(written(fields), [one for one in card.requires if "/" not in one])


def _put(fields: dict[str, Any], place: Place, value: object) -> None:
    *above, last = place
    for step in above:
        fields = fields[step]
    if value == "" and not above:
        fields.pop(last, None)
    else:
        fields[last] = value
