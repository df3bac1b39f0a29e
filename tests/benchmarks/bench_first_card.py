"""How long until the first card is on screen, beside a bare Textual app, each in a terminal of its own.

    python tests/benchmarks/bench_first_card.py [--runs 15] [--cards 20000] [--first-start]

Three programs are started in turn, cold, with the compiled cache warm: a bare Textual app that imports
`sqlalchemy.orm` and paints one label; `studykit review` with the shipped library; `studykit review` with a
library of `--cards` cards beside it. The clock stops when the text is written to the terminal.
`--first-start` measures the welcome screen of a new learner instead of the first card.
"""

import argparse
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

BARE = """
import sqlalchemy.orm
from textual.app import App
from textual.widgets import Label

class Bare(App):
    def compose(self):
        yield Label("painted")

Bare().run()
"""
REPOSITORY = Path(__file__).parents[2]
ROWS, COLUMNS = 24, 80
TIMEOUT = 30.0
CARDS_PER_DECK = 20
DECKS_PER_TRACK = 50
MARK = b"unmistakable"
MARKED_DECK = """title: First
cards:
  - {id: first, kind: basic, front: "Is this **the** unmistakable `first` card, with $x^2$?", back: Yes.}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--cards", type=int, default=20_000)
    parser.add_argument("--first-start", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder, "bare.py")
        bare.write_text(BARE)
        review = [sys.executable, "-m", "studykit", "review"]
        mark = b"Welcome" if arguments.first_start else MARK
        shipped = learner(Path(folder, "shipped"), 0, fresh=arguments.first_start)
        large = learner(Path(folder, "large"), arguments.cards, fresh=arguments.first_start)
        programs: dict[str, tuple[Sequence[str], Mapping[str, str], bytes]] = {
            "bare Textual app": ([sys.executable, str(bare)], {}, b"painted"),
            "studykit review": (review, shipped, mark),
            f"… with {arguments.cards:,} cards": (review, large, mark),
        }
        for program in programs.values():
            painted_after(*program)  # compiles, fills caches
        times: dict[str, list[float]] = {name: [] for name in programs}
        for _ in range(arguments.runs):
            for name, program in programs.items():
                times[name].append(painted_after(*program))
    report(times)


def learner(root: Path, cards: int, *, fresh: bool) -> dict[str, str]:
    """Make a home and a library with a due card that is easily found; return the environment to study it."""
    home, library = root / "home", root / "library"
    decks = {"aaa/first": MARKED_DECK}
    for number in range(cards // CARDS_PER_DECK):
        decks[f"track_{number // DECKS_PER_TRACK}/topic_{number}"] = deck(number)
    for name, text in decks.items():
        path = library / "decks" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    environment = {
        "STUDYKIT_HOME": str(home),
        "STUDYKIT_LIBRARY": str(library),
        "PYTHONPATH": str(REPOSITORY),
    }
    if not fresh:
        answer = ["answer", "aaa/first/first", "--grade", "4", "--at", "2020-01-01T12:00+00:00"]
        subprocess.run(
            [sys.executable, "-m", "studykit", *answer],
            env={**os.environ, **environment},
            cwd=root,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    return environment


def deck(number: int) -> str:
    """Return a deck of ordinary cards."""
    cards = "\n".join(
        f"  - id: card_{i}\n    kind: basic\n    front: What is fact {i} of topic {number}, `f({i})`?\n"
        f"    back: |\n      It is $x_{i}$, which is written here in a sentence or two.\n"
        for i in range(CARDS_PER_DECK)
    )
    return f"title: Topic {number}\ncards:\n{cards}"


def painted_after(command: Sequence[str], environment: Mapping[str, str], mark: bytes) -> float:
    """Start `command` in a terminal of its own; return the seconds until it has written `mark`."""
    began = time.perf_counter()
    process, terminal = pty.fork()
    if process == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        os.chdir(Path(environment["STUDYKIT_HOME"]).parent if environment else "/")
        os.execvpe(command[0], command, {**os.environ, **environment, "TERM": "xterm-256color"})  # noqa: S606
    try:
        return _wait_for(mark, terminal, began)
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(terminal)


def _wait_for(mark: bytes, terminal: int, began: float) -> float:
    written = b""
    while time.perf_counter() - began < TIMEOUT:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                written += os.read(terminal, 65_536)
            except OSError:
                break
            if mark in written:
                return time.perf_counter() - began
    sys.exit(f"{mark!r} never came; the screen held:\n{written[-2000:].decode(errors='replace')}")


def report(times: Mapping[str, Sequence[float]]) -> None:
    """Print medians, and ratios to the first program."""
    base = median(next(iter(times.values())))
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, median of {len(next(iter(times.values())))} cold starts")
    for name, seconds in times.items():
        middle = median(seconds)
        least = min(seconds) * 1000
        print(f"{name:<24} {middle * 1000:6.0f} ms  {middle / base:5.2f}x   (least {least:.0f} ms)")


if __name__ == "__main__":
    main()
