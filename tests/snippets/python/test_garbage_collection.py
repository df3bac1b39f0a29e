"""`snippets/python/garbage_collection.py` against CPython: real lists, real counts, the real collector."""

import gc
import subprocess
import sys
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

SEEDS = range(12)

Edges = dict[int, list[int]]


class Cell(list["Cell"]):
    """A list that can be referred to weakly."""


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Edges, list[int]]:
    """Draw what each of a few nodes refers to, and which of them have names, some twice."""
    nodes = st.integers(0, draw(st.integers(0, 6)))
    size = draw(nodes) + 1
    some = st.integers(0, size - 1)
    edges = {node: draw(st.lists(some, max_size=3)) for node in range(size)}
    return edges, draw(st.lists(some, max_size=2))


@pytest.fixture(scope="module")
def garbage_collection(load_snippet: Callable[[str], ModuleType]) -> ModuleType:
    return load_snippet("python/garbage_collection")


@pytest.fixture(autouse=True, scope="module")
def _quick_collections() -> Iterator[None]:
    """Let collections look at the objects of these tests only, and only when asked to."""
    enabled = gc.isenabled()
    gc.disable()
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
    if enabled:
        gc.enable()


def build(edges: Edges) -> list[Cell]:
    cells = [Cell() for _ in edges]
    for node, targets in edges.items():
        cells[node].extend(cells[target] for target in targets)
    return cells


# --- counting


@given(st.integers(0, 50))
def test_each_reference_held_counts(garbage_collection: ModuleType, n: int) -> None:
    assert garbage_collection.extra_references([], n) == n
    assert garbage_collection.extra_references(object(), n) == n


def test_immortal_objects_do_not_count(garbage_collection: ModuleType) -> None:
    assert garbage_collection.extra_references(None, 7) == (0 if sys.version_info >= (3, 12) else 7)


def test_a_negative_number_of_references_is_refused(garbage_collection: ModuleType) -> None:
    with pytest.raises(ValueError, match="n must not be negative"):
        garbage_collection.extra_references([], -1)


def occurrences(names: dict[str, Any], wanted: object) -> int:
    """Count by walking over everything that the names lead to."""
    seen: set[int] = set()
    pending: list[Any] = [{name: value for name, value in names.items() if name != "__builtins__"}]
    count = 0
    while pending:
        container = pending.pop()
        if id(container) in seen:
            continue
        seen.add(id(container))
        for item in container.values() if isinstance(container, dict) else container:
            count += item is wanted
            if isinstance(item, (list, tuple, dict)):
                pending.append(item)
    return count


@pytest.mark.parametrize("seed", range(40))
def test_references_are_those_that_a_walk_meets(garbage_collection: ModuleType, seed: int) -> None:
    drawn = garbage_collection.sample_count_references(seed)
    names: dict[str, Any] = {}
    exec(drawn["program"], names)
    assert garbage_collection.count_references(**drawn) == occurrences(names, names["a"])


def test_references_worked_out_by_hand(garbage_collection: ModuleType) -> None:
    assert garbage_collection.count_references("a = []", "a") == 1
    assert garbage_collection.count_references("a = []; b = [a, a]; c = a", "a") == 4
    assert garbage_collection.count_references("a = []; b = [a, a]; c = [b]; del b", "a") == 3
    assert garbage_collection.count_references("a = []; b = [a, a]; del b", "a") == 1


@given(graphs())
def test_simulated_counts_are_those_of_real_lists(
    garbage_collection: ModuleType, graph: tuple[Edges, list[int]]
) -> None:
    edges, roots = graph
    cells = build(edges)
    fresh = [Cell()]
    held = [cells[root] for root in roots]
    measured = {node: sys.getrefcount(cells[node]) - sys.getrefcount(fresh[0]) for node in edges}
    assert garbage_collection.simulate_refcounts(edges, roots) == measured
    assert len(held) == len(roots)
    for cell in cells:
        cell.clear()


@pytest.mark.parametrize("function", ["simulate_refcounts", "unreachable_cycles", "collected"])
def test_unknown_nodes_are_refused(garbage_collection: ModuleType, function: str) -> None:
    with pytest.raises(ValueError, match="edges refers to an unknown node: 'b'"):
        getattr(garbage_collection, function)({"a": ["b"]}, [])
    with pytest.raises(ValueError, match="roots refers to an unknown node: 'b'"):
        getattr(garbage_collection, function)({"a": []}, ["b"])


# --- the subtraction


