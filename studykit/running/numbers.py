"""The elements of a tensor at rest as Python numbers, without torch and without numpy."""

import math
import struct
import sys
from array import array
from collections.abc import Sequence

from studykit.running.plain import ITEM_SIZES, Tensor

MAX_NESTED = 100_000
"""Lists are made of no more elements; an empty tensor counts as if no axis were empty."""

_ARRAY_CODES = {
    "bool": "B",
    "uint8": "B",
    "int8": "b",
    "uint16": "H",
    "int16": "h",
    "uint32": "I",
    "int32": "i",
    "uint64": "Q",
    "int64": "q",
    "float32": "f",
    "float64": "d",
}


def elements(tensor: Tensor) -> Sequence[int] | Sequence[float] | Sequence[complex]:
    """Return the elements of `tensor` in row-major order."""
    data = tensor.data
    match tensor.dtype:
        case "float16":
            return struct.unpack(f"<{len(data) // 2}e", data)
        case "bfloat16":  # the upper half of a float32
            return _array("f", _widened(data, item=2))
        case "float8_e5m2":  # the upper half of a float16
            return struct.unpack(f"<{len(data)}e", _widened(data, item=1))
        case "float8_e4m3fn":
            return [_E4M3[byte] for byte in data]
        case "complex64":
            parts = _array("f", data)
            return list(map(complex, parts[0::2], parts[1::2]))
        case "complex128":
            parts = _array("d", data)
            return list(map(complex, parts[0::2], parts[1::2]))
    return _array(_ARRAY_CODES[tensor.dtype], data)


def picked(tensor: Tensor, positions: Sequence[int]) -> Sequence[object]:
    """Return the elements at these row-major positions, and read no others."""
    size = ITEM_SIZES[tensor.dtype]
    data = b"".join(tensor.data[size * position : size * (position + 1)] for position in positions)
    return elements(Tensor(tensor.dtype, (len(positions),), data))


def is_small(tensor: Tensor) -> bool:
    """Tell whether `nested` makes lists of it."""
    return math.prod(max(1, size) for size in tensor.shape) <= MAX_NESTED


def nested(tensor: Tensor) -> object:
    """Return the elements of `tensor` as nested lists, as `tolist` would; a bare number if it has no axes.

    Raises ValueError if that is too much: (2**40, 0) has no elements, and too many lists.
    """
    if not is_small(tensor):
        raise ValueError(f"a tensor of shape {tensor.shape} is too large to be written out")
    flat: list[object] = list(elements(tensor))
    if tensor.dtype == "bool":
        flat = list(map(bool, flat))
    return _folded(flat, tensor.shape)


def _folded(flat: list[object], shape: tuple[int, ...]) -> object:
    if not shape:
        return flat[0]
    size = len(flat) // shape[0] if shape[0] else 0
    return [_folded(flat[i * size : (i + 1) * size], shape[1:]) for i in range(shape[0])]


def is_float32(number: float) -> bool:
    """Tell whether `number` is exactly a float32, as what `.item()` of one is."""
    try:
        return bool(struct.unpack("<f", struct.pack("<f", number))[0] == number)
    except OverflowError:
        return False


def distance(one: complex, other: complex) -> float:
    """Return |one - other|; unlike `abs`, infinite and no error where that is no float."""
    return math.hypot(other.real - one.real, other.imag - one.imag)


def shortest(number: object, dtype: str = "float64") -> str:
    """Return the fewest digits that tell `number` from its neighbours of the same dtype."""
    if not isinstance(number, float):
        return repr(number)
    if dtype == "float32" and math.isfinite(number):
        for digits in (6, 7, 8):
            text = f"{number:.{digits}g}"
            if struct.pack("<f", float(text)) == struct.pack("<f", number):
                return _with_point(text)
        return _with_point(f"{number:.9g}")
    return _with_point(f"{number:.{_DIGITS[dtype]}g}") if dtype in _DIGITS else repr(number)


_DIGITS = {"float16": 5, "bfloat16": 4, "float8_e4m3fn": 3, "float8_e5m2": 2}


def _with_point(text: str) -> str:
    return text if any(mark in text for mark in ".en") else f"{text}.0"


def _array(code: str, data: bytes | bytearray) -> "array[int] | array[float]":
    numbers: array[int] | array[float] = array(code)
    numbers.frombytes(data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _widened(data: bytes, item: int) -> bytearray:
    """Put `item` zero bytes before each element of `item` bytes: the lower half, in little-endian."""
    wide = bytearray(2 * len(data))
    for offset in range(item):
        wide[item + offset :: 2 * item] = data[offset::item]
    return wide


def _e4m3(byte: int) -> float:
    sign, exponent, fraction = -1.0 if byte & 0x80 else 1.0, byte >> 3 & 0xF, byte & 7
    if exponent == 0xF and fraction == 7:
        return float("nan")
    if exponent == 0:
        return sign * float(fraction) * 2.0**-9
    return sign * (1 + fraction / 8) * 2.0 ** (exponent - 7)


_E4M3 = [_e4m3(byte) for byte in range(256)]
