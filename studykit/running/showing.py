"""Plain values as text for people: short, in a few lines, without anything that could steer a terminal."""

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from studykit.running.numbers import is_float32, is_small, nested, picked, shortest
from studykit.running.plain import Dtype, Generator, Tensor, encode
from studykit.wording import printable

MAX_LINES = 20
MAX_WIDTH = 160
MAX_PROSE = 1000
ONE_LINE = 72
"""What is longer is broken into one item a line."""
MAX_ITEMS = 12
MAX_INLINE = 400
MAX_NESTING = 3
"""Containers in containers up to here get one item a line."""
MAX_LITERAL_ELEMENTS = 256
MAX_LITERAL_BYTES = 20_000
MAX_SORTED = 2_000
"""Of a set that holds more, members in members counted, the order is as it comes."""

_T = TypeVar("_T")


def bounded(text: str, lines: int = MAX_LINES) -> str:
    """Return `text` cleaned, cut to `lines` lines of `MAX_WIDTH` characters, saying so."""
    rows = printable(text[: lines * 10_000]).rstrip().split("\n")
    rows = [row if len(row) <= MAX_WIDTH else f"{row[: MAX_WIDTH - 1]}…" for row in rows]
    if len(rows) > lines:
        rows = [*rows[: lines - 1], f"… {len(rows) - lines + 1:,} more lines"]
    return "\n".join(rows)


def prose(text: str) -> str:
    """Return sentences cleaned and cut to `MAX_PROSE` characters."""
    text = printable(text[: MAX_PROSE + 1]).strip()
    return text if len(text) <= MAX_PROSE else f"{text[: MAX_PROSE - 1]}…"


def show(value: object) -> str:
    """Return `value` in at most `MAX_LINES` lines; tensors with dtype, shape and the first numbers."""
    return bounded("\n".join(_lines(value)))


