"""Which cards are asked: a law for every library, and fairness with numbers written out."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from studykit.quiz.picking import Candidate, pick, seed_of

KINDS = ("basic", "choice", "typed", "compute")


def library(decks: int, each: int) -> list[Candidate]:
    return [
        Candidate(f"t/d{deck}/c{card}", f"t/d{deck}", KINDS[card % len(KINDS)])
        for deck in range(decks)
        for card in range(each)
    ]


candidates = st.lists(
    st.builds(
        lambda deck, card, kind, group: Candidate(f"t/{deck}/{card}", f"t/{deck}", kind, group),
        st.integers(0, 4),
        st.integers(0, 30),
        st.sampled_from(KINDS),
        st.sampled_from([None, "f", "g"]),
    ),
    unique_by=lambda one: one.card,
)


@given(candidates, st.integers(1, 40), st.integers(0, 2**31), st.randoms())
def test_the_same_seed_picks_the_same_whatever_the_order(
    found: list[Candidate], count: int, seed: int, mixer: object
) -> None:
    picked = pick(found, count, seed)
    mixed = list(found)
    mixer.shuffle(mixed)  # type: ignore[attr-defined]
    assert pick(mixed, count, seed) == picked
    assert len(picked) == len(set(picked)) == min(count, len(found))


@given(candidates, st.integers(1, 40), st.integers(0, 2**31))
def test_no_topic_is_asked_twice_more_than_another_that_has_cards_left(
    found: list[Candidate], count: int, seed: int
) -> None:
    have = Counter(one.deck for one in found)
    asked = Counter(one.deck for one in pick(found, count, seed))
    unspent = [asked[deck] for deck in have if asked[deck] < have[deck]]
    assert not unspent or max(asked.values()) - min(unspent) <= 1


def test_topics_and_kinds_are_mixed_evenly() -> None:
    picked = pick(library(decks=6, each=8), 12, seed=1)
    assert sorted(Counter(one.deck for one in picked).values()) == [2] * 6
    assert sorted(Counter(one.kind for one in picked).values()) == [3] * 4


def test_another_seed_gives_another_paper() -> None:
    papers = {pick(library(decks=6, each=8), 12, seed) for seed in range(20)}
    assert len(papers) == 20


def test_cards_about_one_function_are_asked_together_only_when_nothing_else_is_left() -> None:
    same = [Candidate(f"t/d/f{i}", "t/d", kind, "f") for i, kind in enumerate(KINDS)]
    others = [Candidate(f"t/d/o{i}", "t/d", "basic") for i in range(3)]
    picked = pick([*same, *others], 4, seed=3)
    assert sum(one.group == "f" for one in picked) == 1


def test_a_questions_numbers_do_not_depend_on_its_place() -> None:
    assert seed_of(7, "demo/adding/sum") == seed_of(7, "demo/adding/sum")
    assert seed_of(7, "demo/adding/sum") != seed_of(8, "demo/adding/sum")
    assert 0 <= seed_of(7, "demo/adding/sum") < 2**31
