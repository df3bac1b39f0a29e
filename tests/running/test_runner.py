"""Cards that run, posed and judged for real, and every way in which that can fail."""

import importlib.util
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studykit.library.cards import Compute, Implement, Limits, Predict, Repair, RunIt, Tolerance
from studykit.running.jobs import Ending, Job, Outcome
from studykit.running.plain import Tensor, decode, encode
from studykit.running.runner import Exercise, Runner, Unposable, Verdict

SNIPPETS = Path(__file__).parent.parent / "fixtures" / "running" / "library" / "snippets"
TORCH = importlib.util.find_spec("torch") is not None
TRITON = importlib.util.find_spec("triton") is not None
needs_torch = pytest.mark.skipif(not TORCH, reason="torch is not installed")
needs_triton = pytest.mark.skipif(not TRITON, reason="triton is not installed")

SPAN = "def span(numbers):\n    return min(numbers), max(numbers)\n"


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner(languages=("zh", "en")) as made:
        yield made


def exercise(card: RunIt, name: str | None = "texts/lists", *, trusted: bool = True) -> Exercise:
    return Exercise(card, SNIPPETS / f"{name}.py" if name else None, f"deck/{card.id}", trusted)


def write(function: str, name: str = "texts/lists", **more: Any) -> Exercise:
    return exercise(Implement(id="write", front="Write it.", function=function, **more), name)


# ---- implement


def test_a_right_function_passes(runner: Runner) -> None:
    result = runner.judge(write("span"), SPAN, 0)
    assert (result.verdict, result.detail, result.seed) == (Verdict.PASS, "All 5 inputs agree.", 0)
    assert result.ms > 0


def test_a_named_tuple_of_the_prelude_is_as_good_as_a_tuple(runner: Runner) -> None:
    answer = "def span(numbers: list[int]) -> Span:\n    return Span(min(numbers), max(numbers))\n"
    assert runner.judge(write("span"), answer, 0).verdict is Verdict.PASS


def test_a_wrong_function_shows_its_smallest_failing_input(runner: Runner) -> None:
    answer = "def span(numbers):\n    print('seen', numbers)\n    return min(numbers), abs(max(numbers))\n"
    result = runner.judge(write("span"), answer, 2)
    assert result.verdict is Verdict.WRONG
    assert result.detail == (
        "The answer differs from the reference for 1 of 5 inputs. Item 1: 7, expected -7. "
        "1 of 2 elements differ, by up to 14 (relative 2)."
    )
    assert (result.failing_input, result.expected, result.got) == ("numbers = [-7]", "(-7, -7)", "(-7, 7)")
    assert result.stdout.startswith("seen [")


def test_an_unwritten_function_is_wrong_and_said_to_return_nothing(runner: Runner) -> None:
    posed = runner.pose(write("span"), 0)
    result = runner.judge(write("span"), posed.code, 0)
    assert result.verdict is Verdict.WRONG
    assert result.detail.startswith("It returned None: is a `return` missing?")


def test_printed_instead_of_returned_is_said(runner: Runner) -> None:
    result = runner.judge(write("span"), "def span(numbers):\n    print(min(numbers), max(numbers))\n", 0)
    assert result.verdict is Verdict.WRONG
    assert result.detail.startswith("It printed something and returned None: return the value instead.")


def test_a_traceback_has_the_learners_lines_and_no_others(runner: Runner) -> None:
    answer = (
        "import json\n\ndef span(numbers):\n    return parse('{')\n\n"
        "def parse(text):\n    return json.loads(text)\n"
    )
    result = runner.judge(write("span"), answer, 0)
    assert result.verdict is Verdict.ERROR
    assert result.traceback.splitlines()[:4] == [
        "line 4, in span",
        "    return parse('{')",
        "line 7, in parse",
        "    return json.loads(text)",
    ]
    assert result.traceback.splitlines()[4].startswith("JSONDecodeError: Expecting property name")
    assert len(result.traceback.splitlines()) == 5
    assert result.failing_input.startswith("numbers = [")


