"""Cards as plain data and back: what the compiled cache holds."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from studykit.library.cards import CLASSES, Card, Limits, Source, Tolerance, fields_set


def to_plain(card: Card) -> dict[str, Any]:
    """Return the fields of `card` that are set, as JSON can hold them."""
    whole = asdict(card)
    return {name: whole[name] for name, _ in fields_set(card)}


def from_plain(data: Mapping[str, Any]) -> Card:
    """Return the card that `to_plain` wrote. Raises KeyError, TypeError or ValueError for anything else."""
    kind = CLASSES[data["kind"]]
    card: Card = kind(
        **{name: _value(name, value) for name, value in data.items() if name in _NAMES[data["kind"]]}
    )
    return card


_NAMES = {name: frozenset(one.name for one in fields(kind)) for name, kind in CLASSES.items()}


def _value(name: str, value: Any) -> Any:
    match name, value:
        case "source", dict():
            lines = value.get("lines")
            return Source(**{**value, "lines": None if lines is None else (lines[0], lines[1])})
        case "proposed", dict():
            return {key: tuple(one) if isinstance(one, list) else one for key, one in value.items()}
        case "tolerance", dict():
            return Tolerance(**value)
        case "limits", dict():
            return Limits(**value)
        case _, list():
            return tuple(value)
    return value
