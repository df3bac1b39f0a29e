"""The command line: which commands exist, and the one place where errors are printed.

Exit codes: 0 fine; 1 the content or the answer is wrong; 2 the call or the environment is. Errors go to
stderr as `studykit: message`. With `--json`, stdout holds one JSON document and nothing else.
"""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import NoReturn

from studykit import __version__
from studykit.errors import StudykitError

COMMANDS: dict[str, str] = {
    "review": "study what is due today, in the terminal",
    "quiz": "hold an exam that leaves the schedule alone, in the terminal or on paper",
    "serve": "the same program in a browser",
    "due": "list what `review` would show, in its order",
    "answer": "record a grade for a card",
    "undo": "take back the last answer",
    "author": "make a deck of an article, or bring it up to date with its article",
    "run": "run a card's code, or check an answer against it",
    "check": "check decks and snippets, as CI does",
    "list": "list the decks and how far you are",
    "show": "show one card, its memory and its history",
    "search": "find cards",
    "suspend": "leave cards out until they are unsuspended",
    "unsuspend": "let suspended cards come again",
    "bury": "leave cards out until tomorrow",
    "unbury": "let buried cards come today",
    "flag": "mark cards to look at later",
    "unflag": "take the flag off cards",
    "reset": "make cards new again; the log keeps their answers",
    "due-now": "make seen cards due today",
    "stats": "what you have learned and how well it holds",
    "trust": "let the code of a library that is not built in run here",
    "backup": "copy your data to a safe place",
    "restore": "bring a backup back",
    "doctor": "look whether everything is in order",
    "schema": "print the JSON Schema of decks",
    "config": "show or change settings",
    "completion": "print a completion script for your shell",
}

EXIT_WRONG = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise StudykitError(f"{message}. See `{self.prog} --help`.")


def build_parser(only: str | None = None) -> argparse.ArgumentParser:
    """Return the parser of the whole command line; with `only` that of one command, ten times as fast."""
    parser = _Parser(
        prog="studykit",
        description="Keep what you understood: spaced repetition backed by code that runs.",
        epilog="Start with `studykit review`.",
    )
    parser.add_argument("--version", action="version", version=f"studykit {__version__}")
    # `completion` describes the program that it belongs to.
    parser.set_defaults(program=parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        if only not in (None, name):
            continue
        module = _module(name)
        command = commands.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            epilog=f"example:\n  {module.EXAMPLE}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    return parser


def _module(command: str) -> ModuleType:
    return import_module(f"studykit.commands.{command.replace('-', '_')}")


def _prepared(command: str | None, arguments: Sequence[str]) -> Sequence[str]:
    prepare = command and getattr(_module(command), "prepare", None)
    return prepare(arguments) if prepare else arguments


def _require_known(named: str) -> None:
    if named.startswith("-") or named in COMMANDS:
        return
    from studykit.wording import closest

    near = closest(named, COMMANDS)
    meant = f" (did you mean {near}?)" if near else ""
    raise StudykitError(f"there is no command {named!r}{meant}. `studykit --help` lists all.")


def run(arguments: Sequence[str]) -> int:
    """Run the command line `arguments` and return its exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Where the terminal or the pipe speaks less than Unicode, Chinese is escaped: better than no answer.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        _require_known(arguments[0] if arguments else "-")
        command = arguments[0] if arguments and arguments[0] in COMMANDS else None
        # A completion script is about all commands.
        parser = build_parser(None if command == "completion" else command)
        parsed = parser.parse_args(_prepared(command, arguments))
        code: int = parsed.run(parsed)
        sys.stdout.flush()
    except StudykitError as error:
        print(f"studykit: {error}", file=sys.stderr)
        return EXIT_USAGE
    except KeyboardInterrupt:
        print("studykit: stopped", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader went away (`studykit list | head`): stop quietly, and keep Python from complaining.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_WRONG
    return code
