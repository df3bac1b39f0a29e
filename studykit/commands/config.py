"""`studykit config`: settings, one by one."""

import argparse

from studykit.commands._shared import add_json, print_json
from studykit.wording import printable

EXAMPLE = "studykit config decks.transformer/rope.new_per_day 5"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `config` takes."""
    parser.add_argument("key", nargs="?", metavar="KEY", help="the setting; all are shown when left out")
    parser.add_argument("value", nargs="?", metavar="VALUE", help="its new value")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Show the settings, or change one."""
    from studykit import config

    home = config.home()
    if arguments.value is not None:
        config.set_setting(home, arguments.key, arguments.value)
    settings = config.as_dict(config.load_settings(home))
    if arguments.key is not None:
        settings = {arguments.key: config.value_of(settings, arguments.key)}
    if arguments.json:
        print_json(settings)
    else:
        for key, value in settings.items():
            print(printable(f"{key} = {value!r}" if isinstance(value, str) else f"{key} = {value}"))
    return 0
