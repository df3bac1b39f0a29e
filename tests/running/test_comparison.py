"""What is equal to the reference and what is not, and what is said of the difference."""

import math
import struct
from typing import Any

import pytest

from studykit.library.cards import Tolerance
from studykit.running.comparison import compare
from studykit.running.plain import Dtype, Tensor

NAN, INF = math.nan, math.inf


def f32(*numbers: float, shape: tuple[int, ...] | None = None) -> Tensor:
    return Tensor("float32", shape or (len(numbers),), struct.pack(f"<{len(numbers)}f", *numbers))


def f64(*numbers: float) -> Tensor:
    return Tensor("float64", (len(numbers),), struct.pack(f"<{len(numbers)}d", *numbers))


def f16(*numbers: float) -> Tensor:
    return Tensor("float16", (len(numbers),), struct.pack(f"<{len(numbers)}e", *numbers))


def bf16(*numbers: float) -> Tensor:
    data = b"".join(struct.pack("<f", number)[2:] for number in numbers)
    return Tensor("bfloat16", (len(numbers),), data)


def i64(*numbers: int) -> Tensor:
    return Tensor("int64", (len(numbers),), struct.pack(f"<{len(numbers)}q", *numbers))


def c64(*numbers: complex) -> Tensor:
    data = b"".join(struct.pack("<2f", number.real, number.imag) for number in numbers)
    return Tensor("complex64", (len(numbers),), data)


EQUAL: list[tuple[Any, Any]] = [
    (None, None),
    (..., ...),
    (True, True),
    (3, 3),
    (10**400, 10**400),
    ("text", "text"),
    (b"x", b"x"),
    (range(3), range(3)),
    (Dtype("float32"), Dtype("float32")),
    (0.1 + 0.2, 0.3),
    (1e100, 1e100 * (1 + 1e-10)),
    (0.0, -0.0),
    (0.0, 1e-13),
    (NAN, NAN),
    (INF, INF),
    (2.0, 2),
    (1j, 1j),
    (complex(NAN, 1), complex(NAN, 1)),
    ([1, [2, (3,)]], [1, [2, (3,)]]),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ({NAN: 1}, {math.nan: 1}),
    ({1, "a", (2, 3)}, {(2, 3), "a", 1}),
    (frozenset({1}), frozenset({1})),
    (f32(1, 2), f32(1, 2)),
    (f32(1.0), f32(1.000001)),
    (f32(0.0), f32(9e-6)),
    (f32(0.0), f32(-0.0)),
    (f32(NAN, INF, -INF), f32(NAN, INF, -INF)),
    (f64(1.0), f64(1.0 + 1e-7)),
    (f16(1.0), f16(1.001)),
    (bf16(1.0), bf16(1.0078125)),
    (i64(2**62), i64(2**62)),
    (c64(1 + 1j), c64(1.000001 + 1j)),
    (c64(complex(NAN, 0)), c64(complex(NAN, 0))),
    (0.10000000149011612, 0.1),  # a float32 made a Python float
    (f32(shape=(0, 7)), f32(shape=(0, 7))),
]


def by_kind(value: object) -> str:
    """Name a case by its kind alone: sets show their members in another order in each process."""
    return type(value).__name__


@pytest.mark.parametrize(("expected", "got"), EQUAL, ids=by_kind)
def test_equal(expected: Any, got: Any) -> None:
    assert compare(expected, got) is None


