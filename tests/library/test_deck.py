"""A deck's text becomes cards, and everything that is wrong with it is said, with its place."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studykit.library.cards import (
    Authored,
    Choice,
    Cloze,
    Compute,
    Implement,
    Predict,
    Repair,
    Source,
    Tolerance,
    Typed,
)
from studykit.library.deck import MAX_BYTES, parse_deck, read_deck
from studykit.library.plain import from_plain, to_plain

FIXTURES = Path(__file__).parents[1] / "fixtures"
CASES = [
    case.split("\n----\n") for case in (FIXTURES / "library" / "problems.txt").read_text().split("====\n")
]


@pytest.mark.parametrize(
    ("title", "source", "expected"), [(t, s, e) for t, s, *r in CASES for e in (r or [""])]
)
def test_every_problem_is_said_with_its_place(title: str, source: str, expected: str) -> None:
    problems = parse_deck(source + "\n", "d.yaml").problems
    assert "\n".join(map(str, problems)) == expected.rstrip("\n")
    assert title


def test_all_eight_kinds_load(school: Path) -> None:
    kinds = set()
    for name in ("counting", "adding"):
        parsed = read_deck(school / "decks" / "demo" / f"{name}.yaml")
        assert parsed.problems == ()
        assert parsed.deck is not None
        kinds |= {card.kind for card in parsed.deck.cards}
    assert kinds == {"basic", "cloze", "choice", "typed", "predict", "compute", "implement", "repair"}


def test_every_field_arrives() -> None:
    text = """
title: {en: T, zh: 题}
cards:
  - {id: a, kind: cloze, text: "{{x}}", source: {lines: [1, 2], section: S, quote: Q}, tags: [t]}
  - {id: b, kind: choice, front: F, right: [r], wrong: [{en: w, zh: 错}], requires: [a], was: [old]}
  - {id: c, kind: typed, front: F, accept: ["10", x], hint: H}
  - {id: d, kind: predict, front: F, code: "print(1)", draw: d, snippet: other}
  - {id: e, kind: compute, front: F, function: f, tolerance: {rtol: 1e-3}, limits: {seconds: 2}}
  - {id: f, kind: implement, front: F, function: f, wrong: {w: "1"}, also_right: {r: "2"},
     equivalent: {m: why}}
  - {id: g, kind: repair, front: F, function: f, broken: "3"}
