"""Which card is which candidate: equal words, the same thing, likeness; one to one, within a kind."""

from dataclasses import replace
from typing import Any

import pytest

from studykit.authoring.candidates import Candidate
from studykit.authoring.likeness import LONGEST, normalised, quote_of, similarity, tokens
from studykit.authoring.matching import Known, Match, matched


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**Bold**, and `code`!", "bold and code"),
        ("ＦＵＬＬ　width", "full width"),
        ("注意力（Attention）是一种机制。", "注意力 attention 是一种机制"),
        ("a-b", "a b"),
        ("x = y + 1", "x = y + 1"),
        ("“曲引号”", "曲引号"),
        ("", ""),
    ],
)
def test_markup_width_case_and_punctuation_are_no_difference(text: str, expected: str) -> None:
    assert normalised(text) == expected


def test_long_quotes_are_bounded_and_still_differ_behind_the_bound() -> None:
    one, other = quote_of("word " * 200 + "x"), quote_of("word " * 200 + "y")
    assert len(one) < LONGEST + 12
    assert one != other
    assert one[:LONGEST] == other[:LONGEST]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("a b c d", "a b c d", 1.0),
        ("a b c d", "a x c d", 0.75),
        ("a b c d", "d c b a", 0.25),
        ("a b", "c d", 0.0),
        ("注意力机制", "注意力的机制", 10 / 11),
        ("", "a", 0.0),
    ],
)
def test_likeness_counts_words_in_order(one: str, other: str, expected: float) -> None:
    assert similarity(tokens(one), tokens(other)) == pytest.approx(expected)


def test_likeness_is_that_of_difflib_with_every_block_found() -> None:
    # A longest common subsequence worked out by hand: "the lock one thread".
    one, other = tokens("the lock that one thread holds"), tokens("the big lock of one thread")
    assert similarity(one, other) == pytest.approx(2 * 4 / 12)


def known(name: str, quote: str, *, key: str = "", kind: str = "basic", section: str | None = "One",
          rule: str = "definitions") -> Known:  # fmt: skip
    return Known(name, kind, rule, key, quote_of(quote), section)


def found(old: list[Known], new: list[Candidate]) -> list[str | None]:
    ids: list[str | None] = [None] * len(new)
    for match in matched(old, new):
        ids[match.candidate] = match.id
    return ids


def test_equal_words_in_the_same_section_come_first(bench: Any) -> None:
    old = [known("a", "The same words.", section="One"), known("b", "The same words.", section="Two")]
    new = [
        bench.candidate("", "The same words!", section="Two"),
        bench.candidate("", "the same words", section="One"),
    ]
    assert found(old, new) == ["b", "a"]


def test_of_two_cards_of_one_sentence_each_finds_itself_by_its_key(bench: Any) -> None:
    old = [known("a", "X is Y.", key="x"), known("b", "X is Y.", key="y")]
    new = [bench.candidate("y", "X is Y."), bench.candidate("x", "X is Y.")]
    assert found(old, new) == ["b", "a"]


def test_kinds_are_never_mixed(bench: Any) -> None:
    assert found([known("a", "Same.", kind="cloze")], [bench.candidate("", "Same.")]) == [None]


def test_a_definition_in_quite_other_words_is_still_of_its_term(bench: Any) -> None:
    old = [known("a", "A mutex is a lock that one thread holds.", key="mutex", section="Old")]
    new = bench.candidate("mutex", "Think of it as the key to the only toilet on a train.", section="New")
    (match,) = matched(old, [new])
    assert (match.id, match.doubtful) == ("a", True)
    assert matched(old, [replace(new, rule="statements")]) == []


@pytest.mark.parametrize("key", ["y", "import torch", "x_1"])
def test_a_letter_or_an_import_is_no_identity_by_itself(bench: Any, key: str) -> None:
    old = [known("a", "first words about something", key=key, section="Old")]
    assert matched(old, [bench.candidate(key, "quite other text stands here now", section="New")]) == []


def test_of_several_with_the_same_key_the_most_alike_is_it(bench: Any) -> None:
    old = [known("a", "y equals w times x plus b here", key="y")]
    far = bench.candidate("y", "y equals one over z there for now")
    near = bench.candidate("y", "y equals w times x plus c here")
    assert found(old, [far, near]) == [None, "a"]


def test_items_alike_but_about_other_things_are_other_cards(bench: Any) -> None:
    old = [known("p", "precision is the share of found ones that are right", key="precision")]
    new = bench.candidate("recall", "recall is the share of right ones that are found")
    assert similarity(tokens(old[0].quote), tokens(quote_of(new.quote))) > 0.6
    assert matched(old, [new]) == []


def test_a_term_renamed_in_an_equal_sentence_keeps_its_card(bench: Any) -> None:
    old = [
        known("r", "a residual link adds the input of a block to its output unchanged", key="residual link")
    ]
    new = bench.candidate(
        "skip connection", "a skip connection adds the input of a block to its output unchanged"
    )
    (match,) = matched(old, [new])
    assert not match.doubtful


def test_in_the_band_the_card_is_kept_and_listed(bench: Any) -> None:
    old = [known("a", "the lock is held by one thread until it is done with the work")]
    (match,) = matched(
        old, [bench.candidate("", "the lock is kept by one thread while it does all of the work")]
    )
    assert isinstance(match, Match)
    assert 0.6 <= match.similarity < 0.75
    assert match.doubtful


def test_the_best_pairs_are_made_first_and_each_only_once(bench: Any) -> None:
    old = [known("a", "one two three four five six"), known("b", "one two three four five seven")]
    new = [bench.candidate("", "one two three four five seven eight")]
    assert found(old, new) == ["b"]


def test_three_hundred_rewritten_cards_are_matched_in_seconds(bench: Any) -> None:
    import time

    old = [known(f"c{n}", f"fact {n} " + " ".join(f"w{n * m % 97}" for m in range(30))) for n in range(300)]
    new = [
        bench.candidate("", f"fact {n} but " + " ".join(f"w{n * m % 97}" for m in range(28)))
        for n in range(300)
    ]
    begun = time.perf_counter()
    assert found(old, new) == [f"c{n}" for n in range(300)]
    assert time.perf_counter() - begun < 10  # a second here; machines differ
