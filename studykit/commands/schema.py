"""`studykit schema`: the JSON Schema of decks, for editors."""

import argparse

from studykit.commands._shared import print_json

EXAMPLE = "studykit schema > decks/deck.schema.json"


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """`schema` takes nothing."""


def run(_arguments: argparse.Namespace) -> int:
    """Print the schema."""
    from studykit.library.deck import json_schema

    print_json(json_schema())
    return 0
