"""The JSON Schema that editors use is made from the model, and the file beside the decks is that schema."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from studykit.library.cards import CLASSES, Deck
from studykit.library.deck import json_schema

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return json_schema()


def test_the_file_beside_the_decks_is_the_schema_of_the_model(schema: dict[str, Any]) -> None:
    assert json.loads((ROOT / "decks" / "deck.schema.json").read_text(encoding="utf8")) == schema


def test_every_shipped_deck_names_it_in_its_first_line() -> None:
    decks = [path for path in (ROOT / "decks").glob("*/*.yaml") if path.name != "_track.yaml"]
    assert len(decks) >= 4
    for path in decks:
        first = path.read_text(encoding="utf8").splitlines()[0]
        assert first == "# yaml-language-server: $schema=../deck.schema.json", path


@pytest.mark.parametrize(("kind", "name"), [(kind, one.__name__) for kind, one in CLASSES.items()])
def test_each_kind_has_its_fields_and_no_others(schema: dict[str, Any], kind: str, name: str) -> None:
    definition = schema["$defs"][name]
    assert definition["additionalProperties"] is False
    assert set(definition["properties"]) == {one.name for one in fields(CLASSES[kind])}
    assert {"id", "kind"} <= set(definition["required"])
    assert definition["properties"]["kind"]["const"] == kind
    assert all("description" in part for part in definition["properties"].values())


def test_the_kind_of_a_card_chooses_its_definition(schema: dict[str, Any]) -> None:
    branches = schema["properties"]["cards"]["items"]["allOf"]
    chosen = {one["if"]["properties"]["kind"]["const"]: one["then"]["$ref"] for one in branches}
    assert chosen == {kind: f"#/$defs/{one.__name__}" for kind, one in CLASSES.items()}
    assert set(schema["properties"]) == {one.name for one in fields(Deck)}
    assert schema["additionalProperties"] is False
