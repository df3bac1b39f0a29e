"""Each rule, case by case: a file holds a title, an article, and the cards that the rule makes of it.

To add a case, copy a file under `tests/fixtures/authoring/rules/<rule>/`, change the article, and write the
cards that you want to see; a card's lines are counted from the article's first line. No Python is needed.
"""

import re
from pathlib import Path

import pytest

from studykit.authoring.article import parse_markdown
from studykit.authoring.candidates import Candidate, Execute
from studykit.authoring.gate import sift
from studykit.authoring.outline import Outline
from studykit.authoring.rules import RULES
from studykit.authoring.trials import tried

FIXTURES = Path(__file__).parent.parent / "fixtures" / "authoring" / "rules"
CASES = sorted(FIXTURES.glob("*/*.txt"))


def cards(rule: str, text: str, execute: Execute) -> list[Candidate]:
    article = parse_markdown(text, "case.md")
    outline = Outline(article)
    trial = tried(list(RULES[rule](outline)), outline, execute)
    return sift(trial.kept, article)[0]


def shown(card: Candidate) -> str:
    front = card.front + ("\n" + str(card.fields["code"]).rstrip() if card.kind == "predict" else "")
    lines = f"{card.lines[0]}-{card.lines[1]}"
    return f"-------- {card.kind}, lines {lines}\n{front}\n-------- back\n{card.back}"


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_rule_makes_the_cards_of_its_case(path: Path, execute: Execute) -> None:
    _title, article, expected = re.split(
        r"^======== (?:article|cards)\n", path.read_text("utf8"), flags=re.MULTILINE
    )
    found = "\n".join(shown(card) for card in cards(path.parent.name, article, execute))
    assert found == expected.rstrip("\n")


def test_every_rule_has_cases_in_both_languages_and_one_of_what_it_leaves_alone() -> None:
    for rule in RULES:
        names = [path.stem for path in CASES if path.parent.name == rule]
        assert any(name.endswith("_en") for name in names), f"{rule}: no English case"
        assert any(name.endswith("_zh") for name in names), f"{rule}: no Chinese case"
        texts = [path.read_text("utf8") for path in CASES if path.parent.name == rule]
        assert any(text.endswith("======== cards\n") for text in texts), f"{rule}: no case without cards"


def test_every_case_belongs_to_a_rule() -> None:
    assert {path.parent.name for path in CASES} == set(RULES)
