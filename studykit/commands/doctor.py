"""`studykit doctor`: whether data, decks and sandbox are in order."""

import argparse
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studykit import __version__, config
from studykit.commands._shared import add_json, open_study, print_json
from studykit.errors import StudykitError
from studykit.wording import printable

if TYPE_CHECKING:
    from studykit.library.index import Library

EXAMPLE = "studykit doctor --rebuild"

LIBRARIES = ("torch", "triton", "textual", "sqlalchemy", "fsrs")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `doctor` takes."""
    parser.add_argument(
        "--rebuild", action="store_true", help="work all memory out again from the review log"
    )
    parser.add_argument(
        "--scheduler",
        choices=("sm2", "fsrs"),
        help="with --rebuild: as if every answer had been given under this one",
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print what was found; exit code 2 if the database is damaged or cannot be opened."""
    try:
        study, at = open_study(arguments)
    except StudykitError as error:
        if arguments.rebuild:
            raise
        findings = _findings(_library(), [str(error)])
    else:
        with study:
            rebuilt = study.rebuild(at, arguments.scheduler) if arguments.rebuild else None
            findings = _findings(study.library, study.store.check())
        if rebuilt is not None:
            findings["rebuilt"] = rebuilt
    if arguments.json:
        print_json(findings)
    else:
        _print(findings)
    return 0 if findings["database"]["ok"] else 2


def _library() -> "Library":
    """Return the library of whoever's database cannot be opened; settings that are broken are said first."""
    from studykit.library.index import open_library
    from studykit.library.roots import default_roots

    home = config.home()
    config.load_settings(home)
    return open_library(default_roots(home, Path.cwd()), config.cache(home))


def _findings(library: "Library", faults: Sequence[str]) -> dict[str, Any]:
    from studykit.running.sandbox import Sandbox

    home = config.home()
    with Sandbox() as sandbox:
        layers = [
            {"layer": layer.name, "holds": layer.holds, "detail": layer.detail} for layer in sandbox.layers()
        ]
    return {
        "version": __version__,
        "python": platform.python_version(),
        "libraries": {name: _version(name) for name in LIBRARIES},
        "home": str(home),
        "database": {"at": config.database_url(home), "ok": not faults, "faults": list(faults)},
        "library": {
            "roots": [{"path": str(root.path), "origin": root.origin} for root in library.roots],
            "decks": len(library.decks()),
            "cards": len(library.entries()),
            "problems": [str(problem) for problem in library.problems()],
        },
        "sandbox": layers,
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _print(findings: dict[str, object]) -> None:
    for name, value in findings.items():
        match value:
            case list():
                print(f"{name}:")
                for layer in value:
                    state = "holds  " if layer["holds"] else "MISSING"
                    print(printable(f"  {state} {layer['layer']}: {layer['detail']}"))
            case dict():
                print(f"{name}:")
                for key, part in value.items():
                    _print_part(key, part)
            case _:
                print(printable(f"{name}: {value}"))


def _print_part(key: str, part: object) -> None:
    if isinstance(part, list):
        print(f"  {key}: {len(part) or 'none'}")
        for entry in part:
            print(
                printable(
                    f"    {entry['path']} ({entry['origin']})" if isinstance(entry, dict) else f"    {entry}"
                )
            )
    else:
        print(printable(f"  {key}: {'not installed' if part is None else part}"))
