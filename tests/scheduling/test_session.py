"""The queue of a day: what it holds, in which order, and how it goes on."""

import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import FrozenInstanceError, replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studykit.scheduling.session import (
    Candidate,
    Done,
    Item,
    Limits,
    Marks,
    Session,
    Standing,
    State,
    plan,
)
from studykit.scheduling.sm2 import Grade, Memory

TODAY = date(2026, 3, 1)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)

law = settings(deadline=None)


def cards(text: str) -> list[Candidate]:
    """Read `a/x b>a,c d@g`: cards in library order, after `>` what they require, after `@` their group."""
    found = []
    for position, word in enumerate(text.split()):
        rest, _, group = word.partition("@")
        card, _, requires = rest.partition(">")
        deck = card.rpartition("/")[0] or "track/topic"
        found.append(
            Candidate(card, deck, position, tuple(requires.split(",")) if requires else (), group or None)
        )
    return found


def due(days: int = 0, *, drill: date | None = None, **marks: object) -> Standing:
    """Return how a card stands that is due so many days from today."""
    memory = Memory(due=TODAY + timedelta(days=days), interval=6, repetitions=2)
    return Standing(memory, drill_on=drill, **marks)  # type: ignore[arg-type]


def planned(
    text: str,
    standings: Mapping[str, Standing] | None = None,
    marks: Mapping[str, Marks] | None = None,
    limits: Limits | None = None,
    done: Done | None = None,
) -> Session:
    return plan(cards(text), standings or {}, marks or {}, TODAY, limits or Limits(), done or Done())


def order(session: Session) -> str:
    return " ".join(item.card for item in session.queue)


def states(session: Session) -> str:
    return " ".join(f"{item.card}:{item.state}" for item in session.queue)


# What a day holds


def test_reviews_come_first_then_new_cards_then_drill() -> None:
    standings = {"drilled": due(1, drill=TODAY), "known": due(0), "late": due(-3)}
    session = planned("new1 drilled new2 known late", standings)
    assert states(session) == "late:review known:review new1:new new2:new drilled:drill"
    assert [item.due for item in session.queue] == [date(2026, 2, 26), TODAY, TODAY, TODAY, TODAY]


def test_the_longest_due_come_first_then_library_order() -> None:
    assert order(planned("a b c d", {"a": due(0), "b": due(-1), "c": due(-9), "d": due(-1)})) == "c b d a"


def test_cards_due_later_stay_away() -> None:
    assert order(planned("a b", {"a": due(1), "b": due(300)})) == ""


def test_a_card_whose_answer_changed_is_due_now_and_says_so() -> None:
    late, early, same = (replace(one, revision=2) for one in cards("a b c"))
    standings = {"a": due(-3), "b": due(30), "c": replace(due(30), revision=2)}
    session = plan([late, early, same], standings, {}, TODAY, Limits(), Done())
    assert [(item.card, item.due, item.changed) for item in session.queue] == [
        ("a", TODAY - timedelta(days=3), True),
        ("b", TODAY, True),
    ]
    assert not any(item.changed for item in session.answered(Grade(2)).queue if item.card == "a")


def test_a_changed_card_is_no_drill_and_a_suspended_one_stays_away() -> None:
    changed = [replace(one, revision=2) for one in cards("a b")]
    standings = {"a": due(1, drill=TODAY), "b": due(1, suspended=True)}
    session = plan(changed, standings, {}, TODAY, Limits(), Done())
    assert states(session) == "a:review"


def test_an_empty_library_has_an_empty_session() -> None:
    session = planned("")
    assert session.current is None
    assert session.remaining == {State.NEW: 0, State.REVIEW: 0, State.DRILL: 0}


