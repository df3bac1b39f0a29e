"""`studykit quiz` for classes: a paper is written, filled in, marked; exit codes and exact messages."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

Call = Callable[..., tuple[int, str, str]]

RIGHT = {
    "demo/counting/last": "cardinality",
    "demo/counting/dozen": "12",
    "demo/adding/print_add": "5",
    "demo/adding/write_add": "def add(a, b):\n    return a + b\n",
    "demo/adding/mend_add": "def add(a, b):\n    return b + a\n",
}


@pytest.fixture
def trusted(call: Call, school: Path) -> Call:
    assert call("trust", str(school), "--yes")[0] == 0
    return call


def paper(call: Call, *arguments: str) -> dict[str, object]:
    code, out, _ = call("quiz", "demo", "--seed", "7", "--json", *arguments)
    assert code == 0
    document: dict[str, object] = json.loads(out)
    return document


def answered(document: dict[str, object], **others: object) -> dict[str, object]:
    """Fill in what is right, but for `others` by the last part of the card's id."""
    for question in document["questions"]:  # type: ignore[attr-defined]
        card = question["card"]
        name = card.rpartition("/")[2]
        if name in others:
            question["answer"] = others[name]
        elif name == "order":
            texts = [option.partition(". ")[2] for option in question["options"]]
            question["answer"] = 1 + texts.index("No, any order gives the same number")
        elif name == "sum":
            a, b = re.findall(r"\d+", question["question"])
            question["answer"] = int(a) + int(b)
        else:
            question["answer"] = RIGHT[card]
    return document


def mark(call: Call, document: object, *arguments: str) -> tuple[int, str, str]:
    Path("a.json").write_text(document if isinstance(document, str) else json.dumps(document))
    return call("quiz", "--answers", "a.json", *arguments)


def test_the_same_seed_gives_the_same_paper(trusted: Call) -> None:
    first = paper(trusted, "--count", "4")
    assert first == paper(trusted, "--count", "4")
    assert [len(first["questions"]), first["paper"]["seed"]] == [4, 7]  # type: ignore[arg-type,index]
    other = json.loads(trusted("quiz", "demo", "--seed", "8", "--count", "4", "--json")[1])
    assert other["questions"] != first["questions"]


def test_what_was_learned_or_suspended_changes_no_paper(trusted: Call) -> None:
    first = paper(trusted, "--count", "4")
    trusted("answer", "demo/counting/dozen", "--grade", "4", "--at", "2026-03-01")
    trusted("suspend", "deck:demo/adding")
    assert paper(trusted, "--count", "4") == first


def test_a_right_paper_is_exit_code_0_and_touches_no_schedule(trusted: Call) -> None:
    document = paper(trusted)
    code, out, err = mark(trusted, answered(document), "--json")
    result = json.loads(out)
    assert (code, err) == (0, "")
    assert result["score"] == {"right": 7, "of": 7, "percent": 100, "unmarked": 0}
    assert {one["mark"] for one in result["questions"]} == {"right"}
    assert json.loads(trusted("stats", "--json")[1])["answers"] == 0
    assert len(json.loads(trusted("due", "demo", "--json", "--at", "2026-03-01")[1])) == 8


def test_wrong_answers_are_told_with_what_was_expected(trusted: Call) -> None:
    wrong = {"dozen": "11", "write_add": "def add(a, b):\n    return a - b\n", "print_add": None}
    code, out, err = mark(trusted, answered(paper(trusted), **wrong), "--report", "r.md")
    assert code == 1
    assert err == "studykit: a.json has no answer to demo/adding/print_add: it counts as wrong\n"
    assert out.startswith("4 of 7 right (57%).\n")
    report = Path("r.md").read_text()
    for part in ("`demo/counting/dozen` (typed): wrong", "no answer", "return a + b", "adding.yaml:"):
        assert part in report


def test_yaml_is_written_filled_in_and_marked(trusted: Call) -> None:
    code, out, err = trusted("quiz", "demo", "--seed", "7", "--kinds", "typed,predict", "--paper", "p.yaml")
    assert (code, out) == (0, "2 questions in p.yaml, drawn with seed 7.\n")
    text = Path("p.yaml").read_text()
    first, second = re.findall(r"kind: (typed|predict)", text)
    values = {"typed": "1.2e1", "predict": "5"}
    text = text.replace("answer: null", f"answer: {values[first]}", 1)
    Path("p.yaml").write_text(text.replace("answer: null", f"answer: {values[second]}"))
    code, out, err = trusted("quiz", "--answers", "p.yaml")
    assert (code, err) == (0, "")
    assert out.startswith("2 of 2 right (100%).\n")


def test_a_paper_is_never_written_over(trusted: Call) -> None:
    Path("p.yaml").write_text("mine")
    code, out, err = trusted("quiz", "demo", "--paper", "p.yaml")
    assert (code, out) == (2, "")
    assert err == "studykit: p.yaml exists already, and may hold answers: choose another name\n"
    assert Path("p.yaml").read_text() == "mine"


def test_answers_alone_need_the_paper_named(trusted: Call) -> None:
    answers = {"answers": {"demo/counting/dozen": 12}}
    code, _, err = mark(trusted, answers)
    assert code == 2
    assert err.startswith("studykit: a.json does not say which paper it answers: name it by `--seed`")
    Path("a.json").write_text(json.dumps(answers))
    code, out, err = trusted("quiz", "demo", "--kinds", "typed", "--seed", "7", "--answers", "a.json")
    assert (code, out) == (0, "1 of 1 right (100%).\n    1 of 1   Counting\n")