def test_an_error_outside_the_function_has_no_failing_input(runner: Runner) -> None:
    result = runner.judge(write("span"), "1 / 0\n", 0)
    assert (result.verdict, result.detail, result.failing_input) == (
        Verdict.ERROR,
        "ZeroDivisionError: division by zero",
        "",
    )


def test_a_syntax_error_is_shown_with_its_caret_and_never_run() -> None:
    runner = Runner(sandbox=Fake([]))
    result = runner.judge(write("span"), "def span(numbers):\n    return max(numbers\n", 0)
    assert result.verdict is Verdict.ERROR
    assert result.detail == "Your code is no valid Python: line 2: '(' was never closed."
    assert result.traceback == (
        "line 2\n    return max(numbers\n              ^\nSyntaxError: '(' was never closed"
    )


@pytest.mark.parametrize(
    "answer",
    ["\x00", "\ud800", "(" * 5000, "x = " + "-" * 90_000 + "1", "#" * 100_001, "return 1", "x = '\\d'"],
)
def test_odd_source_is_an_error_of_the_answer_and_not_ours(runner: Runner, answer: str) -> None:
    assert runner.judge(write("span"), answer, 0).verdict is Verdict.ERROR


def test_a_missing_function_is_named(runner: Runner) -> None:
    result = runner.judge(write("span"), "def spam(numbers): return 1\n", 0)
    assert (result.verdict, result.detail) == (Verdict.ERROR, "Your code does not define `span`.")


def test_the_same_seed_draws_the_same_inputs_and_another_draws_others(runner: Runner) -> None:
    tell = "def span(numbers):\n    print(numbers)\n    return min(numbers), max(numbers)\n"
    first, again, other = (runner.judge(write("span"), tell, seed).stdout for seed in (4, 4, 5))
    assert first == again != other
    assert len(first.splitlines()) == 5
    assert len(runner.judge(write("span"), tell, 4, cases=12).stdout.splitlines()) > 8


def test_a_class_is_judged_through_its_probe(runner: Runner) -> None:
    right = (
        "class Counter:\n"
        "    def __init__(self, start=1):\n        self.next_one = start\n"
        "    def next(self):\n        self.next_one += 1\n        return self.next_one - 1\n"
    )
    assert runner.judge(write("Counter"), right, 0).verdict is Verdict.PASS
    assert runner.judge(write("Counter"), right.replace("- 1", "- 0"), 0).verdict is Verdict.WRONG
    broken = runner.judge(write("Counter"), "class Counter:\n    pass\n", 0)
    assert broken.verdict is Verdict.WRONG
    assert broken.detail.startswith("The check could not work with your code: TypeError: Counter()")


def test_a_mutation_is_judged_through_its_probe(runner: Runner) -> None:
    in_place = "def remove_odd(numbers):\n    numbers[:] = [n for n in numbers if n % 2 == 0]\n"
    copies = "def remove_odd(numbers):\n    numbers = [n for n in numbers if n % 2 == 0]\n"
    assert runner.judge(write("remove_odd"), in_place, 0).verdict is Verdict.PASS
    assert runner.judge(write("remove_odd"), copies, 0).verdict is Verdict.WRONG


def test_a_cards_tolerance_is_used(runner: Runner) -> None:
    rough = "def harmonic(terms, start=1):\n    return round(sum(1 / (start + i) for i in range(terms)), 3)\n"
    assert runner.judge(write("harmonic"), rough, 0).verdict is Verdict.WRONG
    assert runner.judge(write("harmonic", tolerance=Tolerance(rtol=1e-2)), rough, 0).verdict is Verdict.PASS


def test_inputs_may_be_drawn_by_another_functions_sample(runner: Runner) -> None:
    squares = "def squares(numbers):\n    return [n * n for n in numbers]\n"
    assert runner.judge(write("squares"), squares, 0).verdict is Verdict.PASS
    assert runner.judge(write("squares", draw="remove_odd"), squares, 0).verdict is Verdict.PASS


