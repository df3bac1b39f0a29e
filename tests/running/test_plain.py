"""Plain data survives the journey exactly, and nothing else makes it."""

import collections
import contextlib
import enum
import math
import struct
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studykit.running import plain
from studykit.running.plain import Dtype, Generator, NotPlainError, Tensor, decode, encode, to_torch

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-(2**4000), max_value=2**4000)
    | st.floats(allow_nan=False)
    | st.complex_numbers(allow_nan=False)
    | st.text(st.characters())
    | st.binary()
    | st.just(...)
    | st.builds(range, st.integers(), st.integers(), st.integers().filter(bool))
    | st.builds(Dtype, st.sampled_from(["float32", "bfloat16", "bool"]))
    | st.builds(Generator, st.integers(0, 2**64 - 1))
)
KEYS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.frozensets(inner, max_size=3),
    max_leaves=6,
)
TENSORS = st.builds(
    lambda shape: Tensor("int16", shape, bytes(2 * math.prod(shape))),
    st.lists(st.integers(0, 3), max_size=4).map(tuple),
)
VALUES = st.recursive(
    SCALARS | TENSORS | st.binary().map(bytearray),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.sets(KEYS, max_size=4)
        | st.frozensets(KEYS, max_size=4)
    ),
    max_leaves=20,
)


def kinds(value: Any) -> Any:
    """Return the value with every type spelled out: 1, True and 1.0 are equal, but not of one kind."""
    match value:
        case list() | tuple():
            return type(value), [kinds(item) for item in value]
        case dict():
            return dict, [(kinds(key), kinds(item)) for key, item in value.items()]
        case set() | frozenset():
            return type(value), sorted(repr(kinds(item)) for item in value)
        case float():
            return float, struct.pack("<d", value)
        case complex():
            return complex, struct.pack("<dd", value.real, value.imag)
    return type(value), value


@given(VALUES)
def test_what_is_decoded_is_what_was_encoded(value: Any) -> None:
    assert kinds(decode(encode(value))) == kinds(value)


@given(VALUES)
def test_one_value_has_one_encoding(value: Any) -> None:
    assert encode(decode(encode(value))) == encode(value)


@pytest.mark.parametrize("number", [math.nan, -math.nan, math.inf, -math.inf, -0.0, 5e-324])
def test_special_floats_keep_every_bit(number: float) -> None:
    assert struct.pack("<d", decode(encode(number))) == struct.pack("<d", number)


def test_sets_are_encoded_in_one_order_and_dicts_in_their_own() -> None:
    assert encode({"a", "b", "c", "d"}) == encode({"d", "c", "b", "a"})
    assert list(decode(encode({"b": 1, "a": 2}))) == ["b", "a"]
    assert encode({"b": 1, "a": 2}) != encode({"a": 2, "b": 1})


@given(st.binary(max_size=200))
def test_noise_raises_value_error_and_nothing_else(noise: bytes) -> None:
    for data in (noise, plain.MAGIC + noise):
        with contextlib.suppress(ValueError):
            decode(data)


@settings(max_examples=300)
@given(VALUES, st.data())
def test_a_damaged_blob_raises_value_error_or_is_another_value(value: Any, data: st.DataObject) -> None:
    blob = bytearray(encode(value))
    for _ in range(data.draw(st.integers(1, 4))):
        where = data.draw(st.integers(0, len(blob) - 1))
        blob[where] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(blob)))
    for damaged in (blob, blob[:cut], blob + b"N"):
        try:
            again = decode(damaged)
        except ValueError:
            continue
        encode(again)


def blob(body: bytes) -> bytes:
    return b"SK1" + body


def size(number: int) -> bytes:
    return struct.pack("<I", number)


def tensor(dtype: bytes, *shape: int, data: bytes = b"") -> bytes:
    axes = b"".join(struct.pack("<Q", axis) for axis in shape)
    return blob(b"X" + size(len(dtype)) + dtype + size(len(axes)) + axes + size(len(data)) + data)


