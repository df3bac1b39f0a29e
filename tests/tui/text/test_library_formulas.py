"""Every formula of the shipped decks and articles, as the terminal shows it without pictures."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from studykit.library.deck import read_deck
from studykit.library.plain import to_plain
from studykit.tui.text.formulas import parser
from studykit.tui.text.gaps import split, with_gaps
from studykit.tui.text.latex import readable

DECKS = Path(__file__).parents[3] / "decks"
FILES = sorted(path for path in DECKS.glob("*/*") if path.suffix in (".md", ".yaml"))
PAIRS = {")": "(", "]": "[", "}": "{", "⟩": "⟨"}
PRIVATE = re.compile("[\x00-\x09\x0b-\x1f\ue000-\ue00f]")


def texts_of(path: Path) -> Iterator[str]:
    if path.suffix == ".md":
        yield path.read_text("utf8")
        return
    deck = read_deck(path).deck
    for card in deck.cards if deck else ():
        yield from strings(to_plain(card))


def strings(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for one in value.values():
                yield from strings(one)
        case list() | tuple():
            for one in value:
                yield from strings(one)


def formulas_of(path: Path) -> set[str]:
    found = set()
    for text in texts_of(path):
        gapped = any(not isinstance(part, str) for part in split(text))
        for token in parser().parse(with_gaps(text, "shown") if gapped else text):
            found.update(
                one.content
                for one in (token, *(token.children or ()))
                if one.type in ("formula", "formula_block")
            )
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_formula_of_the_library_can_be_read(path: Path) -> None:
    for formula in formulas_of(path):
        text = readable(formula)
        assert "\\" not in text, f"{formula} still has a command: {text}"
        assert not re.search(r"[{}]", text) or r"\{" in formula or "cases" in formula, formula
        assert not re.search(r"[\^_]([^\w(∞]|$)", text), f"{formula} lost a script: {text}"
        assert not PRIVATE.search(re.sub("[\ue000-\ue003]", "", text)), f"{formula} leaks a mark: {text!r}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_formula_of_the_library_loses_a_bracket(path: Path) -> None:
    for formula in formulas_of(path):
        if is_balanced(re.sub(r"\\[a-zA-Z]+|\\.", "", formula)):
            assert is_balanced(readable(formula)), f"{formula} reads {readable(formula)}"


def is_balanced(text: str) -> bool:
    open_ones: list[str] = []
    for character in text:
        if character in PAIRS.values():
            open_ones.append(character)
        elif character in PAIRS and (not open_ones or open_ones.pop() != PAIRS[character]):
            return False
    return not open_ones


def test_the_library_has_formulas() -> None:
    assert len(set().union(*map(formulas_of, FILES))) > 400
