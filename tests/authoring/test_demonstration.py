"""The drafted `main` of a snippet: it prints what the article says, or it is not there."""

import ast
import contextlib
import io
from pathlib import Path

import pytest

from studykit.authoring.article import parse_markdown
from studykit.authoring.candidates import Execute
from studykit.authoring.draft import Draft, draft
from studykit.authoring.place import Place
from studykit.authoring.workshop import Work, prepare


def drafted(execute: Execute | None, *fences: str) -> Draft:
    text = "# Averages\n\n" + "\n\nMore.\n\n".join(f"```python\n{fence}\n```" for fence in fences)
    return draft(parse_markdown(text, "averages.md"), execute)


def main_of(made: Draft) -> str:
    assert made.snippet is not None
    tree = ast.parse(made.snippet)
    return next((ast.unparse(node) for node in tree.body if getattr(node, "name", "") == "main"), "")


def printed(made: Draft) -> str:
    assert made.snippet is not None
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(made.snippet, "averages.py", "exec"), {"__name__": "__main__"})
    return out.getvalue()


HALF = "def half(x: float) -> float:\n    return x / 2"


def test_main_prints_what_the_fences_print(execute: Execute) -> None:
    made = drafted(
        execute, f"{HALF}\n\nhalf(3)  # → 1.5", "y = 8\nprint(half(y))  # → 4.0\nprint(half(y) + 1)  # → 5.0"
    )
    assert main_of(made) == (
        "def main(device: str='cpu') -> None:\n"
        '    """Print what the article prints."""\n'
        "    print(half(3))\n    y = 8\n    print(half(y))\n    print(half(y) + 1)"
    )
    assert printed(made) == "1.5\n4.0\n5.0\n"
    assert made.snippet is not None
    assert made.snippet.endswith('\n\n\nif __name__ == "__main__":\n    main()\n')
    assert made.notes[-1] == "the snippet has no `claim` yet; its `main` is drafted: does it show the idea?"


def test_what_prints_something_else_is_left_out(execute: Execute) -> None:
    made = drafted(execute, f"{HALF}\n\nhalf(3)  # → 1.5", "half(4)  # → 3.0", "half(6)  # → 3.0")
    assert printed(made) == "1.5\n3.0\n"
    assert "half(4)" not in main_of(made)


@pytest.mark.parametrize(
    "fence", [HALF, f"{HALF}\n\nhalf(4)  # → 3", f"{HALF}\n\nprint(1)  # → 1", f"{HALF}\n\nhalf()  # → 1"]
)
def test_without_an_output_that_holds_there_is_none_and_both_are_asked_for(
    execute: Execute, fence: str
) -> None:
    made = drafted(execute, fence)
    assert main_of(made) == ""
    assert made.notes[-1] == "the snippet has no `claim` and no `main` yet"


def test_where_nothing_runs_there_is_none() -> None:
    made = drafted(None, f"{HALF}\n\nhalf(3)  # → 1.5")
    assert main_of(made) == ""
    assert not made.ran


def test_imports_that_the_module_lacks_and_long_texts_come_along(execute: Execute) -> None:
    made = drafted(
        execute,
        "import math\n\n" + HALF,
        'text = """one\n  two"""\nprint(len(text), half(math.floor(2.5)))  # → 9 1.0',
    )
    assert "import math" in main_of(made)
    assert printed(made) == "9 1.0\n"


def test_it_prints_ten_lines_at_most(execute: Execute) -> None:
    made = drafted(execute, HALF, *(f"half({n})  # → {n / 2}" for n in range(20)))
    assert 1 <= len(printed(made).splitlines()) <= 10


def test_what_shadows_a_function_of_the_module_is_left_out(execute: Execute) -> None:
    made = drafted(execute, HALF, "half(4)  # → 2.0", "half = half(3)\nprint(half)  # → 1.5")
    assert printed(made) == "2.0\n"


def test_a_drafted_main_stays_where_nothing_can_run_it(execute: Execute, tmp_path: Path) -> None:
    place = Place(tmp_path, "maths", "averages")
    place.deck.parent.mkdir(parents=True)
    place.article.write_text(f"# Averages\n\n```python\n{HALF}\n\nhalf(3)  # → 1.5\n```\n", encoding="utf8")
    first = prepare(place.article, place, execute)
    assert isinstance(first, Work)
    first.write()
    assert "def main" in place.snippet.read_text(encoding="utf8")
    later = prepare(place.article, place, None)
    assert isinstance(later, Work)
    assert place.snippet not in later.files
