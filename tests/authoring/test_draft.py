"""Drafting: everything that the rules find ends as a card or is counted."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studykit.authoring.article import parse_markdown, read_article
from studykit.authoring.candidates import Execute, Ran
from studykit.authoring.draft import Draft, draft
from studykit.authoring.outline import Outline
from studykit.authoring.rules import RULES

ARTICLES = sorted((Path(__file__).parent.parent / "fixtures" / "authoring" / "articles").glob("*/*.md"))


def drafted(text: str, execute: Execute | None = None) -> Draft:
    return draft(parse_markdown(text, "notes.md"), execute)


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.stem)
def test_nothing_vanishes(path: Path) -> None:
    article = read_article(path)
    found = sum(len(list(rule(Outline(article)))) for rule in RULES.values())
    made = draft(article, None)
    implement = [r for r in made.rejected if r.candidate.kind == "implement"]
    assert len(made.cards) + len(made.rejected) - len(implement) == found
    assert sum(made.reasons().values()) == len(made.rejected)


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.stem)
def test_cards_stand_in_the_order_of_the_article_and_on_its_lines(path: Path, execute: Execute) -> None:
    article = read_article(path)
    cards = draft(article, execute).cards
    assert [card.lines[0] for card in cards] == sorted(card.lines[0] for card in cards)
    assert all(1 <= card.lines[0] <= card.lines[1] <= len(article.source) for card in cards)
    assert len({card.front for card in cards if card.kind != "predict"}) == len(
        [card for card in cards if card.kind != "predict"]
    )


def test_code_is_not_asked_where_nothing_can_run_it() -> None:
    made = drafted("# A\n\n```python\nprint(1 + 1)  # -> 2\n```\n")
    assert made.cards == ()
    assert {reason.value for reason in made.reasons()} == {"code was not run"}


def test_a_wrong_output_is_reported_with_both_and_makes_no_card(execute: Execute) -> None:
    made = drafted("# A\n\n```python\nprint(1 + 1)  # -> 3\n```\n", execute)
    assert made.cards == ()
    (mismatch,) = made.mismatches
    assert (mismatch.lines, mismatch.stated, mismatch.got) == ((4, 4), "3", "2")
    assert made.notes == ("lines 4: the article says '3', running it gives '2'",)


def test_outputs_are_compared_without_spaces(execute: Execute) -> None:
    made = drafted("# A\n\n```python\nprint([1,2])  # -> [1,2]\n```\n", execute)
    assert [card.kind for card in made.cards] == ["predict"]


def test_a_missing_library_leaves_the_words_of_the_article_and_a_note() -> None:
    def without_torch(programs: Sequence[str]) -> list[Ran]:
        return [Ran("", "ModuleNotFoundError: No module named 'torch'") for _ in programs]

    text = "# A\n\n```python\nimport torch\n\nprint(torch.ones(2).sum())  # -> tensor(2.)\n```\n"
    made = drafted(text, without_torch)
    (card,) = made.cards
    assert card.kind == "basic"
    assert card.back == "```text\ntensor(2.)\n```"
    assert made.notes == ("lines 4-6: the output could not be tried here, it is the article's word",)


def test_later_code_may_use_names_of_earlier_code(execute: Execute) -> None:
    text = "# A\n\n```python\nbase = 40\nother = 1\n```\n\nThen:\n\n```python\nbase + 2  # -> 42\n```\n"
    (card,) = drafted(text, execute).cards
    assert card.fields["code"] == "base = 40\nprint(base + 2)\n"


def test_an_empty_article_gives_an_empty_draft() -> None:
    made = drafted("")
    assert (made.cards, made.rejected, made.snippet, made.notes) == ((), (), None, ())


PIECES = st.sampled_from(
    [
        "# Title\n\n",
        "## 为什么？\n\n",
        "A **bold term** is a thing, because `x` says so.\n\n",
        "**术语**（term）是指一种东西，因为它是。\n\n",
        "It has three parts:\n\n- **a**: one\n- b\n- `c`: 3\n\n",
        "$$x = \\frac{1}{2}$$\n\n",
        "where $x$ is a number.\n\n",
        "```python\nx = 1\nx  # -> 1\n```\n\n",
        "```\n>>> 1/0\nTraceback\n```\n\n",
        "| a | b |\n|---|---|\n| c | $d |\n\n",
        "**\n\n",
        "Q: what?\nA: that\n\n",
        "==hid== and ==den==\n\n",
        "term :: words\n\n",
        "(unclosed [bracket `code $math **bold\n\n",
        "。。。？！\n\n",
        "unlike a, b is c, whereas d … e.g. f.\n\n",
    ]
)


@given(st.lists(st.one_of(PIECES, st.text(max_size=40)), max_size=12).map("".join))
def test_no_text_breaks_the_rules(text: str) -> None:
    made = drafted(text)
    assert len(made.cards) * 6 <= max(18, len(text.splitlines()) + 6)
