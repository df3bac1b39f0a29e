"""`studykit check`: what CI runs on a library."""

import argparse
import sys
from pathlib import Path

from studykit.errors import StudykitError
from studykit.wording import printable

EXAMPLE = "studykit check decks --jobs 2 --format github"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `check` takes."""
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="decks, snippets, tracks or folders with decks/; left out: ./decks, else the built-in library",
    )
    parser.add_argument(
        "--jobs", type=_positive, default=1, metavar="N", help="how much to run at once (default 1)"
    )
    parser.add_argument(
        "--shard", type=_shard, default=(1, 1), metavar="I/N", help="only the I-th of N parts of the runs"
    )
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="auto", help="where to run (default auto)"
    )
    parser.add_argument(
        "--format", choices=("text", "json", "github", "junit"), default="text", help="default text"
    )
    parser.add_argument(
        "--json", action="store_const", const="json", dest="format", help="the same as --format json"
    )
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="write the report there instead of printing it"
    )


def run(arguments: argparse.Namespace) -> int:
    """Check, report, and return 1 if there is any problem."""
    from studykit.checking.check import check
    from studykit.checking.report import FORMATS

    progress = _progress if sys.stderr.isatty() else None
    report = check(
        arguments.paths,
        jobs=arguments.jobs,
        shard=arguments.shard,
        device=arguments.device,
        progress=progress,
    )
    text = FORMATS[arguments.format](report)
    if arguments.output is not None:
        _write(arguments.output, text)
    else:
        sys.stdout.write(printable(text))
    return 1 if report.problems else 0


def _progress(done: int, total: int) -> None:
    bar = "█" * (30 * done // max(total, 1))
    print(f"\r{bar:30} {done}/{total}", end="" if done < total else "\r\033[K", file=sys.stderr, flush=True)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf8")
    except OSError as error:
        raise StudykitError(f"cannot write the report to {path}: {error.strerror}") from error


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _shard(text: str) -> tuple[int, int]:
    part, _, parts = text.partition("/")
    if not (part.isdigit() and parts.isdigit() and 1 <= int(part) <= int(parts)):
        raise argparse.ArgumentTypeError(f"{text!r} is no part like 1/4")
    return int(part), int(parts)
