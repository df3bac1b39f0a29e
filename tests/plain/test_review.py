"""The review in lines: every kind of card, each answer saved at once, a clean end wherever the input ends."""

import io
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from studykit.config import Settings
from studykit.library.index import Root, open_library
from studykit.plain.console import Console
from studykit.plain.review import PlainReview
from studykit.running.exercises import Posed
from studykit.running.verdicts import Result, Verdict
from studykit.scheduling.sm2 import Grade
from studykit.store.store import Store
from studykit.study import Study
from studykit.tui.sitting import Sitting

WHAT, LAST, ORDER, DOZEN = (f"demo/counting/{name}" for name in ("what", "last", "order", "dozen"))
MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WRONG = Result(Verdict.WRONG, detail="One of 5 cases differs.", expected="42", got="41")


@dataclass
class FakeRunner:
    results: list[Result] = field(default_factory=list)
    answers: list[str | None] = field(default_factory=list)

    def pose(self, _exercise, seed):
        return Posed(
            seed, "What is 20 + 22?", "def add(a: int, b: int) -> int:\n    ...\n", {"a": 20, "b": 22}
        )

    def judge(self, _exercise, answer, _seed):
        self.answers.append(answer)
        if answer is None:
            return Result(Verdict.PASS, stdout="5\n", expected="42")
        return self.results.pop(0) if self.results else Result(Verdict.PASS, expected="42", got="42")

    def cancel(self): ...

    def close(self): ...


class Desk:
    def __init__(self, home, root, **settings):
        home.mkdir(parents=True, exist_ok=True)
        library = open_library([Root(root, "extra")], home / "cache")
        store = Store.open(f"sqlite:///{home / 'studykit.db'}")
        self.study = Study(library, store, Settings(timezone="UTC", **settings), home)
        self.runner = FakeRunner()
        self.study.runner = lambda _device="auto": self.runner
        self.now = MORNING

    def only(self, card):
        for other in self.study.library.entries():
            if other != card:
                self.study.suspend(other, self.now)

    def review(self, *lines, end="\n"):
        """Type `lines`; return what was said."""
        out = io.StringIO()
        console = Console(io.StringIO("\n".join(lines) + (end if lines else "")), out)
        sitting = Sitting(self.study, (), lambda: self.now)
        PlainReview(self.study, sitting, console, lambda: 7).run()
        return out.getvalue()

    def log(self, card):
        return [int(row.grade) for row in self.study.store.history(card)]


@pytest.fixture
def desk(home, school):
    desk = Desk(home, school)
    yield desk
    desk.study.close()


def test_a_question_an_answer_a_grade(desk):
    desk.only(WHAT)
    said = desk.review("", "3")
    assert "Counting, basic. 1 new." in said
    assert "What is counting?" in said
    assert "Matching things with the numbers one, two, three." in said
    assert (
        "1 Again (again today, then 1 d), 2 Hard (again today, then 1 d), 3 Good (1 d), 4 Easy (1 d)" in said
    )
    assert said.rstrip().endswith("Done. 1 answer given, all saved.")
    assert desk.log(WHAT) == [4]


def test_nothing_moves_a_cursor(desk):
    said = desk.review("", "3", ":help", "", "3", "1", "", ":quit")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", said)


def test_each_answer_is_saved_before_the_next_question_and_the_end_is_clean(desk):
    said = desk.review("", "3", "")
    assert desk.log(WHAT) == [4]
    assert desk.log(LAST) == []
    assert said.rstrip().endswith("Ended. 1 answer given, all saved.")


@pytest.mark.parametrize("lines", [(), ("",), (":help",), ("", "9"), ("", "3", "", "3", "1")])
def test_input_may_end_anywhere(desk, lines):
    assert "all saved." in desk.review(*lines, end="")


def test_nothing_due_is_said(desk):
    for card in desk.study.library.entries():
        desk.study.suspend(card, desk.now)
    assert desk.review().startswith("Nothing is due.")


def test_a_cloze_is_asked_with_its_gap_and_shown_with_it(desk):
    desk.only(LAST)
    said = desk.review("", "3")
    assert "matched is the [a word] of the collection." in said
    assert "matched is the cardinality of the collection." in said


def test_a_choice_by_its_number_is_graded_by_the_machine(desk):
    desk.only(ORDER)
    said = desk.review("9", str(number_of(desk, "No, any order")), "")
    assert "Type numbers from 1 to 3." in said
    assert "Easy: Right the first time, and quickly" in said
    assert "Grade (enter for Easy):" in said
    assert desk.log(ORDER) == [5]