def test_the_reference_passes_against_itself_and_is_the_solution(runner: Runner) -> None:
    result = runner.judge(write("remove_odd"), None, 0)
    assert result.verdict is Verdict.PASS
    assert runner.judge(write("remove_odd"), result.expected, 3).verdict is Verdict.PASS


@needs_torch
def test_a_reference_that_changes_its_mind_is_the_decks_fault(runner: Runner) -> None:
    result = runner.judge(write("unseeded", "rows/softmax"), None, 0)
    assert result.verdict is Verdict.WRONG
    assert result.detail.startswith("The deck's own code gives another result each time.")


@pytest.mark.parametrize(
    ("card", "said"),
    [
        (write("broken"), "The deck's own code failed: IndexError: list index out of range (lists.py, line "),
        (write("cheat"), "The deck's own code failed: `probe_cheat` needs `cheat` itself"),
        (write("squares", draw="wild"), "failed: RuntimeError: the sample is broken (lists.py"),
        (write("nothing", draw="span"), "has no function `nothing`."),
        (write("Span"), "The deck's own code failed: lists.py has no function `sample_Span`."),
        (write("span", "texts/none"), "The deck's own code failed: none.py cannot be read: No such file"),
        (exercise(Implement(id="x", front="?", function="f"), None), "deck/x has no snippet to run."),
    ],
    ids=["reference", "probe", "sample", "function", "no sample", "no file", "no snippet"],
)  # fmt: skip
@pytest.mark.parametrize("answer", ["def nothing(**any): pass\n", None])
def test_faults_of_the_deck_are_not_the_learners(
    runner: Runner, card: Exercise, said: str, answer: str | None
) -> None:
    result = runner.judge(card, answer, 0)
    assert result.verdict is Verdict.ERROR
    assert said in result.detail


# ---- repair and posing


def test_repair_begins_with_the_broken_version(runner: Runner) -> None:
    broken = "def span(numbers):\n    return numbers[0], numbers[-1]\n"
    card = exercise(
        Repair(id="mend", front={"en": "Mend it.", "zh": "修好它。"}, function="span", broken=broken)
    )
    posed = runner.pose(card, 7)
    assert (posed.seed, posed.front, posed.code) == (7, "修好它。", broken)
    assert runner.judge(card, broken, 7).verdict is Verdict.WRONG
    assert runner.judge(card, SPAN, 7).verdict is Verdict.PASS


def test_implement_begins_with_the_signature_or_with_what_the_card_says(runner: Runner) -> None:
    code = runner.pose(write("span"), 0).code
    assert code is not None
    assert code.endswith('    """Return the least and the greatest of `numbers`."""\n    ...\n')
    assert runner.pose(write("span", start="# begin here\n"), 0).code == "# begin here\n"


# ---- compute


HARMONIC = exercise(Compute(id="sum", front="Sum {terms} terms of {other}.", function="harmonic"))


def test_numbers_are_drawn_into_the_front(runner: Runner) -> None:
    posed = runner.pose(HARMONIC, 0)
    terms = posed.drawn["terms"]
    assert posed.front == f"Sum {terms} terms of {{other}}."
    assert runner.pose(HARMONIC, 0) == posed
    assert len({runner.pose(HARMONIC, seed).front for seed in range(9)}) > 3


def test_a_value_is_judged_by_the_reference(runner: Runner) -> None:
    terms = decode(encode(runner.pose(HARMONIC, 3).drawn))["terms"]
    right = " + ".join(f"1/{i}" for i in range(1, terms + 1))
    assert runner.judge(HARMONIC, right, 3).verdict is Verdict.PASS
    wrong = runner.judge(HARMONIC, "0.5", 3)
    assert (wrong.verdict, wrong.got) == (Verdict.WRONG, "0.5")
    assert wrong.expected == repr(sum(1 / i for i in range(1, terms + 1)))


