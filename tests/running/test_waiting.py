"""Children made ahead for CUDA, tried without a device."""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studykit.running import plain, scratch, wire
from studykit.running.child import Child
from studykit.running.jobs import Facts
from studykit.running.launch import Zygote
from studykit.running.supervise import supervise
from studykit.running.waiting import WaitingRoom


class Made:
    """A child that only remembers whether it was sent away."""

    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True


def test_children_are_made_ahead_and_each_is_given_once() -> None:
    made: list[Any] = []

    def make() -> Any:
        made.append(Made())
        return made[-1]

    room, zygote = WaitingRoom(), object()
    first = room.take(zygote, (5.0,), make)  # type: ignore[arg-type]
    assert (first, len(made)) == (made[0], 3)
    second = room.take(zygote, (5.0,), make)  # type: ignore[arg-type]
    assert (second, len(made)) == (made[1], 4)
    assert not any(child.closed for child in made)
    other = room.take(zygote, (9.0,), make)  # type: ignore[arg-type]
    assert (other, len(made)) == (made[4], 7)
    assert [child.closed for child in made] == [False, False, True, True, False, False, False]
    room.close()
    assert [child.closed for child in made[5:]] == [True, True]


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    if sys.platform != "linux":
        pytest.skip("forks only on Linux")
    zygote = Zygote("cuda")
    yield zygote
    zygote.close()


def run(zygote: Zygote, source: str, *, tools: bool) -> Facts:
    order = wire.Order(str(scratch.create(zygote.folder)), 5.0, 2**30, tools=tools)
    payload = plain.encode({"task": "script", "source": source, "filename": "x"})
    with contextlib.closing(Child(zygote, order)) as child:
        child.born()
        return supervise(child, payload, 5.0, lambda: False)


COMPILE = """
import subprocess
print(subprocess.run(["/bin/sh", "-c", "echo compiled; cat /etc/passwd; touch /tmp/x || echo refused"],
                     capture_output=True, text=True).stdout)
"""


def test_a_compiler_may_be_started_and_is_confined_too(zygote: Zygote) -> None:
    assert run(zygote, COMPILE, tools=True).stdout == b"compiled\nrefused\n\n"
    assert run(zygote, COMPILE, tools=False).stdout == b""


STAY = """
import subprocess, sys
stay = subprocess.Popen(["/bin/sleep", "1000"])
print(stay.pid)
try:
    subprocess.Popen(["/bin/sleep", "1000"], start_new_session=True)
except PermissionError:
    print("no session of its own")
"""


def test_what_it_started_ends_with_it(zygote: Zygote) -> None:
    pid, refused = run(zygote, STAY, tools=True).stdout.decode().splitlines()
    assert refused == "no session of its own"
    assert not running(int(pid))


def running(pid: int) -> bool:
    """Whether it still runs after a moment."""
    deadline = time.monotonic() + 5
    while (state := state_of(pid)) not in ("Z", "") and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    return state not in ("Z", "")


def state_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""
