"""`studykit trust`: let the code of a library run here."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from studykit.commands._shared import add_json, print_json
from studykit.errors import StudykitError
from studykit.wording import printable

if TYPE_CHECKING:
    from studykit.running.trust import Pending

EXAMPLE = "studykit trust ~/decks-of-a-friend"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `trust` takes."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="a folder that holds decks/ and snippets/")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--revoke", action="store_true", help="let it run no more")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Show what would run, ask, and write the approval down; any change of a file asks again."""
    from studykit import config
    from studykit.library.entries import Root
    from studykit.running.trust import Trust

    folder = arguments.folder.expanduser().resolve()
    if not any((folder / name).is_dir() for name in ("decks", "snippets")):
        raise StudykitError(f"{arguments.folder} is no library: it holds neither decks/ nor snippets/")
    trust, root = Trust(config.home()), Root(folder, "extra")
    if arguments.revoke:
        trust.revoke(root)
        _say(arguments, folder, "revoked", 0)
        return 0
    pending = trust.pending(root)
    if not arguments.json:
        _show(pending)
    if not (arguments.yes or _agreed(arguments, folder)):
        print("Nothing was approved.")
        return 1
    trust.approve(pending)
    _say(arguments, folder, "approved", len(pending.files))
    return 0


def _show(pending: "Pending") -> None:
    """Print what would run; of a changed file what changed, since the rest was looked at before."""
    for file in pending.files:
        print(printable(f"{file.status:9} {file.path}"))
        for line in file.changes or file.runs:
            print(printable(f"          {line}"))


def _agreed(arguments: argparse.Namespace, folder: Path) -> bool:
    if arguments.json or not sys.stdin.isatty():
        raise StudykitError("nobody can be asked here: look at the files, then say --yes")
    return input(printable(f"Let this code run, as it is now, from {folder}? [y/N] ")).strip().lower() in (
        "y",
        "yes",
    )


def _say(arguments: argparse.Namespace, folder: Path, what: str, files: int) -> None:
    if arguments.json:
        print_json({"folder": str(folder), "state": what, "files": files})
    else:
        print(printable(f"{what.capitalize()}: {folder}"))