DIFFERENT: list[tuple[Any, Any, str]] = [
    (1, True, "a bool, expected an int"),
    (True, 1, "an int, expected a bool"),
    (1, 1.0, "a float, expected an int"),
    (1.0, True, "a bool, expected a float"),
    (1, "1", "a str, expected an int"),
    (None, 0, "an int, expected None"),
    ([1], (1,), "a tuple, expected a list"),
    ((1,), [1], "a list, expected a tuple"),
    ({1}, frozenset({1}), "a frozenset, expected a set"),
    (b"x", bytearray(b"x"), "a bytearray, expected a bytes"),
    (f32(1), [1.0], "a list, expected a tensor"),
    (3, 4, "4, expected 3"),
    (1.0, 1.1, "1.1, expected 1.0"),
    (0.3, 0.3000001, "0.3000001, expected 0.3"),
    (1.0, NAN, "nan, expected 1.0"),
    (NAN, 1.0, "1.0, expected nan"),
    (INF, 1e308, "1e+308, expected inf"),
    (1e308, INF, "inf, expected 1e+308"),
    (INF, -INF, "-inf, expected inf"),
    (1.0, 10**400, "expected 1.0"),
    ("mutable", "mutible", "'mutible', expected 'mutable': differs at character 3"),
    ("a", "ab", "'ab', expected 'a': differs at character 1"),
    ("x" * 99 + "a", "x" * 99 + "b", "'xxxxxxxxxxb', expected 'xxxxxxxxxxa': differs at character 99"),
    ([1, 2], [1, 2, 3], "length 3, expected 2"),
    ([1, [2, 3]], [1, [2, 4]], "item 1 → item 1: 4, expected 3"),
    ({"loss": 1.0}, {"loss": 2.0}, "key 'loss': 2.0, expected 1.0"),
    ({"a": 1}, {}, "no key 'a'"),
    ({}, {"a": 1}, "an unexpected key 'a'"),
    ({1: 0}, {True: 0}, "no key 1"),
    ({1, 2}, {1, 3}, "2 is missing"),
    ({1}, {1, 2}, "2 does not belong"),
    ({1}, {1.0}, "1 is missing"),
    (f32(1), f64(1), "dtype float64, expected float32"),
    (f32(1, 2, 3), f32(1, 2, 3, shape=(3, 1)), "shape (3, 1), expected (3,)"),
    (f32(*range(42), shape=(6, 7)), f32(shape=(0, 6, 7)), "shape (0, 6, 7), expected (6, 7)"),
    (f32(1, 2, 3, 4, shape=(2, 2)), f32(1, 2, 3, 5, shape=(2, 2)), "index (1, 1): 5.0, expected 4.0"),
    (f32(1, shape=()), f32(2, shape=()), "2.0, expected 1.0"),
    (f32(1.0), f32(1.0001), "index (0,): 1.0001, expected 1.0"),
    (f32(0.0), f32(2e-5), "index (0,): 2e-05, expected 0.0"),
    (f32(1, 2), f32(NAN, 2), "index (0,): nan, expected 1.0"),
    (f32(NAN), f32(0), "index (0,): 0.0, expected nan"),
    (f32(INF), f32(3e38), "index (0,): 3e+38, expected inf"),
    (f32(INF), f32(-INF), "index (0,): -inf, expected inf"),
    (f64(1.0), f64(1.000001), "index (0,): 1.000001, expected 1.0"),
    (f16(1.0), f16(1.01), "index (0,): 1.0098, expected 1.0"),
    (bf16(1.0), bf16(1.0625), "index (0,): 1.062, expected 1.0"),
    (i64(2**62), i64(2**62 + 1), "index (0,): 4611686018427387905, expected 4611686018427387904"),
    (Tensor("bool", (1,), b"\1"), Tensor("bool", (1,), b"\0"), "index (0,): False, expected True"),
    (Tensor("uint8", (1,), b"\0"), Tensor("uint8", (1,), b"\xff"), "index (0,): 255, expected 0"),
    (c64(1 + 1j), c64(1 - 1j), "index (0,): (1-1j), expected (1+1j)"),
    (
        {"out": (f32(1), f32(2))},
        {"out": (f32(1), f32(3))},
        "key 'out' → item 1 → index (0,): 3.0, expected 2.0",
    ),
]


@pytest.mark.parametrize(("expected", "got", "said"), DIFFERENT, ids=by_kind)
def test_different_and_why(expected: Any, got: Any, said: str) -> None:
    assert said in str(compare(expected, got))


def test_the_extent_of_a_difference_is_measured() -> None:
    difference = compare(f32(1, 2, 4, 0), f32(1, 2.5, 5, 0.25))
    assert difference is not None
    assert (difference.path, difference.differing, difference.total) == ("index (1,)", 3, 4)
    assert (difference.max_absolute, difference.max_relative) == (1.0, 0.25)