def test_what_is_no_value_is_an_error(runner: Runner) -> None:
    result = runner.judge(HARMONIC, "about two", 3)
    assert result.verdict is Verdict.ERROR
    assert result.detail.startswith("Your answer cannot be read: `about two` is no value")


def test_the_reference_of_a_value_shows_it(runner: Runner) -> None:
    result = runner.judge(HARMONIC, None, 3)
    assert result.verdict is Verdict.PASS
    assert runner.judge(HARMONIC, result.expected, 3).verdict is Verdict.PASS


# ---- predict


PROGRAM = exercise(
    Predict(id="p", front="?", code="import lists\nprint(lists.span([n, 0]))\nprint(ratio)", draw="plain")
)


def test_drawn_values_are_assigned_above_the_program(runner: Runner) -> None:
    posed = runner.pose(PROGRAM, 1)
    assert posed.code == (
        "n = 3\nname = 'x'\nratio = float('inf')\n\nimport lists\nprint(lists.span([n, 0]))\nprint(ratio)"
    )
    assert posed.drawn == {"n": 3, "name": "x", "ratio": float("inf")}


def test_an_output_is_compared_line_by_line(runner: Runner) -> None:
    assert runner.judge(PROGRAM, "Span(low=0, high=3)  \ninf\n\n", 1).verdict is Verdict.PASS
    result = runner.judge(PROGRAM, "Span(low=0, high=2)\ninf", 1)
    assert result.verdict is Verdict.WRONG
    assert result.detail == "Line 1 is 'Span(low=0, high=3)', not 'Span(low=0, high=2)'."
    assert result.expected == "Span(low=0, high=3)\ninf\n"
    assert result.got == "Span(low=0, high=2)\ninf"


def test_the_program_itself_tells_the_solution(runner: Runner) -> None:
    result = runner.judge(PROGRAM, None, 1)
    assert (result.verdict, result.stdout) == (Verdict.PASS, "Span(low=0, high=3)\ninf\n")


def test_a_program_needs_no_snippet(runner: Runner) -> None:
    card = exercise(Predict(id="p", front="?", code="x = y = []\nx.append(1)\nprint(y)"), None)
    assert runner.judge(card, "[1]", 0).verdict is Verdict.PASS
    assert runner.judge(card, "[]", 0).verdict is Verdict.WRONG


def test_a_program_that_fails_or_changes_is_the_decks_fault(runner: Runner) -> None:
    fails = exercise(Predict(id="p", front="?", code="print(1)\nprint(1 / 0)"), None)
    result = runner.judge(fails, "1", 0)
    assert result.verdict is Verdict.ERROR
    assert "own code failed: ZeroDivisionError: division by zero (<program>, line 2)" in result.detail
    changes = exercise(Predict(id="p", front="?", code="import time\nprint(time.perf_counter_ns())"), None)
    result = runner.judge(changes, None, 0)
    assert result.verdict is Verdict.WRONG
    assert "does not print the same each time" in result.detail


# ---- claims, main, pictures


def test_a_claim_is_measured(runner: Runner) -> None:
    result = runner.claim(SNIPPETS / "texts" / "lists.py", 1)
    assert (result.verdict, result.detail) == (Verdict.WRONG, "The claim does not hold: 1 + 1/2 is 3.")
    assert result.got == "sum = 1.5"


@needs_torch
def test_a_claim_that_holds_passes_with_its_numbers(runner: Runner) -> None:
    result = runner.claim(SNIPPETS / "rows" / "softmax.py", 1)
    assert (result.verdict, result.detail) == (Verdict.PASS, "Rows sum to 1.")
    assert result.got.startswith("max_error = ")


def test_main_shows_its_lines(runner: Runner) -> None:
    result = runner.main(SNIPPETS / "texts" / "lists.py")
    assert (result.verdict, result.stdout) == (Verdict.PASS, "spans Span(low=1, high=3)\n")


