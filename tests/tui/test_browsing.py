"""What the browser's list says of a card, how it is sorted, and how a query is read."""

from dataclasses import replace
from datetime import date

import pytest

from studykit.scheduling.sm2 import Memory
from studykit.store.records import UNMARKED, Marks, Record
from studykit.tui.browsing import COLUMNS, SORTABLE, Line, Order, words_of

TODAY = date(2026, 3, 2)


def line(card="t/d/a", position=0, due=None, lapses=0, marks=UNMARKED):
    record = None
    if due is not None:
        record = Record(Memory(due, interval=6, repetitions=2), "sm2", lapses, None, TODAY, marks)
    return Line(card, "basic", position, record, marks, TODAY)


@pytest.mark.parametrize(
    ("shown", "state"),
    [
        (line(), "new"),
        (line(due=date(2026, 3, 2)), "due"),
        (line(due=date(2026, 3, 3)), "learned"),
        (line(due=date(2026, 3, 1), marks=Marks(buried_until=date(2026, 3, 3))), "buried"),
        (line(due=date(2026, 3, 1), marks=Marks(buried_until=date(2026, 3, 2))), "due"),
        (replace(line(due=date(2026, 3, 9)), revision=2), "changed"),
        (replace(line(due=date(2026, 3, 1)), retired=True), "retired"),
        (line(marks=Marks(suspended=True, buried_until=date(2026, 3, 3))), "suspended"),
    ],
)
def test_a_card_is_in_one_state(shown, state):
    assert shown.state == state


def test_flag_and_leech_are_signs_not_colours():
    assert line(marks=Marks(flagged=True, leech=True)).signs == "⚑♦"
    assert line().signs == ""


LINES = [
    line("t/d/c", 0, date(2026, 3, 9), lapses=2),
    line("t/d/a", 1),
    line("t/d/b", 2, date(2026, 3, 1), lapses=5),
]


@pytest.mark.parametrize(
    ("order", "cards"),
    [
        (Order(), "cab"),
        (Order("library", reverse=True), "bac"),
        (Order("card"), "abc"),
        (Order("card", reverse=True), "cba"),
        (Order("due"), "bca"),
        (Order("due", reverse=True), "cba"),
        (Order("lapses", reverse=True), "bca"),
        (Order("state"), "bac"),
    ],
)
def test_lines_are_sorted_with_those_that_have_nothing_last(order, cards):
    assert "".join(one.card[-1] for one in order.sorted(LINES)) == cards


def test_the_order_goes_round_all_columns():
    order, seen = Order(), []
    for _ in SORTABLE:
        seen.append(order.by)
        order = order.next()
    assert seen == ["library", "card", "kind", "state", "due", "every", "ease", "lapses"]
    assert order == Order()
    assert Order("due").by_column("due") == Order("due", reverse=True)
    assert Order("due", reverse=True).by_column("card") == Order("card")


def test_every_column_shows_new_cards_too():
    assert [column.show(line()) for column in COLUMNS] == ["t/d/a", "basic", "new", "", "", "", "", ""]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", []),
        ("  is:due   rope ", ["is:due", "rope"]),
        ('"turns the pair" -tag:x', ["turns the pair", "-tag:x"]),
        ('-"not this"', ["-not this"]),
        ('"half a', ["half a"]),
        ("-", []),
        ("旋转　编码", ["旋转", "编码"]),
    ],
)
def test_a_query_is_read_as_words(query, words):
    assert words_of(query) == words
