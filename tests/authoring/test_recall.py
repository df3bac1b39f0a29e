"""How much of what a teacher would ask the drafts ask, on articles with their facts written down beforehand.

`tuned` were read while the rules were made; the others were not until their first figures had been taken
(held 55/79, fresh 33/50, later 30/72, unseen 27/50). The last two hold a fact per four lines: with a card per
six lines not all can be asked. Run this file as a program for the table by kind.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from studykit.authoring.article import read_article
from studykit.authoring.candidates import Candidate, Execute
from studykit.authoring.draft import Draft, draft

ARTICLES = Path(__file__).parent.parent / "fixtures" / "authoring" / "articles"
SETS = ("tuned", "held", "fresh", "later", "unseen")
LEAST = {"tuned": 0.60, "held": 0.60, "fresh": 0.60, "later": 0.50, "unseen": 0.50}


@dataclass(frozen=True)
class Fact:
    """A line of a `.gold` file: kind | words of the line it stands on | words of the answer."""

    kind: str
    line: int
    words: tuple[tuple[str, ...], ...]
    """Each must be in the answer, in one of its forms."""


@dataclass(frozen=True)
class Outcome:
    """The draft of an article, held against its facts."""

    name: str
    draft: Draft
    lines: int
    found: tuple[Fact, ...]
    missed: tuple[Fact, ...]


def facts_of(article: Path) -> list[Fact]:
    source = article.read_text("utf8").splitlines()
    facts = []
    for row in article.with_suffix(".gold").read_text("utf8").splitlines():
        if row.strip() and not row.startswith("#"):
            kind, anchor, words = (part.strip() for part in row.split(" | ", maxsplit=2))
            line = next(n for n, text in enumerate(source, 1) if anchor in text)
            forms = tuple((word,) if "\\" in word else tuple(word.split("/")) for word in words.split(";"))
            facts.append(Fact(kind, line, forms))
    return facts


def asks(card: Candidate, fact: Fact) -> bool:
    """Whether `card` asks for `fact`: it stands there, and its answer holds the words."""
    answer = plain(card.back if card.kind == "basic" else card.answer)
    near = card.lines[0] <= fact.line <= card.lines[1]
    return near and all(any(plain(form) in answer for form in forms) for forms in fact.words)


def plain(text: str) -> str:
    return re.sub(r"[\s*`$_]+", "", unicodedata.normalize("NFKC", text)).casefold()


def outcomes(name: str, execute: Execute) -> list[Outcome]:
    found = []
    for path in sorted((ARTICLES / name).glob("*.md")):
        article = read_article(path)
        made = draft(article, execute)
        facts = facts_of(path)
        hits = tuple(fact for fact in facts if any(asks(card, fact) for card in made.cards))
        missed = tuple(fact for fact in facts if fact not in hits)
        found.append(Outcome(path.stem, made, len(article.source), hits, missed))
    return found


def by_kind(results: Iterable[Outcome]) -> dict[str, tuple[int, int]]:
    """Kind -> facts found, all facts."""
    results = list(results)
    found = Counter(fact.kind for result in results for fact in result.found)
    missed = Counter(fact.kind for result in results for fact in result.missed)
    return {kind: (found[kind], found[kind] + missed[kind]) for kind in sorted(found | missed)}


@pytest.mark.parametrize("name", SETS)
def test_most_of_what_a_teacher_would_ask_is_asked(name: str, execute: Execute) -> None:
    kinds = by_kind(outcomes(name, execute))
    assert sum(found for found, _ in kinds.values()) >= LEAST[name] * sum(
        total for _, total in kinds.values()
    )


@pytest.mark.parametrize("kind", ["formula", "enumeration", "code"])
def test_formulas_enumerations_and_code_are_nearly_all_asked(kind: str, execute: Execute) -> None:
    found, total = by_kind(result for name in SETS for result in outcomes(name, execute))[kind]
    assert found >= 0.75 * total


@pytest.mark.parametrize("name", SETS)
def test_there_is_at_most_one_card_per_six_lines(name: str, execute: Execute) -> None:
    for result in outcomes(name, execute):
        assert len(result.draft.cards) * 6 <= result.lines, result.name


@pytest.mark.parametrize("name", SETS)
def test_drafting_twice_gives_the_same_draft(name: str, execute: Execute) -> None:
    for path in sorted((ARTICLES / name).glob("*.md")):
        article = read_article(path)
        assert draft(article, execute) == draft(article, execute)


def report(execute: Execute) -> str:
    """The table by kind, with the control: cards and lines."""
    rows = []
    for name in SETS:
        results = outcomes(name, execute)
        kinds = by_kind(results)
        found, total = (sum(column) for column in zip(*kinds.values(), strict=True))
        cards, lines = sum(len(r.draft.cards) for r in results), sum(r.lines for r in results)
        rows.append(f"{name}: {found}/{total} = {found / total:.2f}; {cards} cards on {lines} lines")
        rows.extend(f"    {kind}: {a}/{b}" for kind, (a, b) in kinds.items())
        for result in results:
            rows.extend(
                f"    missed in {result.name}, line {f.line}: {f.kind} {f.words}" for f in result.missed
            )
    return "\n".join(rows)


if __name__ == "__main__":
    import runpy

    helpers = runpy.run_path(str(Path(__file__).with_name("conftest.py")))
    print(report(helpers["run_in_process"]))
