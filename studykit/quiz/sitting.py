"""Marking what was answered at the screen: a question may not have been looked at, or could not be put."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from studykit.quiz.drawing import needs_posing, put
from studykit.quiz.marking import Answer, Mark, Marked, mark
from studykit.quiz.paper import Question
from studykit.running.exercises import Posed

if TYPE_CHECKING:
    from studykit.quiz.bench import Bench
    from studykit.study import Study


def mark_sitting(
    study: "Study",
    questions: Sequence[Question],
    posed: Mapping[str, Posed],
    answers: Mapping[str, Answer],
    bench: "Bench",
    progress: Callable[[int], None],
) -> tuple[Marked, ...]:
    """Return every question marked; `progress` is told how many are done."""
    marked: list[Marked] = []
    for question in questions:
        progress(len(marked))
        marked.append(_mark(study, question, posed.get(question.card), answers.get(question.card), bench))
    return tuple(marked)


def _mark(
    study: "Study", question: Question, posed: Posed | None, answer: Answer | None, bench: "Bench"
) -> Marked:
    if posed is None and needs_posing(question.kind):
        found = bench.pose(question.card, question.seed)
        if not isinstance(found, Posed):
            detail = f"It could not be put: {found.detail}"
            return Marked(put(study, question), Mark.UNMARKED, detail=detail, verdict=str(found.verdict))
        posed = found
    return mark(put(study, question, posed), answer, study.settings.language, bench)
