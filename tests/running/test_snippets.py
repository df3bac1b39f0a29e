"""What is read out of a snippet without running it."""

from pathlib import Path

import pytest

from studykit.running.snippets import (
    SnippetError,
    defines,
    functions_of,
    imported_by,
    imports_of,
    needs_torch,
    needs_triton,
    prelude_of,
    probe_of,
    solution_of,
    starter,
    with_prelude,
)

LISTS = (
    Path(__file__).parent.parent / "fixtures" / "running" / "library" / "snippets" / "texts" / "lists.py"
).read_text()

ODD = '''"""A snippet with everything that makes reading hard."""
from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
try:
    import triton
except ImportError:
    triton = None

Row = list[int]; BASE = 10.0


class Out(NamedTuple):
    a: int  # first
    b: Row


def traced(function): return function


@traced
def first(
    x: Row,  # numbers
    base: float = BASE,
) -> Out:  # two of them
    # a comment that gives the answer away
    """Do it.

    In two steps.
    """
    # another one
    return helper(x, base)


def helper(x, base): return Out(int(base), x)
def short(x): return helper(x, 1)


def probe_first(implementation: Callable[[Row], Out], x):
    first = implementation(x)  # a local name, not the function
    return helper(first, 2)


def probe_short(implementation, x):
    return [short(y) for y in x]


if __name__ == "__main__":
    BASE = 3
    print(first([1]))
'''


def test_functions_are_those_of_the_top_level() -> None:
    assert functions_of(ODD) == ("Out", "traced", "first", "helper", "short", "probe_first", "probe_short")


def test_an_assigned_name_is_defined_too() -> None:
    assert defines(LISTS, "sample_squares")
    assert defines(ODD, "BASE")
    assert not defines(ODD, "y")


def test_imports_keep_their_guards_and_nothing_else() -> None:
    assert imports_of(ODD) == (
        "from __future__ import annotations\n"
        "import math\n"
        "from typing import TYPE_CHECKING, NamedTuple\n"
        "if TYPE_CHECKING:\n"
        "    from collections.abc import Callable\n"
        "try:\n"
        "    import triton\n"
        "except ImportError:\n"
        "    triton = None\n"
    )


def test_a_starter_shows_signature_and_docstring_and_gives_nothing_away() -> None:
    text = starter(ODD, "first")
    assert text.endswith(
        "def traced(function): return function\n"
        "\n"
        "\n"
        "@traced\n"
        "def first(\n"
        "    x: Row,  # numbers\n"
        "    base: float = BASE,\n"
        ") -> Out:  # two of them\n"
        '    """Do it.\n'
        "\n"
        "    In two steps.\n"
        '    """\n'
        "    ...\n"
    )
    assert "give" not in text
    assert "another one" not in text
    assert "helper" not in text
    assert "BASE = 10.0\n" in text
    assert "class Out(NamedTuple):\n    a: int  # first\n    b: Row\n" in text


def test_a_starter_of_one_line_is_spelled_out() -> None:
    assert starter(ODD, "short").endswith("\n\n\ndef short(x):\n    ...\n")


def test_a_starter_of_a_class_has_its_methods() -> None:
    assert starter(LISTS, "Counter").endswith(
        "START = 1\n"
        "\n"
        "\n"
        "class Counter:\n"
        '    """Counts up from a start."""\n'
        "\n"
        "    def __init__(self, start: int = START) -> None:\n"
        '        """Begin before `start`."""\n'
        "        ...\n"
        "\n"
        "    def next(self) -> int:\n"
        '        """Return the next number."""\n'
        "        ...\n"
    )


@pytest.mark.parametrize("name", functions_of(LISTS))
def test_every_starter_is_python(name: str) -> None:
    compile(starter(LISTS, name), name, "exec")


def test_the_prelude_defines_what_the_signature_names_and_never_the_reference() -> None:
    space: dict[str, object] = {}
    exec(prelude_of(LISTS, "span"), space)
    assert "Span" in space
    assert "span" not in space
    assert "harmonic" not in space
    exec(prelude_of(LISTS, "harmonic"), space)
    assert space["START"] == 1


def test_the_solution_stands_alone_on_the_prelude() -> None:
    space: dict[str, object] = {}
    exec(prelude_of(LISTS, "remove_odd"), space)
    exec(solution_of(LISTS, "remove_odd"), space)
    numbers = [1, 2, 3, 4]
    space["remove_odd"](numbers)  # type: ignore[operator]
    assert numbers == [2, 4]
    assert "import" not in solution_of(LISTS, "remove_odd")


def test_a_probe_travels_with_what_it_needs_and_without_the_reference() -> None:
    space: dict[str, object] = {}
    exec(probe_of(LISTS, "remove_odd") or "", space)
    assert "_even" in space
    assert "remove_odd" not in space
    assert "harmonic" not in space


def test_a_probe_may_name_the_reference_in_annotations_and_local_names() -> None:
    assert "class Counter" not in (probe_of(LISTS, "Counter") or "")
    assert "def first" not in (probe_of(ODD, "first") or "")


def test_no_probe_is_none() -> None:
    assert probe_of(LISTS, "span") is None


def test_a_probe_that_asks_the_reference_is_an_error() -> None:
    for source, name in ((LISTS, "cheat"), (ODD, "short")):
        with pytest.raises(SnippetError, match=f"`probe_{name}` needs `{name}` itself"):
            probe_of(source, name)


def test_a_probe_that_reaches_the_reference_through_a_helper_is_an_error() -> None:
    source = "def f(): pass\ndef g(): f()\ndef probe_f(implementation): g()\n"
    with pytest.raises(SnippetError, match="needs `f` itself"):
        probe_of(source, "f")


def test_what_is_missing_is_said() -> None:
    with pytest.raises(SnippetError, match="the snippet has no function `nothing`"):
        starter(LISTS, "nothing")


@pytest.mark.parametrize("source", ["def (:", "x = '\x00'", "(" * 500, "-" * 100_000 + "1"])
def test_what_is_no_python_is_said(source: str) -> None:
    with pytest.raises(SnippetError, match="no valid Python"):
        functions_of(source)
    assert imported_by(source) == frozenset()


def test_needs_are_read_off_the_imports() -> None:
    assert needs_torch("def f():\n    from torch.nn import Linear\n")
    assert needs_torch("x = 1", "import torch as t")
    assert needs_torch("import triton.language as tl")
    assert needs_triton("import triton.language as tl")
    assert not needs_torch("import torchvision", "'import torch'", "from . import torch")


def test_broken_code_stands_below_the_imports_that_it_uses() -> None:
    source = (
        "import math\nimport triton  # type: ignore[import-untyped]\nfrom random import Random\n\n"
        "BASE = 10\n\n\ndef root(x, base=BASE):\n    return math.log(x, base)\n"
    )
    broken = "def root(x, base=BASE):\n    return math.log(x) + triton.cdiv(x, base)\n"
    assert with_prelude(source, "root", broken) == ("import math\nimport triton\nBASE = 10\n\n\n" + broken)


@pytest.mark.parametrize(
    "broken",
    ["def root(x, base=2):\n    return x\n", "import math\n\ndef root(x):\n    return math.log(x)\n"],
)
def test_code_that_lacks_no_import_stays_as_it_is(broken: str) -> None:
    source = "import math\n\n\ndef root(x, base=2):\n    return math.log(x, base)\n"
    assert with_prelude(source, "root", broken) == broken