def test_suspended_and_buried_cards_stay_away_until_their_day() -> None:
    standings = {
        "a": due(0, suspended=True),
        "b": due(0, buried_until=TOMORROW),
        "c": due(0, buried_until=TODAY),
        "d": due(1, drill=TODAY, suspended=True),
        "e": due(1, drill=TODAY, buried_until=TOMORROW),
    }
    marks = {
        "f": Marks(suspended=True),
        "g": Marks(buried_until=TOMORROW),
        "h": Marks(buried_until=TODAY),
        "i": Marks(),
    }
    assert order(planned("a b c d e f g h i", standings, marks)) == "c h i"


@pytest.mark.parametrize(("drill_on", "expected"), [(TODAY, "a"), (YESTERDAY, ""), (TOMORROW, "")])
def test_a_drill_lapses_with_its_day(drill_on: date, expected: str) -> None:
    assert order(planned("a", {"a": due(1, drill=drill_on)})) == expected


def test_a_due_card_is_reviewed_even_where_a_drill_is_left_over() -> None:
    assert states(planned("a", {"a": due(0, drill=TODAY)})) == "a:review"


# Prerequisites


def test_a_prerequisite_is_introduced_first() -> None:
    assert order(planned("b>c a c>d d")) == "a d c b"


def test_a_card_waits_until_its_prerequisite_is_seen() -> None:
    assert order(planned("b>z", {"z": due(30)})) == "b"
    assert order(planned("b>z", {})) == ""
    assert order(planned("b>z", {"z": due(30, suspended=True)})) == "b"


@pytest.mark.parametrize("mark", [Marks(suspended=True), Marks(buried_until=TOMORROW)])
def test_a_prerequisite_that_is_away_holds_back_what_requires_it(mark: Marks) -> None:
    assert order(planned("a b>a c>b d", {}, {"a": mark})) == "d"


def test_a_prerequisite_beyond_the_limit_holds_back_what_requires_it() -> None:
    limits = Limits(per_deck={"t/x": (1, None)})
    assert order(planned("t/x/a t/x/b t/y/c>t/x/b t/y/d>t/x/a", limits=limits)) == "t/x/a t/y/d"


def test_cards_that_require_one_another_are_never_introduced() -> None:
    assert order(planned("a>b b>a c d>d")) == "c"


def test_the_limit_counts_what_is_introduced_not_what_is_skipped() -> None:
    assert order(planned("a>z b c d", limits=Limits(new=2))) == "b c"


# Limits


def test_twenty_new_cards_and_two_hundred_reviews_are_a_day() -> None:
    names = [f"c{number}" for number in range(500)]
    assert len(planned(" ".join(names)).queue) == 20
    assert len(planned(" ".join(names), {name: due(0) for name in names}).queue) == 200


def test_the_longest_due_are_reviewed_when_there_are_too_many() -> None:
    standings = {"a": due(0), "b": due(-5), "c": due(-2), "d": due(-7)}
    assert order(planned("a b c d", standings, limits=Limits(reviews=2))) == "d b"


def test_what_was_done_earlier_today_counts() -> None:
    standings = {"r1": due(0), "r2": due(0), "r3": due(0), "d": due(1, drill=TODAY)}
    limits = Limits(new=3, reviews=5)
    done = Done(new={"track/topic": 1, "other/deck": 1}, reviews={"track/topic": 3})
    assert order(planned("a b r1 r2 r3 d", standings, limits=limits, done=done)) == "r1 r2 a d"
    over = Done(new={"track/topic": 9}, reviews={"track/topic": 9})
    assert order(planned("a b r1 r2 r3 d", standings, limits=limits, done=over)) == "d"


def test_a_deck_can_have_limits_of_its_own() -> None:
    limits = Limits(new=3, per_deck={"t/x": (1, 0), "t/y": (None, 1)})
    text = "t/x/a t/x/b t/x/r t/y/a t/y/b t/y/c t/y/r t/y/s"
    standings = {"t/x/r": due(0), "t/y/r": due(0), "t/y/s": due(0)}
    assert order(planned(text, standings, limits=limits)) == "t/y/r t/x/a t/y/a t/y/b"


