"""`snippets/python/list_tuple.py` against CPython itself: real lists are resized, measured and compared."""

import ast
import struct
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

SEEDS = range(12)
SLOT = struct.calcsize("P")
HEADER = sys.getsizeof([])


def capacity(items: list[None]) -> int:
    return (sys.getsizeof(items) - HEADER) // SLOT


@pytest.fixture(scope="module")
def list_tuple(load_snippet: Callable[[str], ModuleType]) -> ModuleType:
    return load_snippet("python/list_tuple")


# --- next_capacity


@given(st.integers(1, 300), st.data())
def test_a_real_list_gets_the_predicted_capacity(
    list_tuple: ModuleType, allocated: int, data: st.DataObject
) -> None:
    old_size = data.draw(st.integers(allocated // 2, allocated))
    new_size = data.draw(st.integers(0, 2 * allocated + 20))
    items = [None] * allocated
    del items[old_size:]
    assume(items)  # an emptied list gives its array back by another road
    assert (capacity(items), len(items)) == (allocated, old_size)
    # Slice assignment resizes in one step, up or down; down to nothing it clears instead.
    assume(new_size > 0)
    items[min(old_size, new_size) :] = [None] * (new_size - min(old_size, new_size))
    assert len(items) == new_size
    assert list_tuple.next_capacity(allocated, old_size, new_size) == capacity(items)


@pytest.mark.parametrize(
    ("allocated", "old_size", "new_size", "expected"),
    [
        (0, 0, 0, 0),
        (0, 0, 1, 4),
        (4, 4, 5, 8),
        (8, 8, 9, 16),
        (16, 16, 17, 24),
        (92, 92, 93, 108),
        (8, 8, 10, 16),
        (8, 8, 48, 48),
        (64, 33, 32, 64),
        (64, 32, 31, 40),
        (64, 64, 0, 0),
        (1, 1, 0, 1),
        (2, 1, 0, 0),
        (10, 3, 10, 10),
    ],
)
def test_capacities_worked_out_by_hand(
    list_tuple: ModuleType, allocated: int, old_size: int, new_size: int, expected: int
) -> None:
    assert list_tuple.next_capacity(allocated, old_size, new_size) == expected


@pytest.mark.parametrize(
    ("arguments", "named"),
    [((-1, 0, 0), "allocated"), ((4, -1, 0), "old_size"), ((4, 2, -1), "new_size"), ((4, 5, 6), "old_size")],
)
def test_impossible_lists_are_refused(
    list_tuple: ModuleType, arguments: tuple[int, int, int], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        list_tuple.next_capacity(*arguments)


# --- traces


def test_capacities_of_the_cpython_sources(list_tuple: ModuleType) -> None:
    assert sorted({0, *list_tuple.capacity_trace(100)}) == [0, 4, 8, 16, 24, 32, 40, 52, 64, 76, 92, 108]


@pytest.mark.parametrize("n", [0, 1, 4, 5, 1000])
def test_predicted_and_observed_traces_are_those_of_a_real_list(list_tuple: ModuleType, n: int) -> None:
    items: list[None] = []
    real = []
    for _ in range(n):
        items.insert(len(items), None)  # another road to the same `list_resize`
        real.append(capacity(items))
    assert list_tuple.capacity_trace(n) == real
    assert list_tuple.observed_capacity_trace(n) == real


@pytest.mark.parametrize(
    "name", ["capacity_trace", "observed_capacity_trace", "append_copies", "sizeof_list", "sizeof_tuple"]
)
def test_negative_lengths_are_refused(list_tuple: ModuleType, name: str) -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        getattr(list_tuple, name)(-1)


# --- sizes


@given(st.integers(0, 500))
def test_sizes_are_those_of_real_objects(list_tuple: ModuleType, n: int) -> None:
    assert list_tuple.sizeof_list(n) == sys.getsizeof([None] * n)
    assert list_tuple.sizeof_tuple(n) == sys.getsizeof((None,) * n)
    assert list_tuple.sizeof_tuple(n) < list_tuple.sizeof_list(n)


# --- costs


@pytest.mark.parametrize("n", [0, 1, 2, 5, 6, 9, 10, 500, 3000])
def test_copies_are_the_lengths_at_which_a_real_list_grew(list_tuple: ModuleType, n: int) -> None:
    items: list[None] = []
    sizes = [capacity(items)]
    for _ in range(n):
        items.append(None)
        sizes.append(capacity(items))
    moves = [length for length, (before, after) in enumerate(pairwise(sizes)) if before != after]
    assert list_tuple.append_copies(n) == sum(moves)
    assert list_tuple.reallocations(n) == len(moves)
    assert list_tuple.capacity_after_appends(n) == sizes[-1]


def test_copies_of_the_article(list_tuple: ModuleType) -> None:
    assert list_tuple.append_copies(20_000) == 170_688


@pytest.mark.parametrize("n", [10, 93, 1_000, 30_133])
def test_an_append_costs_less_than_nine_copies(list_tuple: ModuleType, n: int) -> None:
    assert list_tuple.append_copies(n) < 9 * n


@given(st.integers(1, 200), st.integers(1, 300))
def test_a_real_full_list_is_extended_as_predicted(list_tuple: ModuleType, size: int, extra: int) -> None:
    items = [None] * size
    items.extend([None] * extra)
    assert list_tuple.capacity_after_extend(size, extra) == capacity(items)


# --- is_constant_tuple


@pytest.mark.parametrize(
    "expr",
    [
        "()",
        "(1,)",
        "1, 2",
        "(1, -2.5, 3j, 'a', b'b', None, True, ...)",
        "((1, 2), ())",
        "(1, 2) + (3,)",
        "(0,) * 5",
    ],
)
def test_tuples_of_constants_are_constant(list_tuple: ModuleType, expr: str) -> None:
    assert list_tuple.is_constant_tuple(expr) is True
    code = compile(expr, "<test>", "eval")
    # The second way: evaluating twice gives one object, the very one among the constants of the code.
    assert eval(code) is eval(code)  # noqa: S307
    assert any(eval(code) is constant for constant in code.co_consts)  # noqa: S307


@pytest.mark.parametrize(
    "expr",
    [
        "[1, 2]",
        "(1, [2])",
        "(1, {2})",
        "(1, len)",
        "tuple([1, 2])",
        "(1)",
        "1",
        "'ab'",
        "{1: 2}",
        "len",
        "(1, 2)[0]",
    ],
)
def test_everything_else_is_not(list_tuple: ModuleType, expr: str) -> None:
    assert list_tuple.is_constant_tuple(expr) is False


constants = st.recursive(
    st.none() | st.booleans() | st.integers(0, 10**6) | st.text("abc", max_size=3),
    lambda inner: st.lists(inner, max_size=4).map(tuple),
)


@given(st.lists(constants, max_size=5).map(tuple))
def test_the_repr_of_any_tuple_of_constants_is_constant(
    list_tuple: ModuleType, value: tuple[object, ...]
) -> None:
    assert ast.literal_eval(repr(value)) == value
    assert list_tuple.is_constant_tuple(repr(value)) is True


@given(st.lists(constants, max_size=3), st.sampled_from(["x", "[]", "{}", "f()"]))
def test_one_part_that_is_no_constant_spoils_it(
    list_tuple: ModuleType, values: list[object], part: str
) -> None:
    assert list_tuple.is_constant_tuple(f"({', '.join([*map(repr, values), part])},)") is False


def test_an_expression_that_does_not_compile_is_an_error(list_tuple: ModuleType) -> None:
    with pytest.raises(SyntaxError):
        list_tuple.is_constant_tuple("(1,")


# --- what the cards and the learner see


@pytest.mark.parametrize("seed", range(30))
def test_samples_are_valid_and_repeat(list_tuple: ModuleType, seed: int) -> None:
    answers = list_tuple.probe_next_capacity(
        list_tuple.next_capacity, **list_tuple.sample_next_capacity(seed)
    )
    assert len(answers) >= 16
    for name in ("append_copies", "observed_capacity_trace", "reallocations", "capacity_after_appends"):
        sample = getattr(list_tuple, f"sample_{name}")
        assert sample(seed) == sample(seed)
        getattr(list_tuple, name)(**sample(seed))
    expressions = list_tuple.sample_expressions(seed)["expressions"]
    assert len(set(expressions)) == 5
    assert {list_tuple.is_constant_tuple(expression) for expression in expressions} == {True, False}


def test_extensions_are_drawn_on_both_sides_of_the_rule(list_tuple: ModuleType) -> None:
    drawn = [list_tuple.sample_capacity_after_extend(seed) for seed in range(30)]
    grew = [list_tuple.capacity_after_extend(**sample) - sum(sample.values()) for sample in drawn]
    assert sum(spare < 4 for spare in grew) >= 8
    assert sum(spare >= 4 for spare in grew) >= 8


@pytest.mark.parametrize("seed", range(5))
def test_claim_holds(list_tuple: ModuleType, seed: int) -> None:
    result = list_tuple.claim(seed)
    assert result["passed"] is True
    measured = result["measured"]
    assert list(measured) == ["trace_equal", "copies_per_append", "list_minus_tuple", "final_overalloc"]
    assert measured["trace_equal"] == 1
    assert measured["copies_per_append"] == pytest.approx(8.5344)
    assert measured["list_minus_tuple"] > 0
    assert 0 <= measured["final_overalloc"] < 1 / 8
    assert result == list_tuple.claim(seed)


def test_picture_shows_stairs_above_the_items(list_tuple: ModuleType) -> None:
    picture = list_tuple.picture(3)
    assert len(picture["items"]) == len(picture["capacity"])
    assert all(slots >= items for items, slots in zip(picture["items"], picture["capacity"], strict=True))


def test_all_names_exist(list_tuple: ModuleType) -> None:
    assert [name for name in list_tuple.__all__ if not hasattr(list_tuple, name)] == []


def test_file_runs_alone_and_says_little(list_tuple: ModuleType, tmp_path: Path) -> None:
    assert list_tuple.__file__ is not None
    run = subprocess.run(
        [sys.executable, "-I", list_tuple.__file__], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert run.stderr == ""
    assert 3 <= len(run.stdout.splitlines()) <= 11
