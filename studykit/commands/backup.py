"""`studykit backup`: a copy of the learner's data."""

import argparse
from pathlib import Path

from studykit.commands._shared import add_json, open_study, print_json
from studykit.wording import printable

EXAMPLE = "studykit backup ~/studykit-backup.db"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `backup` takes."""
    parser.add_argument(
        "file", nargs="?", type=Path, metavar="FILE", help="where to; the backups folder when left out"
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the copy and say where it is."""
    study, at = open_study(arguments)
    with study:
        written = study.backup(at, arguments.file)
    if arguments.json:
        print_json({"file": str(written)})
    else:
        print(printable(f"Saved {written}"))
    return 0
