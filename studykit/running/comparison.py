"""Is the answer what the reference returned? Decided on plain data, where no foreign code runs.

Kind first, then dtype, shape and length, then values; everything is looked at, and the first difference is
told with the path to it. What counts as equal:

- Numbers of tensors: |got - expected| <= atol + rtol * |expected|, with the tolerances that
  `torch.testing.assert_close` has for the dtype. A card's tolerance replaces either; integers, bools and text
  are exact whatever it says.
- Python floats: relative 1e-9 and absolute 1e-12, for sums taken in another order. If the expected number is
  exactly a float32, it most likely came out of one (`loss.item()`), and float32's tolerance holds. An int may
  stand where a float is expected (but no bool), a float never where an int is.
- NaN equals NaN and nothing else; infinities are exact; -0.0 is 0.0.
- A list is no tuple; a named tuple is one. Dicts may order their keys differently. Keys and members of sets
  are exact, in kind as well.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from studykit.library.cards import Tolerance
from studykit.running.numbers import distance, elements, is_float32, shortest
from studykit.running.plain import ITEM_SIZES, Tensor, encode

BY_DTYPE: Mapping[str, tuple[float, float]] = {
    "float64": (1e-7, 1e-7),
    "float32": (1.3e-6, 1e-5),
    "float16": (1e-3, 1e-5),
    "bfloat16": (1.6e-2, 1e-5),
    "float8_e4m3fn": (0.125, 2.0**-9),
    "float8_e5m2": (0.25, 2.0**-16),
    "complex64": (1.3e-6, 1e-5),
    "complex128": (1e-7, 1e-7),
}
"""Relative and absolute tolerance; what is not here is exact."""

OF_PYTHON_FLOATS = (1e-9, 1e-12)

SHORT = 40

MAX_MEASURED = 100_000
"""Errors of one tensor that are measured; of further elements it is only counted whether they differ."""

STRIDE = 4096
"""Elements looked at together: where their bytes are the same, so are they."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How two values differ."""

    path: str
    """Where they first do: `item 2 → key 'loss' → index (0, 3)`; empty for the whole."""
    reason: str
    """What differs there: `dtype float32, expected float64`."""
    differing: int
    """How many elements differ: numbers of tensors, and single values elsewhere."""
    total: int
    """How many elements were compared."""
    max_absolute: float | None = None
    """The largest absolute error among the numbers that differ; None if nothing numeric does."""
    max_relative: float | None = None
    """The largest relative error among those whose expected number is not 0."""

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.path else self.reason


def compare(expected: object, got: object, tolerance: Tolerance | None = None) -> Difference | None:
    """Return how `got` differs from `expected`; None if it does not."""
    found = _Findings(tolerance or Tolerance())
    _compare(expected, got, "", found)
    if found.path is None:
        return None
    return Difference(
        found.path, found.reason, found.differing, found.total, found.max_absolute, found.max_relative
    )


def bound(wanted: float | None, default: float) -> float:
    """Return what a card allows; infinite, everything would be right, and the check of decks reports it."""
    return wanted if wanted is not None and 0 <= wanted < math.inf else default


def kind_of(value: object) -> str:
    """Return what people call the kind of `value`: `a list`, `an int`, `None`."""
    if value is None or value is ...:
        return str(value)
    name = type(value).__name__.lower()
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


@dataclass(slots=True)
class _Findings:
    """What the walk over both values has come across so far."""

    tolerance: Tolerance
    path: str | None = None
    reason: str = ""
    differing: int = 0
    total: int = 0
    max_absolute: float | None = None
    max_relative: float | None = None

    def differ(self, path: str, reason: str, count: int = 1) -> None:
        if self.path is None:
            self.path, self.reason = path, reason
        self.differing += count

    def error(self, expected: complex, got: complex) -> None:
        absolute = distance(expected, got)
        if not math.isfinite(absolute):
            return
        self.max_absolute = max(absolute, self.max_absolute or 0.0)
        if size := distance(0, expected):
            self.max_relative = max(absolute / size, self.max_relative or 0.0)

    def tolerances(self, defaults: tuple[float, float]) -> tuple[float, float]:
        return bound(self.tolerance.rtol, defaults[0]), bound(self.tolerance.atol, defaults[1])


