"""`studykit due`: today's queue, for scripts and the curious."""

import argparse

from studykit.commands._shared import add_at, add_decks, add_json, open_study, print_json, print_table
from studykit.wording import CHANGED

EXAMPLE = "studykit due python --json --at 2026-03-01"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `due` takes."""
    add_decks(parser)
    add_at(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the queue."""
    study, at = open_study(arguments)
    with study:
        queue = study.session(at, arguments.decks).queue
        kinds = {item.card: study.library.entries()[item.card].kind for item in queue}
    if arguments.json:
        print_json(
            [
                {
                    "card": item.card,
                    "deck": item.deck,
                    "kind": kinds[item.card],
                    "state": str(item.state),
                    "due": item.due.isoformat(),
                    **({"changed": True} if item.changed else {}),
                }
                for item in queue
            ]
        )
    elif queue:
        rows = [
            (item.state, item.due, kinds[item.card], item.card, CHANGED if item.changed else "")
            for item in queue
        ]
        print_table(rows, ("state", "due", "kind", "card", ""))
    else:
        print("Nothing is due.")
    return 0
