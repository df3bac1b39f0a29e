"""How CPython stores lists and tuples: who has spare room, how it grows, and what growing costs.

Source: Python Software Foundation, CPython, Objects/listobject.c (`list_resize`, as in 3.9 to 3.14) and
    Objects/tupleobject.c; documentation of `sys.getsizeof` and `dis`.
"""

import dis
import struct
import sys
from collections.abc import Callable
from random import Random
from typing import Any

__all__ = [
    "append_copies",
    "capacity_after_appends",
    "capacity_after_extend",
    "capacity_trace",
    "claim",
    "is_constant_tuple",
    "main",
    "next_capacity",
    "observed_capacity_trace",
    "picture",
    "reallocations",
    "sizeof_list",
    "sizeof_tuple",
]


def next_capacity(allocated: int, old_size: int, new_size: int) -> int:
    """Return the slots of a list with `allocated` slots, resized from `old_size` to `new_size` items."""
    for name, value in (("allocated", allocated), ("old_size", old_size), ("new_size", new_size)):
        if value < 0:
            raise ValueError(f"{name} must not be negative: {value}")
    if old_size > allocated:
        raise ValueError(f"old_size must not exceed allocated: {old_size} > {allocated}")
    if allocated >= new_size >= allocated // 2:
        return allocated  # it fits, and not too loosely
    if new_size == 0:
        return 0
    roomy = (new_size + new_size // 8 + 6) & ~3  # an eighth to spare, a multiple of 4
    if new_size - old_size > roomy - new_size:
        return (new_size + 3) & ~3  # after a jump this large, do not expect another
    return roomy


def capacity_trace(n: int) -> list[int]:
    """Predict the capacity after each of `n` appends to an empty list."""
    _check(n)
    trace: list[int] = []
    capacity = 0
    for size in range(n):
        capacity = next_capacity(capacity, size, size + 1)
        trace.append(capacity)
    return trace


def observed_capacity_trace(n: int) -> list[int]:
    """Measure, with `sys.getsizeof`, the capacity after each of `n` appends to an empty list."""
    _check(n)
    items: list[None] = []
    header, slot = sys.getsizeof(items), struct.calcsize("P")
    trace: list[int] = []
    for _ in range(n):
        items.append(None)
        trace.append((sys.getsizeof(items) - header) // slot)
    return trace


def sizeof_list(capacity: int) -> int:
    """Return the bytes of a list with `capacity` slots, its items not counted."""
    _check(capacity, "capacity")
    return sys.getsizeof([]) + capacity * struct.calcsize("P")


def sizeof_tuple(n: int) -> int:
    """Return the bytes of a tuple of `n` items, the items not counted."""
    _check(n)
    return sys.getsizeof(()) + n * struct.calcsize("P")


def append_copies(n: int) -> int:
    """Count the elements moved in `n` appends if every change of capacity copies the whole array."""
    _check(n)
    copies = capacity = 0
    for size in range(n):
        grown = next_capacity(capacity, size, size + 1)
        if grown != capacity:
            copies += size
        capacity = grown
    return copies


def reallocations(n: int) -> int:
    """Count the changes of capacity in `n` appends to an empty list, the first one included."""
    return len(set(capacity_trace(n)))


def capacity_after_appends(n: int) -> int:
    """Return the capacity of a list after `n` appends, the first of them to an empty list."""
    return [0, *capacity_trace(n)][-1]


def capacity_after_extend(size: int, extra: int) -> int:
    """Return the capacity of a full list of `size` slots after one `extend` by a list of `extra` items."""
    return next_capacity(size, size, size + extra)


def is_constant_tuple(expr: str) -> bool:
    """Tell whether `expr` compiles to nothing but the load of one constant, a tuple."""
    frame = {"RESUME", "RETURN_VALUE"}
    code = compile(expr, "<expr>", "eval")
    steps = [step for step in dis.get_instructions(code) if step.opname not in frame]
    # CPython 3.12 and 3.13 load and return a constant in one instruction.
    loads = [step.argval for step in steps if step.opname in {"LOAD_CONST", "RETURN_CONST"}]
    return len(steps) == 1 and len(loads) == 1 and isinstance(loads[0], tuple)


def _check(n: int, name: str = "n") -> None:
    if n < 0:
        raise ValueError(f"{name} must not be negative: {n}")


def sample_next_capacity(seed: int) -> dict[str, Any]:
    rng = Random(seed)
    full, large, half = rng.randint(5, 60), rng.randint(400, 4000), rng.randint(3, 40)
    spare = ((large + large // 8 + 6) & ~3) - large  # a jump of exactly that much is still a small one
    cases = [(size, size, size + 1) for size in (0, *range(full, full + 4), large)]
    cases += [(half, half - 1, half), (2 * half, half + 1, half), (2 * half + 1, half + 1, half)]
    cases += [(2 * half, half, half - 1), (2 * half, half, 0), (1, 1, 0), (0, 0, 0)]
    cases += [(2, 2, large + step) for step in range(4)]
    cases += [(large - jump, large - jump, large) for jump in (spare, spare + 1)]
    return {"cases": rng.sample(cases, len(cases))}


def probe_next_capacity(
    implementation: Callable[[int, int, int], int], cases: list[tuple[int, int, int]]
) -> dict[str, int]:
    """Answer for each (allocated, old_size, new_size) of `cases`."""
    return {f"next_capacity{tuple(case)}": implementation(*case) for case in cases}


def sample_append_copies(seed: int) -> dict[str, int]:
    rng = Random(seed)
    n = rng.randint(10, 3000) if seed % 8 else seed % 5
    return {"n": rng.choice([n, capacity_after_appends(n) + 1])}  # the last append moves, or it does not


def sample_observed_capacity_trace(seed: int) -> dict[str, int]:
    return {"n": Random(seed).choice([0, *range(1, 70)])}


def sample_reallocations(seed: int) -> dict[str, int]:
    return {"n": Random(seed).randint(2, 60)}


def sample_capacity_after_appends(seed: int) -> dict[str, int]:
    return {"n": Random(seed).randint(2, 70)}


def sample_capacity_after_extend(seed: int) -> dict[str, int]:
    rng = Random(seed)
    return {"size": rng.randint(3, 40), "extra": rng.choice([rng.randint(2, 4), rng.randint(12, 60)])}


def sample_length(seed: int) -> dict[str, int]:
    rng = Random(seed)
    return {"n": rng.choice([rng.randint(5, 60), rng.randint(5, 60), rng.choice([8, 16, 24, 32, 40, 52])])}


def sample_expressions(seed: int) -> dict[str, list[str]]:
    rng = Random(seed)
    constant = ["()", "(1, 2.5, True)", "('a', (1, None))", "(1, 2) + (3,)", "(0,) * 5", "(2 ** 10, -1)"]
    built = ["(1, [2])", "[1, 2, 3]", "(1, x)", "tuple([1, 2])", "((1, 2), {3})", "(1)", "('a', len)"]
    count = rng.randint(2, 3)
    chosen = rng.sample(constant, count) + rng.sample(built, 5 - count)
    return {"expressions": rng.sample(chosen, 5)}


def claim(seed: int = 0) -> dict[str, Any]:
    """Predict the capacities of 20,000 appends and compare them with those of a real list."""
    appends, item = 20_000, Random(seed).random()
    predicted = capacity_trace(appends)
    measured = {
        "trace_equal": float(predicted == observed_capacity_trace(appends)),
        "copies_per_append": append_copies(appends) / appends,
        "list_minus_tuple": float(sys.getsizeof([item]) - sys.getsizeof((item,))),
        "final_overalloc": predicted[-1] / appends - 1,
    }
    return {
        "statement": "The growth rule predicts the capacity after each of 20,000 appends; moving everything "
        "each time would still cost under 9 copies an append; a list of one is larger than a tuple of one.",
        "measured": measured,
        "passed": measured["trace_equal"] == 1
        and measured["copies_per_append"] < 9
        and measured["list_minus_tuple"] > 0,
    }


def picture(seed: int = 0) -> dict[str, list[int]]:
    """Return the stairs that the capacity climbs above the number of items."""
    n = 80 + seed % 40
    return {"items": list(range(1, n + 1)), "capacity": capacity_trace(n)}


def main(device: str = "cpu") -> None:
    """Show growth and what it costs; plain Python, so there is nothing to place on `device`."""
    del device
    print(f"capacities on the way to 100 items: {sorted(set(capacity_trace(100)))}")
    for extra in (2, 40):
        print(f"8 items in 8 slots, extended by {extra}: {capacity_after_extend(8, extra)} slots")
    for size in (32, 31):
        print(f"64 slots, cut down to {size} items: {next_capacity(64, 64, size)} slots")
    print(f"copies an append, at most, over 10,000 appends: {append_copies(10_000) / 10_000:.2f}")
    print(
        f"bytes: tuple of 5 {sizeof_tuple(5)}, list of 5 slots {sizeof_list(5)}, of 8 slots {sizeof_list(8)}"
    )
    for expr in ("(1, 2, 3)", "(1, [2], 3)"):
        print(f"{expr} is one constant: {is_constant_tuple(expr)}")


if __name__ == "__main__":
    print(claim())
    main()
