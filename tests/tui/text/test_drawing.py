"""Curves and matrices as characters, whatever a snippet returned."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studykit.running.verdicts import Result, Verdict
from studykit.tui.pictures import picture_blocks
from studykit.tui.runs import Failure
from studykit.tui.text.drawing import Heat, Plot


def drawn(block, width=40):
    return [line.plain for line in block.lines(width)]


def test_a_rising_line_goes_from_the_lower_left_to_the_upper_right() -> None:
    lines = drawn(Plot({"": [(0, 0), (1, 1)]}, height=4), 21)
    assert lines[0].rstrip().endswith(("⠁", "⠊", "⡠", "⠔", "⠉", "⠒", "⠈"))
    assert lines[3][11] != " "
    assert lines[0].startswith("        1 │")
    assert lines[3].startswith("        0 │")


def test_two_curves_are_told_apart_by_letters() -> None:
    lines = drawn(Plot({"up": [(0, 0), (1, 1)], "down": [(0, 1), (1, 0)]}, height=5))
    assert lines[0].rstrip().endswith("a")
    assert lines[4].rstrip().endswith("b")
    assert lines[-1].strip() == "a up   b down"


def test_a_flat_line_and_one_point_are_drawn() -> None:
    assert len(drawn(Plot({"": [(0, 5), (1, 5)]}, height=3))) == 5
    assert len(drawn(Plot({"": [(0, 5)]}, height=3))) == 5


def test_nothing_finite_is_said() -> None:
    assert drawn(Plot({"": [(0, math.nan), (1, math.inf)]})) == ["nothing to draw"]


def test_a_matrix_is_shaded_from_its_least_to_its_largest() -> None:
    title, *rows = drawn(Heat("weights", [[0.0, 1.0], [0.5, math.nan]]))
    assert title.startswith("weights   2 × 2")
    assert rows == ["    ██", "  ▒▒??"]


def test_no_line_is_wider_than_there_is_room() -> None:
    block = Heat("m", [[float(i) for i in range(500)]] * 100)
    assert all(len(line) <= 60 for line in drawn(block, 60))
    plot = Plot({"a": [(i, i * i) for i in range(500)]})
    assert all(len(line) <= 60 for line in drawn(plot, 60))


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Failure("There is [bold]none[/bold]."), "! There is [bold]none[/bold]."),
        (Result(Verdict.TIMEOUT, detail="It was stopped."), "! It was stopped."),
        ({}, "There is nothing to draw."),
        ({"x": "text"}, "1 more that cannot be drawn here"),
        ({"x": [[1.0], [1.0, 2.0]]}, "1 more that cannot be drawn here"),
    ],
)
def test_what_cannot_be_drawn_is_said(outcome, said) -> None:
    assert drawn(picture_blocks(outcome)[-1]) == [said]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=20,
)


@given(st.dictionaries(st.text(max_size=4), VALUES, max_size=4), st.integers(5, 120))
def test_whatever_a_snippet_returns_can_be_shown(outcome, width) -> None:
    for block in picture_blocks(outcome):
        assert all("\x1b" not in line for line in drawn(block, width))