def _compare(expected: Any, got: Any, path: str, found: _Findings) -> None:
    if isinstance(expected, float) and type(got) in (int, float):
        _floats(expected, got, path, found)
    elif type(expected) is not type(got):
        found.total += 1
        found.differ(path, f"{kind_of(got)}, expected {kind_of(expected)}")
    else:
        _BY_KIND.get(type(expected), _exactly)(expected, got, path, found)


def _exactly(expected: object, got: object, path: str, found: _Findings) -> None:
    found.total += 1
    if expected != got:
        found.differ(path, _values(expected, got))
        if type(expected) is int and type(got) is int:
            found.error(_as_float(expected), _as_float(got))


def _texts(expected: str, got: str, path: str, found: _Findings) -> None:
    found.total += 1
    if expected == got:
        return
    same = next((i for i, (a, b) in enumerate(zip(expected, got, strict=False)) if a != b), None)
    at = min(len(expected), len(got)) if same is None else same
    start = max(0, at - 10) if max(len(expected), len(got)) > SHORT else 0
    part = slice(start, start + 2 * SHORT)
    found.differ(path, f"{_values(expected[part], got[part])}: differs at character {at}")


def _floats(expected: float, got: float, path: str, found: _Findings) -> None:
    found.total += 1
    rtol, atol = found.tolerances(BY_DTYPE["float32"] if is_float32(expected) else OF_PYTHON_FLOATS)
    number = got if isinstance(got, float) else _as_float(got)
    if not _close(expected, number, rtol, atol):
        found.differ(path, _values(expected, got))
        found.error(expected, number)


def _complexes(expected: complex, got: complex, path: str, found: _Findings) -> None:
    found.total += 1
    rtol, atol = found.tolerances(OF_PYTHON_FLOATS)
    if not close_complex(expected, got, rtol, atol):
        found.differ(path, _values(expected, got))
        found.error(expected, got)


def _sequences(expected: Sequence[object], got: Sequence[object], path: str, found: _Findings) -> None:
    if len(expected) != len(got):
        found.total += max(len(expected), len(got))
        found.differ(path, f"length {len(got)}, expected {len(expected)}", abs(len(got) - len(expected)))
        return
    for index, (one, other) in enumerate(zip(expected, got, strict=True)):
        _compare(one, other, _join(path, f"item {index}"), found)


def _dicts(expected: dict[object, object], got: dict[object, object], path: str, found: _Findings) -> None:
    # By their encoding, keys are told apart exactly: 1 is no True, and NaN is itself.
    theirs = {encode(key): key for key in got}
    for key, value in expected.items():
        code = encode(key)
        if code in theirs:
            _compare(value, got[theirs.pop(code)], _join(path, f"key {_short(key)}"), found)
        else:
            found.total += 1
            found.differ(path, f"no key {_short(key)}")
    for key in theirs.values():
        found.total += 1
        found.differ(path, f"an unexpected key {_short(key)}")


def _sets(expected: frozenset[object], got: frozenset[object], path: str, found: _Findings) -> None:
    ours, theirs = ({encode(member): member for member in members} for members in (expected, got))
    missing = [member for code, member in ours.items() if code not in theirs]
    extra = [member for code, member in theirs.items() if code not in ours]
    found.total += len(ours) + len(extra)
    if missing:
        found.differ(path, f"{_short(missing[0])} is missing", len(missing))
    if extra:
        found.differ(path, f"{_short(extra[0])} does not belong", len(extra))


def _tensors(expected: Tensor, got: Tensor, path: str, found: _Findings) -> None:
    count = math.prod(expected.shape)
    found.total += count
    if expected.dtype != got.dtype:
        found.differ(path, f"dtype {got.dtype}, expected {expected.dtype}", count)
    elif expected.shape != got.shape:
        found.differ(path, f"shape {got.shape}, expected {expected.shape}", count)
    elif expected.data != got.data:
        _elements(expected, got, path, found)


