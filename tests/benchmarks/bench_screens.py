"""How long the screens beside the review take to open, and a key to change them, after years of study.

    python tests/benchmarks/bench_screens.py [--decks 400] [--answers 200000] [--rounds 40]

The program runs without a terminal at 120x40, on a library of 50 cards a deck. Opening: from the key until
the screen is painted, and until its content is there; beside it, the longest time for which the event loop
was busy, since that is how long a key would wait. Keys: from the key until the painting that follows it.
"""

import argparse
import asyncio
import resource
import tempfile
import time
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from bench_answer import fill
from library_maker import make_library
from textual.pilot import Pilot

from studykit import tui
from studykit.config import Settings
from studykit.library.index import Root, open_library
from studykit.store.store import Store
from studykit.study import Study
from studykit.tui.app import StudyApp

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
SCREENS = {
    "b": "browser",
    "s": "statistics",
    "m": "concept map",
    "comma": "settings",
}
KEYS = {
    "home": ("", ["down", "down", "up"]),
    "browser": ("b", ["down", "pagedown", "space", "end", "up", "home", "f", "down"]),
    "statistics": ("s", ["down", "space", "left", "right", "up"]),
    "concept map": ("m", ["down", "down", "up", "end", "left", "home"]),
    "settings": ("comma", ["down", "down", "up", "right", "left"]),
}
SEARCHES = ("successor 49", "deck:deck_7", "is:due card_5", "kind:basic -is:new 199")


class Watched(StudyApp):
    """The program, noting when it paints."""

    CSS_PATH = Path(tui.__file__).parent / "studykit.tcss"
    painted = 0.0

    def _display(self, *arguments: Any) -> None:
        super()._display(*arguments)
        self.painted = time.perf_counter()

    def get_default_screen(self) -> Any:
        """Begin with the list of decks."""
        return self._home()


class Pulse:
    """Measures for how long the event loop was busy at most."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def beat(self) -> None:
        """Ask for a turn every millisecond."""
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            self.longest = max(self.longest, now - last)
            last = now


async def until_idle(app: Watched, quiet: float = 0.25) -> float:
    """Wait until nothing runs and nothing was painted for a while; return when it was last painted."""
    while True:
        await asyncio.sleep(0.02)  # first of all: what was pressed just now is still to be heard
        busy = any(not worker.is_finished for worker in app.workers)
        if not busy and time.perf_counter() - app.painted > quiet:
            return app.painted


async def press(app: Watched, key: str) -> float:
    """Press a key as a terminal would; return when."""
    from textual import events

    began = time.perf_counter()
    app.post_message(events.Key(key, key if len(key) == 1 else None))
    return began


async def opened(app: Watched, key: str) -> tuple[float, float, float]:
    """Open a screen and leave it; return milliseconds until painted, until complete, and longest busy."""
    before = app.screen
    pulse = Pulse()
    beating = asyncio.create_task(pulse.beat())
    began = await press(app, key)
    while app.screen is before or app.painted < began:
        await asyncio.sleep(0.001)
    first = app.painted
    last = await until_idle(app)
    beating.cancel()
    await press(app, "escape")
    await until_idle(app)
    return (first - began) * 1000, (last - began) * 1000, pulse.longest * 1000


async def keyed(app: Watched, key: str) -> float:
    """Press a key; return milliseconds until the last painting that followed at once."""
    began = await press(app, key)
    while app.painted < began and time.perf_counter() - began < 0.5:
        await asyncio.sleep(0.0005)
    first = app.painted
    await until_idle(app, 0.1)
    return (max(first, began) - began) * 1000


async def measure(app: Watched, pilot: Pilot[None], rounds: int) -> None:
    await pilot.pause()
    await until_idle(app)
    print(f"memory with the list of decks: {memory():.0f} MiB")
    for key, name in SCREENS.items():
        times = [await opened(app, key) for _ in range(max(3, rounds // 8))]
        first, complete, busy = (median(column) for column in zip(*times, strict=True))
        print(
            f"open {name}: painted after {first:.0f} ms, complete after {complete:.0f} ms, "
            f"busy {busy:.0f} ms, memory {memory():.0f} MiB"
        )
    for name, (key, keys) in KEYS.items():
        if key:
            await press(app, key)
            await until_idle(app)
        times = [await keyed(app, keys[number % len(keys)]) for number in range(rounds)]
        print(f"key in {name}: median {median(times):.1f} ms, p95 {p95(times):.1f} ms")
        if key:
            await press(app, "escape")
            await press(app, "escape")
            await until_idle(app)
            await leave(app)
    await search(app)


def memory() -> float:
    """Return the most memory that this process had so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def leave(app: Watched) -> None:
    """Go back to the list of decks, however many steps it takes."""
    while len(app.screen_stack) > 1:
        await press(app, "escape")
        await until_idle(app)


async def search(app: Watched) -> None:
    """Type searches key by key."""
    await press(app, "b")
    await until_idle(app)
    await press(app, "slash")
    typing: list[float] = []
    results: list[float] = []
    for words in SEARCHES:
        for character in words:
            key = {" ": "space", ":": "colon", "_": "underscore", "-": "minus"}.get(character, character)
            typing.append(await typed(app, key, character))
        began = time.perf_counter()
        results.append((await until_idle(app) - began) * 1000)
        app.screen.query_one("#query").value = ""  # type: ignore[attr-defined]
        await until_idle(app)
    print(f"key while searching: median {median(typing):.1f} ms, p95 {p95(typing):.1f} ms")


async def typed(app: Watched, key: str, character: str) -> float:
    """Type a character; return milliseconds until it is painted."""
    from textual import events

    began = time.perf_counter()
    app.post_message(events.Key(key, character))
    while app.painted < began:
        await asyncio.sleep(0.0005)
    painted = app.painted
    await asyncio.sleep(0.09)  # as fast as people type: searches run meanwhile
    return (painted - began) * 1000


def p95(times: list[float]) -> float:
    return quantiles(times, n=20)[-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--decks", type=int, default=400)
    parser.add_argument("--answers", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=40)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run(Path(folder), arguments)


def make(folder: Path, decks: int, answers: int) -> None:
    """Write a library, and a learner's database."""
    (folder / "home").mkdir()
    root = make_library(folder / "library", decks, 50)
    cards = list(open_library([Root(root, "extra")], folder / "home" / "cache").entries())
    fill(folder / "home" / "studykit.db", cards, answers)


def run(folder: Path, arguments: argparse.Namespace) -> None:
    # In a process of its own, so that the memory of this one is the program's.
    making = get_context("spawn").Process(target=make, args=(folder, arguments.decks, arguments.answers))
    making.start()
    making.join()
    print(f"{arguments.decks * 50} cards, {arguments.answers} answers")
    home, roots = folder / "home", [Root(folder / "library", "extra")]
    library = open_library(roots, home / "cache")
    with Study(
        library, Store.open(f"sqlite:///{home / 'studykit.db'}"), Settings(timezone="UTC"), home
    ) as study:
        app = Watched(study, at=lambda: NOW, seeds=lambda: 1)

        async def go() -> None:
            async with app.run_test(size=(120, 40)) as pilot:
                await measure(app, pilot, arguments.rounds)

        asyncio.run(go())
    print(f"memory at most {memory():.0f} MiB")


if __name__ == "__main__":
    main()
