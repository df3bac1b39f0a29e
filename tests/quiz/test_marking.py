"""What answers are worth. Nothing really runs here."""

from dataclasses import dataclass, field

import pytest

from studykit.library.cards import Basic, Card, Choice, Cloze, Compute, Implement, Predict, RunIt, Typed
from studykit.quiz.marking import Answer, Filled, Graded, Mark, Marked, Ticked, Written, mark
from studykit.quiz.paper import Put, Question, Terms, word
from studykit.quiz.score import Outcome
from studykit.running.exercises import Posed
from studykit.running.verdicts import Result, Verdict

EN = ("en",)


@dataclass
class FakeBench:
    """Gives the answers' results, and for the reference its own."""

    result: Result = field(default_factory=lambda: Result(Verdict.PASS))
    reference: Result = field(default_factory=lambda: Result(Verdict.PASS, expected="42", stdout="5\n"))

    def pose(self, card_id: str, seed: int) -> Posed | Result:
        raise NotImplementedError

    def judge(self, card_id: str, answer: str | None, seed: int) -> Result:  # noqa: ARG002
        return self.reference if answer is None else self.result

    def solution(self, card_id: str, card: RunIt) -> str:  # noqa: ARG002
        return "def f(): return 1" if isinstance(card, Implement) else ""


def put(card: Card, number: int = 1, deck: str = "t/d") -> Put:
    question = Question(number, f"{deck}/{card.id}", deck, card.kind, 7)
    posed = Posed(7, "?", "def f():\n    ...\n") if isinstance(card, Implement) else None
    return Put(question, card, word(card, EN, 7, posed), "Topic", "decks/t/d.md:1-2")


def marked(card: Card, answer: Answer | None, bench: FakeBench | None = None) -> Marked:
    return mark(put(card), answer, EN, bench or FakeBench())


CHOICE = Choice(id="c", front="Which?", right=("yes",), wrong=("no", "perhaps"), back="Because.")
TYPED = Typed(id="t", front="How many?", accept=("12", "twelve"))
CLOZE = Cloze(id="z", text="A {{dozen}} is {{12}}.")
COMPUTE = Compute(id="k", front="?", function="f")
IMPLEMENT = Implement(id="i", front="Write it.", function="f")
PREDICT = Predict(id="p", front="?", code="print(5)")


def test_a_choice_is_right_with_exactly_the_right_options() -> None:
    options = put(CHOICE).wording.options
    right, wrong = options.index("yes"), options.index("no")
    assert marked(CHOICE, Ticked(frozenset({right}))).mark is Mark.RIGHT
    both = marked(CHOICE, Ticked(frozenset({right, wrong})))
    assert both.mark is Mark.WRONG
    assert both.expected == f"{right + 1}. yes"
    assert both.why == "Because."


@pytest.mark.parametrize(
    ("card", "answer", "mark"),
    [
        (TYPED, Written(" Twelve. "), Mark.RIGHT),
        (TYPED, Written("1.2e1"), Mark.RIGHT),
        (TYPED, Written("11"), Mark.WRONG),
        (TYPED, Written("  "), Mark.BLANK),
        (TYPED, None, Mark.BLANK),
        (CHOICE, Ticked(frozenset()), Mark.BLANK),
        (CLOZE, Filled(("DOZEN", "12.0")), Mark.RIGHT),
        (CLOZE, Filled(("dozen",)), Mark.WRONG),
        (CLOZE, Filled(("12", "dozen")), Mark.WRONG),
        (CLOZE, Filled(("", " ")), Mark.BLANK),
        (CLOZE, Graded(True), Mark.RIGHT),
        (Basic(id="b", front="?", back="!"), Graded(False), Mark.WRONG),
        (Basic(id="b", front="?", back="!"), None, Mark.BLANK),
        (IMPLEMENT, Written("def f():\n\n    ...\n"), Mark.BLANK),
    ],
)
def test_answers_are_worth(card: Card, answer: Answer | None, mark: Mark) -> None:
    assert marked(card, answer).mark is mark


@pytest.mark.parametrize(
    ("verdict", "reference", "mark"),
    [
        (Verdict.PASS, Verdict.PASS, Mark.RIGHT),
        (Verdict.WRONG, Verdict.PASS, Mark.WRONG),
        (Verdict.ERROR, Verdict.PASS, Mark.WRONG),
        (Verdict.UNAVAILABLE, Verdict.PASS, Mark.UNMARKED),
        (Verdict.TIMEOUT, Verdict.PASS, Mark.WRONG),
        (Verdict.TIMEOUT, Verdict.TIMEOUT, Mark.UNMARKED),
        (Verdict.MEMORY, Verdict.PASS, Mark.WRONG),
        (Verdict.FORBIDDEN, Verdict.PASS, Mark.WRONG),
        (Verdict.CRASH, Verdict.UNAVAILABLE, Mark.UNMARKED),
    ],
)
def test_a_machines_fault_is_no_wrong_answer(verdict: Verdict, reference: Verdict, mark: Mark) -> None:
    bench = FakeBench(Result(verdict, detail="Told."), Result(reference))
    one = marked(IMPLEMENT, Written("def f(): return 2"), bench)
    assert (one.mark, one.detail, one.verdict) == (mark, "Told.", str(verdict))


def test_what_was_expected_is_worked_out_for_blanks_too() -> None:
    assert marked(COMPUTE, None).expected == "42"
    assert marked(PREDICT, None).expected == "5"
    assert marked(IMPLEMENT, None).expected == "def f(): return 1"


def test_an_answer_of_another_kind_is_a_fault_of_the_caller() -> None:
    with pytest.raises(TypeError, match="t/d/t"):
        marked(TYPED, Ticked(frozenset({1})))


def test_the_score_leaves_out_what_could_not_be_marked() -> None:
    marks = [Mark.RIGHT, Mark.WRONG, Mark.BLANK, Mark.UNMARKED]
    decks = ["t/a", "t/a", "t/b", "t/b"]
    every = tuple(
        Marked(put(TYPED, number, deck), one)
        for number, (one, deck) in enumerate(zip(marks, decks, strict=True), 1)
    )
    outcome = Outcome(Terms(7, 4), every)
    total = outcome.total
    assert (total.right, total.of, total.percent, total.unmarked) == (1, 3, 33, 1)
    assert [(one.name, one.right, one.of) for one in outcome.topics] == [("t/b", 0, 1), ("t/a", 1, 2)]
    assert [one.mark for one in outcome.missed] == [Mark.WRONG, Mark.BLANK]
