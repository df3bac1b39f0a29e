"""A deck file as `studykit author` changes it: what was written by hand stays, byte for byte.

What is to change is a value (`Changes`); `applied` makes it to the text, reads the result again, and believes
it only if it holds exactly what was asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from studykit.authoring.candidates import Candidate
from studykit.errors import StudykitError
from studykit.library.cards import Authored, Card, Deck, fields_set
from studykit.library.deck import Problem, parse_deck
from studykit.library.rules import GAP
from studykit.library.yaml_edit import YamlText
from studykit.library.yaml_write import WIDTH, Rows, block, item

SCHEMA_LINE = "# yaml-language-server: $schema=../deck.schema.json\n"
_KEPT = "\n# Kept by `studykit author`, so that it can tell your edits from its drafts. Leave it as it is.\n"

_CARDS: tuple[str | int, ...] = ("cards",)

Place = tuple[str, ...]
"""A field of a card: `("front",)`, or `("front", "en")` of a text in several languages."""


@dataclass(frozen=True, slots=True)
class Insertion:
    """A card to put in."""

    card: Mapping[str, object]
    after: str | None
    """The id of the card before it; None: at the beginning."""


@dataclass(slots=True)
class Changes:
    """What is to change in a deck."""

    fields: dict[str, dict[Place, object]] = field(default_factory=dict)
    """By card: what its fields are to be; None: nothing at all."""

    cards: list[Insertion] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)
    """Cards to take out, though not all."""

    head: dict[str, object] = field(default_factory=dict)
    """Fields of the deck itself."""

    authored: dict[str, Authored] = field(default_factory=dict)
    """All of it."""


@dataclass(frozen=True, slots=True)
class Applied:
    """The deck as changed, and what is wrong with it then."""

    text: str
    deck: Deck | None
    problems: tuple[Problem, ...] = ()
    faulty: Mapping[str, str] = field(default_factory=dict)
    """The cards that the problems are about, each with a message."""


def created(head: Mapping[str, object], changes: Changes, path: str) -> Applied:
    """Return a new deck."""
    text = SCHEMA_LINE + "".join(f"{name}:{block(value, 0)}\n" for name, value in head.items())
    text += "cards:\n" + "\n".join(item(_written(one.card), 2, 4) for one in changes.cards)
    text += f"{_KEPT}authored:{block(_rows(changes.authored), 0)}\n"
    text += "".join(f"{name}:{block(value, 0)}\n" for name, value in changes.head.items())
    return _read(text, path)


def applied(text: str, deck: Deck, changes: Changes, path: str) -> Applied:
    """Return `text`, which holds `deck`, with `changes` made. Raises StudykitError if they cannot be made."""
    try:
        result = _changed(text, deck, changes)
    except (ValueError, KeyError, StopIteration) as error:
        raise StudykitError(f"{path}: this deck cannot be changed in place ({error})") from error
    found = _read(result, path)
    in_cards = bool(found.faulty)
    if (found.problems and not in_cards) or (not found.problems and found.deck != _expected(deck, changes)):
        raise StudykitError(
            f"{path}: this deck is written in a way that cannot be changed in place. "
            "Anchors and aliases are; write the texts out"
        )
    return found


def _read(text: str, path: str) -> Applied:
    parsed = parse_deck(text, path)
    starts = sorted((at[0], name[6:]) for name, at in parsed.positions.items() if _is_card(name))
    faulty: dict[str, str] = {}
    for problem in parsed.problems:
        above = [name for line, name in starts if line <= problem.line]
        if above:
            faulty.setdefault(above[-1], problem.message)
    return Applied(text, parsed.deck, parsed.problems, faulty)


def _is_card(name: str) -> bool:
    return name.startswith("cards.") and name.count(".") == 1


def _changed(text: str, deck: Deck, changes: Changes) -> str:
    yaml = YamlText(text)
    order = [card.id for card in deck.cards]
    for number, card in enumerate(deck.cards):
        if card.id in changes.removed:
            continue
        for place, value in changes.fields.get(card.id, {}).items():
            at = (*_CARDS, number, *place)
            if value is None:
                yaml.delete(at)
            else:
                yaml.set(at, _pretty(value))
    yaml.remove(_CARDS, [number for number, name in enumerate(order) if name in changes.removed])
    for one in changes.cards:
        yaml.insert(("cards",), -1 if one.after is None else order.index(one.after), _written(one.card))
    if changes.authored != deck.authored:
        yaml.set(("authored",), _rows(changes.authored), _KEPT)
    for name, value in changes.head.items():
        yaml.set((name,), value)
    return yaml.result()


def _expected(deck: Deck, changes: Changes) -> Deck | None:
    """Return the deck that the changed text must hold."""
    inserted: dict[str | None, list[Mapping[str, object]]] = {}
    for one in changes.cards:
        inserted.setdefault(one.after, []).append(_written(one.card))
    cards = list(inserted.get(None, ()))
    for card in deck.cards:
        fields = {name: plain_value(value) for name, value in fields_set(card)}
        for place, value in changes.fields.get(card.id, {}).items():
            _put(fields, place, value)
        cards += [*([] if card.id in changes.removed else [fields]), *inserted.get(card.id, ())]
    plain = "\n".join(item(card, 0, 2) for card in cards)
    parsed = parse_deck(f"title: t\ncards:\n{plain}", "").deck
    head: dict[str, Any] = changes.head
    return parsed and replace(deck, cards=parsed.cards, authored=changes.authored, **head)


def _put(fields: dict[str, Any], place: Place, value: object) -> None:
    *above, last = place
    for step in above:
        fields = fields[step]
    if value is None:
        fields.pop(last, None)
    else:
        fields[last] = _pretty(value)


def plain_value(value: object) -> Any:
    """Return what a field of a card says as plain data, as it is written."""
    match value:
        case Mapping():
            return {name: plain_value(part) for name, part in value.items()}
        case tuple() | list():
            return [plain_value(part) for part in value]
        case None | str() | int() | float():
            return value
    slots: tuple[str, ...] = getattr(value, "__slots__", ())
    return {name: plain_value(part) for name in slots if (part := getattr(value, name)) is not None}


def _written(card: Mapping[str, object]) -> dict[str, object]:
    return {name: _pretty(value) for name, value in card.items()}


def _pretty(value: object) -> object:
    """Return `value` so that it is written as people would write it: long texts end with their line."""
    match value:
        case str():
            text = value.rstrip()
            return f"{text}\n" if "\n" in text or len(text) > WIDTH else text
        case Mapping():
            return {name: _pretty(part) for name, part in value.items()}
        case tuple() | list():
            return [part.rstrip() if isinstance(part, str) else _pretty(part) for part in value]
    return value


def _rows(authored: Mapping[str, Authored]) -> Rows:
    return Rows({name: _row(entry) for name, entry in authored.items()})


def _row(entry: Authored) -> dict[str, object]:
    row: dict[str, object] = {"kind": entry.kind, "rule": entry.rule, "key": entry.key, "quote": entry.quote}
    row |= {
        "section": entry.section,
        "lines": entry.lines and list(entry.lines),
        "fields": dict(entry.fields),
    }
    row |= {"offered": dict(entry.offered), "gone": entry.gone}
    return {name: value for name, value in row.items() if name in ("kind", "quote") or value}


def own(card: Card, name: str, language: str) -> tuple[Place, object]:
    """Return where a field of the article's language stands in a card, and what it says; None: nothing."""
    value = getattr(card, name, None)
    if name in ("front", "text", "back", "hint") and isinstance(value, dict) and language in value:
        return (name, language), value[language]
    return (name,), None if value in ((), {}) else value


def faces(card: Card, candidate: Candidate, language: str) -> tuple[str, str]:
    """Return what a card asks, and what is to be known, as scripts see it.

    Of a cloze: the text with its gap as `[…]`, and the hidden text. Of code: the program, and what it prints.
    """
    asked = str(own(card, "text" if card.kind == "cloze" else "front", language)[1] or "")
    match card.kind:
        case "cloze":
            hidden = ", ".join(gap.group(1) for gap in GAP.finditer(asked))
            return GAP.sub(lambda gap: f"[{gap.group(2) or '…'}]", asked), hidden
        case "basic":
            return asked, str(own(card, "back", language)[1] or "")
        case "predict":
            return f"{asked.rstrip()}\n\n{own(card, 'code', language)[1]}", candidate.answer
    return asked, candidate.answer
