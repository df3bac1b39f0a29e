"""The JSON Schema of decks, for editors: made from the classes of `studykit.library.cards`."""

import ast
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter

from studykit.library import cards


def build(classes: Mapping[str, type]) -> dict[str, object]:
    """Return the schema of a deck whose cards are `classes`, by kind."""
    notes = dict(_field_notes())
    whole = TypeAdapter(cards.Deck).json_schema()
    definitions: dict[str, Any] = whole.pop("$defs", {})
    for name, definition in [*definitions.items(), ("Deck", whole)]:
        for key, part in definition.get("properties", {}).items():
            note = notes.get((name, key)) or notes.get(("_Coding", key)) or notes.get(("_Card", key))
            if note:
                part["description"] = note
            if isinstance(part.get("default"), list | dict) and not part["default"]:
                del part["default"]
    for kind, one in classes.items():
        definition = definitions[one.__name__]
        definition["properties"]["kind"] = {"const": kind, "description": inspect.getdoc(one)}
        definition["required"] = sorted({*definition["required"], "kind"})
    whole["properties"]["cards"]["items"] = {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"enum": list(classes)}},
        "allOf": [
            {"if": {"properties": {"kind": {"const": kind}}}, "then": {"$ref": f"#/$defs/{one.__name__}"}}
            for kind, one in classes.items()
        ],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "studykit deck",
        **{key: value for key, value in whole.items() if key != "title"},
        "$defs": definitions,
    }


def _field_notes() -> Iterator[tuple[tuple[str, str], str]]:
    """Yield ((class, field), the text below the field) of the model's source."""
    for node in ast.parse(inspect.getsource(cards)).body:
        if isinstance(node, ast.ClassDef):
            for field, note in zip(node.body, node.body[1:], strict=False):
                match field, note:
                    case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(
                        value=ast.Constant(value=str(text))
                    ):
                        yield (node.name, name), inspect.cleandoc(text)
