"""How a question is put."""

import pytest

from studykit.library.cards import Choice, Cloze, Compute, Repair
from studykit.quiz.paper import can_be_typed, word
from studykit.running.exercises import Posed
from studykit.tui import faces

CHOICE = Choice(id="c", front="Which?", right=("a", "b"), wrong=("c", "d", "e"))
EN = ("en",)


@pytest.mark.parametrize("seed", range(10))
def test_options_stand_as_the_terminal_shows_them(seed: int) -> None:
    wording = word(CHOICE, EN, seed)
    shown = faces.options(CHOICE, EN, seed)
    assert wording.options == tuple(text for text, _ in shown)
    assert wording.right == {i for i, (_, right) in enumerate(shown) if right}


def test_gaps_become_blanks_with_what_is_asked() -> None:
    wording = word(Cloze(id="c", text="A {{dozen::word}} is {{12}}."), EN, 0)
    assert wording.text == "A ____ (word) is ____."
    assert wording.gaps == ("dozen", "12")


@pytest.mark.parametrize(
    ("hidden", "typed"),
    [("cardinality", True), ("12", True), ("$x^2$", False), ("`len`", False), ("a" * 41, False)],
)
def test_only_plain_gaps_are_for_typing(hidden: str, typed: bool) -> None:
    assert can_be_typed(Cloze(id="c", text="It is {{" + hidden + "}}."), EN) is typed


def test_drawn_numbers_and_broken_code_are_part_of_the_question() -> None:
    posed = Posed(3, "What is 1 + 2?", None, {"a": 1, "b": 2})
    assert (
        word(Compute(id="c", front="What is {a} + {b}?", function="add"), EN, 3, posed).text
        == "What is 1 + 2?"
    )
    assert (
        word(Repair(id="c", front="Mend.", function="add", broken="def add(): ..."), EN, 3).code
        == "def add(): ..."
    )