@needs_torch
def test_a_picture_is_plain_data(runner: Runner) -> None:
    picture = runner.picture(SNIPPETS / "rows" / "softmax.py")
    assert isinstance(picture, dict)
    assert isinstance(picture["weights"], Tensor)


def test_what_a_snippet_lacks_is_said(runner: Runner) -> None:
    missing = runner.picture(SNIPPETS / "texts" / "lists.py")
    assert not isinstance(missing, dict)
    assert missing.detail == "The deck's own code failed: lists.py has no function `picture`."


# ---- devices


@needs_torch
def test_a_verdict_says_the_device(runner: Runner) -> None:
    softmax = "def softmax(x, temperature=1.0):\n    return torch.softmax(x / temperature, dim=-1)\n"
    with Runner(device="cpu") as on_cpu:
        assert on_cpu.judge(write("softmax", "rows/softmax"), softmax, 0).device == "cpu"
    assert runner.judge(write("span"), SPAN, 0).device == "cpu"


@needs_torch
@needs_triton
def test_a_triton_kernel_runs_through_the_interpreter_and_equals_its_twin() -> None:
    fused = write("softmax", "kernels/softmax_triton")
    twin = write("softmax_torch", "kernels/softmax_triton")
    with Runner(device="cpu") as runner:
        solution = runner.judge(fused, None, 0).expected
        for seed in range(3):
            result = runner.judge(fused, solution, seed)
            assert result.verdict is Verdict.PASS
            assert result.detail.endswith("inputs agree, through Triton's interpreter on cpu.")
        kernel = solution + "\ndef softmax_torch(x):\n    return softmax(x)\n"
        assert runner.judge(twin, kernel, 0).verdict is Verdict.PASS
        no_maximum = solution.replace("tl.sum(weights, axis=0)", "tl.max(weights, axis=0)")
        assert runner.judge(fused, no_maximum, 0).verdict is Verdict.WRONG
        assert runner.claim(SNIPPETS / "kernels" / "softmax_triton.py").verdict is Verdict.PASS


# ---- what says nothing about the learner


class Fake:
    """A sandbox that ends as it is told to, and remembers what it was asked."""

    def __init__(self, outcomes: list[Outcome]) -> None:
        self.outcomes = outcomes
        self.jobs: list[Job] = []
        self.calls: list[str] = []

    def run(self, job: Job) -> Outcome:
        self.jobs.append(job)
        return self.outcomes[len(self.jobs) - 1]

    def warm(self, *, torch: bool) -> None:
        self.calls.append(f"warm {torch}")

    def cancel(self) -> None:
        self.calls.append("cancel")

    def close(self) -> None:
        self.calls.append("close")


CASES = [encode({"numbers": [1]}), encode({"numbers": [1, 2]})]
DRAWN = Outcome(Ending.DONE, CASES)
OTHERS = Outcome(Ending.DONE, [encode({"numbers": [3]}), encode({"numbers": [4]})])
REFERENCE = Outcome(Ending.DONE, [encode((1, 1)), encode((1, 2))])


@pytest.mark.parametrize(
    ("ending", "reason", "said"),
    [
        (Ending.TIMEOUT, "It ran longer than 5 seconds.", "It ran longer than 5 seconds."),
        (Ending.TIMEOUT, "", "It ran longer than allowed."),
        (Ending.MEMORY, "", "It needed more memory than allowed."),
        (Ending.FORBIDDEN, "It tried to use the network", "It tried to use the network. Files, the network"),
        (Ending.CRASH, "", "Its process ended without a result."),
        (Ending.UNAVAILABLE, "The run was cancelled.", "The run was cancelled."),
    ],
)
def test_endings_are_explained_and_never_count_as_forgetting(ending: Ending, reason: str, said: str) -> None:
    fake = Fake([DRAWN, REFERENCE, Outcome(ending, reason=reason, ms=7.0)])
    result = Runner(sandbox=fake).judge(write("span"), SPAN, 0, cases=2)
    assert str(result.verdict) == str(ending)
    assert result.detail.startswith(said)
    assert "forgetting" not in result.detail, "whoever shows the verdict says that, once"
    assert not result.verdict.counts
    assert result.ms == 7.0