def show_arguments(arguments: Mapping[str, object]) -> str:
    """Return keyword arguments as one assignment after the other."""
    share = max(3, MAX_LINES // max(1, len(arguments)))
    return bounded("\n".join(bounded(f"{name} = {show(value)}", share) for name, value in arguments.items()))


def brief(value: object) -> str:
    """Return `value` as it reads inside a sentence: text without quotes, floats with few digits."""
    match value:
        case str():
            return bounded(value) if len(value) > MAX_PROSE else printable(value)
        case Tensor() if is_small(value):
            return _inline(nested(value), value.dtype)
    return _inline(value)


def literal(value: object) -> str:
    """Return Python source for `value`, exactly; raise ValueError where that would be unreadable."""
    match value:
        case float() if not math.isfinite(value):
            return f"float({str(value)!r})"
        case list():
            return f"[{_literals(value)}]"
        case tuple():
            return f"({_literals(value)}{',' * (len(value) == 1)})"
        case set() | frozenset():
            body = f"{{{_literals(_members(value))}}}" if value else ""
            return body if body and isinstance(value, set) else f"{type(value).__name__}({body})"
        case dict():
            return f"{{{', '.join(f'{literal(key)}: {literal(item)}' for key, item in value.items())}}}"
        case Dtype():
            return f"torch.{value.name}"
        case Generator():
            return f"torch.Generator().manual_seed({value.seed})"
        case Tensor():
            return _tensor_literal(value)
    return "..." if value is ... else repr(value)


def assignments(drawn: Mapping[str, object]) -> str:
    """Return a program that sets each name to its value; raise ValueError where that would be unreadable."""
    if len(encode(dict(drawn))) > MAX_LITERAL_BYTES:
        raise ValueError("it is too much")
    lines = [f"{name} = {literal(value)}\n" for name, value in drawn.items()]
    head = "import torch\n" if any("torch." in line for line in lines) else ""
    return head + "".join(lines)


def _members(value: set[object] | frozenset[object]) -> list[object]:
    """Return the members in an order that is the same each time, unless it would take long to find."""
    return sorted(value, key=encode) if _count(value, MAX_SORTED) <= MAX_SORTED else list(value)


def _count(value: object, limit: int) -> int:
    """Count the values in `value`, up to a little more than `limit`."""
    found = 1
    if isinstance(value, tuple | frozenset | set):
        for item in value:
            if found > limit:
                break
            found += _count(item, limit - found)
    return found


def _literals(items: Iterable[object]) -> str:
    return ", ".join(map(literal, items))


def _tensor_literal(tensor: Tensor) -> str:
    count = math.prod(tensor.shape)
    if count > MAX_LITERAL_ELEMENTS:
        raise ValueError(f"a tensor of {count:,} elements is too large to be shown")
    if not count:
        return f"torch.empty({tensor.shape}, dtype=torch.{tensor.dtype})"
    return f"torch.tensor({literal(nested(tensor))}, dtype=torch.{tensor.dtype})"


def _lines(value: object, depth: int = 0) -> list[str]:
    if isinstance(value, Tensor):
        return _tensor_lines(value)
    if depth == MAX_NESTING or not _wants_lines(value):
        return [_inline(value)]
    assert isinstance(value, dict | list | tuple | set | frozenset)  # noqa: S101 - else it wants no lines
    if isinstance(value, dict):
        opening, closing = "{", "}"
        items = [_entry(_inline(key), _lines(item, depth + 1)) for key, item in _first(value.items())]
    else:
        opening, closing = _BRACKETS[type(value)]
        items = [_lines(item, depth + 1) for item in _first(value)]
    rest = [f"  … {len(value) - MAX_ITEMS:,} more"] if len(value) > MAX_ITEMS else []
    return [opening, *(f"  {line}" for item in items for line in _with_comma(item)), *rest, closing]


_BRACKETS = {list: ("[", "]"), tuple: ("(", ")"), set: ("{", "}"), frozenset: ("{", "}")}


def _wants_lines(value: object) -> bool:
    """Tell whether this is a container that is easier to read with one item a line."""
    if not isinstance(value, list | tuple | set | frozenset | dict):
        return False
    items = list(_first(value.values() if isinstance(value, dict) else value))
    if any(isinstance(item, Tensor) for item in items):
        return True
    nested_items = any(isinstance(item, list | tuple | dict | set | frozenset) for item in items)
    return (nested_items or isinstance(value, dict)) and len(_inline(value)) > ONE_LINE


def _first(items: Iterable[_T]) -> Iterable[_T]:
    return itertools.islice(items, MAX_ITEMS)


def _entry(key: str, lines: list[str]) -> list[str]:
    return [f"{key}: {lines[0]}", *lines[1:]]


def _with_comma(lines: list[str]) -> list[str]:
    return [*lines[:-1], f"{lines[-1]},"]


def _inline(value: object, dtype: str = "") -> str:
    """Return `value` on one line; what is long is not even read to its end."""
    text = ""
    for piece in _pieces(value, dtype):
        text += piece
        if len(text) > MAX_INLINE:
            return f"{text[:MAX_INLINE]}…"
    return text


def _pieces(value: object, dtype: str = "") -> Iterator[str]:
    match value:
        case float():
            yield shortest(value, dtype or ("float32" if is_float32(value) else "float64"))
        case list():
            yield from _bracketed("[", value, "]", dtype)
        case tuple():
            yield from _bracketed("(", value, ",)" if len(value) == 1 else ")", dtype)
        case set() | frozenset():
            frozen = isinstance(value, frozenset)
            members = _members(value)
            if not members:
                yield f"{type(value).__name__}()"
            else:
                yield from _bracketed(
                    "frozenset({" if frozen else "{", members, "})" if frozen else "}", dtype
                )
        case dict():
            yield "{"
            for index, (key, item) in enumerate(value.items()):
                yield ", " if index else ""
                yield from _pieces(key)
                yield ": "
                yield from _pieces(item)
            yield "}"
        case Tensor():
            yield _tensor_lines(value)[0]
        case Dtype() | Generator():
            yield literal(value)
        case _:
            yield _repr(value)


def _bracketed(opening: str, items: Sequence[object], closing: str, dtype: str) -> Iterator[str]:
    yield opening
    for index, item in enumerate(items):
        yield ", " if index else ""
        yield from _pieces(item, dtype)
    yield closing


def _repr(value: object) -> str:
    if value is ...:
        return "..."
    if isinstance(value, str | bytes | bytearray) and len(value) > MAX_INLINE:
        return repr(value[: MAX_INLINE + 1])
    try:
        return repr(value)
    except ValueError:  # an int of more digits than Python is willing to print
        return "an integer of more than 4,300 digits"


def _tensor_lines(tensor: Tensor) -> list[str]:
    head = f"tensor {tensor.dtype} of shape {tensor.shape}"
    if not math.prod(tensor.shape):
        return [f"{head}: empty"]
    if len(tensor.shape) < 2:
        return [f"{head}: {next(_rows(tensor))}"]
    return [f"{head}:", *itertools.islice(_rows(tensor), MAX_LINES)]


def _rows(tensor: Tensor) -> Iterator[str]:
    """Yield the last axis line by line, brackets as nested lists have them, long axes cut in the middle."""
    shape = tensor.shape
    if not shape:
        yield _element(picked(tensor, [0])[0], tensor.dtype)
        return
    axes = [_kept(size) for size in shape[:-1]]
    columns = _kept(shape[-1])
    before: tuple[int, ...] | None = None
    for row in itertools.product(*axes):
        if before is not None and any(now > then + 1 for now, then in zip(row, before, strict=True)):
            yield " " * (len(shape) - 1) + "…"
        before = row
        start = 0
        for index, size in zip(row, shape, strict=False):
            start = start * size + index
        start *= shape[-1]
        numbers = picked(tensor, [start + column for column in columns])
        texts = [_element(number, tensor.dtype) for number in numbers]
        if len(columns) < shape[-1]:
            texts.insert(len(columns) - 2, "…")
        opened = 1 + _run(index == 0 for index in reversed(row))
        closed = 1 + _run(index == size - 1 for index, size in zip(reversed(row), shape[-2::-1], strict=True))
        yield f"{' ' * (len(shape) - opened)}{'[' * opened}{', '.join(texts)}{']' * closed}"


def _kept(size: int) -> list[int]:
    return list(range(size)) if size <= 8 else [0, 1, 2, 3, size - 2, size - 1]


def _run(flags: Iterable[bool]) -> int:
    return sum(1 for _ in itertools.takewhile(bool, flags))


def _element(number: object, dtype: str) -> str:
    if dtype == "bool":
        return str(bool(number))
    return f"{number:.6g}" if isinstance(number, float) else repr(number)
