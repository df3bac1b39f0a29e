"""Siblings are kept apart: compared with every order there is, and written out where it matters."""

from collections.abc import Iterator, Sequence
from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studykit.scheduling.spacing import Place, spread, touching

law = settings(deadline=None)


def block(text: str) -> list[Place]:
    """Read `A1 B1>A1 x`: cards, their group (the capital letter), and after `>` what comes before them."""
    places = []
    for word in text.split():
        card, _, after = word.partition(">")
        group = card[0] if card[0].isupper() else None
        places.append(Place(card, group, tuple(after.split(",")) if after else ()))
    return places


def laid_out(*blocks: str, previous: str | None = None) -> str:
    return " ".join(spread([block(text) for text in blocks], previous))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("a b c", "a b c"),
        ("A1 b A2", "A1 b A2"),
        ("A1 A2", "A1 A2"),  # cannot be avoided
        ("A1 A2 b", "A1 b A2"),
        ("b A1 A2", "A1 b A2"),
        ("A1 A2 B1 B2", "A1 B1 A2 B2"),
        ("A1 A2 A3 b c", "A1 b A2 c A3"),
        ("c A1 A2 B1 B2 d", "c A1 B1 A2 B2 d"),
        ("a b A1 c A2 A3", "a A1 b A2 c A3"),
    ],
)
def test_the_earliest_card_that_may_come_next_comes_next(before: str, after: str) -> None:
    assert laid_out(before) == after


def test_what_is_apart_already_stays_as_it_is() -> None:
    assert laid_out("A1 B1 A2 c B2", "A3 B3 A4") == "A1 B1 A2 c B2 A3 B3 A4"


def test_siblings_are_apart_where_blocks_meet() -> None:
    assert laid_out("b A1", "A2 c") == "b A1 c A2"
    assert laid_out("b A1", "A2") == "A1 b A2"
    assert laid_out("b A1", "", "A2") == "A1 b A2"
    assert laid_out("b A1", "A2 c>A2") == "A1 b A2 c"


def test_the_card_before_the_first_counts() -> None:
    assert laid_out("A1 b", previous="A") == "b A1"
    assert laid_out("A1 A2 b", previous="A") == "A1 b A2"


def test_prerequisites_come_first() -> None:
    assert laid_out("A1 A2>A1 b>A2 c") == "A1 c A2 b"
    assert laid_out("b>A1 A1 A2") == "A1 b A2"
    assert laid_out("A1 A2>A1 b>A2") == "A1 A2 b"


def test_prerequisites_in_another_block_do_not_matter_here() -> None:
    assert laid_out("a>z b", "z") == "a b z"


def test_a_search_that_gives_up_still_lays_out_well() -> None:
    free = [f"{'ABCDEFG'[number % 7]}{number}" for number in range(40)]
    tail = f"T1>{','.join(free)} T2>T1 u>T2 v>T2"  # T1 and T2 touch in every order, which no count foretells
    cards = laid_out(f"{' '.join(free)} {tail}").split()
    assert cards == [*free, "T1", "T2", "u", "v"]


def test_hopeless_queues_take_no_longer_than_others() -> None:
    chain = " ".join(f"A{number}>A{number - 1}" if number else "A0" for number in range(300))
    others = " ".join(f"b{number}>A299" for number in range(300))
    assert laid_out(f"{chain} {others}") == laid_out(chain) + " " + laid_out(others)


def test_long_queues_of_siblings_are_laid_out() -> None:
    text = " ".join(f"{letter}{number}" for letter in "ABCDE" for number in range(400))
    cards = laid_out(text).split()
    assert sorted(cards) == sorted(text.split())
    assert touching([card[0] for card in cards]) == 0


# Every order there is


@st.composite
def queues(draw: st.DrawFn) -> list[list[Place]]:
    """Return up to three blocks of up to seven cards in all, with prerequisites within a block."""
    sizes = draw(st.lists(st.integers(0, 4), min_size=1, max_size=3).filter(lambda sizes: sum(sizes) <= 7))
    found, number = [], 0
    for size in sizes:
        cards: list[Place] = []
        names = [f"c{number + offset}" for offset in range(size)]
        rank = draw(st.permutations(names))
        for name in names:
            earlier = rank[: rank.index(name)]
            after = draw(st.lists(st.sampled_from(earlier), max_size=1)) if earlier else []
            cards.append(Place(name, draw(st.sampled_from(["A", "A", "B", "C", None])), tuple(after)))
        found.append(cards)
        number += size
    return found


def allowed_orders(cards: Sequence[Place]) -> Iterator[tuple[Place, ...]]:
    names = {place.card for place in cards}
    for order in permutations(cards):
        done: set[str] = set()
        for place in order:
            if not done.issuperset(names.intersection(place.after)):
                break
            done.add(place.card)
        else:
            yield order


@settings(deadline=None, max_examples=400)
@given(queues(), st.sampled_from([None, "A", "B"]))
def test_no_other_order_has_fewer_neighbouring_siblings_or_changes_less(
    blocks: list[list[Place]], previous: str | None
) -> None:
    def neighbours(order: Sequence[Place]) -> int:
        return touching([previous, *(place.group for place in order)])

    # Both `permutations` and `product` begin with what keeps the order best, and `min` takes the first.
    orders = product(*(list(allowed_orders(cards)) for cards in blocks))
    best = min(([place for part in parts for place in part] for parts in orders), key=neighbours)
    assert spread(blocks, previous) == [place.card for place in best]


@law
@given(st.lists(st.lists(st.sampled_from(["A", "B", "C", "D", None]), max_size=30), max_size=3))
def test_every_card_keeps_its_block(groups: list[list[str | None]]) -> None:
    blocks = [
        [Place(f"{number}.{index}", group) for index, group in enumerate(row)]
        for number, row in enumerate(groups)
    ]
    cards = spread(blocks)
    assert [card.partition(".")[0] for card in cards] == [
        str(number) for number, row in enumerate(groups) for _ in row
    ]
    assert set(cards) == {place.card for row in blocks for place in row}
