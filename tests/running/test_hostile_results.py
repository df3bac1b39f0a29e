"""What foreign code returns, met by the app: whatever it is, it costs little and raises nothing."""

import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from studykit.library.cards import Compute, Implement, Limits, Predict, RunIt, Tolerance
from studykit.running import plain, reports, snippets
from studykit.running.answers import judge_value
from studykit.running.comparison import compare
from studykit.running.exercises import first_difference, read_snippet
from studykit.running.jobs import Ending, Facts, Job, Outcome
from studykit.running.numbers import nested
from studykit.running.plain import Generator, Tensor
from studykit.running.roles import Roles
from studykit.running.runner import Exercise, Runner, Unposable, Verdict
from studykit.running.showing import assignments, brief, literal, show, show_arguments

SNIPPETS = Path(__file__).parent.parent / "fixtures" / "running" / "library" / "snippets"
LISTS = SNIPPETS / "texts" / "lists.py"
HUGE = 10**5000
"""Python refuses to print it."""


def nest_of_sets() -> object:
    value: object = frozenset(range(100_000))
    for _ in range(45):
        value = frozenset([value])
    return value


def nest_of_tuples() -> object:
    value: object = tuple(range(100_000))
    for _ in range(22):
        value = frozenset([(value,)])
    return value


ABSURD: dict[str, Callable[[], Any]] = {
    "sets in sets": nest_of_sets,
    "tuples in sets": nest_of_tuples,
    "a large set": lambda: set(range(300_000)),
    "halves": lambda: Tensor("float16", (2**24,), bytes(2**25)),
    "bytes as numbers": lambda: Tensor("float8_e4m3fn", (2**25,), bytes(2**25)),
    "nearly all shape": lambda: Tensor("float32", (2**40, 0), b""),
    "many axes": lambda: Tensor("uint8", (2,) * 20, bytes(2**20)),
    "a long bytearray": lambda: bytearray(2**25),
    "a long text": lambda: "\u202e" * 2**23,
    "a huge number": lambda: [HUGE, -HUGE, {HUGE: range(HUGE)}],
    "lone halves of characters": lambda: {"\ud800": ["\udfff"]},
}


@pytest.mark.timeout(60)  # at its worst this took minutes; now less than a second
@pytest.mark.parametrize("make", ABSURD.values(), ids=ABSURD.keys())
def test_what_is_absurd_is_read_compared_and_shown(make: Callable[[], Any]) -> None:
    value = make()
    arrived = plain.decode(plain.encode(value))
    difference = compare(1, arrived)
    assert difference is not None
    assert difference.reason.endswith("expected an int")
    for text in (show(arrived), brief(arrived), show_arguments({"x": arrived})):
        assert len(text) < 5_000
        assert text.isprintable() or "\n" in text


def test_differences_of_large_tensors_are_counted_whole() -> None:
    ours, theirs = (Tensor("uint8", (2**20,), digit * 2**20) for digit in (b"\1", b"\4"))
    difference = compare(ours, theirs)
    assert difference is not None
    assert (difference.differing, difference.total, difference.max_absolute) == (2**20, 2**20, 3.0)
    assert str(difference) == "index (0,): 4, expected 1"


def test_exact_numbers_that_differ_in_bytes_only_are_equal() -> None:
    zeros = Tensor("float32", (2,), bytes.fromhex("0000008000000000"))
    exact = Tolerance(rtol=0.0, atol=0.0)
    assert compare(zeros, Tensor("float32", (2,), bytes(8)), exact) is None
    one, other = (Tensor("float32", (1,), bytes.fromhex(nan)) for nan in ("0000c07f", "0100c07f"))
    assert compare(one, other, exact) is None


def test_an_empty_tensor_of_many_lists_is_not_written_out() -> None:
    assert nested(Tensor("int8", (3, 0), b"")) == [[], [], []]
    with pytest.raises(ValueError, match=r"shape \(1099511627776, 0\) is too large to be written out"):
        nested(Tensor("int8", (2**40, 0), b""))
    assert brief(Tensor("int8", (2**40, 0), b"")) == "tensor int8 of shape (1099511627776, 0): empty"


def test_what_is_drawn_is_no_program_of_its_own_size() -> None:
    with pytest.raises(ValueError, match="it is too much"):
        assignments({"x": list(range(30_000))})
    assert literal({3, 1, 2}) == "{1, 2, 3}"


def test_a_tensor_is_a_value_beside_keys() -> None:
    value = {1: Generator(7), (2, "a"): [Tensor("int8", (), b"\0"), {3}]}
    assert plain.decode(plain.encode(value)) == value


@pytest.mark.parametrize(
    "key",
    [Tensor("int8", (), b"\0"), Generator(1), (1, (Generator(1),)), frozenset([Tensor("int8", (), b"\0")])],
    ids=range(4),
)
def test_a_tensor_is_no_key_however_deep_it_lies(key: object) -> None:
    for value in ({key: 1}, {key}, frozenset([(key, 2)])):
        with pytest.raises(ValueError, match="no keys"):
            plain.decode(plain.encode(value))


