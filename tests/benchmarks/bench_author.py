"""How long an article takes to be read and drafted, beside a bare `MarkdownIt().parse` of the same text.

    python tests/benchmarks/bench_author.py [ARTICLE...] [--rounds 15] [--megabytes 10]

Without articles: those of the library, and those that the tests of authoring use, then all of them in one
file. Both sides work in turn in one process, from text in memory, and the time of that process is taken:
bare parsing gives tokens, reading gives blocks with lines, and drafting gives what all rules and the gate
make of them; code that articles hold is not run. The last lines are one file of many megabytes, each side in
a process of its own, with its peak memory.
"""

import argparse
import gc
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from markdown_it import MarkdownIt

from studykit.authoring.article import parse_markdown
from studykit.authoring.draft import Draft, draft
from studykit.authoring.prose import prose_of

ROOT = Path(__file__).parents[2]
ALLOWED = "2x + 20 ms"

LARGE = """
import resource, sys, time
from pathlib import Path
text = Path(sys.argv[2]).read_text(encoding="utf8")
if sys.argv[1] == "bare":
    from markdown_it import MarkdownIt
    work = MarkdownIt().parse
else:
    from studykit.authoring.article import parse_markdown
    work = lambda text: parse_markdown(text, "large.md")
start = time.perf_counter()
work(text)
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"{seconds:.1f} s, {peak:.0f} MiB")
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("articles", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--megabytes", type=int, default=10)
    arguments = parser.parse_args()
    articles = arguments.articles or shipped()
    compare(articles, arguments.rounds)
    large(articles, arguments.megabytes)


def shipped() -> list[Path]:
    """Return the articles of the library and of the tests."""
    return sorted([*ROOT.glob("decks/*/*.md"), *ROOT.glob("tests/fixtures/authoring/articles/*/*.md")])


def compare(articles: list[Path], rounds: int) -> None:
    """Time each step on each article, the steps in turn, and print the medians."""
    ratios = []
    texts = {path.stem: path.read_text(encoding="utf8") for path in articles}
    texts["all in one"] = "\n\n".join(texts.values())
    for name, text in texts.items():
        steps: list[Callable[[], object]] = [
            lambda text=text: MarkdownIt().parse(text),  # type: ignore[misc]
            lambda text=text: parse_markdown(text, "article.md"),  # type: ignore[misc]
            lambda text=text: drafted_anew(text),  # type: ignore[misc]
        ]
        bare, read, drafted = medians(steps, rounds)
        ratios.append(read / bare)
        within = "within" if drafted <= 2 * bare + 20 else "OVER"
        size = len(text.encode()) / 1000
        print(
            f"{name}, {size:.0f} kB: bare {bare:.2f} ms, read {read:.2f} ms ({read / bare:.2f}x), "
            f"read and drafted {drafted:.1f} ms, {within} {ALLOWED}"
        )
    print(f"reading: median {median(ratios):.2f}x, worst {max(ratios):.2f}x of {len(ratios)} articles")


def drafted_anew(text: str) -> Draft:
    """Draft as a process does that has drafted nothing before."""
    prose_of.cache_clear()
    return draft(parse_markdown(text, "article.md"), None)


def medians(steps: list[Callable[[], object]], rounds: int) -> list[float]:
    """Return the median milliseconds of each step, after one round that is not counted.

    As in `timeit`, no garbage is collected meanwhile: what one step left behind would be counted to another.
    """
    times: list[list[float]] = [[] for _ in steps]
    gc.collect()
    gc.disable()
    for number in range(rounds + 1):
        for step, taken in zip(steps, times, strict=True):
            start = time.process_time()
            step()
            if number:
                taken.append((time.process_time() - start) * 1000)
    gc.enable()
    return [median(taken) for taken in times]


def large(articles: list[Path], megabytes: int) -> None:
    """Time both sides on the articles repeated to `megabytes`, each in a process of its own."""
    text = "\n\n".join(path.read_text(encoding="utf8") for path in articles) + "\n\n"
    text *= megabytes * 2**20 // len(text.encode()) + 1
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "large.md")
        path.write_text(text, encoding="utf8")
        for side in ("bare", "read"):
            shown = subprocess.run(
                [sys.executable, "-c", LARGE, side, str(path)], capture_output=True, text=True, check=True
            )
            print(f"{path.stat().st_size / 2**20:.0f} MiB, {side}: {shown.stdout.strip()}")


if __name__ == "__main__":
    main()
