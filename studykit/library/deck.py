"""A deck file as a value: YAML in, `Deck` out, and everything that is wrong with it, each with its place.

The model is `studykit.library.cards`; pydantic validates against those very classes, a card against the class
of its kind, so that the messages are about what the author wrote. What types cannot say is in
`studykit.library.rules`.
"""

import gc
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from studykit.library.cards import CLASSES, KINDS, Card, Deck
from studykit.wording import closest

MAX_BYTES = 16_000_000
_UNTITLED = "(no title)"
Position = tuple[int, int]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong with the content, and where."""

    path: str
    line: int
    column: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.rule}: {self.message}"


@dataclass(frozen=True, slots=True)
class ParsedDeck:
    """What could be made of a deck file."""

    deck: Deck | None
    """With the valid cards only; None if there is nothing usable."""

    problems: tuple[Problem, ...]
    positions: Mapping[str, Position]
    """Where things stand: `title`, `cards.<id>`, `cards.<id>.front`, `cards.<id>.wrong.<name>`."""


def parse_deck(text: str | bytes, path: str) -> ParsedDeck:
    """Parse the text of a deck; `path` is how problems name it."""
    from studykit.library.yaml_source import load

    try:
        text = _decoded(text)
    except UnicodeError as error:
        return _nothing(path, "encoding", f"not UTF-8 text: {error}")
    if "\0" in text:
        return _nothing(path, "binary", "this is no text")
    with _without_garbage_collection():
        loaded = load(text)
        problems = [Problem(path, *fault.position, fault.rule, fault.message) for fault in loaded.faults]
        parser = _Parser(path, loaded.keys, loaded.values)
        deck = parser.deck(loaded.data) if loaded.data is not None or not problems else None
        return ParsedDeck(deck, tuple(sorted({*problems, *parser.problems})), parser.positions)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Leave the collector out while very many objects are made that stay: it takes two thirds of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def read_deck(path: Path, shown_as: str | None = None) -> ParsedDeck:
    """Read a deck file; one that cannot be read is a problem, not an error."""
    shown = shown_as or str(path)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return _nothing(shown, "unreadable", "not a file")
        if status.st_size > MAX_BYTES:
            return _nothing(shown, "too-large", f"{status.st_size:,} bytes; a deck has at most {MAX_BYTES:,}")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        return _nothing(shown, "unreadable", f"cannot be read: {error.strerror}")
    return parse_deck(data, shown)


def _decoded(text: str | bytes) -> str:
    if isinstance(text, bytes):
        text = text.decode("utf-8-sig")
    else:
        text.encode("utf8")
    return text.removeprefix("\ufeff")


def _nothing(path: str, rule: str, message: str) -> ParsedDeck:
    return ParsedDeck(None, (Problem(path, 1, 1, rule, message),), {})


@cache
def _adapter(kind: type) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind))


class _Parser:
    """Builds the deck and collects what is wrong on the way."""

    def __init__(
        self,
        path: str,
        keys: Mapping[tuple[str | int, ...], Position],
        values: Mapping[tuple[str | int, ...], Position],
    ) -> None:
        self.path = path
        self.keys = keys
        self.values = values
        self.problems: list[Problem] = []
        self.positions: dict[str, Position] = {}

    def deck(self, data: Any) -> Deck | None:
        from studykit.library.rules import deck_rules

        if not isinstance(data, dict):
            self._problem((), "type", "a deck is a mapping with `title` and `cards`")
            return None
        for name in _names(Deck):
            if (name,) in self.keys:
                self.positions[name] = self.keys[(name,)]
        listed = data.get("cards")
        cards: list[Card] = []
        if not isinstance(listed, list) or not listed:
            self._problem(
                ("cards",), "missing" if listed is None else "type", "write `cards:` as a list of cards"
            )
        else:
            cards = [card for index, one in enumerate(listed) if (card := self._card(index, one)) is not None]
        deck = replace(self._head(data), cards=tuple(self._unique(cards)))
        for position, rule, message in deck_rules(deck, self.positions):
            self.problems.append(Problem(self.path, *position, rule, message))
        return deck

    def _head(self, data: Mapping[str, Any]) -> Deck:
        """Return the deck without its cards; what is wrong in its head is left out."""
        head = {**data, "cards": []}
        deck: Deck | None = self._validated(Deck, head, (), "a deck")
        if deck is None:
            sound = {name: value for name, value in head.items() if name not in self._wrong_keys(head)}
            deck = _adapter(Deck).validate_python({"title": _UNTITLED, **sound})
        return deck

    def _wrong_keys(self, head: Mapping[str, Any]) -> set[str]:
        from pydantic import ValidationError

        try:
            _adapter(Deck).validate_python(head)
        except ValidationError as error:
            return {str(one["loc"][0]) for one in error.errors(include_url=False)}
        return set()

    def _card(self, index: int, data: Any) -> Card | None:
        at = ("cards", index)
        if not isinstance(data, dict):
            self._problem(at, "type", "a card is a mapping with `id`, `kind` and more")
            return None
        kind = data.get("kind")
        if kind not in CLASSES:
            where = (*at, "kind")
            if kind is None:
                self._problem(at, "missing", f"say which `kind` this card is: {', '.join(KINDS)}")
            else:
                self._problem(where, "kind", f"there is no kind {kind!r}{_meant(str(kind), KINDS)}")
            return None
        if isinstance(data.get("id"), str):
            self._place(data["id"], data, at)
        card: Card | None = self._validated(CLASSES[kind], data, at, f"kind {kind}")
        return card

    def _validated(self, kind: type, data: Mapping[str, Any], at: tuple[str | int, ...], what: str) -> Any:
        from pydantic import ValidationError

        try:
            return _adapter(kind).validate_python(dict(data))
        except ValidationError as error:
            for one in _first_of_each_place(error.errors(include_url=False)):
                self._report(kind, one, at, what)
            return None

    def _report(self, kind: type, error: Any, at: tuple[str | int, ...], what: str) -> None:
        location = error["loc"]
        name = str(location[-1])
        place = at
        for part in location:
            # pydantic names the branch of a union (`str`, `dict[str,str]`) as a step that no file has.
            if (*place, part) in self.values:
                place = (*place, part)
        match error["type"]:
            case "unexpected_keyword_argument":
                self._problem(place, "unknown-key", _unknown(kind, name, what), key=True)
            case "missing":
                self._problem(place, "missing", f"{what} needs `{name}`")
            case _:
                self._problem(place, "type", _explained(error))

    def _unique(self, cards: Iterable[Card]) -> Iterable[Card]:
        seen: set[str] = set()
        for card in cards:
            if card.id not in seen:
                seen.add(card.id)
                yield card

    def _place(self, card: str, data: Mapping[str, Any], at: tuple[str | int, ...]) -> None:
        """Note where the card and its fields stand."""
        place = f"cards.{card}"
        if place in self.positions:
            self._problem((*at, "id"), "duplicate-id", f"the id `{card}` is taken; choose another")
            return
        self.positions[place] = self.values[at]
        for name, value in data.items():
            self.positions[f"{place}.{name}"] = self.keys[(*at, name)]
            if isinstance(value, dict):
                self.positions |= {f"{place}.{name}.{part}": self.keys[(*at, name, part)] for part in value}

    def _problem(self, at: tuple[str | int, ...], rule: str, message: str, *, key: bool = False) -> None:
        position = self.keys.get(at) if key else self.values.get(at)
        while position is None:
            position = self.values.get(at, (1, 1) if not at else None)
            at = at[:-1]
        self.problems.append(Problem(self.path, *position, rule, message))


def _first_of_each_place(errors: Iterable[Any]) -> Iterator[Any]:
    """Yield one error per value: of a union, the first branch says enough."""
    seen = set()
    for error in errors:
        place = (id(error["input"]), error["loc"][0] if error["loc"] else None)
        if error["type"] in ("missing", "unexpected_keyword_argument") or place not in seen:
            seen.add(place)
            yield error


def _unknown(kind: type, name: str, what: str) -> str:
    """Say that there is no such key: a misspelt one of this kind, or one of another kind."""
    own = _names(kind)
    others = [other for other, one in CLASSES.items() if name in {field.name for field in fields(one)}]
    if others and not closest(name, own) and kind is not Deck:
        return f"`{name}` belongs to kind {' and '.join(others)}; this card is of {what}"
    return f"{what} has no `{name}`{_meant(name, own)}"


def _meant(name: str, known: Sequence[str]) -> str:
    meant = closest(name, known)
    return f" (did you mean `{meant}`?)" if meant else f"; there are {', '.join(known)}"


_WANTED = {
    "string_type": "text",
    "dict_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "dataclass_type": "a mapping",
}


def _explained(error: Any) -> str:
    value = error["input"]
    wanted = _WANTED.get(error["type"], "")
    if wanted == "text" and isinstance(value, bool | int | float):
        return f"this is {value!r}, not text: put it in quotes"
    if error["type"] == "too_long":
        return f"expected at most {error['ctx']['max_length']} entries, found {error['ctx']['actual_length']}"
    if wanted:
        return f"expected {wanted}, found {_described(value)}"
    return str(error["msg"])


def _described(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case str():
            return "text"
        case _:
            return repr(value)


def json_schema() -> dict[str, object]:
    """Return the JSON Schema of a deck file, from the same classes, with their field notes."""
    from studykit.library.schema import build

    return build(CLASSES)
