"""`snippets/python/mutability.py` against Python itself: identity by `is`, copies by what they share."""

import ast
import inspect
import subprocess
import sys
from collections import Counter, deque
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

SEEDS = range(12)

atoms = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.complex_numbers(allow_nan=False)
    | st.text(max_size=3)
    | st.binary(max_size=3)
    | st.just(...)
    | st.builds(range, st.integers(0, 9))
)


@st.composite
def frozen(draw: st.DrawFn, depth: int = 3) -> object:
    """Draw a value of immutable parts only, nested up to `depth` levels."""
    if depth == 0 or draw(st.booleans()):
        return draw(atoms)
    parts = draw(st.lists(frozen(depth - 1), max_size=3))
    return tuple(parts) if draw(st.booleans()) else frozenset(parts)


mutable: st.SearchStrategy[object] = st.sampled_from([list, dict, set, bytearray, object]).map(
    lambda make: make()
)


class Row(tuple[int, ...]):
    __slots__ = ()


class Count(int):
    pass


class Bag:
    """Has an `__iadd__` that works on something inside, which a shallow copy would share."""

    def __init__(self) -> None:
        self.items: list[object] = []

    def __iadd__(self, other: object) -> Self:
        self.items.append(other)
        return self


@pytest.fixture(scope="module")
def mutability(load_snippet: Callable[[str], ModuleType]) -> ModuleType:
    return load_snippet("python/mutability")


# --- alias_groups


@given(st.lists(st.integers(0, 3), max_size=12))
def test_alias_groups_partition_by_is(mutability: ModuleType, picks: list[int]) -> None:
    pool: list[object] = [[], [], [0], [0]]
    objects = [pool[pick] for pick in picks]
    groups = mutability.alias_groups(objects)
    assert sorted(index for group in groups for index in group) == list(range(len(objects)))
    for one, group in enumerate(groups):
        for other, another in enumerate(groups):
            same = {objects[i] is objects[j] for i in group for j in another}
            assert same == {one == other}


def test_alias_groups_keep_first_seen_order(mutability: ModuleType) -> None:
    a, b = [1], [1]
    assert mutability.alias_groups([b, a, b, a, b]) == [[0, 2, 4], [1, 3]]
    assert mutability.alias_groups([]) == []


def test_alias_groups_do_not_merge_equal_numbers_of_different_types(mutability: ModuleType) -> None:
    assert mutability.alias_groups([1, True, 1.0]) == [[0], [1], [2]]


# --- is_deeply_immutable


@given(frozen())
def test_values_made_of_immutable_parts_are_deeply_immutable(mutability: ModuleType, obj: object) -> None:
    assert mutability.is_deeply_immutable(obj) is True
    hash(obj)  # the interpreter's own opinion: what cannot change can be hashed


@given(st.lists(frozen(), max_size=3), mutable, st.lists(st.lists(frozen(), max_size=2), max_size=3))
def test_one_mutable_part_at_any_depth_is_found(
    mutability: ModuleType, before: list[object], part: object, around: list[list[object]]
) -> None:
    obj: object = (*before, part)
    for neighbours in around:
        obj = (obj, *neighbours)
    assert mutability.is_deeply_immutable(obj) is False


@pytest.mark.parametrize(
    "obj", [Row((1, 2)), Count(3), (Count(3),), frozenset({Row()}), int, len, NotImplemented]
)
def test_only_exact_builtin_types_are_deeply_immutable(mutability: ModuleType, obj: object) -> None:
    assert mutability.is_deeply_immutable(obj) is False


def test_hashable_does_not_mean_immutable(mutability: ModuleType) -> None:
    obj = object()
    hash(obj)
    assert not mutability.is_deeply_immutable(obj)
    assert not mutability.is_deeply_immutable(frozenset({obj}))


# --- gather


def test_gather_without_a_list_starts_anew(mutability: ModuleType) -> None:
    first, second = mutability.gather(1), mutability.gather(2)
    assert (first, second) == ([1], [2])
    assert first is not second