def test_an_answer_to_another_paper_is_refused(trusted: Call) -> None:
    document = answered(paper(trusted))
    code, _, err = mark(trusted, document, "--seed", "8")
    assert (code, err) == (2, "studykit: a.json answers another paper: its seed is 7, not 8\n")
    document["paper"]["fingerprint"] = "0" * 16  # type: ignore[index]
    code, _, err = mark(trusted, document)
    assert code == 2
    assert "cannot be drawn again: the library, its language or what can run here has changed" in err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a.json:1:1: no-answers: no answers are in here: fill in a paper"),
        ("[1, 2]", "a.json:1:1: no-answers: no answers are in here"),
        ("{", "a.json:2:1: yaml: "),
        ("answers: [1]", "a.json:1:10: bad-answers: `answers` must name each card and its answer"),
        ("questions: 3", "a.json:1:12: bad-questions: `questions` must be a list"),
        ("questions:\n  - {answer: 3}", "a.json:2:5: bad-question: a question needs its `card`"),
        ("answers:\n  x: 1\n  x: 2", "a.json:3:3: duplicate-key: `x` stands here twice"),
        (
            "questions:\n  - {card: x, answer: 1}\n  - {card: x, answer: 2}",
            "a.json:3:23: duplicate-answer: x is answered twice, first on line 2",
        ),
        ("answers: {x: {y: 1}}", "bad-answer: an answer is a text, a number or a list of them"),
        ("paper: {seed: seven}\nanswers: {}", "bad-paper: `paper` must hold `seed` and `count`"),
        ("answers: {x: !!python/object/apply:os.system [ls]}", "tag: remove the tag"),
    ],
)
def test_a_file_that_is_no_answers_is_refused_with_its_place(trusted: Call, text: str, message: str) -> None:
    code, out, err = mark(trusted, text)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("others", "message"),
    [
        ({"order": 4}, "bad-answer: demo/counting/order: answer with numbers of options, 1 to 3, not '4'"),
        ({"order": "maybe"}, "answer with numbers of options, 1 to 3, not 'maybe'"),
        ({"dozen": ["12", "13"]}, "bad-answer: demo/counting/dozen: the answer must be one text"),
        ({"last": ["a", "b"]}, "demo/counting/last: there is 1 blank to fill, and 2 in the answer"),
    ],
)
def test_an_answer_that_fits_no_question_is_refused(
    trusted: Call, others: dict[str, object], message: str
) -> None:
    code, out, err = mark(trusted, answered(paper(trusted), **others))
    assert (code, out) == (2, "")
    assert message in err


def test_unknown_cards_are_all_named(trusted: Call) -> None:
    document = answered(paper(trusted))
    document["answers"] = {"demo/counting/dozn": 1, "nowhere": 2}
    code, _, err = mark(trusted, document)
    assert code == 2
    assert "unknown-card: demo/counting/dozn is not in this paper (did you mean demo/counting/dozen?)" in err
    assert "unknown-card: nowhere is not in this paper\n" in err


def test_an_option_can_be_answered_by_its_text_or_several_by_numbers(trusted: Call) -> None:
    text = "No, any order gives the same number"
    document = answered(paper(trusted, "--kinds", "choice"), order=text)
    assert mark(trusted, document)[0] == 0
    document = answered(paper(trusted, "--kinds", "choice"), order="1, 2")
    assert mark(trusted, document)[0] == 1


def test_code_of_decks_that_are_not_approved_is_left_out_and_said(call: Call, school: Path) -> None:
    code, out, err = call("quiz", "demo", "--seed", "7", "--json")
    assert code == 0
    assert {one["kind"] for one in json.loads(out)["questions"]} == {"cloze", "choice", "typed"}
    assert "left out: 4 cards (demo/adding/sum, " in err
    assert f"studykit trust {school}" in err
    assert "left out: 1 card (demo/counting/what): basic cards are graded by the learner himself" in err


def test_a_pass_mark_decides_the_exit_code(trusted: Call) -> None:
    document = answered(paper(trusted), dozen="11")
    assert mark(trusted, document, "--pass", "85")[0] == 0
    assert mark(trusted, document, "--pass", "86")[0] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("quiz",), "`studykit quiz` needs a terminal. For classes and scripts: `--paper FILE`"),
        (("quiz", "--drill"), "needs a terminal"),
        (("quiz", "nodeck", "--json"), "nodeck"),
        (("quiz", "--count", "0"), "'0' is no whole number from 1 to 500"),
        (("quiz", "--count", "many"), "'many' is no whole number from 1 to 500"),
        (("quiz", "--minutes", "-1"), "'-1' is no number of minutes"),
        (("quiz", "--seed", "x"), "'x' is no whole number"),
        (("quiz", "--pass", "101"), "'101' is no whole number from 0 to 100"),
        (("quiz", "--kinds", "chioce", "--json"), "there is no kind chioce (did you mean choice?)"),
        (("quiz", "demo", "--kinds", "basic", "--json"), "there is no card to ask"),
        (("quiz", "--answers", "none.yaml"), "cannot read the answers none.yaml: No such file"),
        (("quiz", "--answers", "."), "cannot read the answers ."),
        (("quiz", "--answers", "a", "--paper", "b"), "give one of them"),
        (("quiz", "--drill", "--paper", "b"), "`--drill` asks what you have failed"),
        (("quiz", "--paper", "no/where.yaml"), "cannot write the paper no/where.yaml"),
        (("quiz", "--answers", "a", "--report", "no/where.md"), "cannot write the report no/where.md"),
    ],
)
def test_a_call_that_cannot_be_is_exit_code_2_and_says_why(
    call: Call, arguments: tuple[str, ...], message: str
) -> None:
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err
