"""The gate: what makes a candidate no card, and by which name it is counted."""

import pytest

from studykit.authoring.article import parse_markdown
from studykit.authoring.candidates import Candidate, Reason
from studykit.authoring.gate import fault, sift, thinned

ARTICLE = parse_markdown(
    "# Queues\n\nA queue is a list that is read at one end and written at the other end.\n", "queues.md"
)


def card(
    front: str = "What is a queue?",
    back: str = "A list that is read at one end and written at the other end.",
    *,
    kind: str = "basic",
    score: float = 3.0,
    lines: tuple[int, int] = (3, 3),
    quote: str = "A queue is a list",
    answer: str | None = None,
) -> Candidate:
    fields = {"text": front} if kind == "cloze" else {"front": front, "back": back}
    return Candidate(
        rule="definitions",
        kind=kind,
        fields=fields,
        lines=lines,
        section="Queues",
        quote=quote,
        key="queue",
        name="queue",
        answer=back if answer is None else answer,
        score=score,
    )


def test_a_sound_candidate_has_no_fault() -> None:
    assert fault(card(), ARTICLE) is None


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        (card(back=""), "empty"),
        (card(score=1.75), "weak"),
        (card("It is read at one end. Why?"), "does not stand alone"),
        (card("Queues: They are read at one end. Why?"), "does not stand alone"),
        (card("为什么它只能从一端读？"), "does not stand alone"),
        (card("What is the queue shown in Figure 3?"), "points elsewhere"),
        (card("如上图，队列是什么？"), "points elsewhere"),
        (card("A queue is a list that is read?", "a list that is read"), "answer in the question"),
        (card("A {{queue}} is a queue.", kind="cloze", answer="queue"), "answer in the question"),
        (card(back="!"), "answer too short"),
        (card(back="a list " * 50), "answer too long"),
        (card(back="Nobody knows, and nobody ever asked about this."), "not in the article"),
        (card("What is a `queue?"), "broken markup"),
        (card("What is a **queue?"), "broken markup"),
        (card("What is a queue $x?"), "broken markup"),
        (card('What is a queue {{< ref "x" >}}?'), "broken markup"),
    ],
)
def test_each_fault_is_named(candidate: Candidate, reason: str) -> None:
    found = fault(candidate, ARTICLE)
    assert found is not None
    assert found.value == reason


def test_code_and_formulas_do_not_count_as_length() -> None:
    long = "a list\n\n$$\n" + "x + " * 200 + "y\n$$\n\n```python\n" + "read()\n" * 100 + "```"
    assert fault(card(back=long, answer="a list"), ARTICLE) is None


def test_dollars_in_code_and_escaped_ones_are_no_formulas() -> None:
    assert fault(card(r"What is `$PATH` at 5\$?"), ARTICLE) is None


def test_of_two_with_one_question_the_better_stays() -> None:
    kept, rejected = sift([card(score=2.0, lines=(1, 1)), card(score=3.0)], ARTICLE)
    assert [candidate.score for candidate in kept] == [3.0]
    assert [(r.candidate.score, r.reason) for r in rejected] == [(2.0, Reason.INVENTED)]
    kept, rejected = sift([card(score=2.0, quote="Say it in other words."), card(score=3.0)], ARTICLE)
    assert [candidate.score for candidate in kept] == [3.0]
    assert [r.reason for r in rejected] == [Reason.DUPLICATE]


def test_of_two_about_the_same_words_the_better_stays() -> None:
    kept, rejected = sift([card("What is read at one end?", score=2.5), card(score=3.0)], ARTICLE)
    assert [candidate.front for candidate in kept] == ["What is a queue?"]
    assert [r.reason.value for r in rejected] == ["same place asked better"]


def test_an_article_bears_a_card_per_six_lines_and_keeps_the_best() -> None:
    article = parse_markdown("line\n\n" * 12, "long.md")
    candidates = [card(f"Question {n}?", score=float(n)) for n in range(2, 9)]
    kept, rejected = thinned(candidates, article)
    assert [candidate.score for candidate in kept] == [5.0, 6.0, 7.0, 8.0]
    assert {r.reason.value for r in rejected} == {"enough cards"}


def test_a_short_article_may_have_three_cards() -> None:
    candidates = [card(f"Question {n}?") for n in range(4)]
    assert len(thinned(candidates, ARTICLE)[0]) == 3
