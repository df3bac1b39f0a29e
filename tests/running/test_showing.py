"""Values as people read them: short, complete where it matters, and unable to steer a terminal."""

import math
import struct
from typing import Any

import pytest

from studykit.running.plain import Dtype, Generator, Tensor
from studykit.running.showing import assignments, bounded, brief, literal, prose, show, show_arguments


def f32(*shape: int) -> Tensor:
    count = math.prod(shape)
    return Tensor("float32", shape, struct.pack(f"<{count}f", *(i / 10 for i in range(count))))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "0.1"),
        (0.10000000149011612, "0.1"),
        (1 / 3, "0.3333333333333333"),
        (1e-30, "1e-30"),
        (10000.0, "10000.0"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        ("a\x1b[31m\u202e", "'a\\x1b[31m\\u202e'"),
        ([1, (2,), {3}, set(), frozenset({4})], "[1, (2,), {3}, set(), frozenset({4})]"),
        ({"a": None, 2: ...}, "{'a': None, 2: ...}"),
        (f32(), "tensor float32 of shape (): 0"),
        (f32(3), "tensor float32 of shape (3,): [0, 0.1, 0.2]"),
        (f32(12), "tensor float32 of shape (12,): [0, 0.1, 0.2, 0.3, …, 1, 1.1]"),
        (f32(0, 7), "tensor float32 of shape (0, 7): empty"),
        (Tensor("bool", (2,), b"\1\0"), "tensor bool of shape (2,): [True, False]"),
        (Dtype("bfloat16"), "torch.bfloat16"),
    ],
)
def test_shown(value: Any, text: str) -> None:
    assert show(value) == text


def test_an_integer_too_long_to_print_is_no_error() -> None:
    assert show([10**5000]) == "[an integer of more than 4,300 digits]"


def test_a_matrix_is_shown_row_by_row() -> None:
    assert show(f32(2, 2, 2)) == (
        "tensor float32 of shape (2, 2, 2):\n[[[0, 0.1]\n  [0.2, 0.3]]\n [[0.4, 0.5]\n  [0.6, 0.7]]]"
    )


def test_a_large_matrix_is_cut_in_the_middle() -> None:
    lines = show(f32(20, 20)).splitlines()
    assert lines[1] == "[[0, 0.1, 0.2, 0.3, …, 1.8, 1.9]"
    assert lines[5:] == [
        " …",
        " [36, 36.1, 36.2, 36.3, …, 37.8, 37.9]",
        " [38, 38.1, 38.2, 38.3, …, 39.8, 39.9]]",
    ]


def test_a_container_of_tensors_gets_a_line_for_each() -> None:
    assert show({"loss": f32(), "out": [f32(2, 2), 1]}) == (
        "{\n"
        "  'loss': tensor float32 of shape (): 0,\n"
        "  'out': [\n"
        "    tensor float32 of shape (2, 2):\n"
        "    [[0, 0.1]\n"
        "     [0.2, 0.3]],\n"
        "    1,\n"
        "  ],\n"
        "}"
    )


def deep(levels: int, width: int) -> Any:
    return [deep(levels - 1, width)] * width if levels else "word"


@pytest.mark.parametrize(
    "value",
    [
        list(range(10**6)),
        ["x" * 10**6] * 100,
        deep(5, 10),
        deep(45, 1),
        dict.fromkeys(range(10**5), "y" * 50),
        f32(2, 2, 2, 2, 2, 2, 2, 2, 2, 2),
        Tensor("uint8", (1,) * 32, b"\0"),
        "line\n" * 10**6,
    ],
    ids=range(8),
)
def test_whatever_its_size_it_takes_twenty_lines(value: Any) -> None:
    lines = show(value).split("\n")
    assert len(lines) <= 20
    assert max(map(len, lines)) <= 160


def test_arguments_are_shown_as_assignments() -> None:
    assert show_arguments({"x": f32(2, 1), "n": 3, "layout": "half"}) == (
        "x = tensor float32 of shape (2, 1):\n[[0]\n [0.1]]\nn = 3\nlayout = 'half'"
    )


def test_text_is_cleaned_and_cut_saying_so() -> None:
    assert bounded("a\x07b\x9bc\u202ed\r\n") == "a\ufffdb\ufffdc\ufffdd"
    assert bounded("\n".join("abcdef"), lines=3) == "a\nb\n… 4 more lines"
    assert len(bounded("x" * 500)) == 160
    assert len(prose("x" * 5000)) == 1000


@pytest.mark.parametrize(
    ("value", "text"),
    [("half", "half"), (0.10000000149011612, "0.1"), (f32(2), "[0.0, 0.1]"), ((1, 2.5), "(1, 2.5)")],
)
def test_inside_a_sentence(value: Any, text: str) -> None:
    assert brief(value) == text


@pytest.mark.parametrize(
    "value",
    [
        0.10000000149011612,
        [1, (2,), (), {3, 1}, set(), frozenset(), frozenset({(1, "a")})],
        {"a": {1.5: None}, b"x": ...},
        "a'\"\n\x1b\ud800",
        range(1, 9, 2),
        -0.0,
        1 + 2j,
    ],
)
def test_a_literal_is_the_value(value: Any) -> None:
    assert eval(literal(value)) == value  # noqa: S307


def test_literals_of_what_has_none() -> None:
    assert math.isnan(eval(literal([math.nan]))[0])  # noqa: S307
    assert literal(-math.inf) == "float('-inf')"
    assert literal(Dtype("int64")) == "torch.int64"
    assert literal(Generator(7)) == "torch.Generator().manual_seed(7)"
    assert literal(Tensor("int8", (2, 1), b"\1\xff")) == "torch.tensor([[1], [-1]], dtype=torch.int8)"
    assert literal(f32(0, 3)) == "torch.empty((0, 3), dtype=torch.float32)"
    with pytest.raises(ValueError, match="a tensor of 300 elements is too large to be shown"):
        literal(f32(300))


def test_assignments_bring_the_import_they_need() -> None:
    assert assignments({"n": 3, "s": "x"}) == "n = 3\ns = 'x'\n"
    assert assignments({"t": Dtype("int8")}) == "import torch\nt = torch.int8\n"
