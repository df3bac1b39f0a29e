"""Bytes to values: see `plain`. This end meets hostile bytes, and raises nothing but ValueError."""

from collections.abc import Callable
from typing import Any

from studykit.running.plain_values import (
    COMPLEX,
    DIMENSION,
    DOUBLE,
    ITEM_SIZES,
    MAGIC,
    MAX_BYTES,
    MAX_COLLISIONS,
    MAX_DEPTH,
    MAX_DIMENSIONS,
    MAX_INT_BYTES,
    MAX_NODES,
    SIZE,
    Dtype,
    Generator,
    Tensor,
)


def decode(data: bytes | bytearray | memoryview) -> Any:
    """Return the value that `data` stands for; raise ValueError if it stands for none."""
    if len(data) > MAX_BYTES + len(MAGIC):
        raise ValueError("more data than allowed")
    decoder = _Decoder(memoryview(data).cast("B"))
    if decoder.take(len(MAGIC)) != MAGIC:
        raise ValueError("not plain data")
    value = decoder.value(0)
    if decoder.position != len(data):
        raise ValueError("something follows the value")
    return value


class _Decoder:
    """Walks over the bytes once; whatever it meets, it raises nothing but ValueError."""

    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.position = 0
        self.nodes = 0
        self.no_keys = 0
        """How many values were met that may not be in a key or a member of a set."""

    def take(self, size: int) -> bytes:
        end = self.position + size
        if end > len(self.data):
            raise ValueError("the data ends too early")
        chunk = bytes(self.data[self.position : end])
        self.position = end
        return chunk

    def size(self) -> int:
        size: int = SIZE.unpack(self.take(4))[0]
        if size > len(self.data) - self.position:
            raise ValueError("the data ends too early")
        return size

    def sized(self) -> bytes:
        return self.take(self.size())

    def value(self, depth: int) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise ValueError("too many values")
        if depth > MAX_DEPTH:
            raise ValueError("nested too deeply")
        read = _READ.get(self.take(1))
        if read is None:
            raise ValueError("an unknown kind of value")
        return read(self, depth)

    def items(self, depth: int) -> list[Any]:
        return [self.value(depth + 1) for _ in range(self.size())]

    def key(self, depth: int) -> Any:
        before = self.no_keys
        value = self.value(depth)
        if self.no_keys != before:
            raise ValueError("set members or dict keys that are no keys")
        return value

    def hashed(self, depth: int) -> list[Any]:
        return _hashable([self.key(depth + 1) for _ in range(self.size())])

    def text(self) -> str:
        return self.sized().decode("utf-8", "surrogatepass")

    def integer(self) -> int:
        size = self.size()
        if not 0 < size <= MAX_INT_BYTES:
            raise ValueError("an integer of impossible size")
        return int.from_bytes(self.take(size), "little", signed=True)

    def set_of(self, depth: int) -> set[Any]:
        members = self.hashed(depth)
        distinct = set(members)
        if len(distinct) != len(members):
            raise ValueError("a set with one member twice")
        return distinct

    def dictionary(self, depth: int) -> dict[Any, Any]:
        pairs = [(self.key(depth + 1), self.value(depth + 1)) for _ in range(self.size())]
        _hashable([key for key, _ in pairs])
        mapping = dict(pairs)
        if len(mapping) != len(pairs):
            raise ValueError("a dict with one key twice")
        return mapping

    def range_of(self, depth: int) -> range:
        bounds = self.items(depth)
        if len(bounds) != 3 or not all(type(bound) is int for bound in bounds) or bounds[2] == 0:
            raise ValueError("an impossible range")
        return range(*bounds)

    def dtype(self) -> Dtype:
        name = self.text()
        if name not in ITEM_SIZES:
            raise ValueError("an unknown dtype")
        return Dtype(name)

    def generator(self, depth: int) -> Generator:
        items = self.items(depth)
        if len(items) != 1 or type(items[0]) is not int or not -(2**63) <= items[0] < 2**64:
            raise ValueError("an impossible generator")
        self.no_keys += 1
        return Generator(items[0])

    def tensor(self) -> Tensor:
        dtype, dimensions = self.text(), self.sized()
        if len(dimensions) % 8 or len(dimensions) > 8 * MAX_DIMENSIONS:
            raise ValueError("a tensor of impossible shape")
        self.no_keys += 1
        shape = tuple(size for (size,) in DIMENSION.iter_unpack(dimensions))
        return Tensor(dtype, shape, self.sized())


def _hashable(items: list[Any]) -> list[Any]:
    try:
        different = len(set(map(hash, items)))
    except TypeError as error:
        raise ValueError("a set member or dict key that can change") from error
    if len(items) - different > MAX_COLLISIONS:
        raise ValueError("set members or dict keys that are no keys")
    return items


_READ: dict[bytes, Callable[[_Decoder, int], Any]] = {
    b"N": lambda _decoder, _depth: None,
    b"E": lambda _decoder, _depth: ...,
    b"T": lambda _decoder, _depth: True,
    b"F": lambda _decoder, _depth: False,
    b"i": lambda decoder, _depth: decoder.integer(),
    b"f": lambda decoder, _depth: DOUBLE.unpack(decoder.take(8))[0],
    b"c": lambda decoder, _depth: complex(*COMPLEX.unpack(decoder.take(16))),
    b"s": lambda decoder, _depth: decoder.text(),
    b"b": lambda decoder, _depth: decoder.sized(),
    b"a": lambda decoder, _depth: bytearray(decoder.sized()),
    b"l": lambda decoder, depth: decoder.items(depth),
    b"t": lambda decoder, depth: tuple(decoder.items(depth)),
    b"d": lambda decoder, depth: decoder.dictionary(depth),
    b"S": lambda decoder, depth: decoder.set_of(depth),
    b"Z": lambda decoder, depth: frozenset(decoder.set_of(depth)),
    b"r": lambda decoder, depth: decoder.range_of(depth),
    b"D": lambda decoder, _depth: decoder.dtype(),
    b"G": lambda decoder, depth: decoder.generator(depth),
    b"X": lambda decoder, _depth: decoder.tensor(),
}
