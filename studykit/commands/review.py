"""`studykit review`: the terminal program."""

import argparse
import gc
import os
import sys

from studykit.commands._shared import add_decks, open_study
from studykit.errors import StudykitError

EXAMPLE = "studykit review transformer/rope"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `review` takes."""
    add_decks(parser)
    parser.add_argument(
        "--plain",
        action="store_true",
        help="ask in lines on stdin and stdout: for screen readers, pipes and simple terminals "
        "(also what TERM=dumb gets)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Open the review; every answer is saved when it is given."""
    if arguments.plain:
        return _plain(arguments)
    # Textual draws on stderr.
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise StudykitError(
            "`studykit review` needs a terminal. Without one there is `studykit review --plain`; "
            "for scripts there are `studykit due` and `studykit answer`."
        )
    if os.environ.get("TERM") == "dumb":
        return _plain(arguments)
    # Nothing that is made at the start is garbage: looking for it takes a tenth of the time until the first
    # card is on screen. The program switches the collector on again.
    gc.disable()
    from studykit.tui.app import StudyApp

    study, _ = open_study(arguments)
    with study:
        app = StudyApp(study, study.library.decks_matching(arguments.decks))
        app.run()
    return app.return_code or 0


def _plain(arguments: argparse.Namespace) -> int:
    """Review in lines."""
    import io
    import random
    import shutil
    from datetime import datetime

    from studykit.plain.console import Console
    from studykit.plain.review import PlainReview
    from studykit.tui.sitting import Sitting

    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    study, _ = open_study(arguments)
    with study:
        decks = study.library.decks_matching(arguments.decks)
        sitting = Sitting(study, decks if arguments.decks else (), lambda: datetime.now().astimezone())
        width = shutil.get_terminal_size().columns - 1 if sys.stdout.isatty() else 0
        review = PlainReview(
            study, sitting, Console(sys.stdin, sys.stdout, width), lambda: random.randrange(2**31)
        )
        try:
            review.run()
        except KeyboardInterrupt:
            print("\nEnded. Every answer is saved.")
        except BrokenPipeError:  # whoever read has gone; what was answered is saved
            sys.stdout = io.StringIO()
    return 0
