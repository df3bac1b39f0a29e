"""Names, objects and sharing: which objects are the same, which can change, and who sees the change.

Source: Python Software Foundation, The Python Language Reference, chapter 3 "Data model" and section 7.2.1
    "Augmented assignment statements"; Programming FAQ, "Why are default values shared between objects?".
"""

import copy
from collections.abc import Callable
from random import Random
from types import FunctionType
from typing import Any

__all__ = [
    "alias_groups",
    "augmented_assign_keeps_identity",
    "claim",
    "count_lists",
    "gather",
    "is_deeply_immutable",
    "main",
    "mutated_arguments",
    "shares_mutable_default",
]


def alias_groups(objects: list[Any]) -> list[list[int]]:
    """Group the indices of `objects` by identity; groups and members in first-seen order."""
    groups: dict[int, list[int]] = {}
    for index, obj in enumerate(objects):  # `objects` keeps them all alive, so no id is used twice
        groups.setdefault(id(obj), []).append(index)
    return list(groups.values())


def is_deeply_immutable(obj: Any) -> bool:
    """Tell whether nothing inside `obj` can change: exact built-in types only, subclasses do not count."""
    if type(obj) in (tuple, frozenset):
        return all(is_deeply_immutable(item) for item in obj)
    return type(obj) in {int, float, complex, bool, str, bytes, range, type(None), type(...)}


def gather(item: Any, into: list[Any] | None = None) -> list[Any]:
    """Append `item` to `into` and return that very list; without `into`, a new list at each call."""
    if into is None:
        into = []
    into.append(item)
    return into


def shares_mutable_default(fn: FunctionType) -> bool:
    """Tell whether `fn` has a list, dict, set or bytearray as default, positional or keyword-only."""
    defaults = [*(fn.__defaults__ or ()), *(fn.__kwdefaults__ or {}).values()]
    return any(isinstance(default, (list, dict, set, bytearray)) for default in defaults)


def mutated_arguments(fn: Callable[..., Any], *args: Any) -> list[int]:
    """Call `fn(*args)` and return the positions of the arguments whose value is no longer what it was."""
    before = copy.deepcopy(args)
    fn(*args)
    return [i for i in range(len(args)) if before[i] != args[i]]


def augmented_assign_keeps_identity(left: Any, right: Any) -> bool:
    """Tell whether `x += right` leaves `x` the same object, for a copy `x` of `left`."""
    x = original = copy.deepcopy(left)
    x += right
    return x is original


def count_lists(expression: str) -> int:
    """Count the different list objects in the value of `expression`, the outermost included."""
    seen: dict[int, list[Any]] = {}
    pending = [eval(expression)]  # noqa: S307 - written by `sample_count_lists`
    while pending:
        obj = pending.pop()
        if isinstance(obj, list) and id(obj) not in seen:
            seen[id(obj)] = obj
            pending.extend(obj)
    return len(seen)


def sample_alias_groups(seed: int) -> dict[str, Any]:
    rng = Random(seed)
    values = [[seed % 7], [seed % 7], [], [], [seed % 7]]  # some are equal, none is the same
    picks = [0, 1, 0, *rng.choices(range(4), k=rng.randint(0, 6)), 4]
    return {"values": values, "picks": picks if seed % 8 else []}


def probe_alias_groups(
    implementation: Callable[[list[Any]], list[list[int]]], values: list[list[int]], picks: list[int]
) -> list[list[int]]:
    """Pose the list `[values[p] for p in picks]`: one object may stand in it several times."""
    return implementation([values[pick] for pick in picks])


def sample_is_deeply_immutable(seed: int) -> dict[str, Any]:
    rng = Random(seed)
    fixed = [
        rng.randint(300, 999),
        0.5,
        2j,
        rng.random() < 0.5,
        "word",
        b"byte",
        range(3),
        None,
        (),
        frozenset(),
    ]
    nested: list[Any] = []
    for _ in range(3):
        first, second = rng.sample(fixed, 2)
        nested += [
            (first, second),
            (first, (second, rng.choice([[], {}, set()]))),
            frozenset({(first, second)}),
        ]
    return {"objects": [*fixed, *nested, [1], {2: 3}, {4}]}


def probe_is_deeply_immutable(implementation: Callable[[Any], bool], objects: list[Any]) -> dict[str, bool]:
    """Answer for each of `objects`, and for some that only a program can build, by what they look like."""

    class Row(tuple[int, ...]):
        __slots__ = ()

    class Count(int):
        __slots__ = ()

    built = {
        "...": ...,
        "(1, ...)": (1, ...),
        "bytearray()": bytearray(),
        "object()": object(),
        "Row((1, 2)), a subclass of tuple": Row((1, 2)),
        "(Count(3),), a subclass of int": (Count(3),),
        "frozenset({Row()})": frozenset({Row()}),
    }
    return {name: implementation(obj) for name, obj in ({repr(obj): obj for obj in objects} | built).items()}


