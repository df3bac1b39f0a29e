"""Reading articles and applying the rules, beside a bare Markdown parse of the same text; no code is run."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from markdown_it import MarkdownIt

from studykit.authoring.article import parse_markdown
from studykit.authoring.draft import draft

RUNS = 7
ARTICLES = sorted(Path(__file__).parents[2].glob("decks/*/*.md"))


def milliseconds(work: Callable[[], object]) -> float:
    """The time of this process for `work`, as a median."""
    times = []
    for _ in range(RUNS):
        began = time.process_time()
        work()
        times.append((time.process_time() - began) * 1000)
    return statistics.median(times)


def compare(name: str, texts: list[str]) -> None:
    """Print one line: per text, and in all against twice the bare parse and 20 ms."""
    bare_parser = MarkdownIt().enable("table")
    bare = milliseconds(lambda: [bare_parser.parse(text) for text in texts]) / len(texts)
    read = milliseconds(lambda: [parse_markdown(text, "article.md") for text in texts]) / len(texts)
    articles = [parse_markdown(text, "article.md") for text in texts]
    rules = milliseconds(lambda: [draft(article, None) for article in articles]) / len(texts)
    print(
        f"{name}: bare parse {bare:.1f} ms, reading {read:.1f} ms, rules and gate {rules:.1f} ms; "
        f"together {read + rules:.0f} ms (2 x bare + 20 = {2 * bare + 20:.0f} ms)"
    )


def main() -> None:
    """Print figures for the articles of this library, and for a book made of them."""
    texts = [path.read_text(encoding="utf8") for path in ARTICLES]
    compare(f"{len(texts)} articles, each", texts)
    compare("one of 300 kB", ["\n\n".join(texts * 10)[:300_000]])


if __name__ == "__main__":
    main()
