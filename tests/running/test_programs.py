"""Programs of an article: what each prints, whatever the others do, and never outside a sandbox."""

from collections.abc import Iterator

import pytest

from studykit.authoring.candidates import Ran
from studykit.running.jobs import Ending, Job, Outcome
from studykit.running.programs import Programs
from studykit.running.sandbox import Sandbox
from studykit.running.tasks import STARTED


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        if not sandbox.contained:
            pytest.skip("the sandbox does not hold here")
        yield sandbox


def test_programs_share_a_namespace_and_each_has_its_own_output(sandbox: Sandbox) -> None:
    run = Programs(sandbox)
    assert run(["x = 2\nprint('one')", "print(x + 1)", "x"]) == (Ran("one\n"), Ran("3\n"), Ran(""))


def test_after_a_failure_the_next_ones_still_run(sandbox: Sandbox) -> None:
    failed, broken, left, fine = Programs(sandbox)(["1 / 0", "def", "raise SystemExit(3)", "print('on')"])
    assert failed.error == "ZeroDivisionError: division by zero"
    assert broken.error is not None
    assert broken.error.startswith("SyntaxError")
    assert left.error == "SystemExit: 3"
    assert fine == Ran("on\n")


def test_one_that_never_ends_is_left_out_and_the_others_run(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studykit.running.programs.SECONDS", 1.0)
    before, endless, after = Programs(sandbox)(["x = 1\nprint(x)", "while True: x += 1", "print(x)"])
    assert before == Ran("1\n")
    assert endless.error is not None
    assert "1" in endless.error
    assert after == Ran("1\n")


def test_a_crash_takes_nobody_with_it(sandbox: Sandbox) -> None:
    crashed, fine = Programs(sandbox)(["import os\nos.abort()", "print('alive')"])
    assert crashed.error
    assert fine == Ran("alive\n")


def test_the_network_and_files_are_out_of_reach(sandbox: Sandbox) -> None:
    net, file = Programs(sandbox)(
        [
            "import socket\nsocket.create_connection(('127.0.0.1', 9), timeout=1)",
            "open('/etc/passwd')",
        ]
    )
    assert net.error
    assert file.error


class Scripted:
    """A sandbox that answers as it was told to."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = list(outcomes)
        self.jobs: list[Job] = []

    def run(self, job: Job) -> Outcome:
        self.jobs.append(job)
        return self.outcomes.pop(0)


def test_nothing_runs_where_the_sandbox_does_not_hold() -> None:
    scripted = Scripted(Outcome(Ending.UNAVAILABLE, reason="The sandbox does not hold here."))
    run = Programs(scripted)
    assert run(["1", "2"]) == (Ran("", "The sandbox does not hold here."),) * 2
    assert run.refused == "The sandbox does not hold here."
    assert scripted.jobs[0].contained


def test_the_same_programs_run_once() -> None:
    scripted = Scripted(Outcome(Ending.DONE, value=[["a\n", None]]))
    run = Programs(scripted)
    assert run(["print('a')"]) == run(["print('a')"]) == (Ran("a\n"),)
    assert len(scripted.jobs) == 1


@pytest.mark.parametrize("value", [None, [], [["a"]], [[1, None]], ["a"], [["a", 2]]])
def test_what_foreign_code_returns_is_not_believed_to_have_a_shape(value: object) -> None:
    (ran,) = Programs(Scripted(Outcome(Ending.DONE, value=value)))(["1"])
    assert ran.error == "what it printed cannot be read"


def test_three_that_never_end_are_enough() -> None:
    late = Outcome(Ending.TIMEOUT, stdout=STARTED, reason="It did not end.")
    ran = Programs(Scripted(late, late, late))(["a", "b", "c", "d"])
    assert [one.error for one in ran] == ["It did not end."] * 3 + [
        "not run: programs before it used up the time"
    ]
