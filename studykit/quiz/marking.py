"""Answers marked: right, wrong, blank, or not to be marked here.

A machine's fault is nobody's wrong answer. Code that hangs, crashes or eats all memory is blamed on the
learner only if the reference, run at the same place, passes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from studykit.library.cards import Basic, Choice, Cloze, Implement, Predict, Repair, RunIt, Typed, text_in
from studykit.quiz.paper import Languages, Put
from studykit.running.answers import judge_typed, same_text
from studykit.running.verdicts import Result, Verdict

if TYPE_CHECKING:
    from studykit.quiz.bench import Bench


class Mark(StrEnum):
    """What an answer is worth."""

    RIGHT = "right"
    WRONG = "wrong"
    BLANK = "blank"
    """No answer; counts as wrong."""

    UNMARKED = "unmarked"
    """Nothing could be run here, which says nothing about the learner; does not count."""


@dataclass(frozen=True, slots=True)
class Ticked:
    """Options of a choice card, counted from 0."""

    options: frozenset[int]


@dataclass(frozen=True, slots=True)
class Written:
    """A text, a value, an output, code."""

    text: str


@dataclass(frozen=True, slots=True)
class Filled:
    """What was typed into the gaps of a cloze."""

    gaps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Graded:
    """The learner's own word for a card that no machine marks."""

    right: bool


Answer: TypeAlias = Ticked | Written | Filled | Graded


@dataclass(frozen=True, slots=True)
class Marked:
    """A question, what was answered, and what became of it. All texts are for people."""

    put: Put
    mark: Mark
    given: str = ""
    expected: str = ""
    why: str = ""
    """The card's `back`: why the answer is what it is."""

    detail: str = ""
    """What marking found, in sentences."""

    failing_input: str = ""
    traceback: str = ""
    verdict: str = ""
    """How the run ended, where one was needed."""

    @property
    def counts(self) -> bool:
        """Whether it says anything about the learner."""
        return self.mark is not Mark.UNMARKED


def mark(put: Put, answer: Answer | None, languages: Languages, bench: "Bench") -> Marked:
    """Return what `answer` is worth; None is no answer."""
    marked = _marked(put, answer, bench)
    return replace(marked, why=text_in(put.card.back or "", languages).strip())


def mark_all(
    puts: tuple[Put, ...], answers: Mapping[str, Answer], languages: Languages, bench: "Bench"
) -> Iterator[Marked]:
    """Yield each question as it is marked."""
    for put in puts:
        yield mark(put, answers.get(put.question.card), languages, bench)


def _marked(put: Put, answer: Answer | None, bench: "Bench") -> Marked:
    match put.card, answer:
        case ((Basic() | Cloze()), Graded(right=right)):
            marked = Marked(put, Mark.RIGHT if right else Mark.WRONG, "(graded by the learner)")
            return replace(marked, expected=_hidden(put))
        case Choice(), (Ticked() | None):
            return _choice(put, answer)
        case Typed() as card, (Written() | None):
            return _typed(put, card, answer)
        case Cloze(), (Filled() | None):
            return _cloze(put, answer)
        case Basic(), None:
            return Marked(put, Mark.BLANK)
        case ((Basic() | Cloze() | Choice() | Typed()), _):
            raise TypeError(f"{put.question.card} is not answered like that")
        case card, (Written() | None):
            return _run(put, card, answer, bench)
    raise TypeError(f"{put.question.card} is not answered like that")


def _choice(put: Put, answer: Ticked | None) -> Marked:
    options, right = put.wording.options, put.wording.right
    expected = _listed(options, right)
    if answer is None or not answer.options:
        return Marked(put, Mark.BLANK, expected=expected)
    mark = Mark.RIGHT if answer.options == right else Mark.WRONG
    return Marked(put, mark, _listed(options, answer.options), expected)


def _listed(options: tuple[str, ...], chosen: frozenset[int]) -> str:
    return "\n".join(f"{i + 1}. {options[i]}" for i in sorted(chosen) if i < len(options))


def _typed(put: Put, card: Typed, answer: Written | None) -> Marked:
    expected = card.accept[0]
    if answer is None or not answer.text.strip():
        return Marked(put, Mark.BLANK, expected=expected)
    return Marked(
        put, Mark.RIGHT if judge_typed(card, answer.text) else Mark.WRONG, answer.text.strip(), expected
    )


def _hidden(put: Put) -> str:
    return "; ".join(put.wording.gaps)


def _cloze(put: Put, answer: Filled | None) -> Marked:
    hidden = put.wording.gaps
    if answer is None or not any(gap.strip() for gap in answer.gaps):
        return Marked(put, Mark.BLANK, expected=_hidden(put))
    fits = len(answer.gaps) == len(hidden) and all(map(same_text, hidden, answer.gaps))
    return Marked(put, Mark.RIGHT if fits else Mark.WRONG, "; ".join(answer.gaps), _hidden(put))


def _run(put: Put, card: RunIt, answer: Written | None, bench: "Bench") -> Marked:
    if answer is None or not answer.text.strip() or _untouched(put, answer.text):
        return _blank(put, card, bench)
    card_id, seed = put.question.card, put.question.seed
    result = bench.judge(card_id, answer.text, seed)
    mark = _worth(put, result, bench)
    expected = result.expected
    if mark is not Mark.RIGHT and (isinstance(card, Implement | Repair) or not expected):
        expected = _expected(put, card, bench)
    return Marked(
        put,
        mark,
        answer.text.rstrip(),
        expected.rstrip(),
        detail=result.detail,
        failing_input=result.failing_input,
        traceback=result.traceback,
        verdict=str(result.verdict),
    )


def _untouched(put: Put, text: str) -> bool:
    """Tell whether code was handed in as it was handed out."""
    return bool(put.wording.code) and text.split() == put.wording.code.split() and put.card.kind != "predict"


def _worth(put: Put, result: Result, bench: "Bench") -> Mark:
    match result.verdict:
        case Verdict.PASS:
            return Mark.RIGHT
        case Verdict.WRONG | Verdict.ERROR:
            return Mark.WRONG
        case Verdict.UNAVAILABLE:
            return Mark.UNMARKED
    # A time limit, no memory, a crash: the answer's fault if the reference does better.
    reference = bench.judge(put.question.card, None, put.question.seed)
    return Mark.WRONG if reference.verdict is Verdict.PASS else Mark.UNMARKED


def _blank(put: Put, card: RunIt, bench: "Bench") -> Marked:
    return Marked(put, Mark.BLANK, expected=_expected(put, card, bench).rstrip())


def _expected(put: Put, card: RunIt, bench: "Bench") -> str:
    written = bench.solution(put.question.card, card)
    if written:
        return written
    result = bench.judge(put.question.card, None, put.question.seed)
    if result.verdict is not Verdict.PASS:
        return ""
    return result.stdout if isinstance(card, Predict) else result.expected or result.got