# ---- exceptions that foreign code has written by hand


@pytest.mark.parametrize("line", [HUGE, -1, True, 10**12, 1.5, "1", None], ids=range(7))
def test_a_frame_without_a_line_that_can_be_is_left_out(line: object) -> None:
    from studykit.running import endings, wire

    frames = [
        {"file": "<answer>", "line": line, "name": "f"},
        {"file": "<answer>", "line": 1, "name": "g"},
    ]
    blob = plain.encode({"error": {"type": "E", "message": "m", "frames": frames, "case": HUGE}})
    answer = wire.CONFINED + wire.HEADER.pack(b"E", len(blob)) + blob
    outcome = endings.outcome(Job({}), Facts(result=answer, code=0))
    result = reports.ended(outcome, 0, "def f(): ...", "f")
    assert (result.verdict, result.detail) == (Verdict.ERROR, "E: m")
    assert result.traceback == "line 1, in g\n    def f(): ...\nE: m"
    assert "E: m (<answer>, line 1)" in reports.deck_failed(outcome, 0).detail


# ---- a deck that means harm


class Fake:
    """A sandbox that returns what it was given, one thing after the other."""

    def __init__(self, *values: object) -> None:
        self.values = list(values)
        self.jobs: list[Job] = []

    def run(self, job: Job) -> Outcome:
        self.jobs.append(job)
        return Outcome(Ending.DONE, self.values.pop(0))

    def warm(self, *, torch: bool) -> None: ...

    def cancel(self) -> None: ...

    def close(self) -> None: ...


def exercise(card: RunIt) -> Exercise:
    return Exercise(card, LISTS, "x", trusted=True)


def blobs(*values: object) -> list[bytes]:
    return [plain.encode(value) for value in values]


@pytest.mark.parametrize(
    "names",
    [{"x\x1b[2J": 1}, {"x = 1\nimport os\ny": 1}, {"": 1}, {"x" * 200: 1}, {1: 1}, [1]],
    ids=range(6),
)
def test_names_that_are_none_are_not_shown_as_code(names: object) -> None:
    card = Predict(id="p", front="?", code="print(1)", draw="span")
    with pytest.raises(Unposable, match="must return a dict of keyword arguments"):
        Runner(sandbox=Fake(blobs(names))).pose(exercise(card), 0)


def test_a_program_of_absurd_size_is_not_posed() -> None:
    card = Predict(id="p", front="?", code="print(1)", draw="span")
    runner = Runner(sandbox=Fake(blobs({"x": "y" * 10**6})))
    with pytest.raises(Unposable) as end:
        runner.pose(exercise(card), 0)
    assert end.value.result.detail == (
        "The deck's own code failed: sample_span draws what cannot be shown: it is too much."
    )


def test_a_front_is_not_flooded_and_no_format_string() -> None:
    card = Compute(id="c", front="{x} {x!r:>99999999} {0} {x.__class__}", function="span")
    posed = Runner(sandbox=Fake(blobs({"x": "\x1b[2J" * 10**6}))).pose(exercise(card), 0)
    assert posed.front.endswith(" {x!r:>99999999} {0} {x.__class__}")
    assert len(posed.front) < 5_000
    assert "\x1b" not in posed.front


@pytest.mark.parametrize("value", [Tensor("int8", (2**40, 0), b""), "x" * 10**6, list(range(10**5))])
def test_a_value_that_nobody_can_type_is_the_decks_fault(value: object) -> None:
    card = Compute(id="c", front="?", function="span")
    fake = Fake(blobs({"numbers": [1]}), blobs(value))
    result = Runner(sandbox=fake).judge(exercise(card), "3", 0)
    assert (result.verdict, result.detail) == (
        Verdict.ERROR,
        "The deck's own code failed: it returns more than anybody can type",
    )


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([1], "a dict"),
        ({HUGE: [1]}, "at most 50 series or matrices, each with a short name"),
        ({"x" * 500: [1]}, "at most 50 series or matrices, each with a short name"),
        ({str(i): [1] for i in range(60)}, "at most 50 series or matrices, each with a short name"),
        ({"m": Tensor("int8", (2**40, 0), b"")}, "tensors of at most 100,000 elements"),
    ],
    ids=range(5),
)
def test_a_picture_that_cannot_be_drawn_is_none(
    value: object, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snippets, "defines", lambda *_: True)
    result = Runner(sandbox=Fake(value)).picture(LISTS)
    assert not isinstance(result, dict)
    assert result.detail == f"The deck's own code failed: `picture` must return {said}"


def test_a_claim_measures_what_can_be_read() -> None:
    measured: dict[object, int] = {"\x1b[2J": HUGE, HUGE: 1, **{str(i): i for i in range(100_000)}}
    value = {"statement": "\x1b]0;t\x07" * 10**5, "measured": measured, "passed": True}
    result = reports.claimed(Outcome(Ending.DONE, value), 0)
    assert result.verdict is Verdict.PASS
    assert len(result.detail) <= 1_000
    assert len(result.got.splitlines()) <= 20
    assert "\x1b" not in result.detail + result.got


