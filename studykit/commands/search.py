"""`studykit search`: find cards."""

import argparse
import re
from collections.abc import Sequence

from studykit.commands._shared import add_at, add_json, open_study, print_json
from studykit.wording import printable

EXAMPLE = "studykit search is:due kind:implement -tag:hard 旋转"


_LEFT_OUT = re.compile(r"-[^-].+", re.DOTALL)
_MINUS = "\0"


def prepare(arguments: Sequence[str]) -> list[str]:
    """Return `arguments` with `-word` written so that argparse takes it for a word and not for an option."""
    return [_MINUS + one[1:] if _LEFT_OUT.fullmatch(one) else one for one in arguments]


def word(text: str) -> str:
    """Return a word as it was typed before `prepare`."""
    return text.replace(_MINUS, "-")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `search` takes."""
    parser.add_argument(
        "words",
        nargs="+",
        type=word,
        metavar="WORD",
        help="words of any field, or tag:T deck:D kind:K is:due|new|learned|"
        "changed|suspended|buried|flagged|leech|retired;"
        " -word leaves out",
    )
    add_at(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the cards found: id, kind and the beginning of the front."""
    study, at = open_study(arguments)
    with study:
        found = study.search(arguments.words, at)
        rows = [(card, study.library.entries()[card].kind, study.headline(card)) for card in found]
    if arguments.json:
        print_json([{"card": card, "kind": kind, "front": front} for card, kind, front in rows])
        return 0
    for card, kind, front in rows:
        print(printable(f"{card}  [{kind}]  {front}"))
    if not rows:
        print("No card matches.")
    return 0
