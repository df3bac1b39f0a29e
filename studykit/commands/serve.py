"""`studykit serve`: the same program in a browser."""

import argparse
import importlib.util

from studykit.commands._shared import add_decks, open_study
from studykit.errors import StudykitError

EXAMPLE = "studykit serve --port 8080 transformer"

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
_LARGEST_PORT = 65_535


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `serve` takes."""
    add_decks(parser)
    parser.add_argument(
        "--port", type=_port, default=DEFAULT_PORT, metavar="N", help=f"0 for any (default {DEFAULT_PORT})"
    )
    parser.add_argument(
        "--host",
        default=DEFAULT_HOST,
        metavar="H",
        help=f"where to listen (default {DEFAULT_HOST}: this machine only); any other host needs a token, "
        "which is part of the address",
    )
    parser.add_argument(
        "--token", action="store_true", help="need a token on this machine too: others use it"
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until ctrl+c."""
    if importlib.util.find_spec("textual_serve") is None:
        raise StudykitError("the browser needs textual-serve: `pip install 'studykit[serve]'`")
    study, _ = open_study(arguments)
    with study:
        study.library.decks_matching(arguments.decks)
    from studykit.serving.server import serve

    serve(arguments.host, arguments.port, arguments.decks, _announce, token=arguments.token)
    print("studykit: stopped; every answer is saved.")
    return 0


def _announce(address: str) -> None:
    from studykit.serving.access import is_loopback

    print(f"studykit is at {address}\nPress ctrl+c to end it.", flush=True)
    if not is_loopback(_host_of(address)):
        print(
            "Whoever has this address can study as you. It is not encrypted: over a network that you do not "
            "trust, use an SSH tunnel to the default host instead.",
            flush=True,
        )


def _host_of(address: str) -> str:
    from urllib.parse import urlsplit

    return urlsplit(address).hostname or ""


def _port(text: str) -> int:
    port = int(text) if text.isdecimal() else -1
    if not 0 <= port <= _LARGEST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 0 to {_LARGEST_PORT}")
    return port
