"""A whole sitting in a real terminal: what is on screen, what is kept, and what is left behind."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from studykit.store.store import Store

REPOSITORY = Path(__file__).parents[2]
TIMEOUT = 60.0

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")

WHAT, LAST, ORDER, DOZEN = (f"demo/counting/{card}" for card in ("what", "last", "order", "dozen"))


class Shell:
    """A shell in a terminal of 80 columns and 24 rows, in a tmux of its own."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        # A socket's path may be 107 bytes long, which a folder of pytest's may exceed.
        self._socket = Path(tempfile.mkdtemp(prefix="studykit-tmux-"))
        self._environment = environment
        size = ("-x", "80", "-y", "24")
        self._tmux("-f", "/dev/null", "new-session", "-d", *size, "-c", str(folder), "env PS1='$ ' sh")
        self._tmux("set-option", "-g", "remain-on-exit", "off")

    def _tmux(self, *arguments: str) -> str:
        command = ["tmux", "-S", str(self._socket / "socket"), *arguments]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=True)
        return done.stdout

    @property
    def text(self) -> str:
        """What is on screen."""
        return self._tmux("capture-pane", "-p")

    @property
    def modes(self) -> dict[str, bool]:
        """What the terminal was told to do, and not yet told to stop."""
        names = ("alternate_on", "mouse_any_flag", "cursor_flag", "keypad_flag")
        found = self._tmux("display-message", "-p", " ".join(f"#{{{name}}}" for name in names)).split()
        return {name: value == "1" for name, value in zip(names, found, strict=True)}

    def run(self, *command: str) -> None:
        """Type a command, and have its exit code told."""
        self.type(f"{shlex.join(command)}; echo ended with $?")
        self.press("Enter")

    def type(self, text: str) -> None:
        """Type a text."""
        self._tmux("send-keys", "-l", text)

    def press(self, *keys: str) -> None:
        """Press keys, by tmux's names."""
        self._tmux("send-keys", *keys)

    def expect(self, pattern: str) -> re.Match[str]:
        """Wait until something is on screen."""
        ends = time.monotonic() + TIMEOUT
        while (found := re.search(pattern, self.text)) is None:
            assert time.monotonic() < ends, f"{pattern} never came:\n{self.text}"
            time.sleep(0.05)
        return found

    def close(self) -> None:
        """End all of it."""
        self._tmux("kill-server")
        shutil.rmtree(self._socket)


@pytest.fixture
def shell(home: Path, school: Path, tmp_path: Path) -> Iterator[Shell]:
    """Return a shell of a learner who has met one card long ago."""
    environment = {
        **os.environ,
        "STUDYKIT_HOME": str(home),
        "STUDYKIT_LIBRARY": str(school),
        "PYTHONPATH": str(REPOSITORY),
        "LC_ALL": "C.UTF-8",
    }
    answer = ["answer", LAST, "--grade", "4", "--at", "2020-01-01T12:00+00:00"]
    subprocess.run([*STUDYKIT, *answer], env=environment, cwd=tmp_path, check=True, capture_output=True)
    shell = Shell(tmp_path, environment)
    yield shell
    shell.close()


STUDYKIT = (sys.executable, "-m", "studykit")
LEFT_ALONE = {"alternate_on": False, "mouse_any_flag": False, "cursor_flag": True, "keypad_flag": False}


def test_a_whole_sitting(shell: Shell, home: Path) -> None:
    shell.type("echo what stood here before")
    shell.press("Enter")
    shell.expect("\nwhat stood here before")
    before = shell.modes
    assert before == LEFT_ALONE

    shell.run(*STUDYKIT, "review", "demo/counting")
    forget_what_is_due(shell)
    answer_what_is_new(shell)

    # Half an answer is typed, and the program left.
    shell.expect("How many are a dozen")
    shell.type("twel")
    shell.expect("twel")
    shell.press("Escape")
    shell.expect("esc home|escape home")
    shell.type("q")
    shell.expect("ended with 0")
    assert shell.modes == before
    assert "what stood here before" in shell.text
    assert "a dozen" not in shell.text

    shell.run(*STUDYKIT, "review", "demo/counting")
    shell.expect("twel")  # the draft
    shell.type("ve")
    shell.press("Enter")
    shell.expect("Right the first time")
    shell.press("Enter")
    shell.expect("again today")  # what was forgotten
    shell.expect("The last number")
    shell.press("Space")
    shell.expect("3 Good")
    shell.type("3")
    shell.expect("That was all for now")

    undo_and_answer_again(shell)
    shell.type("q")
    shell.expect("ended with 0(?s:.*)ended with 0")
    assert shell.modes == before
    with Store.open(f"sqlite:///{home / 'studykit.db'}") as store:
        what, last, order, dozen = (
            [int(row.grade) for row in store.history(card)] for card in (WHAT, LAST, ORDER, DOZEN)
        )
    assert what == [4]
    assert last == [4, 1, 5]
    assert order in ([4], [5])  # by how long it took
    assert dozen in ([4], [5])


def forget_what_is_due(shell: Shell) -> None:
    """See the card that is due, and have forgotten it."""
    shell.expect("The last number matched")
    assert shell.modes["alternate_on"]
    assert shell.modes["mouse_any_flag"]
    assert not shell.modes["cursor_flag"]
    shell.press("Space")
    shell.expect("1 Again")
    shell.type("1")


def answer_what_is_new(shell: Shell) -> None:
    """Grade one card, and tick the right option of another."""
    shell.expect("What is counting")
    shell.press("Space")
    shell.expect("Matching things")
    shell.type("3")
    number = shell.expect(r"(\d) .*No, any order").group(1)
    shell.type(number)
    shell.expect("▸ . (Good|Easy)")
    shell.press("Enter")


def undo_and_answer_again(shell: Shell) -> None:
    """Take back the last answer, and give another."""
    shell.type("u")
    shell.expect("The last number")
    shell.press("Space")
    shell.expect("4 Easy")
    shell.type("4")
    shell.expect("That was all for now")


def test_a_program_that_is_ended_from_outside_leaves_the_terminal_as_it_was(shell: Shell) -> None:
    shell.run(*STUDYKIT, "review", "demo/counting")
    shell.expect("The last number matched")
    pid = shell._tmux("display-message", "-p", "#{pane_pid}").strip()
    subprocess.run(["pkill", "-TERM", "-P", pid], check=True)
    shell.expect("ended with 143")
    assert shell.modes == LEFT_ALONE
