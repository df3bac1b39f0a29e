"""What holds after any sequence of answers, marks, renames, replays and undos."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studykit.store.records import Role
from studykit.store.store import Store

CARDS = ("t/d/a", "t/d/b", "t/d/c")
Script = list[tuple[tuple[Any, ...], int]]

cards = st.sampled_from(CARDS)
answers = st.tuples(
    st.just("answer"),
    cards,
    st.sampled_from((0, 1, 2, 2, 3, 4, 4, 5)),
    st.sampled_from(("sm2", "sm2", "sm2", "fsrs")),
    st.booleans(),
    st.sampled_from((1, 1, 1, 1, 2, 3)),
)
marks = st.tuples(
    st.sampled_from(("suspend", "unsuspend", "bury", "unbury", "flag", "unflag", "unleech")), cards
)
many = st.tuples(
    st.sampled_from(tuple(Role(name) for name in ("suspend", "unsuspend", "bury", "flag", "unflag", "due"))),
    st.permutations(CARDS).flatmap(lambda names: st.sampled_from([names[:1], names[:2], names])),
)
resets = st.tuples(st.just(Role.RESET), st.permutations(CARDS).map(lambda names: names[:2]))
steps = st.one_of(answers, answers, answers, marks, many)
with_resets = st.one_of(steps, steps, steps, resets)
days = st.sampled_from((0, 0, 1, 1, 1, 6, 40, -1, -30))
"""How the clock moves between two steps."""
others = st.one_of(
    st.tuples(st.just("undo")),
    st.tuples(st.just("rename"), st.permutations((*CARDS, "t/d/x")).map(lambda names: names[:2])),
    st.tuples(st.just("replay"), st.sampled_from(("sm2", "fsrs"))),
)


@dataclass
class Run:
    """A learner and his clock."""

    learner: Any
    day: int = 0

    def do(self, step: tuple[Any, ...], moved: int) -> None:
        """Move the clock, then do one step."""
        self.day += moved
        when = {"day": self.learner.day(self.day), "at": self.learner.at(self.day)}
        match step:
            case (Role() as role, several):
                self.learner.store.take(role, several, until=when["day"] + timedelta(days=2), **when)
            case ("answer", card, grade, scheduler, suspend, revision):
                more = {"scheduler": scheduler, "suspend_leeches": suspend, "revision": revision}
                self.learner.answer(grade, self.day, card, **more)
            case ("bury", card):
                self.learner.store.bury(card, when["day"] + timedelta(days=2), **when)
            case ("undo",):
                self.learner.store.undo(**when)
            case ("rename", (old, new)):
                self.learner.store.rename({old: new}, **when)
            case ("replay", scheduler):
                self.learner.store.rebuild(scheduler, **when)
            case (mark, card):
                self.learner.mark(mark, card=card, day=self.day)

    def steps(self) -> int:
        """Return how many rows of the log undo knows how to take back."""
        query = "SELECT count(*) FROM log WHERE role NOT IN ('undo', 'rename', 'replay')"
        counted: int = self.learner.store._database.driver.execute(query).fetchone()[0]
        return counted


@contextmanager
def run_of(learner: Any, script: Script) -> Iterator[Run]:
    """Give a learner of this example's own, who has done all of `script`."""
    with Store.open("sqlite://") as store:
        run = Run(type(learner)(store))
        for step, moved in script:
            run.do(step, moved)
        yield run


quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(script=st.lists(st.tuples(with_resets, days), max_size=25))
def test_undo_is_exact(learner: Any, script: Script) -> None:
    with run_of(learner, []) as run:
        states = []
        for step, moved in script:
            before, steps_before = run.learner.everything(), run.steps()
            run.do(step, moved)
            if run.steps() > steps_before:  # a mark that is there already is no step
                states.append(before)
        for before in reversed(states):
            assert run.learner.undo(run.day) is not None
            assert run.learner.everything() == before
        assert run.learner.undo(run.day) is None


@quick
@given(
    script=st.lists(st.tuples(st.one_of(with_resets, with_resets, with_resets, others), days), max_size=40)
)
def test_the_log_says_what_is_kept(learner: Any, script: Script) -> None:
    with run_of(learner, script) as run:
        assert run.learner.store.check() == []
        before = run.learner.everything()
        assert run.learner.store.rebuild() == 0
        assert run.learner.everything() == before


@quick
@given(script=st.lists(st.tuples(st.one_of(steps, others), days), max_size=30))
def test_intervals_are_positive_and_a_cards_days_never_go_back(learner: Any, script: Script) -> None:
    with run_of(learner, script) as run:
        for card, record in run.learner.store.records().items():
            days = [row.day for row in run.learner.store.history(card)]
            assert days == sorted(days)
            assert record.last_day == days[-1]
            assert record.memory.interval >= 1
