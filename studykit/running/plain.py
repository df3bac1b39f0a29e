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

import sys
from typing import Any

from studykit.running.plain_decoding import decode
from studykit.running.plain_encoding import encode
from studykit.running.plain_values import (
    ITEM_SIZES,
    MAGIC,
    MAX_BYTES,
    Dtype,
    Generator,
    NotPlainError,
    Tensor,
)

__all__ = [
    "ITEM_SIZES",
    "MAGIC",
    "MAX_BYTES",
    "Dtype",
    "Generator",
    "NotPlainError",
    "Tensor",
    "decode",
    "encode",
    "to_torch",
]


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
