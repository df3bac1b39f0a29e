"""Ordinary work in the sandbox, and how it ends when it does not end well."""

import ast
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from studykit.running import launch, plain
from studykit.running.launch import Zygote, gpu_present
from studykit.running.sandbox import Ending, Job, Outcome, Sandbox

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks from a warm process only on Linux")


Found = TypeVar("Found")
ORDINARY = Path(__file__).parents[1] / "fixtures" / "running" / "ordinary"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def script(source: str, **job: object) -> Job:
    task = {"task": "script", "source": source, "filename": "program.py"}
    return Job(task, contained=True, **job)  # type: ignore[arg-type]


def call(source: str, *cases: dict[str, object], torch: bool = False) -> Job:
    """A job that calls `f` of the source on each case."""
    task = {
        "task": "call",
        "code": [{"source": source, "filename": "answer.py"}],
        "function": "f",
        "cases": [plain.encode(case) for case in cases],
    }
    return Job(task, torch=torch, contained=True)


def values(outcome: Outcome) -> list[object]:
    assert outcome.ending is Ending.DONE, outcome
    assert isinstance(outcome.value, list)
    return [plain.decode(blob) for blob in outcome.value]


def test_what_is_printed_comes_back_and_stderr_is_kept_apart(sandbox: Sandbox) -> None:
    outcome = sandbox.run(script("import sys\nprint('out')\nprint('err', file=sys.stderr)\n"))
    assert (outcome.ending, outcome.stdout, outcome.stderr, outcome.reason) == (
        Ending.DONE,
        "out\n",
        "err\n",
        "",
    )


def test_values_come_back_as_plain_data(sandbox: Sandbox) -> None:
    source = "def f(a, b):\n    return {'sum': a + b, 'pair': (a, b), 'none': None}\n"
    (value,) = values(sandbox.run(call(source, {"a": 2, "b": 0.5})))
    assert value == {"sum": 2.5, "pair": (2, 0.5), "none": None}


@pytest.mark.parametrize("path", sorted(ORDINARY.glob("*.py")), ids=lambda path: path.stem)
def test_ordinary_code_works(sandbox: Sandbox, path: Path) -> None:
    source = path.read_text(encoding="utf8")
    expected = ast.literal_eval(source.partition("\n")[0].removeprefix("# returns: "))
    assert values(sandbox.run(call(source, {}, torch="# torch" in source))) == [expected]


def test_tensors_go_in_and_come_back(sandbox: Sandbox) -> None:
    tensor = plain.Tensor("float32", (2,), bytes.fromhex("0000803f00000040"))
    (value,) = values(sandbox.run(call("def f(x):\n    return x * 2", {"x": tensor}, torch=True)))
    assert value == plain.Tensor("float32", (2,), bytes.fromhex("0000004000008040"))


def test_an_exception_is_told_with_the_frames_of_foreign_code_only(sandbox: Sandbox) -> None:
    outcome = sandbox.run(call("def f():\n    return g()\ndef g():\n    raise KeyError('k')\n", {}))
    assert outcome.ending is Ending.ERROR
    assert outcome.reason == "KeyError: 'k'"
    assert outcome.error == {
        "type": "KeyError",
        "message": "'k'",
        "frames": [
            {"file": "answer.py", "line": 2, "name": "f"},
            {"file": "answer.py", "line": 4, "name": "g"},
        ],
        "case": 0,
    }


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("open('/etc/passwd')", "It tried to open '/etc/passwd', which is not allowed."),
        ("import os; os.fork()", "It tried to start another process, which is not allowed."),
        ("import socket; socket.socket()", "It tried to use the network, which is not allowed."),
        ("import os; os.kill(1, 9)", "It tried to signal a process, which is not allowed."),
        (
            "open('x', 'wb').write(bytes(2 ** 25))",
            "It tried to write a file of more than 16 MB, which is not allowed.",
        ),
    ],
)
def test_a_refusal_says_what_was_tried(sandbox: Sandbox, source: str, reason: str) -> None:
    outcome = sandbox.run(script(source))
    assert (outcome.ending, outcome.reason) == (Ending.FORBIDDEN, reason)


