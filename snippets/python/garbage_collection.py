"""When CPython frees an object: reference counts, the cycles they cannot free, and the collector that can.

Source: George E. Collins, "A Method for Overlapping and Erasure of Lists", CACM 3(12), 1960; CPython,
    "Garbage collector design" (InternalDocs/garbage_collector.md).
"""

import gc
import sys
import weakref
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain
from random import Random
from typing import Any, TypeVar

__all__ = [
    "Node",
    "TreeNode",
    "claim",
    "collected",
    "count_references",
    "external_references",
    "extra_references",
    "freed_without_gc",
    "main",
    "picture",
    "simulate_refcounts",
    "unreachable_cycles",
]

N = TypeVar("N", bound=Hashable)


class Node:
    """A plain object that can refer to others and can be referred to weakly."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.child: Any = None
        self.parent: Any = None


class TreeNode:
    """A node that owns its children and knows its parent without owning it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.children: list[TreeNode] = []
        self._parent: weakref.ref[TreeNode] | None = None

    @property
    def parent(self) -> "TreeNode | None":
        """The node whose child this is, as long as that exists."""
        return None if self._parent is None else self._parent()

    def add(self, child: "TreeNode") -> None:
        """Make `child` the last of the children."""
        self.children.append(child)
        child._parent = weakref.ref(self)


def extra_references(obj: object, n: int) -> int:
    """Return by how much the reference count of `obj` rises while `n` more references to it are held."""
    if n < 0:
        raise ValueError(f"n must not be negative: {n}")
    before = sys.getrefcount(obj)
    held = [obj] * n
    after = sys.getrefcount(obj)
    del held
    return after - before


def count_references(program: str, name: str) -> int:
    """Run `program` as a module and count the references to what `name` is bound to then."""
    names: dict[str, Any] = {}
    exec(program, names)  # noqa: S102 - written by `sample_count_references`
    held_once = {"": object()}
    looking = sys.getrefcount(held_once[""]) - 1  # what the look itself adds
    return sys.getrefcount(names[name]) - looking


def simulate_refcounts(edges: Mapping[N, Iterable[N]], roots: Iterable[N]) -> dict[N, int]:
    """Count the references to each node: from nodes, a repeated one each time, and from `roots`."""
    counts = dict.fromkeys(edges, 0)
    for name, targets in (("roots", roots), ("edges", chain.from_iterable(edges.values()))):
        for node in targets:
            if node not in counts:
                raise ValueError(f"{name} refers to an unknown node: {node!r}")
            counts[node] += 1
    return counts


def external_references(
    edges: Mapping[N, Iterable[N]], counts: Mapping[N, int], generation: Iterable[N]
) -> dict[N, int]:
    """Return for each node of `generation` how many of its `counts` references come from outside of it."""
    nodes = list(generation)
    if unknown := [node for node in nodes if node not in edges or node not in counts]:
        raise ValueError(f"generation holds an unknown node: {unknown[0]!r}")
    left = {node: counts[node] for node in nodes}  # a copy, like CPython's gc_refs
    for node in left:
        for target in edges[node]:
            if target in left:
                left[target] -= 1
    return left


def unreachable_cycles(edges: Mapping[N, Iterable[N]], roots: Iterable[N]) -> tuple[set[N], set[N]]:
    """Return the nodes that counting alone frees, and those that only the cycle detector finds.

    edges: what each node refers to; roots: the nodes that are still named, once for each name
    """
    counts = simulate_refcounts(edges, roots)
    pending = [node for node, count in counts.items() if count == 0]
    freed: set[N] = set()
    while pending:  # what dies lets go of what it held
        node = pending.pop()
        freed.add(node)
        for target in edges[node]:
            counts[target] -= 1
            if counts[target] == 0:
                pending.append(target)
    kept = [node for node in edges if node not in freed]
    external = external_references(edges, counts, kept)
    live = _reachable(edges, (node for node in kept if external[node] > 0))
    return freed, set(kept) - live


def _reachable(edges: Mapping[N, Iterable[N]], start: Iterable[N]) -> set[N]:
    pending = list(start)
    seen: set[N] = set()
    while pending:
        node = pending.pop()
        if node not in seen:
            seen.add(node)
            pending.extend(edges[node])
    return seen


def collected(edges: Mapping[N, Iterable[N]], roots: Iterable[N]) -> int:
    """Return how many nodes the cycle detector finds unreachable: what `gc.collect()` returns."""
    return len(unreachable_cycles(edges, roots)[1])


