"""Reports: what is in them, and that no text of a card or a learner breaks out of its place."""

from studykit.library.cards import Typed
from studykit.quiz.marking import Mark, Marked
from studykit.quiz.paper import LeftOut, Put, Question, Terms, word
from studykit.quiz.report import as_json, as_lines, as_markdown, fenced
from studykit.quiz.score import Outcome

TYPED = Typed(id="t", front="# How many?\n\n```\n# kept\n```", accept=("12",), back="Twelve | a dozen.")


def outcome(given: str = "11") -> Outcome:
    put = Put(Question(1, "t/d/t", "t/d", "typed", 7), TYPED, word(TYPED, ("en",), 7), "A | topic", "d.md:3")
    marked = Marked(put, Mark.WRONG, given, "12", why="Twelve | a dozen.", detail="Not *this*.")
    left = (LeftOut("graded by the learner", ("t/d/a", "t/d/b")),)
    return Outcome(Terms(7, 1, ("t/d",)), (marked,), left, seconds=90, time_up=True)


def test_a_report_says_score_answers_why_and_source() -> None:
    text = as_markdown(outcome())
    for part in (
        "**0 of 1 right (0%), the time was up.**",
        r"| A \| topic | 0 | 1 | 0 |",
        "### 1. `t/d/t` (typed): wrong",
        "**Your answer**\n\n```\n11\n```",
        "**Expected**\n\n```\n12\n```",
        "**Why**\n\nTwelve | a dozen.",
        "**What happened:** Not \\*this\\*.",
        "**Source:** d.md:3",
        "- 2 cards (t/d/a, t/d/b): graded by the learner",
    ):
        assert part in text


def test_headings_of_cards_do_not_join_those_of_the_report() -> None:
    text = as_markdown(outcome())
    assert "**How many?**" in text
    assert "\n# kept\n" in text  # code stays code
    assert [line for line in text.splitlines() if line.startswith("# ")] == ["# Quiz", "# kept"]


def test_backticks_and_escapes_in_an_answer_stay_inside_their_block() -> None:
    text = as_markdown(outcome("```\n# gone\n\x1b[2J"))
    assert "````\n```\n# gone\n\ufffd[2J\n````" in text
    assert "\x1b" not in text
    assert "\x1b" not in "\n".join(as_lines(outcome("\x1b[2J")))


def test_a_fence_is_longer_than_any_inside() -> None:
    assert fenced("a ```` b").startswith("`````\n")


def test_json_has_every_question_and_the_terms() -> None:
    document = as_json(outcome())
    assert document["paper"] == {"seed": 7, "count": 1, "decks": ["t/d"], "kinds": []}
    assert document["score"] == {"right": 0, "of": 1, "percent": 0, "unmarked": 0}
    assert document["time_up"] is True
    [question] = document["questions"]  # type: ignore[misc]
    assert question["mark"] == "wrong"
    assert (question["given"], question["expected"], question["source"]) == ("11", "12", "d.md:3")
    assert document["left_out"] == [{"reason": "graded by the learner", "cards": ["t/d/a", "t/d/b"]}]