@given(graphs(), st.data())
def test_subtraction_leaves_what_traversal_does_not_explain(
    garbage_collection: ModuleType, graph: tuple[Edges, list[int]], data: st.DataObject
) -> None:
    edges, roots = graph
    counts = garbage_collection.simulate_refcounts(edges, roots)
    generation = data.draw(st.lists(st.sampled_from(sorted(edges)), unique=True))
    cells = build(edges)
    inside = gc.get_referents(*(cells[node] for node in generation)) if generation else []
    expected = {
        node: counts[node] - sum(referent is cells[node] for referent in inside) for node in generation
    }
    before = dict(counts)
    assert garbage_collection.external_references(edges, counts, generation) == expected
    assert counts == before
    for cell in cells:
        cell.clear()


def test_subtraction_of_the_article(garbage_collection: ModuleType) -> None:
    edges = {"a": ["b"], "b": ["a"], "c": ["a"], "d": ["e"], "e": ["d"]}
    counts = garbage_collection.simulate_refcounts(edges, ["a", "c"])
    assert counts == {"a": 3, "b": 1, "c": 1, "d": 1, "e": 1}
    left = garbage_collection.external_references(edges, counts, list("abcde"))
    assert left == {"a": 1, "b": 0, "c": 1, "d": 0, "e": 0}
    young = garbage_collection.external_references(edges, counts, ["a", "b", "d"])
    assert young == {"a": 2, "b": 0, "d": 1}


def test_a_generation_of_unknown_nodes_is_refused(garbage_collection: ModuleType) -> None:
    with pytest.raises(ValueError, match="generation holds an unknown node: 'b'"):
        garbage_collection.external_references({"a": []}, {"a": 0}, ["b"])


# --- what is freed, and by whom


def names_of(watches: list[weakref.ref[Cell]], *, gone: bool) -> set[int]:
    return {node for node, watch in enumerate(watches) if (watch() is None) is gone}


@given(graphs())
def test_cpython_frees_the_same_objects_in_the_same_two_steps(
    garbage_collection: ModuleType, graph: tuple[Edges, list[int]]
) -> None:
    edges, roots = graph
    cells = build(edges)
    held = [cells[root] for root in roots]
    watches = [weakref.ref(cell) for cell in cells]
    del cells
    by_counting = names_of(watches, gone=True)
    gc.collect()
    by_the_collector = names_of(watches, gone=True) - by_counting
    assert garbage_collection.unreachable_cycles(edges, roots) == (by_counting, by_the_collector)
    del held
    gc.collect()
    assert names_of(watches, gone=False) == set()


@given(graphs())
def test_the_collector_reports_as_many(
    garbage_collection: ModuleType, graph: tuple[Edges, list[int]]
) -> None:
    edges, roots = graph
    lists: list[list[Any]] = [[] for _ in edges]
    for node, targets in edges.items():
        lists[node].extend(lists[target] for target in targets)
    gc.collect()
    held = [lists[root] for root in roots]
    del lists
    assert gc.collect() == garbage_collection.collected(edges, roots)
    del held
    gc.collect()


def test_what_hangs_on_a_cycle_and_what_leads_into_one(garbage_collection: ModuleType) -> None:
    edges = {"a": ["b"], "b": ["a", "hangs"], "hangs": [], "leads": ["a"], "named": ["named"]}
    assert garbage_collection.unreachable_cycles(edges, ["named"]) == ({"leads"}, {"a", "b", "hangs"})
    assert garbage_collection.unreachable_cycles(edges, ["leads", "leads"]) == (set(), {"named"})
    assert garbage_collection.unreachable_cycles({}, []) == (set(), set())


# --- freed_without_gc, Node, TreeNode


def loop(node: Any) -> Any:
    node.child = node
    return node


@pytest.mark.parametrize("enabled", [True, False])
def test_only_cycles_need_the_collector(garbage_collection: ModuleType, enabled: bool) -> None:
    make = garbage_collection.Node

    def weakly() -> Any:
        parent, child = make("parent"), make("child")
        parent.child, child.parent = child, weakref.ref(parent)
        return parent

    def strongly() -> Any:
        parent = weakly()
        parent.child.parent = parent
        return parent

    (gc.enable if enabled else gc.disable)()
    try:
        assert garbage_collection.freed_without_gc(lambda: make("alone")) is True
        assert garbage_collection.freed_without_gc(weakly) is True
        assert garbage_collection.freed_without_gc(strongly) is False
        assert garbage_collection.freed_without_gc(lambda: loop(make("loop"))) is False
        kept = make("kept")
        assert garbage_collection.freed_without_gc(lambda: kept) is False
        assert gc.isenabled() is enabled
    finally:
        gc.disable()
        gc.collect()


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_is_off_meanwhile_and_restored_after_an_error(
    garbage_collection: ModuleType, enabled: bool
) -> None:
    seen = []

    def fails() -> object:
        seen.append(gc.isenabled())
        raise LookupError

    (gc.enable if enabled else gc.disable)()
    try:
        with pytest.raises(LookupError):
            garbage_collection.freed_without_gc(fails)
        with pytest.raises(TypeError, match="weak reference"):
            garbage_collection.freed_without_gc(lambda: (1, 2))
        assert (seen, gc.isenabled()) == ([False], enabled)
    finally:
        gc.disable()


