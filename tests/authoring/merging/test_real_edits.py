"""Edits as people make them, in both languages, each with what becomes of the cards it touches.

The cases are in `tests/fixtures/authoring/edits/`: a title, the edit, and `card: what what` for the cards
that it is about. All other cards must be `same` or merely stand elsewhere.
"""

import re
from collections import defaultdict
from pathlib import Path

import pytest

from studykit.authoring.article import parse_markdown
from studykit.authoring.draft import Draft, draft
from studykit.authoring.merge import Existing, Merged, merge

FIXTURES = Path(__file__).parents[2] / "fixtures" / "authoring" / "edits"
CASES = [
    (language, *case.strip("\n").split("\n----\n"))
    for language in ("en", "zh")
    for case in (FIXTURES / f"{language}.txt").read_text(encoding="utf8").split("====\n")
]


def edited(text: str, edit: str) -> tuple[str, str]:
    """Return the text before and after `edit`."""
    before = after = text
    for line in edit.splitlines():
        if moved := re.fullmatch(r"move (.+) to the end", line):
            start = after.index(moved[1] + "\n")
            end = after.index("\n## ", start + 1) + 1
            after = after[:start] + after[end:] + "\n" + after[start:end].rstrip() + "\n"
            continue
        what = re.fullmatch(r"s/((?:[^/\\]|\\.)*)/((?:[^/\\]|\\.)*)/( \(before\))?", line)
        assert what is not None, line
        pattern, new = what[1], what[2].replace("\\n", "\n").replace("\\\\", "\\")
        places = list(re.finditer(pattern.replace("\\n", "\n"), after, flags=re.DOTALL))
        assert len(places) == 1, line
        changed = after[: places[0].start()] + new + after[places[0].end() :]
        if what[3]:
            before = changed  # the fault was there before
        else:
            after = changed
    return before, after


def drafted(text: str) -> Draft:
    # Lines that give no card, so that there is room for all.
    room = "\n## References\n\n" + "- Somebody, Something, 1999\n" * 60
    return draft(parse_markdown(text + room, "a.md"), None)


def outcome(merged: Merged) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for change in merged.changes:
        found[change.id].add(change.what)
    return found


@pytest.mark.parametrize(
    ("language", "title", "edit", "expected"), CASES, ids=[f"{one[0]}: {one[1]}" for one in CASES]
)
def test_an_edit_has_the_outcome_that_a_person_expects(
    language: str, title: str, edit: str, expected: str
) -> None:
    before, after = edited((FIXTURES / f"{language}.md").read_text(encoding="utf8"), edit)
    first = merge(drafted(before), None, article="a.md")
    merged = merge(drafted(after), Existing(first.text, first.deck), article="a.md")
    found = outcome(merged)
    formula = next(card.id for card in first.deck.cards if "$$" in str(card.back))
    for line in expected.splitlines():
        name, _, what = line.partition(": ")
        name = formula if name == "formula" else name
        assert set(what.split()) <= found[name] | {"same"} - {"review"}, (title, name, dict(found))
        if "revised" not in what:
            assert "revised" not in found[name], (title, name)
        found.pop(name, None)
    for name, what in found.items():
        assert what <= {"same", "moved", "updated"}, (title, name, what)
    again = merge(drafted(after), Existing(merged.text, merged.deck), article="a.md")
    assert again.text == merged.text
    back = merge(drafted(before), Existing(merged.text, merged.deck), article="a.md")
    assert {card.id for card in first.deck.cards} <= {card.id for card in back.deck.cards if not card.retired}
