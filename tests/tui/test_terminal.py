"""The real program in a real terminal: keys go in as bytes, answers come out in the database."""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from studykit.store.store import Store

REPOSITORY = Path(__file__).parents[2]
TIMEOUT = 60.0

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")


class Terminal:
    """A program in a pseudo-terminal of 80 columns and 24 rows."""

    def __init__(self, command: list[str], environment: dict[str, str], folder: Path) -> None:
        self.written = b""
        self.process, self._terminal = pty.fork()
        if self.process == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
            os.chdir(folder)
            os.execvpe(command[0], command, environment)  # noqa: S606

    def expect(self, text: str) -> None:
        """Wait until `text` is written; what came before is forgotten."""
        wanted = text.encode()
        ends = time.monotonic() + TIMEOUT
        while wanted not in self.written:
            assert time.monotonic() < ends, self.written.decode(errors="replace")
            self._read()
        self.written = self.written.partition(wanted)[2]

    def send(self, keys: str) -> None:
        """Press keys."""
        os.write(self._terminal, keys.encode())

    def ended(self) -> int:
        """Wait for the end of the program; return its exit code."""
        ends = time.monotonic() + TIMEOUT
        while time.monotonic() < ends:
            process, status = os.waitpid(self.process, os.WNOHANG)
            if process:
                self.process = 0
                return os.waitstatus_to_exitcode(status)
            self._read()
        raise AssertionError(self.written.decode(errors="replace"))

    def close(self) -> None:
        """Kill what still runs."""
        if self.process:
            os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)
        os.close(self._terminal)

    def _read(self) -> None:
        if select.select([self._terminal], [], [], 0.1)[0]:
            try:
                self.written += os.read(self._terminal, 65_536)
            except OSError:
                return


@pytest.fixture
def review(home: Path, school: Path, tmp_path: Path) -> Iterator[Terminal]:
    """`studykit review` with the school, by a new learner."""
    environment = {
        **os.environ,
        "STUDYKIT_HOME": str(home),
        "STUDYKIT_LIBRARY": str(school),
        "PYTHONPATH": str(REPOSITORY),
        "TERM": "xterm-256color",
    }
    terminal = Terminal([sys.executable, "-m", "studykit", "review", "demo"], environment, tmp_path)
    yield terminal
    terminal.close()


def test_a_card_is_answered_undone_and_answered_again(review: Terminal, home: Path) -> None:
    review.expect("What is counting?")
    review.send(" ")
    review.expect("Matching things")
    review.send("1")
    review.expect("a word")
    review.send("u")
    review.expect("What is counting?")
    review.send(" ")
    review.expect("Matching things")
    review.send("3")
    review.expect("a word")
    review.send("q")
    assert review.ended() == 0
    with Store.open(f"sqlite:///{home / 'studykit.db'}") as store:
        assert [int(row.grade) for row in store.history("demo/counting/what")] == [4]


def test_an_answer_given_before_the_program_is_killed_is_kept(review: Terminal, home: Path) -> None:
    review.expect("What is counting?")
    review.send(" ")
    review.expect("Matching things")
    review.send("3")
    review.expect("a word")
    os.kill(review.process, signal.SIGKILL)
    with Store.open(f"sqlite:///{home / 'studykit.db'}") as store:
        assert [int(row.grade) for row in store.history("demo/counting/what")] == [4]
