"""The pure steps round a run: seeds, fronts with numbers, outputs compared line by line."""

from pathlib import Path

import pytest

from studykit.library.cards import Implement, Predict
from studykit.running.exercises import Exercise, fill, first_difference, read_snippet, seeds_of
from studykit.running.snippets import SnippetError

SNIPPET = (
    Path(__file__).parent.parent / "fixtures" / "running" / "library" / "snippets" / "texts" / "lists.py"
)


def test_the_first_seed_is_the_one_given_and_the_others_follow_from_it() -> None:
    assert seeds_of(7, 1) == (7,)
    assert seeds_of(7, 8)[:5] == seeds_of(7, 5)
    assert len(set(seeds_of(7, 100))) == 100
    assert seeds_of(7, 2)[1] != seeds_of(8, 2)[1]
    assert all(0 <= seed < 2**31 for seed in seeds_of(7, 100)[1:])


@pytest.mark.parametrize(
    ("front", "filled"),
    [
        ("width {dim}", "width 64"),
        ("{dim}{dim} {base}", "6464 10000.0"),
        (r"$\frac{1}{n} \text{other} {{x}}$", r"$\frac{1}{n} \text{other} {{x}}$"),
        ("{dim:.2f} {0} {} {dim.x} { dim }", "{dim:.2f} {0} {} {dim.x} { dim }"),
        ("{layout} is {tricky}", "half is {dim}"),
    ],
)
def test_only_the_names_that_were_drawn_are_filled_in(front: str, filled: str) -> None:
    assert fill(front, {"dim": 64, "base": 10000.0, "layout": "half", "tricky": "{dim}"}) == filled


@pytest.mark.parametrize("typed", ["1 2\nx", "1 2  \nx\n\n", "1   2\nx\n", "1\t2\r\nx", "1 2\nx   "])
def test_blanks_and_line_ends_do_not_matter(typed: str) -> None:
    assert first_difference("1 2\nx\n", typed) == ""


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("1 2\ny", "Line 2 is 'x', not 'y'."),
        ("12\nx", "Line 1 is '1 2', not '12'."),
        (" 1 2\nx", "Line 1 is '1 2', not ' 1 2'."),
        ("1 2", "It prints 2 lines, not 1 line."),
        ("1 2\nx\nz", "It prints 2 lines, not 3 lines."),
        ("\n1 2\nx", "Line 1 is '1 2', not ''."),
        ("", "It prints 2 lines, not 0 lines."),
    ],
)
def test_everything_else_does(typed: str, said: str) -> None:
    assert first_difference("1 2\nx\n", typed) == said


def test_a_program_may_import_the_snippets_beside_it(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("a = 1\n")
    (tmp_path / "own_triton.py").write_text("b = 1\n")
    (tmp_path / "json.py").write_text("c = 1\n")
    code = "import own, json, math\nfrom own_triton import b\nimport nowhere\n"
    card = Predict(id="p", front="?", code=code)
    exercise = Exercise(card, tmp_path / "own.py", "t/d/p", trusted=True)
    assert exercise.modules() == {"own": "a = 1\n", "own_triton": "b = 1\n"}
    assert Exercise(card, None, "t/d/p", trusted=True).modules() == {}


def test_a_snippet_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "binary.py").write_bytes(b"\xff\xfe")
    (tmp_path / "huge.py").write_bytes(b"#" * 1_000_001)
    for name, said in [
        ("binary.py", "binary.py is no UTF-8 text"),
        ("huge.py", "huge.py is larger than 1,000,000 bytes"),
        ("none.py", "none.py cannot be read: No such file or directory"),
    ]:
        with pytest.raises(SnippetError, match=f"^{said}$"):
            read_snippet(tmp_path / name)


def test_a_card_without_a_snippet_is_said() -> None:
    card = Implement(id="x", front="?", function="f")
    with pytest.raises(SnippetError, match="t/d/x has no snippet to run"):
        Exercise(card, None, "t/d/x", trusted=True).source()
    assert Exercise(card, SNIPPET, "t/d/x", trusted=True).filename == "lists.py"
