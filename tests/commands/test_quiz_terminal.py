"""`studykit quiz` in a real pseudo-terminal, its result as JSON in a file."""

import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios
import time
from pathlib import Path

import pytest

from studykit.cli import run
from studykit.store.store import Store

REPOSITORY = Path(__file__).parents[2]
TIMEOUT = 60.0

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")


def sit(arguments: str, environment: dict[str, str], folder: Path, keys: list[tuple[str, str]]) -> int:
    """Run `studykit ARGUMENTS > result.json` in a terminal; press each key when its text has appeared."""
    process, terminal = pty.fork()
    if process == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        os.chdir(folder)
        command = f"exec {sys.executable} -m studykit {arguments} > result.json"
        os.execvpe("sh", ["sh", "-c", command], environment)  # noqa: S606
    written, ends = b"", time.monotonic() + TIMEOUT
    try:
        while True:
            assert time.monotonic() < ends, written.decode(errors="replace")
            if keys and keys[0][0].encode() in written:
                written = written.partition(keys[0][0].encode())[2]
                os.write(terminal, keys.pop(0)[1].encode())
            if select.select([terminal], [], [], 0.1)[0]:
                try:
                    written += os.read(terminal, 65_536)
                except OSError:
                    break
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    finally:
        os.close(terminal)


@pytest.fixture
def environment(home: Path, school: Path) -> dict[str, str]:
    return {
        **os.environ,
        "STUDYKIT_HOME": str(home),
        "STUDYKIT_LIBRARY": str(school),
        "PYTHONPATH": str(REPOSITORY),
        "TERM": "xterm-256color",
    }


def test_a_quiz_is_sat_and_told_and_leaves_no_trace(
    environment: dict[str, str], home: Path, tmp_path: Path
) -> None:
    keys = [("dozen", "11\r"), ("Hand the paper in?", "\r"), ("0 of 1 right", "q")]
    arguments = "quiz demo --kinds typed --minutes 5 --seed 7 --report r.md --json"
    assert sit(arguments, environment, tmp_path, keys) == 0
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["score"] == {"right": 0, "of": 1, "percent": 0, "unmarked": 0}
    assert (result["questions"][0]["given"], result["questions"][0]["expected"]) == ("11", "12")
    assert "`demo/counting/dozen` (typed): wrong" in (tmp_path / "r.md").read_text()
    with Store.open(f"sqlite:///{home / 'studykit.db'}") as store:
        assert list(store.briefs()) == []


def test_a_pass_mark_counts_in_the_terminal_too(environment: dict[str, str], tmp_path: Path) -> None:
    keys = [("dozen", "11\r"), ("Hand the paper in?", "\r"), ("0 of 1 right", "q")]
    assert sit("quiz demo --kinds typed --pass 50", environment, tmp_path, keys) == 1


def test_a_drill_asks_what_was_failed(
    environment: dict[str, str],
    school: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("STUDYKIT_LIBRARY", str(school))
    assert run(["answer", "demo/counting/what", "--grade", "1"]) == 0
    capsys.readouterr()
    keys = [
        ("What is counting?", " "),
        ("I had it right", "2"),
        ("Hand the paper in?", "\r"),
        ("1 of 1 right", "q"),
    ]
    assert sit("quiz --drill --json", environment, tmp_path, keys) == 0
    result = json.loads((tmp_path / "result.json").read_text())
    assert [one["card"] for one in result["questions"]] == ["demo/counting/what"]


def test_nothing_to_cram_is_said(environment: dict[str, str], tmp_path: Path) -> None:
    nothing: list[tuple[str, str]] = []
    assert sit("quiz demo --drill", environment, tmp_path, nothing) == 0
    assert (tmp_path / "result.json").read_text().startswith("Nothing to cram")
