"""`snippets/python/generators.py` against Python itself: slices, `statistics`, and driving by hand."""

import contextlib
import inspect
import itertools
import re
import statistics
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

SEEDS = range(12)

numbers = st.integers(-1000, 1000) | st.floats(-1e6, 1e6)
nested_ints = st.recursive(
    st.lists(st.integers(), max_size=4),
    lambda inner: st.lists(inner | st.integers() | inner.map(tuple), max_size=4),
    max_leaves=20,
)


@pytest.fixture(scope="module")
def generators(load_snippet: Callable[[str], ModuleType]) -> ModuleType:
    return load_snippet("python/generators")


def tapped(items: list[Any], log: list[Any]) -> Iterator[Any]:
    """Yield `items` and write down each one as it is read."""
    for item in items:
        log.append(item)
        yield item


# --- take


@given(st.lists(st.integers()), st.integers(0, 12))
def test_take_is_a_slice_and_leaves_the_rest(generators: ModuleType, items: list[int], n: int) -> None:
    source = iter(items)
    assert generators.take(n, source) == items[:n]
    assert list(source) == items[n:]
    assert generators.take(n, items) == items[:n]


def test_take_of_nothing_does_not_touch_the_source(generators: ModuleType) -> None:
    log: list[int] = []
    assert generators.take(0, tapped([1, 2], log)) == []
    assert log == []
    assert generators.take(2, itertools.count()) == [0, 1]


def test_a_negative_number_of_items_is_refused(generators: ModuleType) -> None:
    source = iter([1])
    with pytest.raises(ValueError, match="n must not be negative"):
        generators.take(-1, source)
    assert next(source) == 1


# --- chunked


@given(st.lists(st.integers()), st.integers(1, 6))
def test_chunks_are_slices(generators: ModuleType, items: list[int], size: int) -> None:
    expected = [items[i : i + size] for i in range(0, len(items), size)]
    assert list(generators.chunked(items, size)) == expected
    assert list(generators.chunked(iter(items), size)) == expected
    if sys.version_info >= (3, 12):
        assert [list(batch) for batch in itertools.batched(items, size)] == expected


def test_chunks_are_read_only_when_asked_for(generators: ModuleType) -> None:
    log: list[str] = []
    chunks = generators.chunked(tapped(list("abcde"), log), 2)
    assert inspect.isgenerator(chunks)
    assert log == []
    assert next(chunks) == ["a", "b"]
    assert log == ["a", "b"]
    first = next(chunks)
    assert next(chunks) == ["e"]
    assert first == ["c", "d"]
    assert list(chunks) == []
    assert next(generators.chunked(itertools.count(), 3)) == [0, 1, 2]


@pytest.mark.parametrize("size", [0, -1])
def test_a_bad_size_fails_at_the_call(generators: ModuleType, size: int) -> None:
    with pytest.raises(ValueError, match="size must be at least 1"):
        generators.chunked([1], size)


# --- flatten


@given(nested_ints)
def test_flatten_reads_the_numbers_from_left_to_right(generators: ModuleType, nested: list[Any]) -> None:
    as_written = [int(text) for text in re.findall(r"-?\d+", repr(nested))]
    assert list(generators.flatten(nested)) == as_written


def test_flatten_opens_lists_and_tuples_only(generators: ModuleType) -> None:
    leaves: list[Any] = ["ab", b"c", {1: [2]}, {3}, frozenset({4}), range(5), None, iter([6]), ""]
    flat = list(generators.flatten([[leaves[:4]], (*leaves[4:], [], ((),))]))
    assert len(flat) == len(leaves)
    assert all(one is other for one, other in zip(flat, leaves, strict=True))


def test_flatten_is_lazy(generators: ModuleType) -> None:
    nested: list[Any] = [1, [2, [3]]]
    flat = generators.flatten(nested)
    assert inspect.isgenerator(flat)
    assert [next(flat), next(flat)] == [1, 2]
    nested.append((4,))
    nested[1][1].append(3.5)
    assert list(flat) == [3, 3.5, 4]


# --- running_mean


@given(st.lists(numbers, min_size=1, max_size=20))
def test_running_mean_is_the_mean_of_what_was_sent(generators: ModuleType, sent: list[float]) -> None:
    mean = generators.running_mean()
    assert next(mean) is None
    for count, number in enumerate(sent, 1):
        assert mean.send(number) == pytest.approx(statistics.fmean(sent[:count]), rel=1e-9, abs=1e-6)
    with pytest.raises(StopIteration) as end:
        mean.send(None)
    assert end.value.value == (len(sent), pytest.approx(statistics.fmean(sent), rel=1e-9, abs=1e-6))


