"""Opening a library of 20,000 cards: read afresh, and from the compiled cache."""

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from library_maker import make_library

RUNS = 5

OPEN = """
import sys, time
from pathlib import Path
from studykit.library.index import open_library
from studykit.library.entries import Root
began = time.perf_counter()
library = open_library([Root(Path(sys.argv[1]), "extra")], Path(sys.argv[2]))
entries = library.entries()
opened = time.perf_counter()
library.card(next(reversed(entries)))
one = time.perf_counter()
list(library.search(["successor", "19"]))
print(opened - began, one - opened, time.perf_counter() - one)
print("yaml" in sys.modules or "pydantic" in sys.modules)
"""


def measure(root: Path, cache: Path) -> list[float]:
    """Return seconds to open, to read one card, and to search all, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", OPEN, str(root), str(cache)], check=True, capture_output=True, text=True
    )
    *times, parser = done.stdout.split()
    return [*map(float, times), float(parser == "True")]


def main() -> None:
    """Print medians."""
    for decks, cards in ((1, 20_000), (1_000, 20)):
        with tempfile.TemporaryDirectory() as name:
            root, cache = make_library(Path(name) / "root", decks, cards), Path(name) / "cache"
            cold = measure(root, cache)
            warm = [measure(root, cache) for _ in range(RUNS)]
            opened, one, search, heavy = (statistics.median(column) for column in zip(*warm, strict=True))
            print(
                f"{decks} x {cards}: cold {cold[0]:.2f} s, warm {opened * 1000:.0f} ms "
                f"(ratio {cold[0] / opened:.0f}), one card {one * 1000:.1f} ms, "
                f"search {search * 1000:.0f} ms, parser loaded when warm: {'yes' if heavy else 'no'}"
            )


if __name__ == "__main__":
    main()
