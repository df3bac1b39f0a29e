"""What `suspend`, `unsuspend`, `bury`, `unbury`, `flag`, `unflag`, `reset` and `due-now` share.

Each does one thing to the cards named, as one step: `studykit undo` takes it back as a whole.
"""

import argparse
from collections.abc import Callable, Sequence

from studykit.commands import search
from studykit.commands._shared import add_at, add_json, open_study, print_json
from studykit.errors import StudykitError
from studykit.wording import printable


def prepare(arguments: Sequence[str]) -> list[str]:
    """Return `arguments` with `-word` written so that argparse takes it for a word and not for an option."""
    return search.prepare(arguments)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add which cards it is about."""
    parser.add_argument(
        "words",
        nargs="+",
        type=search.word,
        metavar="CARD",
        help="cards by their ids, or what `studykit search` takes: all cards found",
    )
    parser.add_argument("--dry-run", action="store_true", help="only show which cards it would be")
    add_at(parser)
    add_json(parser)


def doing(role: str, done: str) -> Callable[[argparse.Namespace], int]:
    """Return the command that does `role` to cards, and then says `done`."""

    def run(arguments: argparse.Namespace) -> int:
        from studykit.store.records import Role

        study, at = open_study(arguments)
        with study:
            cards = study.chosen(arguments.words, at)
            if not cards:
                raise StudykitError("no card matches. `studykit search` takes the same words.")
            changed = cards if arguments.dry_run else study.take(Role(role), cards, at)
        if arguments.json:
            print_json({"changed": changed, "unchanged": len(cards) - len(changed)})
            return 0
        if arguments.dry_run:
            print("\n".join(map(printable, cards)))
            return 0
        _tell(done, changed, len(cards) - len(changed))
        return 0

    return run


def _tell(done: str, changed: Sequence[str], unchanged: int) -> None:
    rest = f" ({unchanged} were so already, or cannot be)" if unchanged else ""
    if len(changed) == 1:
        print(printable(f"{done}: {changed[0]}{rest}"))
    else:
        print(f"{done}: {len(changed)} cards{rest}")
    if changed:
        print("`studykit undo` takes this back.")