def test_what_was_done_in_a_deck_counts_for_that_deck() -> None:
    limits = Limits(per_deck={"t/x": (2, None)})
    done = Done(new={"t/x": 1, "t/y": 5})
    assert order(planned("t/x/a t/x/b t/y/c", limits=limits, done=done)) == "t/x/a t/y/c"


def test_a_limit_of_a_track_is_for_its_decks_together() -> None:
    limits = Limits(per_deck={"t": (2, None), "t/y": (1, None)})
    text = "t/x/a t/y/b t/y/c t/z/d u/x/e tt/x/f"
    assert order(planned(text, limits=limits)) == "t/x/a t/y/b u/x/e tt/x/f"
    done = Done(new={"t/other": 1})
    assert order(planned(text, limits=limits, done=done)) == "t/x/a u/x/e tt/x/f"


def test_a_limit_of_nothing_is_nothing() -> None:
    assert order(planned("a r", {"r": due(0)}, limits=Limits(new=0, reviews=0))) == ""


# Siblings


def test_siblings_are_kept_apart() -> None:
    assert order(planned("a@f b@f c")) == "a c b"
    standings = {name: due(0) for name in "abcd"}
    assert order(planned("a@f b@f c@g d@g", standings)) == "a c b d"


def test_siblings_are_kept_apart_where_reviews_end_and_new_cards_begin() -> None:
    assert states(planned("n@f m r@f", {"r": due(0)})) == "r:review m:new n:new"
    assert order(planned("n@f r@f q", {"r": due(0), "q": due(0)})) == "r q n"


def test_new_cards_of_a_deck_are_not_mixed_with_those_of_the_next() -> None:
    assert order(planned("t/x/a@f t/x/b@f t/y/c t/y/d")) == "t/x/a t/x/b t/y/c t/y/d"
    assert order(planned("t/x/e t/x/a@f t/y/c@f t/y/d")) == "t/x/e t/x/a t/y/d t/y/c"
    assert order(planned("t/x/e t/x/a@f t/y/c@f")) == "t/x/a t/x/e t/y/c"


def test_siblings_stay_together_where_nothing_can_part_them() -> None:
    assert order(planned("a@f b@f")) == "a b"
    assert order(planned("n@f r@f q", {"r": due(0)})) == "r q n"
    assert order(planned("n@f r@f q>n", {"r": due(0)})) == "r n q"


# Answering


def test_a_known_card_leaves_and_another_comes_back_at_the_end() -> None:
    session = planned("a b c", {"a": due(0)})
    assert states(session.answered(Grade.GOOD)) == "b:new c:new"
    assert states(session.answered(Grade.EASY)) == "b:new c:new"
    for grade in (Grade.BLACKOUT, Grade.WRONG, Grade.NEARLY, Grade.HARD):
        assert states(session.answered(grade)) == "b:new c:new a:drill"


def test_drill_goes_round_until_every_card_is_known() -> None:
    session = planned("a b")
    seen = []
    for grade in (1, 3, 2, 4, 3, 5):
        assert session.current is not None
        seen.append(f"{session.current.card}:{session.current.state}")
        session = session.answered(Grade(grade))
    assert seen == ["a:new", "b:new", "a:drill", "b:drill", "a:drill", "a:drill"]
    assert session.current is None


def test_a_drill_card_is_due_today() -> None:
    session = planned("a b", {"a": due(-9)}).answered(Grade.WRONG)
    assert session.queue[-1] == Item("a", "track/topic", State.DRILL, TODAY)


def test_siblings_are_kept_apart_in_the_drill() -> None:
    session = planned("a@f x b@f y")
    for grade in (1, 5, 1, 1):
        session = session.answered(Grade(grade))
    assert states(session) == "a:drill y:drill b:drill"