HOSTILE = {
    "nothing": b"",
    "no magic": b"N",
    "no value": blob(b""),
    "two values": blob(b"NN"),
    "an unknown tag": blob(b"?"),
    "pickle": blob(b"\x80\x04."),
    "more items than bytes": blob(b"l" + size(2**32 - 1)),
    "a text longer than the data": blob(b"s" + size(5) + b"abc"),
    "a text that is no UTF-8": blob(b"s" + size(1) + b"\xff"),
    "an empty integer": blob(b"i" + size(0)),
    "a list as a key": blob(b"d" + size(1) + b"l" + size(0) + b"N"),
    "a list in a set": blob(b"S" + size(1) + b"l" + size(0)),
    "one key twice": blob(b"d" + size(2) + b"NNNN"),
    "one member twice": blob(b"S" + size(2) + b"NN"),
    "a range without a step": blob(b"r" + size(3) + b"".join(b"i" + size(1) + b"\0" for _ in range(3))),
    "a range of texts": blob(b"r" + size(3) + b"s" + size(0) + b"s" + size(0) + b"s" + size(0)),
    "a nest of 60": blob((b"l" + size(1)) * 60 + b"N"),
    "a nest of 30,000": blob((b"l" + size(1)) * 30_000 + b"N"),
    "an unknown dtype": tensor(b"object", 0),
    "a dtype that is an attribute of torch": blob(b"D" + size(4) + b"load"),
    "a shape that overflows": tensor(b"uint8", 2**32, 2**32),
    "a negative axis": tensor(b"uint8", 2**64 - 1),
    "an endless empty shape": tensor(b"uint8", 0, 2**63),
    "too many axes": tensor(b"uint8", *[1] * 40, data=b"\0"),
    "too few bytes": tensor(b"float32", 2, data=bytes(7)),
    "a bool of 2": tensor(b"bool", 1, data=b"\2"),
    "a tensor as a key": blob(b"d" + size(1) + tensor(b"uint8", 0)[3:] + b"N"),
    "a generator with a text for a seed": blob(b"G" + size(1) + b"s" + size(0)),
    "a generator with two seeds": blob(b"G" + size(2) + b"NN"),
    "keys with one hash": blob(
        b"S"
        + size(1000)
        + b"".join(
            b"i" + size(16) + (k * (2**61 - 1)).to_bytes(16, "little", signed=True) for k in range(1000)
        )
    ),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_blob_raises_value_error(data: bytes) -> None:
    with pytest.raises(ValueError):
        decode(data)


class Weekday(enum.IntEnum):
    MONDAY = 1


class Colour(enum.StrEnum):
    RED = "red"


class Point(NamedTuple):
    x: int
    y: list[int]


class Liar(str):
    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0

    def encode(self, *_: Any) -> bytes:
        return b"a lie"

    def __iter__(self) -> Any:
        raise AssertionError


class LyingList(list[int]):
    def __iter__(self) -> Any:
        return iter([7, 7, 7])

    def __len__(self) -> int:
        return 3


class Disguised:
    @property
    def __class__(self) -> Any:
        return int


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Weekday.MONDAY, 1),
        (Colour.RED, "red"),
        (Point(1, [2]), (1, [2])),
        (Liar("truth"), "truth"),
        (LyingList([1]), [1]),
        (collections.OrderedDict(a=1), {"a": 1}),
        (collections.Counter("aab"), {"a": 2, "b": 1}),
        (collections.defaultdict(list, {1: [2]}), {1: [2]}),
    ],
)
def test_a_subclass_arrives_as_its_base(value: Any, expected: Any) -> None:
    assert kinds(decode(encode(value))) == kinds(expected)


NO_PLAIN_DATA = {
    "a generator": (number for number in ()),
    "a function": lambda: None,
    "a method": Point(1, [])._asdict,
    "a module": math,
    "a class": Point,
    "an object of type object": object(),
    "an object of type Disguised": Disguised(),
    "an object of type map": map(abs, ()),
    "an object of type deque": collections.deque(),
}


@pytest.mark.parametrize(("said", "value"), NO_PLAIN_DATA.items(), ids=NO_PLAIN_DATA.keys())
def test_what_is_no_plain_data_is_refused_by_name(said: str, value: Any) -> None:
    with pytest.raises(NotPlainError, match=f"^{said} cannot be compared; return plain data$"):
        encode([value])


def test_a_coroutine_is_refused_by_name() -> None:
    async def nothing() -> None: ...

    waiting = nothing()
    with pytest.raises(NotPlainError, match="a coroutine cannot be compared"):
        encode(waiting)
    waiting.close()