def test_everything_is_looked_at_and_the_first_difference_told() -> None:
    difference = compare({"a": [1, 2], "b": f32(1, 1)}, {"a": [1, 3], "b": f32(0, 0)})
    assert difference is not None
    assert (difference.path, difference.differing, difference.total) == ("key 'a' → item 1", 3, 4)


def test_infinite_errors_are_no_largest_error() -> None:
    difference = compare(f32(1, 1), f32(INF, 3))
    assert difference is not None
    assert (difference.differing, difference.max_absolute) == (2, 2.0)


def test_a_huge_complex_number_is_far_away_and_no_error() -> None:
    huge = struct.pack("<2d", 1.7e308, 1.7e308)
    there = struct.pack("<2d", -1.7e308, -1.7e308)
    assert compare(Tensor("complex128", (1,), huge), Tensor("complex128", (1,), there)) is not None
    assert compare(1.7e308 + 1.7e308j, -1.7e308 - 1.7e308j) is not None


@pytest.mark.parametrize(
    ("tolerance", "equal"),
    [
        (Tolerance(rtol=0.1), True),
        (Tolerance(atol=0.05), True),
        (Tolerance(rtol=0.01), False),
        (Tolerance(rtol=0.0, atol=0.0), False),
    ],
)
def test_a_cards_tolerance_replaces_the_dtypes(tolerance: Tolerance, equal: bool) -> None:
    for expected, got in [(f32(1.0), f32(1.04)), (1.0, 1.04), (f64(1.0), f64(1.04)), (1 + 0j, 1.04 + 0j)]:
        assert (compare(expected, got, tolerance) is None) is equal


def test_tolerance_does_not_soften_integers_and_text() -> None:
    wide = Tolerance(rtol=10.0, atol=10.0)
    assert compare(3, 4, wide) is not None
    assert compare(i64(3), i64(4), wide) is not None
    assert compare("a", "b", wide) is not None


def test_float8_is_compared_by_value() -> None:
    one, more, far, nan = (Tensor("float8_e4m3fn", (1,), bytes([byte])) for byte in (0x38, 0x39, 0x40, 0x7F))
    assert compare(one, more) is None  # 1 and 1.125
    assert "2.0, expected 1.0" in str(compare(one, far))
    assert compare(nan, Tensor("float8_e4m3fn", (1,), b"\xff")) is None
    assert compare(nan, one) is not None
    half, four = (Tensor("float8_e5m2", (1,), bytes([byte])) for byte in (0x38, 0x44))
    assert "4.0, expected 0.5" in str(compare(half, four))


def test_all_dtypes_agree_with_torch() -> None:
    torch = pytest.importorskip("torch")
    from studykit.running.numbers import elements
    from studykit.running.plain import ITEM_SIZES, decode, encode

    generator = torch.Generator().manual_seed(0)
    for name in ITEM_SIZES:
        values = (100 * torch.randn(50, generator=generator)).abs().to(getattr(torch, name))
        wide = values.to(torch.complex128) if values.is_complex() else values.double()
        assert [complex(x) for x in elements(decode(encode(values)))] == [
            complex(x) for x in wide.tolist()
        ], name


def test_the_verdict_on_near_values_is_torchs() -> None:
    torch = pytest.importorskip("torch")
    from studykit.running.plain import decode, encode

    generator = torch.Generator().manual_seed(1)
    for dtype in (torch.float64, torch.float32, torch.float16, torch.bfloat16):
        for exponent in range(-9, 0):
            x = torch.randn(20, generator=generator, dtype=torch.float64)
            y = x * (1 + 10.0**exponent)
            x, y = x.to(dtype), y.to(dtype)
            try:
                torch.testing.assert_close(y, x)
                close = True
            except AssertionError:
                close = False
            assert (compare(decode(encode(x)), decode(encode(y))) is None) is close


def test_a_million_elements_are_compared_one_by_one() -> None:
    ours = struct.pack("<1000000f", *[1.0] * 1_000_000)
    theirs = struct.pack("<1000000f", *[2.0] * 1_000_000)
    difference = compare(Tensor("float32", (10**6,), ours), Tensor("float32", (10**6,), theirs))
    assert difference is not None
    assert difference.differing == 1_000_000