"""
    deck = parse_deck(text, "d.yaml").deck
    assert deck is not None
    a, b, c, d, e, f, g = deck.cards
    assert a == Cloze(id="a", text="{{x}}", source=Source(lines=(1, 2), section="S", quote="Q"), tags=("t",))
    assert b == Choice(
        id="b", front="F", right=("r",), wrong=({"en": "w", "zh": "错"},), requires=("a",), was=("old",)
    )
    assert c == Typed(id="c", front="F", accept=("10", "x"), hint="H")
    assert d == Predict(id="d", front="F", code="print(1)", draw="d", snippet="other")
    assert isinstance(e, Compute)
    assert e.tolerance == Tolerance(rtol=0.001)
    assert isinstance(f, Implement)
    assert (f.wrong, f.also_right, f.equivalent) == ({"w": "1"}, {"r": "2"}, {"m": "why"})
    assert g == Repair(id="g", front="F", function="f", broken="3")


def test_what_authoring_keeps_survives_the_way_through_the_cache() -> None:
    text = (
        "title: T\ncards:\n  - {id: a, kind: choice, front: F, right: [R], wrong: [W], revision: 2, "
        "retired: true, proposed: {front: {en: N}, wrong: [X, Y]}}\nauthored:\n"
        "  a: {kind: choice, key: k, quote: q, lines: [3, 4], fields: {front: '0a'}, offered: {front: 0b}}\n"
    )
    deck = parse_deck(text, "d.yaml").deck
    assert deck is not None
    (card,) = deck.cards
    assert (card.revision, card.retired) == (2, True)
    assert card.proposed == {"front": {"en": "N"}, "wrong": ("X", "Y")}
    assert from_plain(json.loads(json.dumps(to_plain(card)))) == card
    assert deck.authored["a"] == Authored(
        kind="choice", key="k", quote="q", lines=(3, 4), fields={"front": "0a"}, offered={"front": "0b"}
    )


def test_a_card_says_nothing_of_what_it_does_not_have() -> None:
    deck = parse_deck("title: T\ncards:\n  - {id: a, kind: basic, front: F, back: B}\n", "d.yaml").deck
    assert deck is not None
    assert to_plain(deck.cards[0]) == {"id": "a", "kind": "basic", "front": "F", "back": "B"}


def test_valid_cards_of_an_invalid_deck_are_usable() -> None:
    parsed = parse_deck(
        "title: 3\ncards:\n  - {id: a, kind: basic, front: F, back: B}\n  - {id: b}\n", "d.yaml"
    )
    assert parsed.deck is not None
    assert [card.id for card in parsed.deck.cards] == ["a"]
    assert len(parsed.problems) == 2


def test_positions_of_nested_code_are_known() -> None:
    card = "  - id: a\n    kind: implement\n    front: F\n    function: f\n    wrong:\n      w: '1'\n"
    text = f"title: T\ncards:\n{card}"
    positions = parse_deck(text, "d.yaml").positions
    assert positions["cards.a"] == (3, 5)
    assert positions["cards.a.function"] == (6, 5)
    assert positions["cards.a.wrong.w"] == (8, 7)


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join([f'*{chr(97 + i)}'] * 9)}]\n" for i in range(9)
)


@pytest.mark.parametrize(
    ("name", "data", "rule"),
    [
        ("alias bomb", BOMB.encode(), "too-large"),
        ("deep flow", b"title: " + b"[" * 100_000, "yaml"),
        ("deep block", b"\n".join(b" " * i + b"-" for i in range(3_000)), "yaml"),
        ("binary", bytes(range(256)) * 10, "encoding"),
        ("zeros", b"title: a\0b", "binary"),
        ("utf-16", "title: T".encode("utf-16"), "encoding"),
        ("broken utf-8", b"title: \xff\xfe", "encoding"),
        ("two documents", b"title: T\n---\ntitle: U\n", "yaml"),
    ],
)
def test_hostile_files_are_problems(tmp_path: Path, name: str, data: bytes, rule: str) -> None:
    path = tmp_path / "d.yaml"
    path.write_bytes(data)
    assert rule in {problem.rule for problem in read_deck(path, "d.yaml").problems}, name


def test_a_byte_order_mark_and_windows_lines_are_fine() -> None:
    text = b"\xef\xbb\xbftitle: T\r\ncards:\r\n  - {id: a, kind: basic, front: F, back: B}\r\n"
    assert parse_deck(text, "d.yaml").problems == ()


def test_a_lone_surrogate_is_a_problem() -> None:
    assert [problem.rule for problem in parse_deck("title: \ud800", "d.yaml").problems] == ["encoding"]


def test_fifty_megabytes_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "d.yaml"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    [problem] = read_deck(path, "d.yaml").problems
    assert str(problem) == f"d.yaml:1:1: too-large: 50,000,000 bytes; a deck has at most {MAX_BYTES:,}"


def test_what_is_no_file_is_a_problem_and_does_not_hang(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    for name in ("pipe.yaml", "folder.yaml", "loop.yaml", "missing.yaml"):
        [problem] = read_deck(tmp_path / name, name).problems
        assert problem.rule == "unreadable"


@given(st.one_of(st.text(), st.binary()))
def test_no_input_crashes_the_parser(data: str | bytes) -> None:
    parse_deck(data, "d.yaml")


SOUND = (FIXTURES / "school" / "decks" / "demo" / "adding.yaml").read_text()


@given(st.integers(0, len(SOUND)), st.integers(0, 20), st.text(max_size=5))
def test_no_damaged_deck_crashes_the_parser(at: int, cut: int, put: str) -> None:
    parse_deck(SOUND[:at] + put + SOUND[at + cut :], "d.yaml")
