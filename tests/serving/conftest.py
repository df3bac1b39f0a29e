"""A real `studykit serve`, with the school as library."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studykit.store.store import Store

REPOSITORY = Path(__file__).parents[2]
TIMEOUT = 60.0


class Serving:
    """The server as a process of its own."""

    def __init__(self, arguments: tuple[str, ...], school: Path, folder: Path) -> None:
        environment = {**os.environ, "STUDYKIT_LIBRARY": str(school), "PYTHONPATH": str(REPOSITORY)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "studykit", "serve", "demo", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,  # so that `communicate` finds all that `readline` left
            env=environment,
            cwd=folder,
        )
        assert self.process.stdout is not None
        self.said = self.process.stdout.readline().decode()
        self.address = self.said.split()[-1] if self.said else ""

    @property
    def children(self) -> list[int]:
        """The processes that it started and that still live."""
        pid = self.process.pid
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def end(self, number: int = signal.SIGINT) -> tuple[int, str, str]:
        """Send a signal; return exit code and what was said."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=TIMEOUT)
        return self.process.returncode, self.said + out.decode(), err.decode()


@pytest.fixture
def serving(home: Path, school: Path, tmp_path: Path) -> Iterator[Callable[..., Serving]]:
    """Return a function that starts `studykit serve demo`."""
    started: list[Serving] = []

    def start(*arguments: str) -> Serving:
        started.append(Serving(arguments, school, tmp_path))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
        one.process.communicate()


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def wait_for_the_end_of() -> Callable[[list[int]], None]:
    """Return a function that waits until none of some processes runs."""

    def wait(pids: list[int]) -> None:
        ends = time.monotonic() + TIMEOUT
        while any(map(_lives, pids)):
            assert time.monotonic() < ends, f"not in time: the end of {pids}"
            time.sleep(0.02)

    return wait


@pytest.fixture
def grades(home: Path) -> Callable[[], list[int]]:
    """Return a function that reads the grades given to the first card."""

    def read() -> list[int]:
        with Store.open(f"sqlite:///{home / 'studykit.db'}") as store:
            return [int(row.grade) for row in store.history("demo/counting/what")]

    return read
