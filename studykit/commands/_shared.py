"""What several commands share: opening the learner's data, reading `--at`, printing JSON and tables."""

import argparse
import json
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from studykit.errors import StudykitError
from studykit.wording import counted, printable

if TYPE_CHECKING:
    from studykit.library.index import Library
    from studykit.study import Study


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add `--json`."""
    parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")


def add_at(parser: argparse.ArgumentParser) -> None:
    """Add `--at ISO`, the moment to act at."""
    parser.add_argument(
        "--at",
        metavar="ISO",
        help="as if it were this date or moment, like 2026-03-01 or 2026-03-01T21:30+08:00",
    )


def add_decks(parser: argparse.ArgumentParser) -> None:
    """Add the optional list of decks."""
    parser.add_argument(
        "decks",
        nargs="*",
        metavar="DECK",
        help="decks or tracks, like transformer/rope or python; all when left out",
    )


def open_study(arguments: argparse.Namespace) -> "tuple[Study, datetime]":
    """Open the learner's data; return it with the moment to act at: `--at`, else now."""
    from studykit.study import Study

    now = datetime.now().astimezone()
    study = Study.open(now)
    if study.store.warning:
        print(f"studykit: {printable(study.store.warning)}", file=sys.stderr)
    named = getattr(arguments, "at", None)
    try:
        return study, now if named is None else study.calendar.parse(named)
    except StudykitError:
        study.close()
        raise


def say_problems(library: "Library") -> None:
    """Say on stderr that decks, or cards of them, were left out because they are broken."""
    count = len(library.problems())
    if count:
        print(
            f"studykit: {counted(count, 'problem')} in the decks; `studykit doctor` lists them",
            file=sys.stderr,
        )


def print_json(document: object) -> None:
    """Print `document` as JSON, readable Chinese included where stdout can hold it."""
    unicode = (sys.stdout.encoding or "utf-8").lower().replace("-", "").startswith("utf")
    json.dump(document, sys.stdout, ensure_ascii=not unicode, indent=2)
    sys.stdout.write("\n")


def width_of(text: str) -> int:
    """Return how many terminal cells `text` takes."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def print_table(rows: Iterable[Sequence[object]], header: Sequence[str]) -> None:
    """Print `rows` in columns below `header`; numbers to the right."""
    texts = [[printable(str(cell)) for cell in row] for row in rows]
    widths = [max(width_of(row[i]) for row in [list(header), *texts]) for i in range(len(header))]
    numeric = [
        all(row[i].replace("%", "").strip("-").isdigit() or not row[i] for row in texts)
        for i in range(len(header))
    ]
    for row in [list(header), *texts]:
        cells = [_pad(cell, widths[i], right=numeric[i]) for i, cell in enumerate(row)]
        print("  ".join(cells).rstrip())


def _pad(cell: str, width: int, *, right: bool) -> str:
    space = " " * (width - width_of(cell))
    return space + cell if right else cell + space
