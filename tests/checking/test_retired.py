"""Retired cards are kept for their history, and held to nothing that has gone from article and code."""

import json
from pathlib import Path

import pytest

from studykit.cli import run

DECK = """\
title: T
article: d.md
cards:
  - {{id: a, kind: basic, front: F, back: B, source: {{lines: [1, 1]}}}}
  - {{id: b, kind: implement, front: F, function: gone, source: {{lines: [8, 9]}}, retired: {retired}}}
"""


@pytest.mark.parametrize(("retired", "rules"), [("true", set()), ("false", {"source-lines", "no-snippet"})])
def test_a_retired_card_needs_neither_its_lines_nor_its_function(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], retired: str, rules: set[str]
) -> None:
    deck = tmp_path / "decks" / "t" / "d.yaml"
    deck.parent.mkdir(parents=True)
    deck.write_text(DECK.format(retired=retired))
    deck.with_suffix(".md").write_text("One line.\n")
    run(["check", str(tmp_path), "--json"])
    assert {one["rule"] for one in json.loads(capsys.readouterr().out)["problems"]} == rules