def test_running_mean_of_nothing_is_none(generators: ModuleType) -> None:
    mean = generators.running_mean()
    next(mean)
    with pytest.raises(StopIteration) as end:
        next(mean)
    assert end.value.value == (0, None)


def test_running_mean_does_not_end_at_zero_and_shares_nothing(generators: ModuleType) -> None:
    one, other = generators.running_mean(), generators.running_mean()
    next(one)
    next(other)
    assert [one.send(4), other.send(100), one.send(0), one.send(-1)] == [4.0, 100.0, 2.0, 1.0]


def test_running_mean_takes_nothing_before_it_is_started(generators: ModuleType) -> None:
    mean = generators.running_mean()
    with pytest.raises(TypeError):
        mean.send(1)
    assert next(mean) is None


# --- drive


def stubborn() -> Generator[Any, Any, str]:
    """Catch ValueError, refuse to close once, end at "stop" and fail at "fail"."""
    refused = False
    got = None
    while got != "stop":
        if got == "fail":
            raise LookupError(got)
        try:
            got = yield ("got", got)
        except ValueError as error:
            got = str(error)
        except GeneratorExit:
            if refused:
                raise
            refused = True
            yield "not yet"
    return "stopped"


@contextlib.contextmanager
def closed_at_last(gen: Generator[Any, Any, Any]) -> Iterator[Generator[Any, Any, Any]]:
    """Close `gen` in the end, even if it refuses the first time."""
    try:
        yield gen
    finally:
        with contextlib.suppress(RuntimeError):
            gen.close()
        gen.close()


@pytest.mark.parametrize(
    ("ops", "events"),
    [
        ([], []),
        ([("next",), ("next",)], [("yield", ("got", None))] * 2),
        ([("send", 1), ("next",)], [("raise", "TypeError"), ("yield", ("got", None))]),
        (
            [("next",), ("send", 1), ("throw", ValueError("v")), ("throw", KeyError("k")), ("next",)],
            [
                ("yield", ("got", None)),
                ("yield", ("got", 1)),
                ("yield", ("got", "v")),
                ("raise", "KeyError"),
                ("return", None),
            ],
        ),
        (
            [("send", None), ("send", "stop"), ("next",), ("send", 1), ("close",)],
            [
                ("yield", ("got", None)),
                ("return", "stopped"),
                ("return", None),
                ("return", None),
                ("closed", None),
            ],
        ),
        (
            [("next",), ("send", "fail"), ("next",)],
            [("yield", ("got", None)), ("raise", "LookupError"), ("return", None)],
        ),
        ([("close",), ("next",)], [("closed", None), ("return", None)]),
        (
            [("next",), ("close",), ("close",), ("next",)],
            [("yield", ("got", None)), ("raise", "RuntimeError"), ("closed", None), ("return", None)],
        ),
        ([("throw", ValueError("early")), ("next",)], [("raise", "ValueError"), ("return", None)]),
        (
            [("next",), ("throw", KeyboardInterrupt())],
            [("yield", ("got", None)), ("raise", "KeyboardInterrupt")],
        ),
    ],
)
def test_driving_tells_what_each_step_led_to(
    generators: ModuleType, ops: list[tuple[Any, ...]], events: list[tuple[str, Any]]
) -> None:
    with closed_at_last(stubborn()) as gen:
        assert generators.drive(gen, ops) == events


def by_hand(gen: Generator[Any, Any, Any], op: tuple[Any, ...]) -> tuple[str, Any]:
    """Do one step in the plainest way there is."""
    try:
        if op[0] == "close":
            gen.close()
            return ("closed", None)
        if op[0] == "throw":
            return ("yield", gen.throw(op[1]))
        return ("yield", next(gen) if op[0] == "next" else gen.send(op[1]))
    except BaseException as error:  # noqa: BLE001
        if type(error) is StopIteration:
            return ("return", error.value)
        return ("raise", type(error).__name__)


@given(
    st.lists(
        st.one_of(
            st.just(("next",)),
            st.sampled_from(["stop", "fail", 1]).map(lambda value: ("send", value)),
            st.sampled_from([ValueError, KeyError, GeneratorExit]).map(lambda kind: ("throw", kind())),
            st.just(("close",)),
        ),
        max_size=8,
    )
)
def test_driving_is_what_python_does(generators: ModuleType, ops: list[tuple[Any, ...]]) -> None:
    with closed_at_last(stubborn()) as gen, closed_at_last(stubborn()) as other:
        assert generators.drive(gen, ops) == [by_hand(other, op) for op in ops]