def test_a_new_node_refers_to_nothing(garbage_collection: ModuleType) -> None:
    node = garbage_collection.Node("n")
    assert (node.name, node.child, node.parent) == ("n", None, None)
    assert weakref.ref(node)() is node


def test_a_tree_owns_downwards_only(garbage_collection: ModuleType) -> None:
    make = garbage_collection.TreeNode
    root, leaf = make("root"), make("leaf")
    assert root.parent is None
    root.add(leaf)
    assert (root.children, leaf.parent is root) == ([leaf], True)
    watch = weakref.ref(root)
    del root
    assert watch() is None
    assert (leaf.parent, leaf.name) == (None, "leaf")


# --- what the cards and the learner see


@pytest.mark.parametrize(
    "name", ["external_references", "unreachable_cycles", "freed_without_gc", "TreeNode", "collected"]
)
@pytest.mark.parametrize("seed", SEEDS)
def test_probes_take_their_samples_and_repeat(garbage_collection: ModuleType, name: str, seed: int) -> None:
    function, sample = (getattr(garbage_collection, f"{prefix}{name}") for prefix in ("", "sample_"))
    probe = getattr(garbage_collection, f"probe_{name}", lambda function, **drawn: function(**drawn))
    assert probe(function, **sample(seed)) == probe(function, **sample(seed))
    assert gc.isenabled() is False


def test_samples_differ_between_seeds(garbage_collection: ModuleType) -> None:
    for name in dir(garbage_collection):
        if name.startswith("sample_"):
            assert len({repr(getattr(garbage_collection, name)(seed)) for seed in SEEDS}) >= 8, name


@pytest.mark.parametrize("seed", SEEDS)
def test_graphs_to_free_hold_all_that_is_easily_overlooked(garbage_collection: ModuleType, seed: int) -> None:
    drawn = garbage_collection.sample_unreachable_cycles(seed)
    freed, cyclic = garbage_collection.unreachable_cycles(**drawn)
    targets = [target for targets in drawn["edges"].values() for target in targets]
    assert any(node in targets for node in freed), "freed only because another one was"
    in_cycles = {
        node for node in cyclic if any(node in drawn["edges"][target] for target in drawn["edges"][node])
    }
    assert cyclic - in_cycles, "hangs on a cycle"


@pytest.mark.parametrize("seed", range(5))
def test_claim_measures_what_stays_and_what_goes(garbage_collection: ModuleType, seed: int) -> None:
    result = garbage_collection.claim(seed)
    assert result["passed"] is True
    measured = result["measured"]
    assert all(type(value) is float for value in measured.values())
    assert measured.pop("collected") >= 200
    assert measured == {"alive_before": 100, "alive_after": 0, "acyclic": 1, "cyclic": 0, "weak": 1}
    assert garbage_collection.claim(seed)["measured"].items() >= measured.items()
    assert gc.isenabled() is False


def test_claim_leaves_the_collector_on_if_it_was(garbage_collection: ModuleType) -> None:
    gc.enable()
    try:
        garbage_collection.claim(0)
        garbage_collection.picture(0)
        assert gc.isenabled() is True
    finally:
        gc.disable()


def test_picture_shows_a_ramp_and_a_saw(garbage_collection: ModuleType) -> None:
    ramp, saw = garbage_collection.picture(3).values()
    assert ramp == list(range(1, 201))
    assert saw[:43] == ramp[:43]
    assert saw[43] == 1
    assert max(saw) == 43


def test_all_names_exist(garbage_collection: ModuleType) -> None:
    assert [name for name in garbage_collection.__all__ if not hasattr(garbage_collection, name)] == []


def test_file_runs_alone_and_says_little(garbage_collection: ModuleType, tmp_path: Path) -> None:
    assert garbage_collection.__file__ is not None
    run = subprocess.run(
        [sys.executable, "-I", garbage_collection.__file__],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stderr == ""
    assert 3 <= len(run.stdout.splitlines()) <= 11
