"""`studykit config`: settings, one by one."""

import argparse
import sys
from pathlib import Path

from studykit import config
from studykit.commands._shared import add_json, print_json
from studykit.errors import StudykitError
from studykit.wording import printable

EXAMPLE = "studykit config decks.transformer/rope.new_per_day 5"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `config` takes."""
    parser.add_argument("key", nargs="?", metavar="KEY", help="the setting; all are shown when left out")
    parser.add_argument("value", nargs="?", metavar="VALUE", help="its new value")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Show the settings, or change one."""
    home = config.home()
    if arguments.value is not None:
        config.set_setting(home, arguments.key, arguments.value)
        _doubt(arguments.key, home)
    settings = config.as_dict(config.load_settings(home))
    if arguments.key is not None:
        settings = {arguments.key: config.value_of(settings, arguments.key)}
    if arguments.json:
        print_json(settings)
    else:
        for key, value in settings.items():
            print(printable(f"{key} = {value!r}" if isinstance(value, str) else f"{key} = {value}"))
    return 0


def _doubt(key: str, home: Path) -> None:
    """Say that a setting is for no deck that is found here; it is kept: another folder may have it."""
    if not key.startswith("decks."):
        return
    from studykit.library.index import open_library
    from studykit.library.roots import default_roots

    library = open_library(default_roots(home, Path.cwd()), config.cache(home))
    try:
        library.decks_matching([key.removeprefix("decks.").rpartition(".")[0]])
    except StudykitError as error:
        print(f"studykit: kept, but {error}", file=sys.stderr)