def _elements(expected: Tensor, got: Tensor, path: str, found: _Findings) -> None:
    defaults = BY_DTYPE.get(expected.dtype)
    rtol, atol = (0.0, 0.0) if defaults is None else found.tolerances(defaults)
    differing = _differing_complex if expected.dtype.startswith("complex") else _differing
    before = found.differing
    for start, ours, theirs in _unequal_pieces(expected, got):
        offsets = differing(ours, theirs, rtol, atol)
        if offsets and found.differing == before:
            where = _join(path, _index(start + offsets[0], expected.shape))
            told = (_told(numbers[offsets[0]], expected.dtype) for numbers in (theirs, ours))
            found.differ(where, ", expected ".join(told), 0)
        if found.differing - before < MAX_MEASURED:
            for offset in offsets:
                found.error(ours[offset], theirs[offset])
        found.differing += len(offsets)


def _unequal_pieces(expected: Tensor, got: Tensor) -> Any:
    """Yield (first element, expected numbers, got numbers) of each stretch whose bytes differ."""
    step = STRIDE * ITEM_SIZES[expected.dtype]
    for start in range(0, len(expected.data), step):
        ours, theirs = expected.data[start : start + step], got.data[start : start + step]
        if ours != theirs:
            shape = (len(ours) // ITEM_SIZES[expected.dtype],)
            pieces = (elements(Tensor(expected.dtype, shape, data)) for data in (ours, theirs))
            yield start // ITEM_SIZES[expected.dtype], *pieces


def _differing(expected: Sequence[Any], got: Sequence[Any], rtol: float, atol: float) -> list[int]:
    if rtol == atol == 0:
        return [
            i for i, (a, b) in enumerate(zip(expected, got, strict=True)) if a != b and (a == a or b == b)
        ]
    inf = math.inf
    return [
        i
        for i, (a, b) in enumerate(zip(expected, got, strict=True))
        # Spelled out for speed: nearly always one of these decides.
        if a != b and not (abs(b - a) <= atol + rtol * abs(a) < inf) and not _close(a, b, rtol, atol)
    ]


def _differing_complex(expected: Sequence[Any], got: Sequence[Any], rtol: float, atol: float) -> list[int]:
    pairs = enumerate(zip(expected, got, strict=True))
    return [i for i, (a, b) in pairs if a != b and not close_complex(a, b, rtol, atol)]


def _close(expected: float, got: float, rtol: float, atol: float) -> bool:
    if math.isnan(expected) or math.isnan(got):
        return math.isnan(expected) and math.isnan(got)
    if math.isinf(expected) or math.isinf(got):
        return expected == got
    return expected == got or abs(got - expected) <= atol + rtol * abs(expected)


def close_complex(expected: complex, got: complex, rtol: float, atol: float) -> bool:
    """Tell whether two numbers are within tolerance; what is not finite, part by part."""
    parts = (expected.real, got.real), (expected.imag, got.imag)
    if all(map(math.isfinite, (*parts[0], *parts[1]))):
        allowed = atol + rtol * distance(0, expected)
        if math.isfinite(allowed):
            return distance(expected, got) <= allowed
    return all(_close(a, b, rtol, atol) for a, b in parts)


_BY_KIND: dict[type, Callable[[Any, Any, str, _Findings], None]] = {
    complex: _complexes,
    str: _texts,
    list: _sequences,
    tuple: _sequences,
    dict: _dicts,
    set: _sets,
    frozenset: _sets,
    Tensor: _tensors,
}


def _as_float(number: int) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _index(position: int, shape: tuple[int, ...]) -> str:
    """Return the row-major `position` as an index into `shape`."""
    index: list[int] = []
    for size in reversed(shape):
        position, rest = divmod(position, size)
        index.insert(0, rest)
    return f"index {tuple(index)}" if index else ""


def _join(path: str, step: str) -> str:
    return " → ".join(part for part in (path, step) if part)


def _values(expected: object, got: object) -> str:
    return f"{_short(got)}, expected {_short(expected)}"


def _told(number: object, dtype: str) -> str:
    return str(bool(number)) if dtype == "bool" else shortest(number, dtype)


def _short(value: object) -> str:
    try:
        text = shortest(value, "float32" if isinstance(value, float) and is_float32(value) else "float64")
    except ValueError:  # an int too long to print
        text = "a very long number"
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"
