"""`studykit restore`: bring a backup back."""

import argparse
from pathlib import Path

from studykit.commands._shared import add_json, print_json
from studykit.wording import printable

EXAMPLE = "studykit restore ~/studykit-backup.db"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `restore` takes."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the backup; today's data is backed up first")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Check the backup, keep a copy of the present data, and put the backup in its place."""
    from datetime import UTC, datetime

    from studykit import config
    from studykit.store.backup import restore

    home = config.home()
    kept = restore(arguments.file, config.database_url(home), config.backups(home), now=datetime.now(UTC))
    if arguments.json:
        print_json({"restored": str(arguments.file), "previous": None if kept is None else str(kept)})
    else:
        print(printable(f"Restored {arguments.file}."))
        if kept is not None:
            print(printable(f"What was there before is kept in {kept}"))
    return 0