def test_a_wrong_choice_says_what_is_right_and_can_be_overruled(desk):
    desk.only(ORDER)
    right = number_of(desk, "No, any order")
    said = desk.review(str(right % 3 + 1), "2", *[str(right), ""] * 2)
    assert "Not right.\n" in said
    assert f"Right is {right}. No, any order gives the same number" in said
    row = desk.study.store.history(ORDER)[0]
    assert (row.grade, row.proposed, row.evidence["attempts"]) == (3, 1, 1)


def test_giving_up_a_choice_says_what_is_right(desk):
    desk.only(ORDER)
    assert "Right is" in desk.review(":give", "")
    assert desk.log(ORDER) == [1]


def test_a_typed_answer(desk):
    desk.only(DOZEN)

    desk.study.answer(WHAT, Grade.GOOD, desk.now)
    said = desk.review("", "Twelve", "")
    assert "Type an answer; or :give to give up." in said
    assert "Right.\n" in said
    assert desk.log(DOZEN) == [5]


def test_a_computed_answer_with_its_numbers(desk):
    desk.only("demo/adding/sum")
    said = desk.review("42", "")
    assert "What is 20 + 22?" in said
    assert desk.runner.answers == ["42"]
    assert desk.log("demo/adding/sum") == [5]


def test_code_in_several_lines_ends_with_a_dot_and_may_be_tried_again(desk):
    desk.study.answer("demo/adding/sum", Grade.GOOD, desk.now)
    desk.only("demo/adding/write_add")
    desk.runner.results = [WRONG]
    said = desk.review(
        "def add(a, b):", "    return a", ".", "def add(a, b):", "    return a + b", ".", "", *[""] * 3
    )
    assert "def add(a: int, b: int) -> int:" in said
    assert "Not right. One of 5 cases differs." in said
    assert "expected:\n42\ngot:\n41" in said
    assert desk.runner.answers[:2] == ["def add(a, b):\n    return a", "def add(a, b):\n    return a + b"]
    assert "Hard: Right at attempt 2." in said
    assert desk.log("demo/adding/write_add")[0] == 3


def test_code_from_a_file(desk, tmp_path):
    desk.study.answer("demo/adding/sum", Grade.GOOD, desk.now)
    desk.only("demo/adding/mend_add")
    (tmp_path / "mine.py").write_text("def add(a, b):\n    return a + b\n")
    said = desk.review("@/no/such/file", f"@{tmp_path / 'mine.py'}", "")
    assert "cannot be read" in said
    assert "return a + b + 1" in said
    assert desk.log("demo/adding/mend_add") == [5]


def test_what_a_program_prints(desk):
    desk.only("demo/adding/print_add")
    said = desk.review("5", ".", "")
    assert "print(add(2, 3))" in said
    assert desk.runner.answers == ["5"]


def test_giving_up_shows_the_solution(desk):
    desk.study.answer("demo/adding/sum", Grade.GOOD, desk.now)
    desk.only("demo/adding/write_add")
    said = desk.review(":give", "")
    assert "return a + b" in said
    assert desk.log("demo/adding/write_add") == [1]


def test_the_solution_and_the_hint_count(desk):
    desk.only("demo/adding/sum")
    said = desk.review(":hint", "42", "")
    assert "Count on from the larger one." in said
    assert "Hard: Right, with the hint." in said


def test_what_cannot_run_proposes_nothing(desk):
    desk.only("demo/adding/sum")
    desk.runner.results = [Result(Verdict.UNAVAILABLE, detail="torch is not installed.")]
    said = desk.review("42", ":bury")
    assert "torch is not installed." in said
    assert desk.log("demo/adding/sum") == []


def test_undo_bury_suspend_and_flag(desk):
    said = desk.review("", "3", ":undo", ":flag", ":bury", ":suspend", ":repeat", ":quit")
    assert desk.log(WHAT) == []
    assert f"Took back: {WHAT}" in said
    assert "Flagged." in said
    marks = desk.study.store.marks()
    assert marks[WHAT].flagged
    assert marks[WHAT].buried_until
    assert marks[LAST].suspended


def test_a_mistyped_command_is_no_answer(desk):
    desk.only(DOZEN)
    desk.study.answer(WHAT, Grade.GOOD, desk.now)
    said = desk.review(":hnt", "12", "")
    assert "There is no :hnt (did you mean :hint?)." in said
    assert desk.log(DOZEN) == [5]


def test_six_grades(home, school):
    desk = Desk(home, school, grades="six")
    desk.only(WHAT)
    assert "0 Blackout" in desk.review("", "7", "5")
    assert desk.log(WHAT) == [5]
    desk.study.close()


def test_chinese_is_asked_in_chinese(home, school):
    desk = Desk(home, school, language=("zh", "en"))
    desk.only(WHAT)
    assert "什么是数数？" in desk.review("", "3")
    desk.study.close()


def number_of(desk, text):
    said = desk.review(end="")
    return int(re.search(rf"(\d)\. {text}", said)[1])
