"""Elements of tensors at rest, read without torch."""

import math
import struct

import pytest

from studykit.running.numbers import distance, elements, is_float32, nested, shortest
from studykit.running.plain import Tensor


@pytest.mark.parametrize(
    ("dtype", "data", "expected"),
    [
        ("bool", b"\0\1", [0, 1]),
        ("uint8", b"\xff", [255]),
        ("int8", b"\xff", [-1]),
        ("int16", b"\xfe\xff", [-2]),
        ("uint16", b"\xfe\xff", [65534]),
        ("int32", b"\0\0\0\x80", [-(2**31)]),
        ("uint32", b"\0\0\0\x80", [2**31]),
        ("int64", b"\xff" * 8, [-1]),
        ("uint64", b"\xff" * 8, [2**64 - 1]),
        ("float16", b"\0\x3c\0\xc0", [1.0, -2.0]),
        ("bfloat16", b"\x80\x3f\x49\x40", [1.0, 3.140625]),
        ("float8_e5m2", b"\x3c\xc0", [1.0, -2.0]),
        ("float8_e4m3fn", b"\x38\xc0\x01\x7e", [1.0, -2.0, 2.0**-9, 448.0]),
        ("float32", struct.pack("<2f", 1.5, -0.25), [1.5, -0.25]),
        ("float64", struct.pack("<d", 0.1), [0.1]),
        ("complex64", struct.pack("<2f", 1, -2), [1 - 2j]),
        ("complex128", struct.pack("<2d", 0.1, 2), [0.1 + 2j]),
    ],
)
def test_elements_of_each_dtype(dtype: str, data: bytes, expected: list[complex]) -> None:
    assert list(elements(Tensor(dtype, (len(expected),), data))) == expected


def test_nested_lists_have_the_shape() -> None:
    data = bytes(range(6))
    assert nested(Tensor("uint8", (2, 3), data)) == [[0, 1, 2], [3, 4, 5]]
    assert nested(Tensor("uint8", (3, 1, 2), data)) == [[[0, 1]], [[2, 3]], [[4, 5]]]
    assert nested(Tensor("uint8", (), b"\7")) == 7
    assert nested(Tensor("uint8", (2, 0), b"")) == [[], []]
    assert nested(Tensor("uint8", (0, 2), b"")) == []
    assert nested(Tensor("bool", (2,), b"\1\0")) == [True, False]


@pytest.mark.parametrize(
    ("number", "dtype", "text"),
    [
        (struct.unpack("<f", struct.pack("<f", 0.1))[0], "float32", "0.1"),
        (struct.unpack("<f", struct.pack("<f", 1 / 3))[0], "float32", "0.33333334"),
        (1.0, "float32", "1.0"),
        (0.1, "float64", "0.1"),
        (1e22, "float64", "1e+22"),
        (0.333251953125, "float16", "0.33325"),
        (3.140625, "bfloat16", "3.141"),
        (math.nan, "float32", "nan"),
        (3, "int64", "3"),
    ],
)
def test_as_few_digits_as_tell_it_apart(number: float, dtype: str, text: str) -> None:
    assert shortest(number, dtype) == text


def test_float32_numbers_are_known_by_their_bits() -> None:
    assert is_float32(0.5)
    assert is_float32(0.10000000149011612)
    assert not is_float32(0.1)
    assert not is_float32(1e300)


def test_the_distance_of_what_is_far_apart_is_infinite() -> None:
    assert distance(3j, 4) == 5
    assert distance(-1.7e308, 1.7e308) == math.inf