def test_a_line_that_differs_is_quoted_in_part() -> None:
    told = first_difference("x" * 60_000, "y" * 60_000)
    assert len(told) < 700


def test_claims_and_pictures_of_others_run_only_where_the_sandbox_holds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from studykit.library.entries import Root
    from studykit.running import roles

    fake = Fake(None, None)
    asked = Roles(fake, "cpu")
    asked.show("main", LISTS, 0, None)
    monkeypatch.setattr(roles, "builtin_root", lambda: Root(SNIPPETS.parent, "builtin"))
    asked.show("main", LISTS, 0, None)
    assert [job.contained for job in fake.jobs] == [True, False]


@pytest.mark.parametrize(
    ("asked", "seconds", "memory_mb"),
    [
        (Limits(seconds=math.nan, memory_mb=-5), 5.0, 1024),
        (Limits(seconds=-1.0, memory_mb=0), 5.0, 1024),
        (Limits(seconds=math.inf, memory_mb=10**12), 30.0, 4096),
        (Limits(seconds=0.5, memory_mb=64), 0.5, 64),
        (None, 5.0, 1024),
    ],
    ids=range(5),
)
def test_limits_that_are_none_do_not_unbind_a_run(
    asked: Limits | None, seconds: float, memory_mb: int
) -> None:
    card = Predict(id="p", front="?", code="print(1)", draw="span", limits=asked)
    fake = Fake(blobs({"x": 1}))
    Runner(sandbox=fake).pose(exercise(card), 0)
    assert (fake.jobs[0].seconds, fake.jobs[0].memory_mb) == (seconds, memory_mb)


@pytest.mark.parametrize("number", [math.inf, math.nan, -1.0])
def test_a_tolerance_that_is_none_makes_nothing_right(number: float) -> None:
    for tolerance in (Tolerance(rtol=number), Tolerance(atol=number)):
        assert compare(1.0, 2.0, tolerance) is not None
        assert compare(1.0, 1.0 + 1e-7, tolerance) is None
        assert not judge_value(1.0, "2", tolerance)
        assert not judge_value(1, "2", tolerance)


def test_a_percentage_beyond_all_floats_is_no_value() -> None:
    with pytest.raises(ValueError, match="the number is too large"):
        judge_value(3, "10**400%")


# ---- sources that are no Python only in their context


SOURCES: Sequence[str] = (
    "nonlocal x\ndef f(x): pass",
    "def f(x, x): pass",
    "def f(x):\n    global x",
    "a = 1; b = " + "x + " * 900 + "1\ndef f(x): pass",
    "def f(x):\n    return x" + ".a" * 40_000,
    "def f(x):\n    return " + "-" * 90_000 + "x",
    "def f(x):\n    return '\ud800'",
    "def f(x):\n    return 1\0",
)


@pytest.mark.parametrize("source", SOURCES, ids=range(len(SOURCES)))
def test_a_source_that_cannot_be_taken_apart_is_the_snippets_fault(source: str) -> None:
    for take_apart in (snippets.prelude_of, snippets.starter, snippets.solution_of, snippets.probe_of):
        with pytest.raises(snippets.SnippetError):
            take_apart(source, "f")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
def test_a_snippet_that_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "endless.py").symlink_to("/dev/zero")
    (tmp_path / "folder.py").mkdir()
    for name in ("pipe.py", "endless.py", "folder.py"):
        with pytest.raises(snippets.SnippetError, match="is no file"):
            read_snippet(tmp_path / name)
    with pytest.raises(snippets.SnippetError, match="No such file"):
        read_snippet(tmp_path / "missing.py")


def test_lines_are_counted_as_python_counts_them() -> None:
    """Else what is cut out of a snippet is shifted, and a part of the solution is shown."""
    source = 'TEXT = "a\u2028b\x0cc\x1cd"\nSECRET = 1\n\n\ndef f(x, text=TEXT):\n    return SECRET\n'
    assert snippets.prelude_of(source, "f") == 'TEXT = "a\u2028b\x0cc\x1cd"\n'
    assert snippets.solution_of(source, "f").endswith("def f(x, text=TEXT):\n    return SECRET\n")


def test_a_hostile_snippet_does_not_raise_out_of_a_judgement(tmp_path: Path) -> None:
    snippet = tmp_path / "s.py"
    snippet.write_text("def sample_f(seed, seed): pass\ndef f(x): pass\n", encoding="utf8")
    card = Implement(id="i", front="?", function="f")
    result = Runner(sandbox=Fake()).judge(Exercise(card, snippet, "x", trusted=True), "def f(x): pass", 0)
    assert result.verdict is Verdict.ERROR
    assert result.detail.startswith("The deck's own code failed: the snippet is no valid Python: duplicate")
