"""A pytest plugin: `pytest --studykit decks/` has an item per claim, reference, stub, answer and mutant set.

So that a deck repository can use the CI it has. Installed with studykit; without the option it does nothing,
and loads nothing.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: "pytest.Parser") -> None:
    """Add `--studykit PATH`."""
    group = parser.getgroup("studykit")
    help_text = "check decks and snippets, as `studykit check` does; may be given more than once"
    group.addoption("--studykit", action="append", default=[], metavar="PATH", help=help_text)


def pytest_collection_modifyitems(
    session: "pytest.Session", config: "pytest.Config", items: "list[pytest.Item]"
) -> None:
    """Add an item per thing to try."""
    paths = config.getoption("--studykit")
    if paths:
        from studykit.checking.items import collected

        items += collected(session, paths)