@pytest.mark.parametrize(
    ("source", "ending", "reason"),
    [
        ("while True: pass", Ending.TIMEOUT, "It ran longer than 0.2 seconds."),
        ("bytes(2 ** 40)", Ending.MEMORY, "It needed more memory than allowed."),
        (
            "import os; os._exit(3)",
            Ending.CRASH,
            "The process ended by itself (exit code 3) without returning anything.",
        ),
        ("import os; os.abort()", Ending.CRASH, "It was ended by the signal SIGABRT."),
        ("raise SystemExit(2)", Ending.ERROR, "SystemExit: 2"),
    ],
)
def test_each_ending_has_its_sentence(sandbox: Sandbox, source: str, ending: Ending, reason: str) -> None:
    outcome = sandbox.run(script(source, seconds=0.2))
    assert (outcome.ending, outcome.reason) == (ending, reason)


def test_what_was_printed_before_a_time_limit_is_kept(sandbox: Sandbox) -> None:
    outcome = sandbox.run(script("print('begun')\nwhile True: pass", seconds=0.2))
    assert (outcome.ending, outcome.stdout) == (Ending.TIMEOUT, "begun\n")


def test_output_is_cut_at_64_kb(sandbox: Sandbox) -> None:
    outcome = sandbox.run(script("print('x' * 100_000)"))
    assert (outcome.ending, len(outcome.stdout)) == (Ending.DONE, 65_536)


def test_control_characters_are_replaced(sandbox: Sandbox) -> None:
    outcome = sandbox.run(script("print('a\\tb\\x1b[2J\\u202e')"))
    assert outcome.stdout == "a\tb\ufffd[2J\ufffd\n"


def test_memory_may_be_asked_for(sandbox: Sandbox) -> None:
    assert sandbox.run(script("bytearray(2 ** 28)", memory_mb=128)).ending is Ending.MEMORY
    assert sandbox.run(script("bytearray(2 ** 28)", memory_mb=512)).ending is Ending.DONE


def test_a_device_that_is_not_there_is_unavailable(sandbox: Sandbox) -> None:
    if gpu_present():
        pytest.skip("there is one")
    outcome = sandbox.run(Job({"task": "script"}, torch=True, device="cuda"))
    assert outcome.ending is Ending.UNAVAILABLE
    assert outcome.reason == "This needs a CUDA device, and torch sees none here. Choose --device cpu."
    assert sandbox.run(script("print(1)", torch=True, device="auto")).device == "cpu"


def test_runs_do_not_see_each_other(sandbox: Sandbox) -> None:
    sandbox.run(script("import builtins, math\nbuiltins.left = math.pi = 3\nopen('left', 'w').close()"))
    outcome = sandbox.run(
        script("import os, math\nprint(os.listdir(), math.pi, 'left' in dir(__builtins__))")
    )
    assert outcome.stdout == "[] 3.141592653589793 False\n"


def test_several_threads_may_run_jobs_at_once(sandbox: Sandbox) -> None:
    outcomes: dict[int, Outcome] = {}

    def run(number: int) -> None:
        outcomes[number] = sandbox.run(script(f"import time\ntime.sleep(0.1)\nprint({number})"))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [outcomes[number].stdout for number in range(8)] == [f"{number}\n" for number in range(8)]


def test_cancelling_ends_what_runs_and_nothing_later(sandbox: Sandbox) -> None:
    timer = threading.Timer(0.2, sandbox.cancel)
    timer.start()
    outcome = sandbox.run(script("while True: pass"))
    assert (outcome.ending, outcome.reason) == (Ending.UNAVAILABLE, "The run was cancelled.")
    assert sandbox.run(script("print(1)")).ending is Ending.DONE


def test_a_zygote_that_was_killed_is_started_again(sandbox: Sandbox) -> None:
    assert sandbox.run(script("print(1)")).ending is Ending.DONE
    for pid in sandbox.processes():
        os.kill(pid, signal.SIGKILL)
    assert sandbox.run(script("print(2)")).stdout == "2\n"