@pytest.mark.parametrize("at", [0, 1])
def test_a_deck_that_runs_out_of_time_is_the_decks_fault(at: int) -> None:
    fake = Fake([[DRAWN, REFERENCE][i] for i in range(at)] + [Outcome(Ending.TIMEOUT, reason="It ran long.")])
    result = Runner(sandbox=fake).judge(write("span"), SPAN, 0, cases=2)
    assert (result.verdict, result.detail) == (Verdict.TIMEOUT, "The deck's own code failed: It ran long.")


def test_only_right_and_wrong_count() -> None:
    assert [verdict.value for verdict in Verdict if verdict.counts] == ["pass", "wrong"]


@pytest.mark.parametrize(
    "value",
    [
        None,
        "pass",
        {"verdict": "pass"},
        [],
        [encode((1, 1))],
        [encode((1, 1)), encode((1, 2)), encode((1, 2))],
        [encode((1, 1)), (1, 2)],
        [encode((1, 1)), b"SK1?"],
        [encode((1, 1)), b""],
    ],
)
def test_whatever_an_answer_sends_back_it_passes_only_with_the_right_values(value: object) -> None:
    fake = Fake([DRAWN, REFERENCE, Outcome(Ending.DONE, value)])
    assert Runner(sandbox=fake).judge(write("span"), SPAN, 0, cases=2).verdict is Verdict.WRONG


@pytest.mark.parametrize(
    "error",
    [
        {},
        {"type": 3, "message": None, "frames": "none", "case": "first"},
        {"type": "E", "frames": [1, {"file": "<answer>"}, {"file": "<answer>", "line": 10**9, "name": "f"}]},
        {"type": "E\x1b[2J", "message": "\u202e" * 10_000, "frames": [], "case": 99},
    ],
)
def test_whatever_error_is_told_it_is_an_error(error: dict[str, Any]) -> None:
    fake = Fake([DRAWN, REFERENCE, Outcome(Ending.ERROR, error=error)])
    result = Runner(sandbox=fake).judge(write("span"), SPAN, 0, cases=2)
    assert result.verdict is Verdict.ERROR
    assert not any(character in result.detail for character in "\x1b\u202e")
    assert len(result.detail) <= 1000


def test_the_job_of_an_answer_holds_no_reference_and_no_expectation() -> None:
    fake = Fake([DRAWN, REFERENCE, REFERENCE])
    Runner(sandbox=fake).judge(write("span"), SPAN, 0, cases=2)
    samples, reference, answer = (job.task for job in fake.jobs)
    assert samples["task"] == "samples"
    assert "return Span(min(numbers), max(numbers))" in str(reference)
    assert "return Span(min(numbers), max(numbers))" not in str(answer)
    assert not any(str(blob) in str(answer) for blob in REFERENCE.value)  # type: ignore[attr-defined]
    assert answer["cases"] == CASES


def test_a_second_try_runs_the_answer_only() -> None:
    fake = Fake([DRAWN, REFERENCE, REFERENCE, REFERENCE, OTHERS, REFERENCE, REFERENCE])
    runner = Runner(sandbox=fake)
    for seed in (0, 0, 1):
        runner.judge(write("span"), SPAN, seed, cases=2)
    assert [job.task["task"] for job in fake.jobs] == [
        "samples",
        "call",
        "call",
        "call",
        "samples",
        "call",
        "call",
    ]