@given(st.lists(st.integers()), st.integers())
def test_gather_fills_and_returns_the_list_it_is_given(
    mutability: ModuleType, into: list[int], item: int
) -> None:
    expected = [*into, item]
    assert mutability.gather(item, into) is into
    assert into == expected


# --- shares_mutable_default


def nothing() -> None: ...
def positional(a: int, b: list[int] = []) -> None: ...  # noqa: B006
def keyword_only(*, a: int = 1, b: dict[str, int] = {}) -> None: ...  # noqa: B006
def positional_only(a: set[int] = set(), /) -> None: ...  # noqa: B006
def harmless(a: int = 1, b: tuple[int, ...] = (), *, c: str = "", d: object = None) -> None: ...
def hidden(a: tuple[list[int]] = ([],)) -> None: ...
def a_bytearray(a: bytearray = bytearray()) -> None: ...  # noqa: B008


@pytest.mark.parametrize(
    "fn", [nothing, positional, keyword_only, positional_only, harmless, hidden, a_bytearray]
)
def test_mutable_defaults_are_those_of_the_signature(mutability: ModuleType, fn: Callable[..., None]) -> None:
    defaults = [parameter.default for parameter in inspect.signature(fn).parameters.values()]
    expected = any(isinstance(default, (list, dict, set, bytearray)) for default in defaults)
    assert mutability.shares_mutable_default(fn) is expected


def test_mutable_defaults_of_lambdas_methods_and_subclasses(mutability: ModuleType) -> None:
    class Holder:
        def method(self, items: list[int] = []) -> None: ...  # noqa: B006

    assert mutability.shares_mutable_default(lambda x=[]: x)
    assert not mutability.shares_mutable_default(lambda x=(): x)
    assert mutability.shares_mutable_default(Holder().method)
    counter = Counter("ab")
    assert mutability.shares_mutable_default(lambda x=counter: x)


# --- mutated_arguments


@given(st.lists(st.booleans(), max_size=6), st.booleans())
def test_mutated_arguments_are_those_that_were_touched(
    mutability: ModuleType, touched: list[bool], deep: bool
) -> None:
    def fn(*args: list[list[int]]) -> None:
        for touch, arg in zip(touched, args, strict=True):
            if touch:
                (arg[0] if deep else arg).append(7)  # type: ignore[arg-type]

    args: list[list[list[int]]] = [[[]] for _ in touched]
    expected = [i for i, touch in enumerate(touched) if touch]
    assert mutability.mutated_arguments(fn, *args) == expected


def test_mutated_arguments_calls_the_function_once_on_the_very_arguments(mutability: ModuleType) -> None:
    seen: list[object] = []
    arg = [1]
    mutability.mutated_arguments(seen.append, arg)
    assert len(seen) == 1
    assert seen[0] is arg


def test_mutated_arguments_go_by_value(mutability: ModuleType) -> None:
    def retype(numbers: list[float]) -> None:
        numbers[0] = float(numbers[0])

    def there_and_back(numbers: list[int]) -> None:
        numbers.append(1)
        numbers.pop()

    assert mutability.mutated_arguments(retype, [1]) == []
    assert mutability.mutated_arguments(there_and_back, [1]) == []
    assert mutability.mutated_arguments(dict.clear, {1: 2}) == [0]
    assert mutability.mutated_arguments(sorted, [2, 1]) == []
    shared: list[int] = []
    assert mutability.mutated_arguments(lambda a, _: a.append(1), shared, shared) == [0, 1]


def test_mutated_arguments_passes_exceptions_on(mutability: ModuleType) -> None:
    with pytest.raises(ZeroDivisionError):
        mutability.mutated_arguments(lambda x: x / 0, 1)


# --- augmented_assign_keeps_identity


