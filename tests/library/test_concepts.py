"""The decks as a tree: each once, references where a second prerequisite is, circles no trap."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from studykit.library.concepts import tree
from studykit.library.entries import DeckEntry, Root

ROOT = Root(Path("/nowhere"), "extra")


def decks(**requires: str) -> dict[str, DeckEntry]:
    """Return decks by name, each with the names it requires."""
    return {
        name: DeckEntry(name, name, "t", tuple(needed.split()), ROOT, Path(name), (), None, None)
        for name, needed in requires.items()
    }


def drawn(library: dict[str, DeckEntry]) -> str:
    return " ".join(f"{'.' * len(one.path)}{one.deck}{'*' if one.reference else ''}" for one in tree(library))


def test_what_builds_on_a_deck_stands_below_it() -> None:
    assert drawn(decks(a="", b="a", c="b", d="a", e="")) == "a .b ..c .d e"


def test_a_deck_with_two_prerequisites_stands_below_the_first_and_is_referred_to_elsewhere() -> None:
    assert drawn(decks(a="", b="", c="b a", d="c")) == "a .c* b .c ..d"


def test_a_reference_may_come_before_or_after_its_deck() -> None:
    assert drawn(decks(a="", b="", c="a b")) == "a .c b .c*"


def test_a_deck_may_require_its_grandparent_too() -> None:
    assert drawn(decks(a="", b="a", c="b a")) == "a .b ..c .c*"


def test_decks_in_a_circle_are_shown_once_each() -> None:
    assert drawn(decks(a="b", b="a")) == "a .b ..a*"


def test_each_branch_knows_whether_it_is_the_last_below_its_parent() -> None:
    branches = tree(decks(a="", b="a", c="b", d="a"))
    assert [(one.deck, one.last, one.children) for one in branches] == [
        ("a", (), 2),
        ("b", (False,), 1),
        ("c", (False, True), 0),
        ("d", (True,), 0),
    ]


def test_a_prerequisite_named_twice_counts_once() -> None:
    assert drawn(decks(a="", b="a a")) == "a .b"


@given(st.data())
def test_every_deck_stands_once_and_every_requirement_is_shown(data: st.DataObject) -> None:
    names = [f"d{number}" for number in range(data.draw(st.integers(0, 9)))]
    library = decks(
        **{name: " ".join(data.draw(st.lists(st.sampled_from(names), max_size=3))) for name in names}
    )
    branches = tree(library)
    assert sorted(one.deck for one in branches if not one.reference) == sorted(names)
    shown = {(one.deck, one.path[-1]) for one in branches if one.path}
    wanted = {(name, needed) for name, entry in library.items() for needed in entry.requires}
    assert shown == wanted