def test_a_zygote_that_is_still_ending_is_not_taken_for_alive(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A killed process closes its sockets before it can be reaped: in between it only looks alive."""
    assert sandbox.run(script("print(1)")).ending is Ending.DONE
    monkeypatch.setattr(Zygote, "alive", property(lambda zygote: zygote._process.returncode is None))
    for pid in sandbox.processes():
        os.kill(pid, signal.SIGKILL)
    assert sandbox.run(script("print(2)")).stdout == "2\n"


def test_warming_does_not_wait_for_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def hello(_: Zygote) -> None:
        raise AssertionError("waited for the first word of the process")

    monkeypatch.setattr(Zygote, "hello", hello)
    with Sandbox() as sandbox:
        sandbox.warm(torch=True)
        assert len(sandbox.processes()) == 1


def test_nothing_is_started_before_something_is_asked() -> None:
    with Sandbox() as sandbox:
        assert sandbox.processes() == []
        sandbox.run(script("print(1)"))
        assert len(sandbox.processes()) == 1


def test_closing_leaves_neither_processes_nor_folders() -> None:
    with Sandbox() as sandbox:
        sandbox.run(script("print(1)"))
        pids, folders = sandbox.processes(), sandbox.folders()
        assert all(folder.exists() for folder in folders)
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    assert not any(folder.exists() for folder in folders)


def test_closing_ends_what_runs_in_other_threads() -> None:
    outcomes: list[Outcome] = []
    with Sandbox() as sandbox:
        sandbox.run(script(""))
        thread = threading.Thread(target=lambda: outcomes.append(sandbox.run(script("while True: pass"))))
        thread.start()
        wait_for(lambda: any(children(pid) for pid in sandbox.processes()))
    thread.join()
    assert outcomes[0].ending is Ending.UNAVAILABLE
    assert sandbox.run(script("")).ending is Ending.UNAVAILABLE
    assert sandbox.processes() == []


def test_a_zygote_has_one_thread_also_with_torch() -> None:
    with Sandbox() as sandbox:
        sandbox.run(script("print(1)", torch=True))
        for pid in sandbox.processes():
            assert "Threads:\t1\n" in Path(f"/proc/{pid}/status").read_text()


def test_everything_goes_when_the_app_is_killed(tmp_path: Path) -> None:
    source = (
        "import sys; from studykit.running.sandbox import *\n"
        "with Sandbox() as s:\n"
        "    s.run(Job({'task': 'script', 'source': '', 'filename': 'x'}))\n"
        "    print(*s.processes(), *s.folders(), flush=True)\n"
        "    s.run(Job({'task': 'script', 'source': 'while True: pass', 'filename': 'x'}, seconds=30))\n"
    )
    root = str(Path(plain.__file__).parents[2])
    with subprocess.Popen(
        [sys.executable, "-c", source],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
    ) as app:
        assert app.stdout is not None
        pid, folder = app.stdout.readline().split()
        child = wait_for(lambda: children(int(pid)))
        app.kill()
    assert wait_for(lambda: not alive(int(pid)) and not alive(child[0]))
    assert wait_for(lambda: not Path(folder).exists())


def children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in listed.split()]


def alive(pid: int) -> bool:
    """Whether it runs; who inherits orphans may be slow to bury them."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition: Callable[[], Found]) -> Found:
    """Return what the condition comes to, as soon as it is true, or after ten seconds."""
    deadline = time.monotonic() + 10
    while not (found := condition()) and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    return found


def test_decks_among_pythons_packages_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where decks come as a package: what imports may read, an answer must not."""
    site = tmp_path / "site"
    deck = site / "my_decks" / "snippets" / "a.py"
    deck.parent.mkdir(parents=True)
    deck.write_text("the reference", encoding="utf8")
    (site / "my_decks" / "decks").mkdir()
    (site / "importable.py").write_text("x = 42\n", encoding="utf8")
    monkeypatch.setattr(launch, "import_roots", lambda: [str(site)])
    source = f"import importable\nprint(importable.x)\nopen({str(deck)!r})"
    with Sandbox() as open_to_all:
        assert open_to_all.run(script(source)).ending is Ending.DONE
    monkeypatch.setenv("STUDYKIT_LIBRARY", str(site / "my_decks"))
    with Sandbox() as sandbox:
        outcome = sandbox.run(script(source))
    assert (outcome.ending, outcome.stdout) == (Ending.FORBIDDEN, "42\n")