def drilled(text: str) -> Session:
    """Return a session of drill cards as they stand in `text`, and reviews where they are `r…`."""
    return Session(
        tuple(
            Item(
                one.card,
                one.deck,
                State.REVIEW if one.card.startswith("r") else State.DRILL,
                TODAY,
                one.group,
            )
            for one in cards(text)
        ),
        TODAY,
    )


def test_no_sibling_of_the_card_just_answered_comes_next() -> None:
    session = drilled("a@f b@f x@g y@g")
    assert order(session.answered(Grade.WRONG)) == "x b y a"
    assert order(drilled("a@f b@f").answered(Grade.WRONG)) == "b a"


def test_siblings_are_kept_apart_where_the_drill_begins() -> None:
    assert order(drilled("r1 r2@f b@f c").answered(Grade.WRONG)) == "r2 c b r1"


def test_the_order_of_the_drill_is_that_of_the_answers_not_of_prerequisites() -> None:
    session = planned("a b>a")
    for grade in (1, 1, 1):
        session = session.answered(Grade(grade))
    assert states(session) == "b:drill a:drill"


def test_answering_changes_nothing_but_what_comes_next() -> None:
    session = planned("a b c")
    before = session.queue
    assert session.answered(Grade.WRONG) == session.answered(Grade.WRONG)
    assert session.queue is before
    with pytest.raises(FrozenInstanceError):
        session.queue = ()  # type: ignore[misc]


def test_what_is_left_is_counted_by_state() -> None:
    session = planned("a b r", {"r": due(0)})
    assert session.remaining == {State.NEW: 2, State.REVIEW: 1, State.DRILL: 0}
    assert session.answered(Grade.HARD).remaining == {State.NEW: 2, State.REVIEW: 0, State.DRILL: 1}


def test_a_session_that_is_over_takes_no_answer() -> None:
    with pytest.raises(LookupError, match="the session is over"):
        planned("").answered(Grade.GOOD)
    with pytest.raises(LookupError, match="the session is over"):
        planned("").skip()


# Leaving cards out


def test_a_card_can_be_left_out() -> None:
    session = planned("a b c")
    assert order(session.skip()) == "b c"
    assert order(session.without("b")) == "a c"
    assert session.without("z") == session


def test_leaving_out_a_new_card_leaves_out_what_requires_it() -> None:
    session = planned("a b>a c>b d e>z,a", {"z": due(9)})
    assert order(session.without("a")) == "d"
    assert order(session.without("b")) == "a d e"


def test_a_card_that_was_answered_once_holds_back_nothing() -> None:
    session = planned("a b>a c").answered(Grade.WRONG)
    assert states(session) == "b:new c:new a:drill"
    assert order(session.without("a")) == "b c"
    assert order(session.first("a").skip()) == "b c"


def test_a_review_that_is_left_out_holds_back_nothing() -> None:
    assert order(planned("a b>a", {"a": due(0)}).skip()) == "b"


def test_a_card_can_be_brought_to_the_front() -> None:
    session = planned("a b c")
    assert order(session.first("c")) == "c a b"
    assert session.first("z") == session


# Laws

names = st.sampled_from([f"{deck}/{number}" for deck in ("t/x", "t/y", "u/z") for number in range(5)])
days = st.integers(-5, 5)
standings_of_some = st.dictionaries(
    names,
    st.builds(
        due,
        days,
        drill=st.sampled_from([None, None, YESTERDAY, TODAY]),
        suspended=st.sampled_from([False, False, False, True]),
        buried_until=st.sampled_from([None, None, TODAY, TOMORROW]),
    ),
    max_size=10,
)
marks_of_some = st.dictionaries(
    names, st.sampled_from([Marks(), Marks(suspended=True), Marks(buried_until=TOMORROW)]), max_size=4
)
some_limits = st.builds(
    Limits,
    new=st.integers(0, 8),
    reviews=st.integers(0, 8),
    per_deck=st.dictionaries(
        st.sampled_from(["t", "t/x", "t/y", "u/z"]),
        st.tuples(st.none() | st.integers(0, 3), st.none() | st.integers(0, 3)),
        max_size=3,
    ),
)
some_done = st.builds(
    Done,
    new=st.dictionaries(st.sampled_from(["t/x", "t/y", "q/q"]), st.integers(0, 3), max_size=2),
    reviews=st.dictionaries(st.sampled_from(["t/x", "u/z"]), st.integers(0, 3), max_size=2),
)