def sample_gather(seed: int) -> dict[str, Any]:
    rng = Random(seed)
    items, given = ([rng.randint(0, 9) for _ in range(rng.randint(1, 3))] for _ in range(2))
    return {"items": [*items, rng.randint(0, 9)], "given": given}


def probe_gather(
    implementation: Callable[..., list[int]], items: list[int], given: list[int]
) -> dict[str, Any]:
    """Call without a list, with an empty one and with `given`; look at everything afterwards."""
    empty: list[int] = []
    fresh = [implementation(item) for item in items]
    filled = [implementation(item, empty) for item in items]
    extended = [implementation(item, given) for item in items]
    return {
        "each call without a list": fresh,
        "the empty list": empty,
        "the list given": given,
        "returned the list itself": [x is empty for x in filled] + [x is given for x in extended],
    }


def sample_mutated_arguments(seed: int) -> dict[str, Any]:
    rng = Random(seed)
    plan = [
        "append inside",
        "store an equal float",
        "",
        *rng.choices(["append", "append, then pop"], k=seed % 3),
    ]
    args = [[rng.randint(1, 9), [rng.randint(1, 9)]] for _ in plan]
    return {"args": args, "plan": rng.sample(plan, len(plan))}


def probe_mutated_arguments(
    implementation: Callable[..., list[int]], args: list[list[Any]], plan: list[str]
) -> list[int]:
    """Pose a function that does to each argument what `plan` says."""

    def fn(*lists: list[Any]) -> None:
        for numbers, what in zip(lists, plan, strict=True):
            match what:
                case "append":
                    numbers.append(0)
                case "append inside":
                    numbers[1].append(0)
                case "append, then pop":
                    numbers.append(0)
                    numbers.pop()
                case "store an equal float":
                    numbers[0] = float(numbers[0])

    return implementation(fn, *args)


def sample_count_lists(seed: int) -> dict[str, Any]:
    rng = Random(seed)
    expression = f"[0] * {rng.randint(2, 4)}"
    for name in "ij"[: rng.choice((1, 2, 2, 2))]:
        times = rng.randint(2, 5)
        repeated = f"[{expression}] * {times}"
        expression = rng.choice([repeated, f"[{expression} for {name} in range({times})]"])
    return {"expression": expression}


def sample_alias_program(seed: int) -> dict[str, Any]:
    rng = Random(seed)
    add, extend, put = rng.sample(range(3, 10), 3)
    lines = ["b.append(0)", f"b = b + [{add}]", f"b += [{extend}]", f"b[:] = [{put}, {put}]"]
    return {"lines": rng.sample(lines, 3)}


def sample_items(seed: int) -> dict[str, Any]:
    return {"items": Random(seed).sample(range(1, 100), 3)}


def sample_rows(seed: int) -> dict[str, Any]:
    rng = Random(seed)
    first, second, extra = rng.sample(range(1, 10), 3)
    return {"frozen": rng.random() < 0.7, "rows": [[first], [second]], "extra": [extra]}


def claim(seed: int = 0) -> dict[str, Any]:
    """Measure what sharing does: a default list, `+=` inside a tuple, a row repeated by `*`."""
    items = sample_items(seed)["items"]

    def hoard(item: int, bucket: list[int] = []) -> list[int]:  # noqa: B006 - the mistake on show
        bucket.append(item)
        return bucket

    shared = [len(hoard(item)) for item in items][-1]
    fresh = [len(gather(item)) for item in items][-1]
    pair: Any = ([items[0]], "fixed")
    try:
        pair[0] += [items[1]]
        raised = 0
    except TypeError:
        raised = 1
    grid = [[0] * 3] * 3
    grid[0][0] = 1
    measured = {
        "shared": float(shared),
        "fresh": float(fresh),
        "tuple_raised": float(raised),
        "tuple_grew": float(len(pair[0])),
        "grid": float(sum(map(sum, grid))),
    }
    return {
        "statement": "All calls share a default list, += on a list in a tuple raises and still changes it, "
        "and [[0] * 3] * 3 holds one row three times.",
        "measured": measured,
        "passed": list(measured.values()) == [3, 1, 1, 2, 3],
    }


def main(device: str = "cpu") -> None:
    """Show who shares what with whom; plain Python, so there is nothing to place on `device`."""
    del device
    a = [1, 2]
    b, c = a, [1, 2]
    print(f"a = [1, 2]; b = a; c = [1, 2]: grouped by identity {alias_groups([a, b, c])}")
    for value in ((1, "x"), (1, ["x"])):
        print(f"{value} is immutable all the way down: {is_deeply_immutable(value)}")
    for fn in (list.sort, sorted):
        print(f"{fn.__name__}([2, 1]) changes the arguments at {mutated_arguments(fn, [2, 1])}")
    for left, right in (([1], [2]), ((1,), (2,))):
        print(f"x = {left}; x += {right} keeps the object: {augmented_assign_keeps_identity(left, right)}")
    for expression in ("[[0] * 3] * 3", "[[0] * 3 for _ in range(3)]"):
        print(f"{expression} holds {count_lists(expression)} list objects")


if __name__ == "__main__":
    print(claim())
    main()
