"""Plain data as bytes: the only thing that crosses the border between our process and foreign code.

`encode` turns numbers, texts, containers and tensors into bytes; `decode` turns bytes back into values and
never into behaviour: no class is looked up, no code is run, and a blob that is malformed, too large or too
deep raises `ValueError` and nothing else. The same value always gives the same bytes (sets are sorted).

What comes back is the *exact built-in type*: an `IntEnum` is an int, a named tuple a tuple, a `defaultdict` a
dict. Two references to one list come back as two lists. A tensor comes back as `Tensor` (dtype, shape, raw
bytes), a `torch.dtype` as `Dtype`, a `torch.Generator` as `Generator` with the seed it began with; `to_torch`
turns the three into torch's own objects, each time afresh. torch is never imported here: where no torch is
loaded, there are no tensors to meet.

The layout: `SK1`, then one value. A value is a tag byte and its content; sizes and counts are 4 bytes and
numbers little-endian. Every item takes at least one byte, so no count can promise more than there is.
"""

import ctypes
import math
import struct
import sys
import types
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any

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

_SIZE = struct.Struct("<I")
_DOUBLE = struct.Struct("<d")
_COMPLEX = struct.Struct("<dd")
_DIMENSION = struct.Struct("<Q")


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


def encode(value: object) -> bytes:
    """Return `value` as bytes; raise NotPlainError if it is no plain data or too much of it."""
    encoder = _Encoder()
    encoder.put(value, 0)
    return MAGIC + b"".join(encoder.parts)


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


def to_torch(value: Any, device: str = "cpu") -> Any:
    """Return `value` with every `Tensor`, `Dtype` and `Generator` in it made torch's own, on `device`."""
    match value:
        case Tensor():
            return _torch_tensor(value).to(device)
        case Dtype():
            return getattr(_torch(), value.name)
        case Generator():
            return _torch().Generator(device=device).manual_seed(value.seed)
        case list() | tuple():
            return type(value)(to_torch(item, device) for item in value)
        case dict():
            return {to_torch(key, device): to_torch(item, device) for key, item in value.items()}
    return value


