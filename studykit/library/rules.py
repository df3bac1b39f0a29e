"""What a deck must hold beyond its types: each rule is a function that yields (field, rule, message)."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from typing import TypeAlias

from studykit.library.cards import (
    Basic,
    Card,
    Choice,
    Cloze,
    Deck,
    Implement,
    Predict,
    Repair,
    Typed,
    texts_of,
)
from studykit.library.names import CARD_ID, DECK_ID, ID
from studykit.wording import closest

Position = tuple[int, int]
Finding: TypeAlias = tuple[str, str, str]
"""The field (dotted), the rule, the message."""

GAP = re.compile(r"\{\{(.+?)(?:::(.+?))?\}\}(?!\})", re.DOTALL)
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def deck_rules(deck: Deck, positions: Mapping[str, Position]) -> Iterator[tuple[Position, str, str]]:
    """Yield (position, rule, message) for everything that is wrong with `deck`."""
    for field, rule, message in _deck(deck):
        yield positions.get(field, (1, 1)), rule, message
    known = {card.id for card in deck.cards}
    for card in deck.cards:
        place = f"cards.{card.id}"
        for check in CARD_RULES:
            for field, rule, message in check(card):
                yield _position(positions, f"{place}.{field}" if field else place), rule, message
        for field, rule, message in _references(card, known):
            yield _position(positions, f"{place}.{field}"), rule, message


def _position(positions: Mapping[str, Position], place: str) -> Position:
    while place not in positions and "." in place:
        place = place.rpartition(".")[0]
    return positions.get(place, (1, 1))


def _deck(deck: Deck) -> Iterator[Finding]:
    if _blank(deck.title):
        yield "title", "empty", "give the deck a title"
    if deck.article is not None and not _plain_name(deck.article, ".md"):
        yield "article", "path", "name a Markdown file beside the deck, like rope.md, without folders"
    for needed in deck.requires:
        if not DECK_ID.fullmatch(needed):
            yield "requires", "deck-id", f"`{needed}` is no deck; write track/topic"
    for name in deck.authored:
        if not ID.fullmatch(name):
            yield "authored", "card-id", f"`{name}` is no id; `studykit author` keeps this part by itself"


def _plain_name(name: str, suffix: str) -> bool:
    return name.endswith(suffix) and not re.search(r"[/\\:\x00-\x1f]", name) and not name.startswith(".")


def _identity(card: Card) -> Iterator[Finding]:
    if not ID.fullmatch(card.id):
        yield "id", "card-id", f"`{card.id}` is no id: use lower-case letters, digits and _, at most 64"
    for old in card.was:
        if not (ID.fullmatch(old) or CARD_ID.fullmatch(old)):
            yield "was", "card-id", f"`{old}` was never an id: write old_id or track/topic/old_id"
        elif old == card.id:
            yield "was", "card-id", f"`{old}` is the card's present id"


def _references(card: Card, known: set[str]) -> Iterator[Finding]:
    for needed in card.requires:
        if needed == card.id:
            yield "requires", "requires-itself", "a card cannot come after itself"
        elif "/" in needed:
            if not CARD_ID.fullmatch(needed):
                yield (
                    "requires",
                    "card-id",
                    f"`{needed}` is no card; write an id of this deck or track/topic/id",
                )
        elif needed not in known:
            meant = closest(needed, sorted(known))
            hint = f" (did you mean `{meant}`?)" if meant else ""
            yield "requires", "unknown-card", f"this deck has no card `{needed}`{hint}"
    for old in card.was:
        if old in known and old != card.id:
            yield "was", "taken-id", f"`{old}` is the id of another card of this deck"


def _texts(card: Card) -> Iterator[Finding]:
    for field, text in texts_of(card):
        if CONTROLS.search(text):
            yield (
                field,
                "control-character",
                "holds control characters, which would reach the terminal: remove them",
            )
    for field in ("front", "text", "back", "hint"):
        value = getattr(card, field, None)
        if value is not None and _blank(value):
            yield field, "empty", f"write a `{field}`, or leave it out"


def _blank(text: object) -> bool:
    values = list(text.values()) if isinstance(text, dict) else [text]
    return not values or any(not str(value).strip() for value in values)


def _basic(card: Card) -> Iterator[Finding]:
    if isinstance(card, Basic) and card.back is None:
        yield "", "no-answer", "a basic card needs a `back`: its answer"


def _cloze(card: Card) -> Iterator[Finding]:
    if not isinstance(card, Cloze):
        return
    for text in card.text.values() if isinstance(card.text, dict) else [card.text]:
        gaps = list(GAP.finditer(text))
        if not gaps:
            yield "text", "no-gap", "mark at least one gap: {{hidden}} or {{hidden::what is asked}}"
        rest = GAP.sub("", text)
        if "{{" in rest and re.search(r"\{\{(?![^{}]*\}[^}])", rest) and rest.count("{{") > rest.count("}}"):
            yield "text", "open-gap", "a gap that begins with {{ must end with }}"
        if any(not gap.group(1).strip() for gap in gaps):
            yield "text", "empty-gap", "a gap must hide something"


def _choice(card: Card) -> Iterator[Finding]:
    if not isinstance(card, Choice):
        return
    if not card.right:
        yield "right", "no-right", "name at least one right option"
    if not card.wrong:
        yield "wrong", "no-wrong", "name at least one wrong option"
    options = [str(option).strip() for option in (*card.right, *card.wrong)]
    for option in dict.fromkeys(options):
        if options.count(option) > 1:
            yield "wrong", "same-option", f"the option {option!r} stands there twice"
    if any(_blank(option) for option in (*card.right, *card.wrong)):
        yield "wrong", "empty", "an option is empty"


def _typed(card: Card) -> Iterator[Finding]:
    if isinstance(card, Typed) and (not card.accept or any(not answer.strip() for answer in card.accept)):
        yield "accept", "no-answer", "name at least one answer, and none that is empty"


def _names(card: Card) -> Iterator[Finding]:
    for field in ("function", "draw", "snippet"):
        name = getattr(card, field, None)
        if name is not None and not (name.isidentifier() and name.isascii()):
            yield field, "name", f"`{name}` is no Python name (no folders, no `.py`)"


def _code(card: Card) -> Iterator[Finding]:
    for field, source in _sources(card):
        try:
            compile(source, field, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            line = getattr(error, "lineno", None)
            yield field, "python-syntax", f"line {line or '?'}: {getattr(error, 'msg', None) or error}"


def _sources(card: Card) -> Iterator[tuple[str, str]]:
    match card:
        case Predict():
            yield "code", card.code
        case Implement() | Repair():
            for name in ("wrong", "also_right"):
                yield from ((f"{name}.{key}", source) for key, source in getattr(card, name).items())
            if isinstance(card, Repair):
                yield "broken", card.broken


def _revised(card: Card) -> Iterator[Finding]:
    if card.revision < 1:
        yield "revision", "revision", f"{card.revision}: revisions are counted from 1"
    known = [one.name for one in fields(card)]
    for name in card.proposed:
        if name not in known:
            meant = closest(name, known)
            hint = f" (did you mean `{meant}`?)" if meant else ""
            yield f"proposed.{name}", "unknown-key", f"kind {card.kind} has no `{name}`{hint}"


def _bounds(card: Card) -> Iterator[Finding]:
    tolerance = getattr(card, "tolerance", None)
    if tolerance is not None:
        for value in (tolerance.rtol, tolerance.atol):
            if value is not None and not 0 <= value < 1e9:
                yield "tolerance", "tolerance", f"{value} is no tolerance: it is a small number, 0 or more"
    limits = getattr(card, "limits", None)
    if limits is not None:
        if limits.seconds is not None and not 0 < limits.seconds <= 30:
            yield "limits", "limits", "`seconds` is from 0 to 30"
        if limits.memory_mb is not None and not 0 < limits.memory_mb <= 4096:
            yield "limits", "limits", "`memory_mb` is from 1 to 4096"
    lines = card.source.lines if card.source is not None else None
    if lines is not None and not 1 <= lines[0] <= lines[1]:
        yield "source", "lines", f"{list(lines)}: write [first, last], counted from 1"


CARD_RULES: tuple[Callable[[Card], Iterator[Finding]], ...] = (
    _identity,
    _texts,
    _basic,
    _cloze,
    _choice,
    _typed,
    _names,
    _code,
    _bounds,
    _revised,
)
