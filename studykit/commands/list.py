"""`studykit list`: the decks and how far the learner is."""

import argparse
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from studykit.study import Counts, Study

EXAMPLE = "studykit list transformer"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `list` takes."""
    add_decks(parser)
    add_at(parser)
    add_json(parser)


COLUMNS = ("deck", "cards", "learned", "due", "new", "drill", "title")


def run(arguments: argparse.Namespace) -> int:
    """Print one line per deck, in the order in which they are studied."""
    study, at = open_study(arguments)
    with study:
        counts = study.counts(at)
        rows = [_row(study, deck, counts[deck]) for deck in study.library.decks_matching(arguments.decks)]
        say_problems(study.library)
    if arguments.json:
        print_json([dict(zip(COLUMNS, row, strict=True)) for row in rows])
    elif rows:
        print_table(rows, COLUMNS)
    else:
        print("No decks here. Put them in ./decks, or name a folder that holds decks/ in STUDYKIT_LIBRARY.")
    return 0


def _row(study: "Study", deck: str, count: "Counts") -> tuple[object, ...]:
    title = text_in(study.library.decks()[deck].title, study.settings.language)
    return (deck, count.total, count.learned, count.due, count.new, count.drill, title)
