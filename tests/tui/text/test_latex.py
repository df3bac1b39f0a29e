"""Formulas as Unicode text: titled cases in a file, and the promise never to fail."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studykit.tui.text.latex import readable

CASES = Path(__file__).parents[2] / "fixtures" / "tui" / "formulas.txt"


def cases() -> list[tuple[str, str]]:
    _, *blocks = CASES.read_text("utf8").rstrip("\n").split("\n\n")
    return [(source, read) for source, _, read in (block.partition("\n=\n") for block in blocks)]


@pytest.mark.parametrize(("source", "read"), cases())
def test_it_reads_as_people_write_it(source: str, read: str) -> None:
    assert readable(source) == read


def test_there_are_cases() -> None:
    assert len(cases()) > 80


@pytest.mark.parametrize(
    ("source", "read"),
    [
        (r"\frac{x_1^2}{\sqrt{d_k}}", "x₁²/√dₖ"),
        (r"\theta_i = b^{-2i/d}", "θᵢ = b^(−2i/d)"),
        (r"x \in \mathbb R^{n\times d}", "x ∈ ℝ^(n×d)"),
        (r"\text{softmax}\left(\frac{QK^\top}{\sqrt{d_k}}\right)V", "softmax(QKᵀ/√dₖ)V"),
        (r"p_{\text{data}}(x)", "p_data(x)"),
        ("a_{", "a_{"),
        (r"\unknown{x}", r"\unknown{x}"),
    ],
)
def test_the_ones_that_matter_most(source: str, read: str) -> None:
    assert readable(source) == read


def test_rows_become_lines() -> None:
    assert readable(r"\begin{aligned} a &= b \\ c &= d+e \end{aligned}") == "a = b\nc = d + e"


PIECES = st.sampled_from(
    [
        *"ab12{}^_&+-=()[]|' ",
        r"\frac",
        r"\sqrt",
        r"\left",
        r"\right",
        r"\text",
        r"\begin{x}",
        r"\\",
        r"\hat",
        "\\",
        r"\log",
    ]
)


@given(st.lists(PIECES, max_size=25).map("".join))
def test_no_formula_breaks_it(source: str) -> None:
    assert isinstance(readable(source), str)
