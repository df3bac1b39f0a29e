"""`studykit review`: the terminal program."""

import argparse
import gc
import sys

from studykit.commands._shared import add_decks, open_study
from studykit.errors import StudykitError

EXAMPLE = "studykit review transformer/rope"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `review` takes."""
    add_decks(parser)


def run(arguments: argparse.Namespace) -> int:
    """Open the review; every answer is saved when it is given."""
    # Textual draws on stderr.
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise StudykitError(
            "`studykit review` needs a terminal. For scripts there are `studykit due` and `studykit answer`."
        )
    # Nothing that is made at the start is garbage: looking for it takes a tenth of the time until the first
    # card is on screen. The program switches the collector on again.
    gc.disable()
    from studykit.tui.app import StudyApp

    study, _ = open_study(arguments)
    with study:
        app = StudyApp(study, study.library.decks_matching(arguments.decks))
        app.run()
    return app.return_code or 0
