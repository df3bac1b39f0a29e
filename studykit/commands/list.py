"""`studykit list`: the decks and how far the learner is."""

import argparse

from studykit.commands._shared import (
    add_at,
    add_decks,
    add_json,
    open_study,
    print_json,
    print_table,
    say_problems,
)
from studykit.library.cards import text_in

EXAMPLE = "studykit list transformer"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `list` takes."""
    add_decks(parser)
    add_at(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print one line per deck, in the order in which they are studied."""
    study, at = open_study(arguments)
    with study:
        counts = study.counts(at)
        chosen = study.library.decks_matching(arguments.decks)
        titles = {
            deck: text_in(study.library.decks()[deck].title, study.settings.language) for deck in chosen
        }
        say_problems(study.library)
    if arguments.json:
        print_json(
            [
                {
                    "deck": deck,
                    "title": titles[deck],
                    "cards": counts[deck].total,
                    "learned": counts[deck].learned,
                    "due": counts[deck].due,
                    "new": counts[deck].new,
                    "drill": counts[deck].drill,
                }
                for deck in chosen
            ]
        )
        return 0
    rows = [
        (
            deck,
            counts[deck].total,
            counts[deck].learned,
            counts[deck].due,
            counts[deck].new,
            counts[deck].drill,
            titles[deck],
        )
        for deck in chosen
    ]
    if rows:
        print_table(rows, ("deck", "cards", "learned", "due", "new", "drill", "title"))
    else:
        print("No decks here. Put them in ./decks, or name a folder that holds decks/ in STUDYKIT_LIBRARY.")
    return 0