@pytest.mark.parametrize(
    ("left", "right", "kept"),
    [
        ([1], [2], True),
        ([1], (2,), True),
        ([], [], True),
        (bytearray(b"a"), b"b", True),
        (deque([1]), [2], True),
        ((1,), (2,), False),
        ("ab", "c", False),
        (b"ab", b"c", False),
        (1000, 1, False),
        (1.5, 1.0, False),
    ],
)
def test_augmented_assignment_keeps_what_has_iadd(
    mutability: ModuleType, left: Any, right: Any, kept: bool
) -> None:
    assert hasattr(left, "__iadd__") is kept  # what decides it
    before = repr(left)
    assert mutability.augmented_assign_keeps_identity(left, right) is kept
    assert repr(left) == before


def test_augmented_assignment_leaves_left_alone_at_every_depth(mutability: ModuleType) -> None:
    bag = Bag()
    assert mutability.augmented_assign_keeps_identity(bag, 1) is True
    assert bag.items == []


def test_augmented_assignment_binds_whatever_iadd_returns(mutability: ModuleType) -> None:
    class Fickle:
        def __iadd__(self, other: int) -> list[int]:
            return [other]

    assert mutability.augmented_assign_keeps_identity(Fickle(), 1) is False


def test_augmented_assignment_passes_exceptions_on(mutability: ModuleType) -> None:
    with pytest.raises(TypeError, match="not iterable"):
        mutability.augmented_assign_keeps_identity([1], 2)


# --- count_lists


def lists_in(node: ast.expr) -> int:
    """Count from the text alone: repetition keeps one element, a comprehension builds it each time."""
    match node:
        case ast.BinOp(left=ast.List(elts=[element])):
            return 1 + lists_in(element)
        case ast.ListComp(
            elt=element, generators=[ast.comprehension(iter=ast.Call(args=[ast.Constant(value=n)]))]
        ):
            assert isinstance(n, int)
            return 1 + n * lists_in(element)
    return 0


@pytest.mark.parametrize("seed", range(40))
def test_lists_are_counted_as_the_expression_says(mutability: ModuleType, seed: int) -> None:
    expression = mutability.sample_count_lists(seed)["expression"]
    assert mutability.count_lists(expression) == lists_in(ast.parse(expression, mode="eval").body)


def test_lists_of_the_article(mutability: ModuleType) -> None:
    assert mutability.count_lists("[[0] * 3] * 3") == 2
    assert mutability.count_lists("[[0] * 3 for _ in range(3)]") == 4
    assert mutability.count_lists("7") == 0


# --- what the cards and the learner see


@pytest.mark.parametrize("name", ["alias_groups", "gather", "is_deeply_immutable", "mutated_arguments"])
@pytest.mark.parametrize("seed", SEEDS)
def test_probes_take_their_samples_and_repeat(mutability: ModuleType, name: str, seed: int) -> None:
    sample, probe = getattr(mutability, f"sample_{name}"), getattr(mutability, f"probe_{name}")
    first, second = (probe(getattr(mutability, name), **sample(seed)) for _ in range(2))
    assert first == second


def test_samples_differ_between_seeds(mutability: ModuleType) -> None:
    for name in dir(mutability):
        if name.startswith("sample_"):
            assert len({repr(getattr(mutability, name)(seed)) for seed in SEEDS}) >= 8, name


@pytest.mark.parametrize("seed", range(5))
def test_claim_measures_what_sharing_does(mutability: ModuleType, seed: int) -> None:
    result = mutability.claim(seed)
    assert result["passed"] is True
    assert result["measured"] == {"shared": 3, "fresh": 1, "tuple_raised": 1, "tuple_grew": 2, "grid": 3}
    assert all(type(value) is float for value in result["measured"].values())
    assert result == mutability.claim(seed)


def test_all_names_exist(mutability: ModuleType) -> None:
    assert [name for name in mutability.__all__ if not hasattr(mutability, name)] == []


def test_file_runs_alone_and_says_little(mutability: ModuleType, tmp_path: Path) -> None:
    assert mutability.__file__ is not None
    run = subprocess.run(
        [sys.executable, "-I", mutability.__file__], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert run.stderr == ""
    assert 3 <= len(run.stdout.splitlines()) <= 11
