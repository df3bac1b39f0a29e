"""Facts that a good teacher would ask of an article, and which of them a draft asks."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from studykit.authoring.article import read_article
from studykit.authoring.candidates import Candidate, Execute
from studykit.authoring.draft import Draft, draft

ARTICLES = Path(__file__).parent.parent / "fixtures" / "authoring" / "articles"


@dataclass(frozen=True)
class Fact:
    """One line of a `.gold` file."""

    kind: str
    line: int
    words: tuple[tuple[str, ...], ...]
    """Each of these must be in the answer, in one of its forms."""


@dataclass(frozen=True)
class Outcome:
    """An article's draft held against its facts."""

    name: str
    draft: Draft
    lines: int
    found: tuple[Fact, ...]
    missed: tuple[Fact, ...]

    @property
    def recall(self) -> float:
        return len(self.found) / (len(self.found) + len(self.missed))


def facts_of(article: Path) -> list[Fact]:
    """The facts beside an article, with the line that each stands on."""
    source = article.read_text(encoding="utf8").splitlines()
    found = []
    for row in article.with_suffix(".gold").read_text(encoding="utf8").splitlines():
        if not row.strip() or row.startswith("#"):
            continue
        kind, anchor, words = (part.strip() for part in re.split(r" \| ", row, maxsplit=2))
        line = next(n for n, text in enumerate(source, 1) if anchor in text)
        found.append(Fact(kind, line, tuple(tuple(word.split("/")) if "frac" not in word else (word,) for word in words.split(";"))))
    return found


def asks(card: Candidate, fact: Fact) -> bool:
    """Whether `card` asks for `fact`: it stands there, and its answer holds the words."""
    near = card.lines[0] <= fact.line <= card.lines[1]
    back = plain(card.back + (card.answer if card.kind != "basic" else ""))
    return near and all(any(plain(form) in back for form in forms) for forms in fact.words)


def plain(text: str) -> str:
    return re.sub(r"[\s*`$_]+", "", unicodedata.normalize("NFKC", text)).casefold()


def outcome_of(article: Path, execute: Execute) -> Outcome:
    """Draft an article and compare."""
    read = read_article(article)
    made = draft(read, execute)
    facts = facts_of(article)
    found = tuple(fact for fact in facts if any(asks(card, fact) for card in made.cards))
    return Outcome(article.stem, made, len(read.source), found, tuple(f for f in facts if f not in found))


def by_kind(outcomes: list[Outcome]) -> dict[str, tuple[int, int]]:
    """Kind -> found, all."""
    found = Counter(fact.kind for outcome in outcomes for fact in outcome.found)
    missed = Counter(fact.kind for outcome in outcomes for fact in outcome.missed)
    return {kind: (found[kind], found[kind] + missed[kind]) for kind in sorted(found | missed)}