def test_what_is_too_much_is_refused() -> None:
    nest: list[Any] = []
    nest.append(nest)
    for value, said in [
        (nest, "containing itself"),
        ([0] * 1_000_001, "more than 1,000,000 values"),
        (bytes(65 * 2**20), "more than 64 MB"),
        ([bytes(33 * 2**20)] * 2, "more than 64 MB"),
        ("x" * (65 * 2**20), "more than 64 MB"),
        (1 << 2**21, "more than 1,048,576 bits"),
    ]:
        with pytest.raises(NotPlainError, match=said):
            encode(value)


def test_a_blob_beyond_the_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="more data than allowed"):
        decode(bytes(64 * 2**20 + 4))


DTYPES = [
    "bool",
    "uint8",
    "int8",
    "uint16",
    "int16",
    "uint32",
    "int32",
    "uint64",
    "int64",
    "float8_e4m3fn",
    "float8_e5m2",
    "float16",
    "bfloat16",
    "float32",
    "float64",
    "complex64",
    "complex128",
]


@pytest.mark.parametrize("dtype", DTYPES)
def test_tensors_of_every_dtype_survive_bit_for_bit(dtype: str) -> None:
    torch = pytest.importorskip("torch")
    original = torch.tensor([[0, 1, 1], [1, 0, 1]], dtype=torch.float32).to(getattr(torch, dtype)).t()
    there = decode(encode(original))
    assert (there.dtype, there.shape) == (dtype, (3, 2))
    back = to_torch(there)
    assert (back.dtype, back.shape) == (original.dtype, original.shape)
    assert back.to(torch.complex64).real.tolist() == [[0, 1], [1, 0], [1, 1]]


def test_bytes_of_a_tensor_are_little_endian_and_row_major() -> None:
    torch = pytest.importorskip("torch")
    assert decode(encode(torch.tensor([[1, 2], [3, 4]], dtype=torch.int16).t())) == Tensor(
        "int16", (2, 2), b"\1\0\3\0\2\0\4\0"
    )


@pytest.mark.parametrize("shape", [(), (0,), (0, 7), (2, 0, 3)])
def test_scalars_and_empty_tensors_survive(shape: tuple[int, ...]) -> None:
    torch = pytest.importorskip("torch")
    assert to_torch(decode(encode(torch.ones(shape)))).shape == shape


def test_views_gradients_and_conjugates_arrive_as_values() -> None:
    torch = pytest.importorskip("torch")
    weight = torch.nn.Parameter(torch.ones(2))
    assert decode(encode(weight * 2)).data == struct.pack("<2f", 2, 2)
    assert decode(encode(torch.tensor([1 + 2j]).conj())).data == struct.pack("<2f", 1, -2)
    assert decode(encode(torch.zeros(1).expand(3))).shape == (3,)


def test_a_tensor_is_decoded_afresh_each_time() -> None:
    torch = pytest.importorskip("torch")
    data = encode({"x": torch.zeros(2)})
    to_torch(decode(data))["x"].add_(1)
    assert to_torch(decode(data))["x"].tolist() == [0, 0]


def test_dtypes_and_generators_arrive_as_torch_has_them() -> None:
    torch = pytest.importorskip("torch")
    used = torch.Generator().manual_seed(7)
    torch.randn(3, generator=used)
    given = to_torch(decode(encode({"dtype": torch.bfloat16, "generator": used})))
    assert given["dtype"] is torch.bfloat16
    first = torch.randn(3, generator=torch.Generator().manual_seed(7))
    assert torch.randn(3, generator=given["generator"]).equal(first)


def test_tensors_that_have_no_bytes_are_refused() -> None:
    torch = pytest.importorskip("torch")
    for value in (torch.empty(2, device="meta"), torch.eye(2).to_sparse(), torch.zeros(1).expand(2**30)):
        with pytest.raises(NotPlainError, match=r"cannot be compared|too much data"):
            encode(value)


@pytest.mark.parametrize(
    ("dtype", "shape", "data"),
    [("float31", (), b""), ("uint8", (-1,), b""), ("uint8", (2,), b"\0"), ("bool", (1,), b"\7")],
)
def test_a_tensor_that_cannot_exist_is_not_built(dtype: str, shape: tuple[int, ...], data: bytes) -> None:
    with pytest.raises(ValueError):
        Tensor(dtype, shape, data)