def freed_without_gc(build: Callable[[], object]) -> bool:
    """Tell whether what `build()` returns is gone once nobody holds it, with the collector off meanwhile."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        obj = build()
        watch = weakref.ref(obj)
        del obj
        return watch() is None
    finally:
        if enabled:
            gc.enable()


@contextmanager
def _collector_off() -> Iterator[None]:
    """Begin without garbage, collect nothing meanwhile, and leave the collector as it was."""
    enabled = gc.isenabled()
    gc.disable()
    gc.collect()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _graph(rng: Random, names: Sequence[N]) -> dict[N, list[N]]:
    """Draw a few references per node; the first two are likely to form a cycle, the last to lead into it."""
    edges = {name: [rng.choice(names) for _ in range(rng.choice([0, 1, 1, 2]))] for name in names}
    first, second, *_, last = names
    edges[first].append(second)
    edges[second].append(rng.choice([first, first, second, last]))
    edges[last] += [first] * rng.choice([0, 1, 2])
    return edges


def sample_count_references(seed: int) -> dict[str, str]:
    rng = Random(seed)
    b = rng.choice(["a", "[a, a]", "(a, 1)", "[a, a, a]", "{'key': a}"])
    c = rng.choice(["[b]", "[b, a]", "(b, b)", "[a]", "{'key': b}"])
    d = rng.choice(["b", "c", "[c, a]", "[a, a]"])
    last = rng.choice(["del b", "b = None", "del b", "del c", "c = d", "a.append(a)", "e = [b, d]"])
    return {"program": f"a = []; b = {b}; c = {c}; d = {d}; {last}", "name": "a"}


def sample_external_references(seed: int) -> dict[str, Any]:
    rng = Random(seed)
    names = "abcdefg"[: rng.randint(4, 7)]
    edges = _graph(rng, names)
    edges[names[-1]] += [names[0], names[1]]  # an older object that refers to younger ones
    edges[names[1]] += [names[1], names[-1]]
    counts = simulate_refcounts(edges, rng.choices(names, k=2))
    return {
        "edges": edges,
        "counts": counts,
        "generation": rng.sample(names[:-1], rng.randint(2, len(names) - 1)),
    }


def probe_external_references(
    implementation: Callable[..., dict[str, int]],
    edges: dict[str, list[str]],
    counts: dict[str, int],
    generation: list[str],
) -> dict[str, dict[str, int]]:
    """Ask, and look whether the counts are still what they were."""
    return {"from outside": implementation(edges, counts, generation), "counts afterwards": counts}


def sample_unreachable_cycles(seed: int) -> dict[str, Any]:
    rng = Random(seed)
    *some, top, below, one, other, hanger = names = rng.sample(range(10), rng.randint(8, 10))
    drawn = _graph(rng, some) | {top: [below], below: [one, one], one: [other], other: [one, hanger]}
    drawn[hanger] = rng.sample(some, 1)
    roots = rng.sample(some, rng.choice([0, 1, 1, 2]))
    return {
        "edges": {name: drawn[name] for name in sorted(names)},
        "roots": roots + roots[: rng.choice([0, 1])],
    }


def sample_collected(seed: int) -> dict[str, Any]:
    rng = Random(seed)
    wanted = rng.randint(1, 4)
    while True:
        edges, root = _graph(rng, "abcdef"), rng.choice("abcdef")
        freed, cyclic = unreachable_cycles(edges, [root])
        if len(cyclic) == wanted and len(freed) in (1, 2):
            return {"edges": edges, "roots": [root]}


def sample_freed_without_gc(seed: int) -> dict[str, list[str]]:
    kinds = ["no way back", "a cycle of two", "a cycle of one", "a weak way back", "an error"]
    rng = Random(seed)
    return {"kinds": rng.sample(kinds, rng.randint(3, len(kinds)))}


def probe_freed_without_gc(implementation: Callable[..., bool], kinds: list[str]) -> dict[str, list[Any]]:
    """Ask about several kinds of objects, with the collector on before and then off; look at it each time."""
    seen: dict[str, list[Any]] = {}

    def build(kind: str) -> Node:
        seen.setdefault(f"{kind}: collector on while building", []).append(gc.isenabled())
        parent, child = Node(kind), Node("child")
        parent.child = child
        match kind:
            case "a cycle of two":
                child.parent = parent
            case "a cycle of one":
                parent.parent = parent
            case "a weak way back":
                child.parent = weakref.ref(parent)
            case "an error":
                raise LookupError(kind)
        return parent

    before = gc.isenabled()
    for kind in (*kinds, *kinds):
        (gc.disable if kind in seen else gc.enable)()
        try:
            answer: Any = implementation(partial(build, kind))
        except LookupError as error:
            answer = type(error).__name__
        seen.setdefault(kind, []).append(answer)
        seen.setdefault(f"{kind}: collector on afterwards", []).append(gc.isenabled())
    (gc.enable if before else gc.disable)()
    return seen


def sample_TreeNode(seed: int) -> dict[str, list[str]]:  # noqa: N802 - named after the class
    rng = Random(seed)
    return {"names": rng.sample(["root", "leaf", "twig", "bough", "stem", "bud"], rng.randint(3, 5))}


def probe_TreeNode(  # noqa: N802 - named after the class
    implementation: Callable[[str], Any], names: list[str]
) -> dict[str, Any]:
    """Build a small tree with the collector off, look at it, and let go of it piece by piece."""
    with _collector_off():
        root, *children = map(implementation, names)
        grandchild = implementation("grandchild")
        for child in children:
            root.add(child)
        children[0].add(grandchild)
        seen: dict[str, Any] = {
            "names of the children": [child.name for child in root.children],
            "the root has no parent": root.parent is None,
            "children know the root": [child.parent is root for child in children],
            "grandchild knows its parent": grandchild.parent is children[0],
        }
        watches = [weakref.ref(node) for node in (root, *children, grandchild)]
        del child, children, grandchild
        seen["alive while the root is held"] = [watch() is not None for watch in watches]
        kept = root.children[-1]
        del root
        seen["alive while the last child is held"] = [watch() is not None for watch in watches]
        seen["its parent is gone then"] = kept.parent is None
        del kept
        seen["alive in the end"] = [watch() is not None for watch in watches]
    return seen


def sample_finalizers(seed: int) -> dict[str, Any]:
    rng = Random(seed)
    names = rng.sample(["ant", "bee", "cat", "dog", "eel", "fox"], 2)
    plans = [
        ["b.friend = a"],
        ["b.friend = a"],
        ["a.friend = b"],
        ["a.friend = a"],
        ["a.friend = a", "b.friend = a"],
        ["b.friend = b", "a.friend = b"],
    ]
    return {"names": names, "lines": rng.choice(plans)}


def sample_survivors(seed: int) -> dict[str, list[str]]:
    rng = Random(seed)
    forms = {
        "strong": ["box = [{0}]", "say = {0}.hello", "take = lambda item={0}: item", "view = {{'key': {0}}}"],
        "weak": ["ref = weakref.ref({0})", "group = weakref.WeakSet([{0}])", "number = id({0})"],
        "cyclic": ["{0}.me = {0}"],
    }
    ways = rng.sample(["strong", "weak", "weak", "cyclic"], 3)
    return {"lines": [rng.choice(forms[way]).format(name) for name, way in zip("abc", ways, strict=True)]}


def claim(seed: int = 0) -> dict[str, Any]:
    """Leave a hundred cycles behind with the collector off, then collect; free three objects by counting."""
    rng = Random(seed)
    with _collector_off():
        watches = []
        for _ in range(100):
            parent = _pair(back=_itself)
            watches.append(weakref.ref(rng.choice([parent, parent.child])))
        del parent
        alive_before = sum(watch() is not None for watch in watches)
        found = gc.collect()
        alive_after = sum(watch() is not None for watch in watches)
    measured = {
        "alive_before": float(alive_before),
        "alive_after": float(alive_after),
        "collected": float(found),
        "acyclic": float(freed_without_gc(partial(_pair, back=None))),
        "cyclic": float(freed_without_gc(partial(_pair, back=_itself))),
        "weak": float(freed_without_gc(partial(_pair, back=weakref.ref))),
    }
    return {
        "statement": "With the collector off a hundred dropped cycles stay until gc.collect() removes them; "
        "what is in no cycle, or leads back only weakly, goes at once.",
        "measured": measured,
        "passed": alive_before == 100
        and alive_after == 0
        and found >= 200
        and (measured["acyclic"], measured["cyclic"], measured["weak"]) == (1, 0, 1),
    }


def _pair(back: Callable[[Node], Any] | None) -> Node:
    """Return a node with a child; `back` makes what the child keeps of its parent."""
    parent, child = Node("parent"), Node("child")
    parent.child = child
    child.parent = None if back is None else back(parent)
    return parent


def _itself(node: Node) -> Node:
    return node


def picture(seed: int = 0) -> dict[str, list[int]]:
    """Return how many dropped cycles are still there: never collected, and collected every so often."""
    every = 40 + seed % 40
    alive: dict[str, list[int]] = {}
    for name, collects in (("collector off", False), (f"a collection every {every} cycles", True)):
        left: weakref.WeakSet[Node] = weakref.WeakSet()
        alive[name] = []
        with _collector_off():
            for count in range(1, 201):
                left.add(_pair(back=_itself))
                alive[name].append(len(left))
                if collects and count % every == 0:
                    gc.collect(0)
            gc.collect()
    return alive


def main(device: str = "cpu") -> None:
    """Show counting and its limits; plain Python, so there is nothing to place on `device`."""
    del device
    print(f"a list, referred to 5 more times: count rises by {extra_references([], 5)}")
    edges = {"a": ["b"], "b": ["a"], "c": ["a"], "d": ["e"], "e": ["d", "f"], "f": []}
    roots = ["a"]
    print(f"references: {edges}, and one name for a")
    print(f"counts: {simulate_refcounts(edges, roots)}")
    freed, cyclic = unreachable_cycles(edges, roots)
    print(f"freed by counting: {sorted(freed)}; found by the detector only: {sorted(cyclic)}")
    backs: dict[str, Callable[[Node], Any] | None] = {
        "no way back": None,
        "a reference back": _itself,
        "a weak reference back": weakref.ref,
    }
    for name, back in backs.items():
        gone = freed_without_gc(partial(_pair, back))
        print(f"parent and child with {name}: freed without gc {gone}")


if __name__ == "__main__":
    print(claim())
    main()