class _Encoder:
    """Collects the parts of one value and keeps count of them."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.size = 0
        self.nodes = 0

    def put(self, value: object, depth: int) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise NotPlainError(f"too much data: more than {MAX_NODES:,} values")
        if depth > MAX_DEPTH:
            raise NotPlainError(f"data nested more than {MAX_DEPTH} levels deep, or containing itself")
        put = _EXACT.get(type(value))
        if put is None:
            put = _for_subclass(type(value))
        if put is None:
            put = _for_torch(value)
        put(self, value, depth)

    def write(self, *parts: bytes) -> None:
        self.parts += parts
        self.size += sum(map(len, parts))
        if self.size > MAX_BYTES:
            raise NotPlainError(f"too much data: more than {MAX_BYTES // 2**20} MB")

    def sized(self, tag: bytes, content: bytes) -> None:
        if len(content) > MAX_BYTES:
            raise NotPlainError(f"too much data: more than {MAX_BYTES // 2**20} MB")
        self.write(tag, _SIZE.pack(len(content)), content)

    def counted(self, tag: bytes, items: Iterable[object], depth: int) -> None:
        gathered = list(items)
        self.write(tag, _SIZE.pack(min(len(gathered), MAX_BYTES)))
        for item in gathered:
            self.put(item, depth + 1)

    def sorted(self, tag: bytes, items: Iterable[object], depth: int) -> None:
        encoded = []
        for item in items:
            begin, size = len(self.parts), self.size
            self.put(item, depth + 1)
            encoded.append(b"".join(self.parts[begin:]))
            del self.parts[begin:]
            self.size = size + len(encoded[-1])
        encoded.sort()
        self.parts += [tag, _SIZE.pack(len(encoded)), *encoded]


_Put = Callable[[_Encoder, Any, int], None]


def _put_int(encoder: _Encoder, value: int, depth: int) -> None:
    del depth
    size = int.bit_length(value) // 8 + 1
    if size > MAX_INT_BYTES:
        raise NotPlainError(f"an integer of more than {MAX_INT_BYTES * 8:,} bits")
    encoder.sized(b"i", int.to_bytes(value, size, "little", signed=True))


def _put_complex(encoder: _Encoder, value: complex, depth: int) -> None:
    del depth
    number = complex.__complex__(value)
    encoder.write(b"c", _COMPLEX.pack(number.real, number.imag))


def _put_dict(encoder: _Encoder, value: dict[object, object], depth: int) -> None:
    items = list(dict.items(value))
    encoder.write(b"d", _SIZE.pack(len(items)))
    for key, item in items:
        encoder.put(key, depth + 1)
        encoder.put(item, depth + 1)


# The methods of the built-in class itself are called, never the value's own: a subclass may have other ideas.
_EXACT: dict[type, _Put] = {
    type(None): lambda encoder, _value, _depth: encoder.write(b"N"),
    type(...): lambda encoder, _value, _depth: encoder.write(b"E"),
    bool: lambda encoder, value, _depth: encoder.write(b"T" if value else b"F"),
    int: _put_int,
    float: lambda encoder, value, _depth: encoder.write(b"f", _DOUBLE.pack(float.__float__(value))),
    complex: _put_complex,
    str: lambda encoder, value, _depth: encoder.sized(b"s", str.encode(value, "utf-8", "surrogatepass")),
    bytes: lambda encoder, value, _depth: encoder.sized(b"b", bytes.__getitem__(value, slice(None))),
    bytearray: lambda encoder, value, _depth: encoder.sized(b"a", bytes(memoryview(value))),
    list: lambda encoder, value, depth: encoder.counted(b"l", list.__iter__(value), depth),
    tuple: lambda encoder, value, depth: encoder.counted(b"t", tuple.__iter__(value), depth),
    dict: _put_dict,
    set: lambda encoder, value, depth: encoder.sorted(b"S", set.__iter__(value), depth),
    frozenset: lambda encoder, value, depth: encoder.sorted(b"Z", frozenset.__iter__(value), depth),
    range: lambda encoder, value, depth: encoder.counted(b"r", (value.start, value.stop, value.step), depth),
    Tensor: lambda encoder, value, _depth: _put_tensor(encoder, value),
    Dtype: lambda encoder, value, _depth: encoder.sized(b"D", value.name.encode()),
    Generator: lambda encoder, value, depth: encoder.counted(b"G", (value.seed,), depth),
}
_BASES = (int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset)


def _for_subclass(kind: type) -> _Put | None:
    # `issubclass` on the type, not `isinstance` on the value: that would believe a `__class__` property.
    return next((_EXACT[base] for base in _BASES if issubclass(kind, base)), None)


def _for_torch(value: object) -> _Put:
    torch, kind = sys.modules.get("torch"), type(value)
    if torch is not None and hasattr(torch, "Tensor"):
        if issubclass(kind, torch.Tensor):
            return lambda encoder, value, _depth: _put_tensor(encoder, _tensor_at_rest(value))
        if kind is torch.dtype:
            return lambda encoder, value, _depth: encoder.sized(b"D", str(value).split(".")[-1].encode())
        if kind is torch.Generator:
            return lambda encoder, value, depth: encoder.counted(b"G", (value.initial_seed(),), depth)
    raise NotPlainError(f"{_describe(value)} cannot be compared; return plain data")


def _put_tensor(encoder: _Encoder, tensor: Tensor) -> None:
    dimensions = b"".join(map(_DIMENSION.pack, tensor.shape))
    encoder.sized(b"X", tensor.dtype.encode())
    encoder.sized(b"", dimensions)
    encoder.sized(b"", tensor.data)


def _tensor_at_rest(tensor: Any) -> Tensor:
    dtype = str(tensor.dtype).split(".")[-1]
    if dtype not in ITEM_SIZES or str(tensor.layout) != "torch.strided" or tensor.device.type == "meta":
        raise NotPlainError(f"a tensor of kind {dtype}, {tensor.layout}, {tensor.device} cannot be compared")
    size = tensor.numel() * ITEM_SIZES[dtype]
    if size > MAX_BYTES:
        raise NotPlainError(f"too much data: more than {MAX_BYTES // 2**20} MB")
    still = tensor.detach().cpu().resolve_conj().resolve_neg().contiguous()
    # Without numpy, which torch does not require, this is the only fast way to a tensor's bytes.
    data = ctypes.string_at(still.data_ptr(), size) if size else b""
    return Tensor(dtype, tuple(map(int, still.shape)), data)


def _torch_tensor(tensor: Tensor) -> Any:
    torch = _torch()
    dtype = getattr(torch, tensor.dtype)
    if not tensor.data:
        return torch.empty(tensor.shape, dtype=dtype)
    return torch.frombuffer(bytearray(tensor.data), dtype=dtype).reshape(tensor.shape).clone()


def _torch() -> Any:
    torch = sys.modules.get("torch")
    if torch is None:
        raise ValueError("the data holds tensors, and torch is not loaded")
    return torch


_NAMES: dict[type, str] = {
    types.GeneratorType: "a generator",
    types.CoroutineType: "a coroutine",
    types.AsyncGeneratorType: "an asynchronous generator",
    types.FunctionType: "a function",
    types.BuiltinFunctionType: "a function",
    types.MethodType: "a method",
    types.ModuleType: "a module",
    type: "a class",
}


def _describe(value: object) -> str:
    kind = type(value)
    return _NAMES.get(kind, f"an object of type {kind.__name__}")


class _Decoder:
    """Walks over the bytes once; whatever it meets, it raises nothing but ValueError."""

    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.position = 0
        self.nodes = 0

    def take(self, size: int) -> bytes:
        end = self.position + size
        if end > len(self.data):
            raise ValueError("the data ends too early")
        chunk = bytes(self.data[self.position : end])
        self.position = end
        return chunk

    def size(self) -> int:
        size: int = _SIZE.unpack(self.take(4))[0]
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

    def hashed(self, depth: int) -> list[Any]:
        return _hashable(self.items(depth))

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
        pairs = [(self.value(depth + 1), self.value(depth + 1)) for _ in range(self.size())]
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
        return Generator(items[0])

    def tensor(self) -> Tensor:
        dtype, dimensions = self.text(), self.sized()
        if len(dimensions) % 8 or len(dimensions) > 8 * MAX_DIMENSIONS:
            raise ValueError("a tensor of impossible shape")
        shape = tuple(size for (size,) in _DIMENSION.iter_unpack(dimensions))
        return Tensor(dtype, shape, self.sized())


def _hashable(items: list[Any]) -> list[Any]:
    try:
        different = len(set(map(hash, items)))
    except TypeError as error:
        raise ValueError("a set member or dict key that can change") from error
    if len(items) - different > MAX_COLLISIONS or any(map(_holds_tensor, items)):
        raise ValueError("set members or dict keys that are no keys")
    return items


def _holds_tensor(key: Hashable) -> bool:
    if isinstance(key, tuple | frozenset):
        return any(map(_holds_tensor, key))
    return isinstance(key, Tensor | Generator)


_READ: dict[bytes, Callable[[_Decoder, int], Any]] = {
    b"N": lambda _decoder, _depth: None,
    b"E": lambda _decoder, _depth: ...,
    b"T": lambda _decoder, _depth: True,
    b"F": lambda _decoder, _depth: False,
    b"i": lambda decoder, _depth: decoder.integer(),
    b"f": lambda decoder, _depth: _DOUBLE.unpack(decoder.take(8))[0],
    b"c": lambda decoder, _depth: complex(*_COMPLEX.unpack(decoder.take(16))),
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