@st.composite
def libraries(draw: st.DrawFn, *, related: bool = True) -> list[Candidate]:
    """Return some cards; if `related`, with siblings and prerequisites (circles, too)."""
    chosen = draw(st.lists(names, unique=True, max_size=12))
    found = []
    for position, card in enumerate(chosen):
        requires = draw(st.lists(names, max_size=2)) if related and draw(st.booleans()) else []
        group = draw(st.sampled_from([None, "f", "g", "h"])) if related else None
        found.append(Candidate(card, card.rpartition("/")[0], position, tuple(requires), group))
    return found


def room_for(
    deck: str, taken: Sequence[str], rules: Mapping[str, int | None], done: Mapping[str, int]
) -> bool:
    """Whether one more card of `deck` fits in after those of the decks `taken`, and what was `done`."""
    so_far = [*taken, *(one for one, count in done.items() for _ in range(count))]
    for name, limit in rules.items():
        within = [one for one in (*so_far, deck) if name in ("", one, one.split("/")[0])]
        if limit is not None and deck in within and len(within) > limit:
            return False
    return True


def away(mark: Marks | Standing) -> bool:
    return mark.suspended or mark.buried_until == TOMORROW


def reviewed_by_the_book(
    library: Sequence[Candidate], standings: Mapping[str, Standing], limits: Limits, done: Done
) -> set[str]:
    """Take the longest due card that still fits in, again and again."""
    rules = {"": limits.reviews, **{name: reviews for name, (_, reviews) in limits.per_deck.items()}}
    taken: dict[str, str] = {}
    known = [one for one in library if one.card in standings and not away(standings[one.card])]
    for one in sorted(known, key=lambda one: (standings[one.card].memory.due, one.position)):
        is_due = standings[one.card].memory.due <= TODAY
        if is_due and room_for(one.deck, list(taken.values()), rules, done.reviews):
            taken[one.card] = one.deck
    return set(taken)


def introduced_by_the_book(
    library: Sequence[Candidate],
    standings: Mapping[str, Standing],
    marks: Mapping[str, Marks],
    limits: Limits,
    done: Done,
) -> set[str]:
    """Take the first card that may be introduced, again and again: what `plan` does, as slowly as can be."""
    rules = {"": limits.new, **{name: new for name, (new, _) in limits.per_deck.items()}}
    taken: dict[str, str] = {}

    def may_be(one: Candidate) -> bool:
        return (
            one.card not in standings.keys() | taken.keys()
            and not away(marks.get(one.card, Marks()))
            and set(one.requires) <= standings.keys() | taken.keys()
            and room_for(one.deck, list(taken.values()), rules, done.new)
        )

    while chosen := next(filter(may_be, library), None):
        taken[chosen.card] = chosen.deck
    return set(taken)


