"""Mutants are whole snippets with one fault, and are named by it."""

import ast

import pytest

from studykit.checking.mutants import mutants

SNIPPET = '''
"""A snippet."""
import math


def helper(x: float) -> float:
    return x + 1


def area(radius: float, scale: float = 2.0) -> float:
    """Return the area, 1 + 1."""
    if radius < 0:
        raise ValueError(f"radius {radius + 1} is negative")
    return scale * math.pi * radius ** 2
'''


def names(source: str, function: str) -> list[str]:
    return [mutant.name for mutant in mutants(source, function)]


def body(expression: str) -> str:
    return f"def f(x, y, n):\n    return {expression}\n"


def test_every_mutant_is_a_whole_snippet_that_compiles_and_differs() -> None:
    found = mutants(SNIPPET, "area")
    assert len(found) >= 8
    sources = {mutant.source for mutant in found}
    assert len(sources) == len(found)
    for mutant in found:
        tree = ast.parse(mutant.source)
        assert {node.name for node in tree.body if isinstance(node, ast.FunctionDef)} == {"helper", "area"}
        assert mutant.source != ast.unparse(ast.parse(SNIPPET)) + "\n"


def test_only_the_named_function_is_changed() -> None:
    for mutant in mutants(SNIPPET, "area"):
        assert "return x + 1" in mutant.source


def test_guards_messages_docstrings_and_annotations_are_left_alone() -> None:
    for mutant in mutants(SNIPPET, "area"):
        assert "if radius < 0:" in mutant.source
        assert "{radius + 1}" in mutant.source
        assert "Return the area, 1 + 1." in mutant.source


def test_defaults_are_part_of_the_behaviour() -> None:
    assert "2.0 -> 4.0" in names(SNIPPET, "area")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("x + y", ["x + y -> x - y", "x + y -> x", "x + y -> y"]),
        ("x - y", ["x - y -> x + y", "x - y -> x"]),
        ("x @ y", ["x @ y -> x * y"]),
        ("x < y", ["x < y -> x <= y", "x < y -> x >= y"]),
        ("x and y", ["x and y -> x or y"]),
        ("-x", ["-x -> x"]),
        ("x[y:]", ["x[y:] -> x[y + 1:]"]),
        ("x.sum(dim=y)", ["x.sum(dim=y) -> x.sum(dim=0)", "x.sum(dim=y) -> x.mean(dim=y)"]),
        ("x if n else y", ["x if n else y -> x", "x if n else y -> y"]),
        ("list(range(n))", ["range(n) -> range(n - 1)"]),
        ("x.triu()", ["x.triu() -> x.tril()"]),
    ],
)
def test_each_operator_makes_the_faults_people_make(expression: str, expected: list[str]) -> None:
    assert names(body(expression), "f") == expected


def test_a_constant_is_named_by_what_it_stands_in() -> None:
    assert "n - 1 -> n - 2" in names(body("n - 1"), "f")


def test_equal_names_are_numbered_in_the_order_of_the_code() -> None:
    found = names("def f(n):\n    a = n + n\n    b = n + n\n    return a * b\n", "f")
    assert [name for name in found if name.startswith("n + n -> n - n")] == [
        "n + n -> n - n",
        "n + n -> n - n #2",
    ]


def test_the_diff_shows_the_line_before_and_after() -> None:
    [first, *_] = mutants(body("x + y"), "f")
    assert first.diff == "-    return x + y\n+    return x - y"


def test_a_function_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ValueError, match="does not define g"):
        mutants(body("x"), "g")
