"""What people type is understood as they mean it, and no further."""

import math
from typing import Any

import pytest

from studykit.library.cards import Choice, Tolerance, Typed
from studykit.running.answers import judge_choice, judge_typed, judge_value, parse_value
from studykit.running.plain import Dtype, Tensor


@pytest.mark.parametrize(
    ("accepted", "typed"),
    [
        ("10000", "1e4"),
        ("10000", "10,000"),
        ("10000", "10_000"),
        ("10000", "10000.0"),
        ("1e4", "１００００"),
        ("-1", "\u22121"),
        ("0.5", "1/2"),
        ("0.5", ".5"),
        ("Softmax", "  softmax "),
        ("layer norm", "Layer\u3000 Norm"),
        ("O(n log n)", "o( n  log n )"),
        ("a + b", "a+b"),
        ("x²", "x^2"),
        ("x**2", "x^2"),
        ("旋转矩阵", "旋转 矩阵"),
        ("RoPE 的旋转", "rope的旋转"),
        ("list", "`List`."),
        ("list", "“list”"),
        ("...", "..."),
        ("True", "true"),
        ("ß", "SS"),
    ],
)
def test_typed_and_accepted(accepted: str, typed: str) -> None:
    assert judge_typed(Typed(id="x", front="?", accept=("another", accepted)), typed)


@pytest.mark.parametrize(
    ("accepted", "typed"),
    [
        ("10", "100"),
        ("10⁴", "104"),
        ("1.0", "1.01"),
        ("foo bar", "foobar"),
        ("...", ""),
        ("list", ""),
        ("list", "lists"),
        ("1/3", "1/0"),
        ("1", "True"),
        ("1e999", "1e9999999999"),
        ("a-b", "a b"),
    ],
)
def test_typed_and_refused(accepted: str, typed: str) -> None:
    assert not judge_typed(Typed(id="x", front="?", accept=(accepted,)), typed)


def test_an_endless_answer_is_refused_at_once() -> None:
    assert not judge_typed(Typed(id="x", front="?", accept=("1",)), "1" * 10_000_000)


CHOICE = Choice(id="x", front="?", right=("a", {"en": "b", "zh": "乙"}), wrong=("c", "d"))


@pytest.mark.parametrize(
    ("picked", "right"),
    [
        (["a", {"en": "b", "zh": "乙"}], True),
        ([{"en": "b", "zh": "乙"}, "a"], True),
        (["a"], False),
        (["a", {"en": "b", "zh": "乙"}, "c"], False),
        (["c"], False),
        ([], False),
    ],
)
def test_all_right_options_and_no_wrong_one(picked: list[Any], right: bool) -> None:
    assert judge_choice(CHOICE, picked) is right


@pytest.mark.parametrize(
    ("expected", "typed"),
    [
        (0.5, "50%"),
        (0.5, "1/2"),
        (0.5, "５０％"),
        (50.0, "50%"),
        (3, "3.0"),
        (3, "6/2"),
        (1024, "2^10"),
        (1024, "2**10"),
        (2**100, "1267650600228229401496703205376"),
        (math.pi, "3.1415"),
        (math.pi, "π"),
        (math.pi / 2, "pi / 2"),
        (math.sqrt(2) / 2, "sqrt(2)/2"),
        (math.e, "e"),
        (6.02e23, "6.02×10²³"),
        (-2.0, "\u22122"),
        (10000, "10,000"),
        (1e-17, "0"),
        (math.inf, "inf"),
        (-math.inf, "-∞"),
        (math.nan, "nan"),
        (1 + 2j, "1+2j"),
        (True, "True"),
        (True, "是"),
        (False, "no"),
        (None, "None"),
        ("half", "'half'"),
        ("half", "Half"),
        ([1, 2], "1, 2"),
        ([1, 2], "１，２"),
        ((1, 2), "[1, 2]"),
        ((10, 200), "10,200"),
        ([0.5, 0.25], "1/2, 1/4"),
        ([], "[]"),
        ({1, 2}, "{2, 1}"),
        (set(), "set()"),
        ({"a": 1.0}, "{'a': 1}"),
        (range(3), "range(0, 3)"),
        (Dtype("float32"), "torch.float32"),
        (Tensor("float32", (2,), b"\0\0\x80\x3f\0\0\0\x40"), "[1, 2]"),
        (Tensor("float32", (), b"\0\0\x80\x3f"), "1"),
        (Tensor("bool", (), b"\1"), "True"),
        (2, "≈ 2"),
    ],
)
def test_a_value_and_ways_to_write_it(expected: Any, typed: str) -> None:
    assert judge_value(expected, typed)


@pytest.mark.parametrize(
    ("expected", "typed"),
    [
        (0.5, "0.5%"),
        (3, "3.001"),
        (3, "4"),
        (math.pi, "3.13"),
        (1.0, "nan"),
        (math.inf, "1e308"),
        (True, "1"),
        (1, "True"),
        (None, "0"),
        ([1, 2], "1"),
        ([1, 2], "2, 1"),
        ([1, 2], "1, 2, 3"),
        ({1, 2}, "{1}"),
        ({1}, "[[1]]"),
        ({"a": 1}, "{'b': 1}"),
        ("half", "interleaved"),
        (1.0, "2^4000"),
        (Dtype("float32"), "float64"),
    ],
)
def test_another_value(expected: Any, typed: str) -> None:
    assert not judge_value(expected, typed)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "many",
        "__import__('os').getcwd()",
        "(lambda: 1)()",
        "[x for x in (1,)]",
        "1 if True else 2",
        "9**9**9",
        "2**100000",
        "'a' * 10**9",
        "[0] * 10**9",
        "1/0",
        "sqrt(-1)",
        "exp(10**6)",
        "(" * 3000,
        "-" * 3000 + "1",
        "9" * 5000,
        "\x00",
        "{[]}",
        "{**{}}",
        "f'{1}'",
        "open('x')",
        "'a'%",
    ],
)
def test_what_is_no_value_is_said_to_be_none(typed: str) -> None:
    with pytest.raises(ValueError):
        judge_value(1.0, typed)


def test_a_cards_tolerance_holds_and_reaches_integers() -> None:
    assert not judge_value(100.0, "101")
    assert judge_value(100.0, "101", Tolerance(rtol=0.02))
    assert judge_value(0.0, "0.01", Tolerance(atol=0.02))
    assert judge_value(100, "101", Tolerance(rtol=0.02))


def test_arithmetic_is_python_s() -> None:
    assert parse_value("7 // 2 + 7 % 2 - -1 * 2") == 6
    assert parse_value("log2(8) + log10(100)") == 5
    assert parse_value("2**-1") == 0.5
    assert parse_value("(1, 'a', None, ...)") == (1, "a", None, ...)
