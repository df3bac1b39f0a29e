"""Which cards may be asked of a learner's library."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from studykit.config import Settings
from studykit.errors import StudykitError
from studykit.library.index import Root, open_library
from studykit.quiz.drawing import kinds_named, pool, questions, shaky
from studykit.quiz.paper import Terms
from studykit.scheduling.sm2 import Grade
from studykit.store.store import Store
from studykit.study import Study

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)


@pytest.fixture
def study(home: Path, school: Path) -> Iterator[Study]:
    home.mkdir(parents=True)
    library = open_library([Root(school, "extra")], home / "cache")
    store = Store.open(f"sqlite:///{home / 'studykit.db'}")
    with Study(library, store, Settings(timezone="UTC"), home) as opened:
        yield opened


def answer(study: Study, card: str, grade: int, days_ago: int) -> None:
    study.answer(f"demo/{card}", Grade(grade), NOW - timedelta(days=days_ago))


def test_failed_cards_are_those_in_drill_forgotten_lately_or_leeches(study: Study) -> None:
    answer(study, "counting/what", 3, 0)  # in today's drill
    answer(study, "counting/last", 1, 14)  # forgotten lately
    answer(study, "counting/order", 1, 15)  # forgotten long ago
    answer(study, "counting/dozen", 4, 1)  # known
    for day in range(60, 40, -1):
        answer(study, "adding/sum", 1, day)  # a leech
    assert shaky(study, NOW) == {"demo/counting/what", "demo/counting/last", "demo/adding/sum"}


def test_a_new_learner_has_failed_nothing(study: Study) -> None:
    assert shaky(study, NOW) == set()


def test_code_that_is_not_approved_is_left_out_with_its_cards(study: Study) -> None:
    found = pool(study)
    assert {one.kind for one in found.candidates} == {"basic", "cloze", "choice", "typed"}
    [left] = found.left_out
    assert left.cards == (
        "demo/adding/sum",
        "demo/adding/write_add",
        "demo/adding/mend_add",
        "demo/adding/print_add",
    )
    assert "`studykit trust " in left.reason


def test_prerequisites_are_not_needed(study: Study) -> None:
    found = pool(study, kinds=("typed",))
    [question] = questions(found, Terms(7, 10, (), ("typed",)))
    assert question.card == "demo/counting/dozen"


def test_only_what_is_named_is_asked(study: Study) -> None:
    found = pool(
        study, ("demo/counting",), ("basic", "typed"), only={"demo/counting/dozen", "demo/adding/sum"}
    )
    assert [one.card for one in found.candidates] == ["demo/counting/dozen"]


def test_kinds_are_named_with_commas_or_one_by_one() -> None:
    assert kinds_named(["typed,choice", "choice"]) == ("choice", "typed")
    assert kinds_named([" typed , "]) == ("typed",)
    assert kinds_named([]) == ()
    with pytest.raises(StudykitError, match=r"there is no kind basics \(did you mean basic\?\)"):
        kinds_named(["basics"])