def test_an_edited_snippet_is_run_again(tmp_path: Path) -> None:
    snippet = tmp_path / "s.py"
    fake = Fake([DRAWN, REFERENCE, REFERENCE] * 2)
    runner = Runner(sandbox=fake)
    for limit in (1, 2):
        snippet.write_text(f"def span(n): return {limit}\ndef sample_span(seed): return {{}}\n")
        card = Implement(id="x", front="?", function="span")
        runner.judge(Exercise(card, snippet, "deck/x", trusted=True), SPAN, 0, cases=2)
    assert len(fake.jobs) == 6


def test_limits_are_the_cards_up_to_the_cap() -> None:
    def limits(given: Limits | None) -> tuple[float, int]:
        fake = Fake([DRAWN, REFERENCE, REFERENCE])
        Runner(sandbox=fake).judge(write("span", limits=given), SPAN, 0, cases=2)
        assert len({(job.seconds, job.memory_mb) for job in fake.jobs}) == 1
        return fake.jobs[0].seconds, fake.jobs[0].memory_mb

    assert limits(None) == (5.0, 1024)
    assert limits(Limits(seconds=2, memory_mb=64)) == (2, 64)
    assert limits(Limits(seconds=1000, memory_mb=10**6)) == (30, 4096)


def test_code_that_is_not_approved_is_not_run() -> None:
    fake = Fake([])
    runner = Runner(sandbox=fake)
    untrusted = exercise(Implement(id="x", front="?", function="span"), trusted=False)
    for answer in (SPAN, None):
        result = runner.judge(untrusted, answer, 0)
        assert result.verdict is Verdict.UNAVAILABLE
        assert f"run `studykit trust {SNIPPETS.parent}`" in result.detail
    with pytest.raises(Unposable) as caught:
        runner.pose(untrusted, 0)
    assert caught.value.result.verdict is Verdict.UNAVAILABLE
    assert runner.claim(SNIPPETS / "texts" / "lists.py", trusted=False).verdict is Verdict.UNAVAILABLE
    assert fake.jobs == []


@pytest.mark.parametrize(("missing", "said"), [("torch", "This needs torch: pip install 'studykit[torch]'"),
                                               ("triton", "This needs triton")])  # fmt: skip
def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch, missing: str, said: str) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else name)
    fake = Fake([])
    runner = Runner(sandbox=fake)
    result = runner.judge(write("softmax", "kernels/softmax_triton"), "x = 1", 0)
    assert result.verdict is Verdict.UNAVAILABLE
    assert result.detail.startswith(said)
    runner.warm(torch=True)
    assert (fake.jobs, fake.calls) == ([], [] if missing == "torch" else ["warm True"])


def test_pure_python_runs_without_torch_on_the_cpu() -> None:
    fake = Fake([DRAWN, REFERENCE, REFERENCE])
    Runner(sandbox=fake, device="cuda").judge(write("span"), SPAN, 0, cases=2)
    assert {(job.torch, job.device) for job in fake.jobs} == {(False, "cpu")}


@needs_torch
def test_an_answer_that_imports_torch_gets_it() -> None:
    fake = Fake([DRAWN, REFERENCE, REFERENCE])
    Runner(sandbox=fake, device="cuda").judge(write("span"), f"import torch\n{SPAN}", 0, cases=2)
    assert [(job.torch, job.device) for job in fake.jobs] == [(False, "cpu"), (False, "cpu"), (True, "cuda")]


def test_warming_cancelling_and_closing_reach_the_sandbox() -> None:
    fake = Fake([])
    with Runner(sandbox=fake) as runner:
        runner.warm(torch=False)
        runner.cancel()
    assert fake.calls == ["warm False", "cancel", "close"]


def test_several_threads_judge_at_once(runner: Runner) -> None:
    verdicts: list[Verdict] = []

    def judge(seed: int) -> None:
        verdicts.append(runner.judge(write("span"), SPAN, seed).verdict)

    threads = [threading.Thread(target=judge, args=(seed % 3,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verdicts == [Verdict.PASS] * 8
