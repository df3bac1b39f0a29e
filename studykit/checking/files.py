"""The manifest and the files must match, both ways."""

from collections.abc import Iterator
from pathlib import Path

from studykit.checking.selection import Selection
from studykit.library.deck import Problem
from studykit.library.entries import DeckEntry
from studykit.wording import shown


def orphan_snippets(selection: Selection, decks: dict[str, DeckEntry]) -> Iterator[Problem]:
    """Yield snippets that no deck uses."""
    folder = selection.root / "snippets"
    for path in sorted(folder.glob("*/*.py")):
        track, stem = path.parent.name, path.stem
        topics = [deck.split("/")[1] for deck in decks if deck.split("/")[0] == track]
        belongs = [topic for topic in topics if stem == topic or stem.startswith(f"{topic}_")]
        if not belongs and selection.holds(f"{track}/{stem}"):
            yield Problem(
                shown(path),
                1,
                1,
                "orphan-snippet",
                f"no deck uses this snippet: write decks/{track}/{stem}.yaml, or remove the snippet",
            )


def orphan_articles(selection: Selection, decks: dict[str, DeckEntry]) -> Iterator[Problem]:
    """Yield articles that no deck names."""
    used = {entry.article.resolve() for entry in decks.values() if entry.article is not None}
    for path in sorted((selection.root / "decks").glob("*/*.md")):
        if path.resolve() not in used and selection.holds(f"{path.parent.name}/{path.stem}"):
            yield Problem(
                shown(path),
                1,
                1,
                "orphan-article",
                f"no deck names this article: write `article: {path.name}`",
            )


def lines_of(path: Path) -> int | None:
    """Return how many lines a text file has; None if it cannot be read."""
    try:
        return len(path.read_bytes().splitlines())
    except OSError:
        return None
