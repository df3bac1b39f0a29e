"""`decks/_standard.yaml`: what a library holds each of its decks to, as far as a machine can check it.

A library without this file is held to what makes a deck valid and no more. Everything in it is optional.
"""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from studykit.library.cards import KINDS
from studykit.library.deck import Problem
from studykit.wording import closest, shown

FILE = "_standard.yaml"
GROUPS = {
    "run_it": ("predict", "compute", "implement", "repair"),
    "written": ("implement", "repair"),
}
"""Names for several kinds at once, where kinds are counted or named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """The numbers; unset ones ask nothing."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    cards: tuple[int, int] | None = None
    """Fewest and most cards of a deck."""

    kinds: int = 0
    """How many different kinds of card a deck has at least."""

    at_least: dict[str, int] = field(default_factory=dict)
    """How many cards of a kind or a group (`run_it`, `written`) a deck has at least."""

    needs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Fields that each card of a kind or group must have; `all` is every card."""

    article_words: tuple[int, int] | None = None
    """Fewest and most words of an article's prose; code and formulas on their own lines are not counted."""

    code_width: int | None = None
    """The longest line of code, in columns, of cards and of articles."""

    option_ratio: float | None = None
    """How much longer than the longest wrong option the right ones may be."""

    longest_right: float | None = None
    """In how many of a deck's choice cards the longest option may be a right one, as a share."""

    mutants_rejected: float | None = None
    """The share of mutants that a card must reject."""

    facts: dict[str, int] = field(default_factory=dict)
    """By deck (`track/topic`): how many facts it must teach; each is asked by a card tagged `fact:N`."""


def kinds_of(name: str) -> tuple[str, ...]:
    """Return the kinds that a kind, a group or `all` names."""
    return KINDS if name == "all" else GROUPS.get(name, (name,))


def read_standard(root: Path) -> tuple[Standard | None, list[Problem]]:
    """Read the standard of the library at `root`: None if it has none, or one that says nothing sound."""
    path = root / "decks" / FILE
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        return None, []
    except (OSError, UnicodeDecodeError) as error:
        return None, [Problem(shown(path), 1, 1, "unreadable", f"cannot be read as UTF-8 text: {error}")]
    return parse_standard(text, shown(path))


def parse_standard(text: str, path: str) -> tuple[Standard | None, list[Problem]]:
    """Parse the text of a standard; `path` is how problems name it."""
    from pydantic import ValidationError

    from studykit.library.yaml_source import load

    loaded = load(text)
    problems = [Problem(path, *fault.position, fault.rule, fault.message) for fault in loaded.faults]
    if problems:
        return None, problems
    try:
        standard: Standard = _adapter().validate_python({} if loaded.data is None else loaded.data)
    except ValidationError as error:
        for one in error.errors(include_url=False):
            place = tuple(one["loc"])
            position = loaded.keys.get(place) or loaded.keys.get(place[:1]) or (1, 1)
            problems.append(
                Problem(path, *position, "standard", f"{'.'.join(map(str, place))}: {one['msg']}")
            )
        return None, problems
    for name, place in _unknown_names(standard):
        meant = closest(name, (*KINDS, *GROUPS, "all"))
        message = f"there is no kind `{name}`" + (f" (did you mean `{meant}`?)" if meant else "")
        problems.append(Problem(path, *loaded.keys[place], "standard", message))
    return (None if problems else standard), problems


def _unknown_names(standard: Standard) -> list[tuple[str, tuple[str, str]]]:
    named = [(name, ("at_least", name)) for name in standard.at_least]
    named += [(name, ("needs", name)) for name in standard.needs]
    return [(name, place) for name, place in named if name not in (*KINDS, *GROUPS, "all")]


@cache
def _adapter() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(Standard)
