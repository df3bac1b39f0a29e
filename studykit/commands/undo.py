"""`studykit undo`: take back the last step."""

import argparse

from studykit.commands._shared import add_json, open_study, print_json
from studykit.wording import printable

EXAMPLE = "studykit undo"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `undo` takes."""
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Undo the last answer, bury, suspension or flag."""
    study, at = open_study(arguments)
    with study:
        undone = study.undo(at)
    if arguments.json:
        print_json(
            None
            if undone is None
            else {"card": undone.card, "undone": str(undone.role), "cards": undone.count}
        )
    elif undone is None:
        print("There is nothing to undo.")
    else:
        others = f" and {undone.count - 1} other cards" if undone.count > 1 else ""
        what = undone.role if undone.grade is None else f"grade {int(undone.grade)}"
        print(printable(f"Took back: {what} of {undone.card}{others}"))
    return 0
