"""Values to bytes: see `plain`. This end meets foreign objects, and trusts none of their methods."""

import ctypes
import sys
import types
from collections.abc import Callable, Iterable
from typing import Any

from studykit.running.plain_values import (
    COMPLEX,
    DIMENSION,
    DOUBLE,
    ITEM_SIZES,
    MAGIC,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_INT_BYTES,
    MAX_NODES,
    SIZE,
    Dtype,
    Generator,
    NotPlainError,
    Tensor,
)


def encode(value: object) -> bytes:
    """Return `value` as bytes; raise NotPlainError if it is no plain data or too much of it."""
    encoder = _Encoder()
    encoder.put(value, 0)
    return MAGIC + b"".join(encoder.parts)


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
        self.write(tag, SIZE.pack(len(content)), content)

    def counted(self, tag: bytes, items: Iterable[object], depth: int) -> None:
        gathered = list(items)
        self.write(tag, SIZE.pack(min(len(gathered), MAX_BYTES)))
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
        self.parts += [tag, SIZE.pack(len(encoded)), *encoded]


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
    encoder.write(b"c", COMPLEX.pack(number.real, number.imag))


def _put_dict(encoder: _Encoder, value: dict[object, object], depth: int) -> None:
    items = list(dict.items(value))
    encoder.write(b"d", SIZE.pack(len(items)))
    for key, item in items:
        encoder.put(key, depth + 1)
        encoder.put(item, depth + 1)


# The methods of the built-in class itself are called, never the value's own: a subclass may have other ideas.
_EXACT: dict[type, _Put] = {
    type(None): lambda encoder, _value, _depth: encoder.write(b"N"),
    type(...): lambda encoder, _value, _depth: encoder.write(b"E"),
    bool: lambda encoder, value, _depth: encoder.write(b"T" if value else b"F"),
    int: _put_int,
    float: lambda encoder, value, _depth: encoder.write(b"f", DOUBLE.pack(float.__float__(value))),
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
    dimensions = b"".join(map(DIMENSION.pack, tensor.shape))
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