@settings(deadline=None, max_examples=300)
@given(libraries(), standings_of_some, marks_of_some, some_limits, some_done)
def test_a_plan_keeps_the_rules_whatever_the_library(
    library: list[Candidate],
    standings: dict[str, Standing],
    marks: dict[str, Marks],
    limits: Limits,
    done: Done,
) -> None:
    session = plan(library, standings, marks, TODAY, limits, done)
    cards_of = {state: {item.card for item in session.queue if item.state is state} for state in State}
    assert cards_of[State.REVIEW] == reviewed_by_the_book(library, standings, limits, done)
    assert cards_of[State.NEW] == introduced_by_the_book(library, standings, marks, limits, done)
    assert cards_of[State.DRILL] == {
        one.card
        for one in library
        if (standing := standings.get(one.card))
        and not away(standing)
        and standing.drill_on == TODAY < standing.memory.due
    }
    assert sum(session.remaining.values()) == len(set(order(session).split()))
    in_order = [item.state for item in session.queue]
    assert in_order == sorted(in_order, key=[State.REVIEW, State.NEW, State.DRILL].index)
    seen = set(standings)
    for item in session.queue:
        required = next(one.requires for one in library if one.card == item.card)
        assert item.state is not State.NEW or seen.issuperset(required)
        seen.add(item.card)


@law
@given(libraries(), standings_of_some, marks_of_some, some_limits, some_done, st.randoms())
def test_the_order_in_which_cards_are_handed_over_does_not_matter(
    library: list[Candidate],
    standings: dict[str, Standing],
    marks: dict[str, Marks],
    limits: Limits,
    done: Done,
    rng: random.Random,
) -> None:
    shuffled = rng.sample(library, len(library))
    backward = dict(reversed(standings.items()))
    assert plan(library, standings, marks, TODAY, limits, done) == plan(
        shuffled, backward, marks, TODAY, limits, done
    )


@law
@given(libraries(related=False), libraries(related=False), standings_of_some)
def test_unrelated_cards_do_not_change_each_others_order(
    one: list[Candidate], other: list[Candidate], standings: dict[str, Standing]
) -> None:
    strangers = [
        Candidate(f"v/{stranger.card}", f"v/{stranger.deck}", stranger.position) for stranger in other
    ]
    unlimited = Limits(new=sys.maxsize, reviews=sys.maxsize)
    alone = plan(one, standings, {}, TODAY, unlimited, Done())
    together = plan([*one, *strangers], standings, {}, TODAY, unlimited, Done())
    assert [item for item in together.queue if not item.card.startswith("v/")] == list(alone.queue)


@law
@given(libraries(), standings_of_some, st.data())
def test_every_card_is_shown_until_it_is_known_and_the_session_ends(
    library: list[Candidate], standings: dict[str, Standing], data: st.DataObject
) -> None:
    session = plan(library, standings, {}, TODAY, Limits(), Done())
    failures = {item.card: data.draw(st.integers(0, 3)) for item in session.queue}
    to_come = dict(failures)
    seen, answers = set(standings), 0
    while item := session.current:
        required = next(one.requires for one in library if one.card == item.card)
        assert item.state is not State.NEW or seen.issuperset(required)
        seen.add(item.card)
        answers += 1
        fails = to_come[item.card] > 0
        to_come[item.card] -= 1
        session = session.answered(Grade.HARD if fails else Grade.GOOD)
        if fails and len(session.queue) > 1:
            assert session.current is not None
            assert session.current.card != item.card
    assert answers == sum(failures.values()) + len(failures)
    assert set(to_come.values()) <= {-1}


@law
@given(libraries(), standings_of_some, st.lists(st.sampled_from([*Grade, "skip", "bury"]), max_size=30))
def test_new_cards_never_run_ahead_of_their_prerequisites(
    library: list[Candidate], standings: dict[str, Standing], steps: list[Grade | str]
) -> None:
    session = plan(library, standings, {}, TODAY, Limits(), Done())
    seen = set(standings)
    for step in steps:
        item = session.current
        if item is None:
            break
        required = next(one.requires for one in library if one.card == item.card)
        assert item.state is not State.NEW or seen.issuperset(required)
        if isinstance(step, Grade):
            seen.add(item.card)
            session = session.answered(step)
        else:
            session = session.skip() if step == "skip" else session.without(session.queue[-1].card)
        in_order = [left.state for left in session.queue]
        assert in_order == sorted(in_order, key=[State.REVIEW, State.NEW, State.DRILL].index)
