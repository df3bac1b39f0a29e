"""What plain data is made of, and how much of it there may be: for `plain_encoding` and `plain_decoding`."""

import math
import struct
from dataclasses import dataclass

MAX_BYTES = 64 * 2**20
MAX_DEPTH = 50
MAX_NODES = 1_000_000
MAX_INT_BYTES = 2**17
MAX_DIMENSIONS = 32
MAX_COLLISIONS = 256
"""Set members and dict keys that may share a hash: more is an attack on the time of whoever decodes."""

MAGIC = b"SK1"

ITEM_SIZES = {
    "bool": 1,
    "uint8": 1,
    "int8": 1,
    "uint16": 2,
    "int16": 2,
    "uint32": 4,
    "int32": 4,
    "uint64": 8,
    "int64": 8,
    "float8_e4m3fn": 1,
    "float8_e5m2": 1,
    "float16": 2,
    "bfloat16": 2,
    "float32": 4,
    "float64": 8,
    "complex64": 8,
    "complex128": 16,
}
"""Bytes per element of every dtype that a tensor may have here, by torch's names."""

SIZE = struct.Struct("<I")
DOUBLE = struct.Struct("<d")
COMPLEX = struct.Struct("<dd")
DIMENSION = struct.Struct("<Q")


class NotPlainError(ValueError):
    """A value that is no plain data, or too much of it; the message says what it is."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor at rest: contiguous, little-endian. Building one that cannot exist raises ValueError."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes

    def __post_init__(self) -> None:
        if self.dtype not in ITEM_SIZES:
            raise ValueError(f"unknown dtype {self.dtype!r}")
        if len(self.shape) > MAX_DIMENSIONS or not all(0 <= n < 2**48 for n in self.shape):
            raise ValueError("a tensor of impossible shape")
        if math.prod(self.shape) * ITEM_SIZES[self.dtype] != len(self.data):
            raise ValueError("a tensor whose bytes do not fill its shape")
        if self.dtype == "bool" and self.data.translate(None, b"\0\1"):
            raise ValueError("a bool that is neither 0 nor 1")


@dataclass(frozen=True, slots=True)
class Dtype:
    """A `torch.dtype` by its name: `float32`."""

    name: str


@dataclass(frozen=True, slots=True)
class Generator:
    """A `torch.Generator` by the seed it began with; what was drawn from it since is forgotten."""

    seed: int