@pytest.mark.parametrize("op", [("stop",), (), ("next", 1), ("send",), ("throw",), ("close", None)])
def test_an_unknown_op_is_refused_before_anything_is_done(
    generators: ModuleType, op: tuple[Any, ...]
) -> None:
    gen = stubborn()
    with pytest.raises(ValueError, match="unknown op"):
        generators.drive(gen, [("next",), op])
    assert inspect.getgeneratorstate(gen) == "GEN_CREATED"


def test_a_value_error_of_the_generator_is_an_event(generators: ModuleType) -> None:
    def refuses() -> Iterator[None]:
        yield from int("unknown op")  # type: ignore[misc]

    assert generators.drive(refuses(), [("next",)]) == [("raise", "ValueError")]


# --- items_touched


@pytest.mark.parametrize("seed", range(40))
def test_the_next_item_tells_how_many_were_touched(generators: ModuleType, seed: int) -> None:
    expression = generators.sample_items_touched(seed)["expression"]
    source = iter(range(10_000))
    tools = {"islice": itertools.islice, "takewhile": itertools.takewhile}
    eval(expression, {"source": source, **tools})  # noqa: S307
    assert generators.items_touched(expression) == next(source)


def test_items_touched_of_the_article(generators: ModuleType) -> None:
    assert generators.items_touched("list(islice((x * x for x in source if x % 2), 5))") == 10
    assert generators.items_touched("list(zip(source, range(3)))") == 4
    assert generators.items_touched("list(zip(range(3), source))") == 3
    assert generators.items_touched("list(islice(source, 3))") == 3
    assert generators.items_touched("(x for x in source)") == 0


# --- what the cards and the learner see


@pytest.mark.parametrize("name", ["take", "chunked", "flatten", "running_mean"])
@pytest.mark.parametrize("seed", SEEDS)
def test_probes_take_their_samples_and_repeat(generators: ModuleType, name: str, seed: int) -> None:
    sample, probe = getattr(generators, f"sample_{name}"), getattr(generators, f"probe_{name}")
    first, second = (probe(getattr(generators, name), **sample(seed)) for _ in range(2))
    assert first == second


def test_samples_differ_between_seeds(generators: ModuleType) -> None:
    for name in dir(generators):
        if name.startswith("sample_"):
            assert len({repr(getattr(generators, name)(seed)) for seed in SEEDS}) >= 4, name


def test_the_numbers_sent_nearly_always_hold_a_zero(generators: ModuleType) -> None:
    drawn = [generators.sample_running_mean(seed)["numbers"] for seed in range(24)]
    assert sum(0 in sent for sent in drawn) >= 20
    assert [] in drawn or any(0 not in sent for sent in drawn)


@pytest.mark.parametrize("seed", SEEDS)
def test_gifts_just_reach_both_goals(generators: ModuleType, seed: int) -> None:
    drawn = generators.sample_delegation(seed)
    gifts = list(drawn["gifts"])
    for goal in drawn["goals"]:
        total = 0
        while total < goal:
            total += gifts.pop(0)
    assert gifts == []


@pytest.mark.parametrize("seed", range(5))
def test_claim_measures_laziness(generators: ModuleType, seed: int) -> None:
    result = generators.claim(seed)
    assert result["passed"] is True
    measured = result["measured"]
    assert list(measured) == ["touched", "gen_size", "peak_list", "peak_gen"]
    assert all(type(value) is float for value in measured.values())
    assert measured["touched"] == 10
    assert measured["gen_size"] <= 300
    assert measured["peak_list"] > 50 * measured["peak_gen"]
    again = generators.claim(seed)["measured"]
    assert (again["touched"], again["gen_size"]) == (10, measured["gen_size"])
    assert again["peak_list"] == pytest.approx(measured["peak_list"], rel=0.01)


def test_picture_shows_the_list_reading_everything_first(generators: ModuleType) -> None:
    picture = generators.picture(1)
    assert len(picture["generator"]) == len(picture["list"]) > 10
    assert set(picture["list"]) == {60}
    assert picture["generator"] == sorted(set(picture["generator"]))


def test_all_names_exist(generators: ModuleType) -> None:
    assert [name for name in generators.__all__ if not hasattr(generators, name)] == []


def test_file_runs_alone_and_says_little(generators: ModuleType, tmp_path: Path) -> None:
    assert generators.__file__ is not None
    run = subprocess.run(
        [sys.executable, "-I", generators.__file__], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert run.stderr == ""
    assert 3 <= len(run.stdout.splitlines()) <= 11
