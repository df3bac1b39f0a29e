"""Generators: functions that pause, hand out one value at a time, and take values in.

Source: Schemenauer, Peters and Hetland, PEP 255, "Simple Generators", 2001; van Rossum and Eby, PEP 342,
    "Coroutines via Enhanced Generators", 2005; Ewing, PEP 380, "Syntax for Delegating to a Subgenerator",
    2009.
"""

import sys
import tracemalloc
from collections.abc import Callable, Generator, Iterable, Iterator
from functools import partial
from itertools import islice, takewhile
from random import Random
from typing import Any, TypeVar

__all__ = [
    "chunked",
    "claim",
    "drive",
    "flatten",
    "items_touched",
    "main",
    "picture",
    "running_mean",
    "take",
]

T = TypeVar("T")


def take(n: int, it: Iterable[T]) -> list[T]:
    """Return the first `n` items of `it`, or all there are, and read none beyond them."""
    if n < 0:
        raise ValueError(f"n must not be negative: {n}")
    return list(islice(it, n))


def chunked(it: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield the items of `it` in lists of `size`, the last perhaps shorter; a bad `size` fails at once."""
    if size < 1:
        raise ValueError(f"size must be at least 1: {size}")
    source = iter(it)

    def chunks() -> Iterator[list[T]]:
        while chunk := list(islice(source, size)):
            yield chunk

    return chunks()  # the check above has run; nothing in here has


def flatten(nested: Iterable[Any]) -> Iterator[Any]:
    """Yield what lies in `nested`, depth first; only lists and tuples are opened."""
    for item in nested:
        if isinstance(item, list | tuple):
            yield from flatten(item)
        else:
            yield item


def running_mean() -> Generator[float | None, float | None, tuple[int, float | None]]:
    """Yield the mean of the numbers sent so far; sending None ends it and returns (count, mean)."""
    count, total, mean = 0, 0.0, None
    while (number := (yield mean)) is not None:
        count += 1
        total += number
        mean = total / count
    return count, mean


def drive(gen: Generator[Any, Any, Any], ops: Iterable[tuple[Any, ...]]) -> list[tuple[str, Any]]:
    """Do to `gen` what `ops` say and tell what each led to.

    ops:     ("next",), ("send", value), ("throw", exception), ("close",)
    returns: ("yield", value), ("return", value), ("raise", name of the exception), ("closed", None)
    """
    steps = [_step(gen, op) for op in ops]  # all are understood before the first is carried out
    return [_event(step, closes=step == gen.close) for step in steps]


def _step(gen: Generator[Any, Any, Any], op: tuple[Any, ...]) -> Callable[[], Any]:
    match op:
        case ("next",):
            return partial(next, gen)
        case ("send", value):
            return partial(gen.send, value)
        case ("throw", exception):
            return partial(gen.throw, exception)
        case ("close",):
            return gen.close
    raise ValueError(f"ops holds an unknown op: {op!r}")


def _event(step: Callable[[], Any], *, closes: bool) -> tuple[str, Any]:
    try:
        value = step()
    except StopIteration as end:
        return "return", end.value
    except BaseException as error:  # noqa: BLE001 - whatever the generator raises is the event
        return "raise", type(error).__name__
    return ("closed", None) if closes else ("yield", value)


def items_touched(expression: str) -> int:
    """Evaluate `expression`, in which `source` yields 0, 1, 2, ..., and count the items it took from it."""
    source = _Counted(range(10_000))
    tools = {"islice": islice, "takewhile": takewhile}
    eval(expression, {"source": source, **tools})  # noqa: S307 - written by `sample_items_touched`
    return source.touched


class _Counted(Iterator[T]):
    """Hands out the items of `it` and counts them."""

    def __init__(self, it: Iterable[T]) -> None:
        self.items = iter(it)
        self.touched = 0

    def __next__(self) -> T:
        item = next(self.items)
        self.touched += 1
        return item


def sample_take(seed: int) -> dict[str, Any]:
    rng = Random(seed)
    items = rng.sample(range(100), rng.randint(2, 7))
    return {"n": rng.randint(1, len(items)), "items": items}


def probe_take(
    implementation: Callable[[int, Iterable[int]], list[int]], n: int, items: list[int]
) -> dict[str, Any]:
    """Take `n`, none, and more than there are; look at what is left; take from a list, too."""
    seen: dict[str, Any] = {}
    for wanted in (n, 0, len(items) + 1):
        source = iter(items)
        seen[f"take({wanted}, iterator)"] = implementation(wanted, source)
        seen[f"left in the iterator after take({wanted}, iterator)"] = list(source)
    return {**seen, f"take({n}, items)": implementation(n, items)}


def sample_chunked(seed: int) -> dict[str, Any]:
    rng = Random(seed)
    size = rng.randint(1, 4)
    full, rest = rng.randint(0, 3), rng.randrange(size)
    return {"items": rng.sample(range(100), full * size + rest), "size": size}


def probe_chunked(
    implementation: Callable[[Iterable[int], int], Iterator[list[int]]], items: list[int], size: int
) -> dict[str, Any]:
    """Read chunks from an iterator one by one, then from a list, then ask for impossible sizes."""
    source = _Counted(items)
    chunks = implementation(source, size)
    read = [source.touched]
    got = []
    for chunk in islice(chunks, len(items) + 2):  # a faulty answer may never end
        got.append(chunk)
        read.append(source.touched)
    refused = []
    for bad in (0, -size):
        try:
            implementation(items, bad)
        except ValueError:
            refused.append(bad)
    return {
        "chunks": got,
        "items read before the first next and after each": read,
        "chunks of a list": list(islice(implementation(items, size), len(items) + 2)),
        "sizes refused by the call": refused,
    }


def sample_flatten(seed: int) -> dict[str, Any]:
    rng = Random(seed)
    leaves = [None, "ab", {1: [2]}, {3}, b"c", range(2), 0.5]

    def draw(depth: int) -> Any:
        if depth == 0 or rng.random() < 0.4:
            return rng.choice([rng.randint(0, 99), rng.randint(0, 99), rng.choice(leaves)])
        parts = [draw(depth - 1) for _ in range(rng.randint(0, 3))]
        return tuple(parts) if rng.random() < 0.5 else parts

    parts = [draw(3) for _ in range(rng.randint(0, 4))]
    return {"nested": [rng.randint(0, 99), *parts, [7, (8, [9], ()), "xy", {10: 11}]]}


def probe_flatten(implementation: Callable[[list[Any]], Iterator[Any]], nested: list[Any]) -> dict[str, Any]:
    """Ask for one item, append another to the list, ask for the rest."""
    items = implementation(nested)
    first = list(islice(items, 1))
    nested.append("appended after the first item was read")
    return {"first": first, "rest": list(islice(items, 200))}


def sample_running_mean(seed: int) -> dict[str, Any]:
    rng = Random(seed)
    count = rng.randint(0, 6)
    numbers = [rng.choice([rng.randint(-9, 9), rng.randint(-99, 99) / 4]) for _ in range(count)]
    if seed % 8:
        numbers.insert(rng.randint(0, count), 0)
    return {"numbers": numbers, "ends_with_next": rng.random() < 0.5}


def probe_running_mean(
    implementation: Callable[[], Generator[Any, Any, Any]], numbers: list[float], ends_with_next: bool
) -> dict[str, list[tuple[str, Any]]]:
    """Send the numbers and end it; do the same again while another one is running."""
    end = ("next",) if ends_with_next else ("send", None)
    ops = [("next",), *(("send", number) for number in numbers), end]
    alone = drive(implementation(), ops)
    other = implementation()
    drive(other, [("next",), ("send", 1000)])
    return {"alone": alone, "beside another": drive(implementation(), ops), "the other": drive(other, [end])}


def sample_items_touched(seed: int) -> dict[str, str]:
    rng = Random(seed)
    n, wanted, limit = rng.randint(4, 9), rng.randint(2, 4), rng.randint(20, 120)
    every = rng.choice([3, 5])
    match = f"x % {every} == {rng.randrange(every)}"
    shapes = [
        f"list(islice((x * x for x in source if {match}), {wanted}))",
        f"list(islice(filter(lambda x: {match}, islice(source, None, None, 2)), {wanted}))",
        f"list(islice(zip(source, source), {wanted}))",
        f"list(takewhile(lambda x: x * x < {limit}, source))",
        f"next(x for x in source if x * x > {limit})",
        f"list(zip(source, range({n})))",
        f"list(zip(range({n}), source))",
        f"all(x < {n} for x in source)",
    ]
    return {"expression": rng.choice(shapes)}


def sample_script(seed: int) -> dict[str, list[str]]:
    rng = Random(seed)
    first, second, third = rng.sample(range(2, 10), 3)
    steps = [f"g.send({second})", "next(g)", "g.throw(ValueError())", f"g.send({third})"]
    return {"steps": ["next(g)", f"g.send({first})", *rng.sample(steps, 4)]}


def sample_reading(seed: int) -> dict[str, Any]:
    rng = Random(seed)
    return {"items": rng.sample(range(10, 100), 3), "reads": rng.choice([0, 1, 2, 3])}


def sample_delegation(seed: int) -> dict[str, Any]:
    rng = Random(seed)
    goals = [rng.randint(4, 8), rng.randint(4, 8)]
    gifts = []
    for goal in goals:
        total = 0
        while total < goal:
            gifts.append(rng.randint(3, 6))
            total += gifts[-1]
    return {"goals": goals, "gifts": gifts}


def sample_late_binding(seed: int) -> dict[str, Any]:
    rng = Random(seed)
    *numbers, extra, other = rng.sample(range(1, 10), 5)
    factor, later = rng.sample([2, 3, 5, 10], 2)
    return {"numbers": numbers, "factor": factor, "later": later, "extra": extra, "others": [other]}


def sample_states(seed: int) -> dict[str, Any]:
    rng = Random(seed)
    return {"asked": rng.randint(0, 3), "closed": rng.random() < 0.4}


def claim(seed: int = 0) -> dict[str, Any]:
    """Count the items that a pipeline touches, and the bytes that a sum takes with and without a list."""
    first = 2 * Random(seed).randrange(1000)
    source = _Counted(range(first, first + 10**9))
    take(5, (x * x for x in source if x % 2))
    n = 200_000
    peak_list = _peak(lambda: sum([x * x for x in range(first, first + n)]))
    peak_gen = _peak(lambda: sum(x * x for x in range(first, first + n)))
    measured = {
        "touched": float(source.touched),
        "gen_size": float(sys.getsizeof(x * x for x in range(10**6))),
        "peak_list": float(peak_list),
        "peak_gen": float(peak_gen),
    }
    return {
        "statement": "Five odd squares from a source of a billion touch ten items; a generator over a "
        "million takes at most 300 bytes; summing 200,000 squares through a list takes 50 times the memory.",
        "measured": measured,
        "passed": source.touched == 10 and measured["gen_size"] <= 300 and peak_list > 50 * peak_gen,
    }


def _peak(work: Callable[[], object]) -> int:
    """Return by how many bytes memory rose above where it stood while `work` ran."""
    running = tracemalloc.is_tracing()
    if not running:
        tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    work()
    _, peak = tracemalloc.get_traced_memory()
    if not running:
        tracemalloc.stop()
    return peak - before


def picture(seed: int = 0) -> dict[str, list[int]]:
    """Return how many items are read by the time each result is out: lazily, and through a list."""
    rng = Random(seed)
    items = [rng.randint(0, 9) for _ in range(60)]
    read = {}
    for name, kept in (("generator", False), ("list", True)):
        source = _Counted(items)
        odd = (x for x in source if x % 2)
        read[name] = [source.touched for _ in (list(odd) if kept else odd)]
    return read


def main(device: str = "cpu") -> None:
    """Show pausing, sending and stopping; plain Python, so there is nothing to place on `device`."""
    del device
    print(f"chunks of a string: {take(3, chunked('generators', 4))}")
    print(f"flattened: {list(flatten([1, (2, [3, 'ab']), []]))}")
    ops = [("next",), ("send", 4), ("send", 8), ("send", None)]
    for op, event in zip(ops, drive(running_mean(), ops), strict=True):
        print(f"running_mean after {op}: {event}")
    for expression in (
        "list(islice((x for x in source if x % 2), 5))",
        "list(takewhile(lambda x: x < 5, source))",
    ):
        print(f"{expression} takes {items_touched(expression)} items")


if __name__ == "__main__":
    print(claim())
    main()
