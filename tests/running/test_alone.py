"""Runs where there is no sandbox: a process of its own, with a deadline."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studykit.running import plain
from studykit.running.sandbox import Ending, Job, Sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(forking=False) as sandbox:
        sandbox.warm(torch=True)
        yield sandbox


def script(source: str, seconds: float = 5.0, *, contained: bool = False) -> Job:
    task = {"task": "script", "source": source, "filename": "x"}
    return Job(task, seconds=seconds, contained=contained)


def test_what_is_printed_comes_back_without_stderr(sandbox: Sandbox) -> None:
    outcome = sandbox.run(
        script("import sys\nprint('out')\nprint('err', file=sys.stderr)\nimport os; os.write(1, b'!')")
    )
    assert (outcome.ending, outcome.stdout) == (Ending.DONE, "out\n!")


def test_values_come_back(sandbox: Sandbox) -> None:
    task = {
        "task": "call",
        "code": [{"source": "def f(x):\n    return x + 1", "filename": "a"}],
        "function": "f",
        "cases": [plain.encode({"x": 1})],
    }
    outcome = sandbox.run(Job(task))
    assert isinstance(outcome.value, list)
    assert [plain.decode(blob) for blob in outcome.value] == [2]


@pytest.mark.parametrize(
    ("source", "ending"),
    [
        ("while True: pass", Ending.TIMEOUT),
        ("while True: print('x' * 10_000)", Ending.FORBIDDEN),
        ("for i in range(10 ** 7): open(str(i), 'w').close()", Ending.FORBIDDEN),
        ("import os; os._exit(0)", Ending.CRASH),
        ("import ctypes; ctypes.string_at(0)", Ending.CRASH),
        ("1 / 0", Ending.ERROR),
    ],
)
def test_what_goes_wrong_ends_as_in_the_sandbox(sandbox: Sandbox, source: str, ending: Ending) -> None:
    assert sandbox.run(script(source, seconds=20.0 if "range" in source else 0.3)).ending is ending


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("after", ["", "while True: pass"])
def test_what_a_run_has_started_ends_with_it(sandbox: Sandbox, after: str) -> None:
    source = (
        f"import os, time\nif not os.fork():\n    time.sleep(600)\nprint(os.getpgid(0), flush=True)\n{after}"
    )
    outcome = sandbox.run(script(source, seconds=0.5))
    assert outcome.ending is (Ending.TIMEOUT if after else Ending.DONE)
    group = outcome.stdout.strip()
    assert wait_for(lambda: not any(row[3] == group and row[2][0] != "Z" for row in processes()))


def processes() -> list[list[str]]:
    """Parent, pid, state and group of every process."""
    listed = subprocess.run(
        ["ps", "-eo", "ppid=,pid=,stat=,pgid="], capture_output=True, text=True, check=True
    )
    return [row.split() for row in listed.stdout.splitlines()]


def wait_for(condition: Callable[[], object]) -> object:
    """Return what the condition comes to, as soon as it is true, or after ten seconds."""
    deadline = time.monotonic() + 10
    while not (found := condition()) and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    return found


@pytest.mark.skipif(not hasattr(os, "fork"), reason="on Windows nobody tells it")
def test_a_run_ends_when_the_app_is_killed(tmp_path: Path) -> None:
    source = (
        "from studykit.running.sandbox import *\n"
        "with Sandbox(forking=False) as s:\n"
        "    code = 'import os, time; os.mkdir(\"begun\"); time.sleep(600)'\n"
        "    s.run(Job({'task': 'script', 'source': code, 'filename': 'x'}, seconds=30))\n"
    )
    root = str(Path(plain.__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": root, "TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", source], env=environment) as app:
        assert wait_for(lambda: list(tmp_path.glob("studykit-*/begun")))
        run = [row[1] for row in processes() if row[0] == str(app.pid)]
        app.kill()
    assert wait_for(lambda: not any(row[1] in run and row[2][0] != "Z" for row in processes()))


def test_code_that_nobody_vouches_for_does_not_run(sandbox: Sandbox) -> None:
    assert not sandbox.contained
    outcome = sandbox.run(script("print(1)", contained=True))
    assert (outcome.ending, outcome.stdout) == (Ending.UNAVAILABLE, "")
    assert outcome.reason == (
        "The sandbox does not hold here (landlock, seccomp), so code that nobody vouches for is not run."
    )
    assert [layer.name for layer in sandbox.layers() if layer.holds] == ["process"]


def test_nothing_of_the_learners_is_in_its_environment(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "canary")
    outcome = sandbox.run(script("import os; print('SECRET_TOKEN' in os.environ, os.listdir('.'))"))
    assert outcome.stdout == "False []\n"


def test_there_is_no_device_but_the_processor(sandbox: Sandbox) -> None:
    task = {"task": "script", "source": "import torch; print(torch.get_num_threads())", "filename": "x"}
    assert sandbox.run(Job(task, torch=True, device="auto")).stdout == "1\n"
    assert sandbox.run(Job(task, torch=True, device="cuda")).ending is Ending.UNAVAILABLE
