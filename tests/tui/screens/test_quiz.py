"""A quiz at the screen: asked, timed, marked at the end; schedule and log stay as they are."""

import pytest

from studykit.quiz.drawing import pool
from studykit.quiz.marking import Graded, Mark, Ticked, Written
from studykit.quiz.paper import Terms
from studykit.running.verdicts import Result, Verdict
from studykit.tui.exam import clock_text
from studykit.tui.quiz import QuizApp
from studykit.tui.screens.article import ArticleScreen
from studykit.tui.screens.confirm import ConfirmScreen
from studykit.tui.screens.home import HomeScreen
from studykit.tui.screens.quiz import QuizScreen
from studykit.tui.screens.quiz_result import QuizResultScreen
from studykit.tui.screens.quiz_walk import QuizWalkScreen

WRONG = Result(Verdict.WRONG, detail="The reference computes another value.", expected="42", got="41")


class Quiz:
    """A quiz at a desk."""

    def __init__(self, desk):
        self.desk = desk
        self.clock = desk.clock

    def open(self, *, kinds=(), decks=("demo",), minutes=None, size=(80, 24), seed=7, cram=False):
        study = self.desk.study
        terms = Terms(seed, 20, decks, kinds)
        self.app = QuizApp(
            study, pool(study, decks, kinds), terms, minutes=minutes, cram=cram, at=self.desk.clock
        )
        self.desk.app = self.app
        return _Opened(self.desk, self.app, size)

    @property
    def screen(self):
        return self.app.screen

    @property
    def exam(self):
        return self.app.screen._exam

    @property
    def kind(self):
        return self.exam.current.kind


class _Opened:
    def __init__(self, desk, app, size):
        self._desk, self._running = desk, app.run_test(size=size, notifications=True)

    async def __aenter__(self):
        self._desk.pilot = await self._running.__aenter__()
        await self._desk.settle()

    async def __aexit__(self, *error):
        await self._running.__aexit__(*error)


@pytest.fixture
def quiz(make_desk, school):
    desk = make_desk(school)
    desk.study.trusts = lambda _root: True
    return Quiz(desk)


async def test_every_kind_is_answered_marked_and_told(quiz):
    desk = quiz.desk
    before = list(desk.study.store.briefs())
    async with quiz.open():
        kinds = []
        for number in range(1, 9):
            assert f"{number} of 8" in desk.text
            kinds.append(quiz.kind)
            match quiz.kind:
                case "basic" | "cloze":
                    await desk.press("space")
                    assert "I had it right" in desk.text
                    await desk.press("2")
                case "choice":
                    options = quiz.screen._view.options._options
                    right = next(i for i, (_, is_right) in enumerate(options, 1) if is_right)
                    await desk.press(str(right))
                case "typed":
                    await desk.type("twelve")
                    await desk.press("enter")
                case "compute":
                    await desk.type("42")
                    await desk.press("enter")
                case _:
                    await desk.type("print(5)")
                    await desk.press("ctrl+r")
            await desk.settle()
        assert sorted(kinds) == [
            "basic",
            "choice",
            "cloze",
            "compute",
            "implement",
            "predict",
            "repair",
            "typed",
        ]
        assert isinstance(quiz.screen, ConfirmScreen)
        assert "Every question is answered." in desk.text
        await desk.press("enter")
        await desk.settle()
        assert isinstance(quiz.screen, QuizResultScreen)
        assert "8 of 8 right (100%)." in desk.text
        assert "look at what was wrong" not in desk.keys
    assert list(desk.study.store.briefs()) == before == []
    assert desk.study.store.standings() == {}
    assert {one.mark for one in quiz.app.outcome.marked} == {Mark.RIGHT}


async def test_nothing_tells_right_from_wrong_before_the_end(quiz):
    async with quiz.open(kinds=("typed", "choice")):
        while quiz.kind != "typed":
            await quiz.desk.press("n")
        await quiz.desk.type("eleven")
        await quiz.desk.press("enter")
        assert "✗" not in quiz.desk.text
        assert quiz.desk.runner.asked == []


async def test_one_can_go_back_and_answer_otherwise(quiz):
    async with quiz.open(kinds=("choice",)):
        await quiz.desk.press("1")
        await quiz.desk.press("escape")
        assert quiz.exam.answers == {"demo/counting/order": Ticked(frozenset({0}))}
        await quiz.desk.press("2")
        await quiz.desk.press("escape")
        assert quiz.exam.answers == {"demo/counting/order": Ticked(frozenset({1}))}


async def test_typed_text_and_ticks_are_there_again(quiz):
    async with quiz.open(kinds=("typed", "choice", "basic")):
        for _ in range(3):
            match quiz.kind:
                case "typed":
                    await quiz.desk.type("11")
                    await quiz.desk.press("enter")
                case "choice":
                    await quiz.desk.press("2")
                case "basic":
                    await quiz.desk.press("space", "1")
        await quiz.desk.press("escape")
        seen = {}
        for _ in range(3):
            view = quiz.screen._view
            seen[quiz.kind] = {
                "typed": lambda view=view: view.typed,
                "choice": lambda view=view: view.options.picked,
                "basic": lambda: "▸ 1 I had it wrong ◂" in quiz.desk.text,
            }[quiz.kind]()
            await quiz.desk.press("escape", "b")
        assert seen == {"typed": "11", "choice": {1}, "basic": True}


async def test_finishing_early_asks_first_and_counts_blanks_as_wrong(quiz):
    async with quiz.open(kinds=("typed", "choice")):
        await quiz.desk.press("escape", "q")
        assert "2 questions have no answer." in quiz.desk.text
        await quiz.desk.press("escape")
        assert isinstance(quiz.screen, QuizScreen)
        await quiz.desk.press("f", "y")
        await quiz.desk.settle()
        assert "0 of 2 right (0%)." in quiz.desk.text
        assert "no answer" in quiz.desk.text


async def test_the_clock_is_shown_and_ends_the_paper_with_what_was_typed(quiz):
    async with quiz.open(kinds=("typed",), minutes=10):
        assert "10:00 left" in quiz.desk.text
        quiz.clock.forward(minutes=9, seconds=30)
        await quiz.desk.type("12")
        quiz.screen.tick()
        await quiz.desk.pilot.pause()
        assert "0:30 left" in quiz.desk.text
        quiz.clock.forward(seconds=31)
        quiz.screen.tick()
        await quiz.desk.settle()
        assert isinstance(quiz.screen, QuizResultScreen)
        assert "1 of 1 right (100%), the time was up." in quiz.desk.text
    assert quiz.app.outcome.time_up
    assert quiz.app.outcome.seconds == 601


async def test_the_clock_also_ends_the_question_whether_to_finish(quiz):
    async with quiz.open(kinds=("choice",), minutes=1):
        await quiz.desk.press("f")
        assert isinstance(quiz.screen, ConfirmScreen)
        quiz.clock.forward(minutes=2)
        quiz.app.screen_stack[-2].tick()
        await quiz.desk.settle()
        assert isinstance(quiz.screen, QuizResultScreen)


async def test_the_walk_shows_both_answers_why_and_the_article(quiz):
    desk = quiz.desk
    desk.runner.results = [WRONG]
    async with quiz.open(kinds=("compute", "basic"), size=(100, 40)):
        for _ in range(2):
            if quiz.kind == "compute":
                await desk.settle()
                await desk.type("41")
                await desk.press("enter")
            else:
                await desk.press("space", "1")
        await desk.press("enter")
        await desk.settle()
        assert "0 of 2 right (0%)." in desk.text
        await desk.press("enter")
        assert isinstance(quiz.screen, QuizWalkScreen)
        texts = [desk.text]
        await desk.press("n")
        texts.append(desk.text)
        computed = next(text for text in texts if "What is 20 + 22?" in text)
        for part in (
            "✗ wrong",
            "your answer",
            "41",
            "expected",
            "42",
            "The reference computes another value.",
        ):
            assert part in computed
        basic = next(text for text in texts if "What is counting?" in text)
        for part in ("why", "Matching things", "source", "counting.md:3"):
            assert part in basic
        if quiz.screen.current.put.question.kind != "basic":
            await desk.press("b")
        await desk.press("a")
        await desk.settle()
        assert isinstance(quiz.screen, ArticleScreen)
        await desk.press("escape")
        assert isinstance(quiz.screen, QuizWalkScreen)
        await desk.press("escape")
        assert isinstance(quiz.screen, QuizResultScreen)


async def test_what_was_wrong_can_be_asked_again_with_other_numbers(quiz):
    desk = quiz.desk
    desk.runner.results = [WRONG]
    async with quiz.open(kinds=("compute",)):
        seed = quiz.exam.current.seed
        await desk.type("41")
        await desk.press("enter", "enter")
        await desk.settle()
        first = quiz.app.outcome
        await desk.press("r")
        await desk.settle()
        assert quiz.exam.current.card == "demo/adding/sum"
        assert quiz.exam.current.seed != seed
        await desk.type("42")
        await desk.press("enter", "enter")
        await desk.settle()
        assert "1 of 1 right" in desk.text
        assert quiz.app.outcome is first
        await desk.press("q")
        assert not quiz.app.is_running


async def test_what_cannot_be_run_here_does_not_count(quiz):
    desk = quiz.desk
    desk.runner.results = [Result(Verdict.UNAVAILABLE, detail="torch is not installed.")]
    async with quiz.open(kinds=("compute", "typed")):
        for _ in range(2):
            await desk.type("12")
            await desk.press("enter")
            await desk.settle()
        await desk.press("enter")
        await desk.settle()
        assert "1 of 1 right (100%), 1 could not be marked." in desk.text
        await desk.press("enter")
        assert "torch is not installed." in desk.text


async def test_code_as_it_was_handed_out_is_no_answer(quiz):
    async with quiz.open(kinds=("repair", "implement")):
        await quiz.desk.press("ctrl+r")
        await quiz.desk.settle()
        await quiz.desk.press("ctrl+r")
        assert "2 questions have no answer." in quiz.desk.text


async def test_leaving_before_the_end_gives_no_result(quiz):
    async with quiz.open(kinds=("typed",)):
        await quiz.desk.press("ctrl+q")
    assert quiz.app.outcome is None


async def test_the_mouse_grades_and_picks(quiz):
    async with quiz.open(kinds=("basic",)):
        await quiz.desk.press("space")
        await quiz.desk.pilot.click("#grades > _GradeButton:last-child")
        await quiz.desk.pilot.pause()
        await quiz.desk.press("escape")
        assert quiz.exam.answers == {"demo/counting/what": Graded(right=True)}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(600, "10:00 left"), (59.2, "1:00 left"), (3725, "1:02:05 left"), (0, "0:00 left"), (-5, "0:00 left")],
)
def test_time_left_is_told_in_minutes(seconds, text):
    assert clock_text(seconds) == text


async def test_an_answer_typed_but_not_handed_in_counts(quiz):
    async with quiz.open(kinds=("typed",)):
        await quiz.desk.type("12")
        await quiz.desk.press("escape", "f")
        assert quiz.app.screen_stack[-2]._exam.answers == {"demo/counting/dozen": Written("12")}


async def test_ctrl_e_writes_the_answer_in_an_editor_also_from_outside_the_field(quiz, editor):
    editor("path.write_text(path.read_text().replace('...', 'return a + b'))")
    async with quiz.open(kinds=("implement",)):
        await quiz.desk.press("escape", "ctrl+e")
        assert quiz.screen.query_one("#field").text == "def add(a: int, b: int) -> int:\n    return a + b\n"
        await quiz.desk.press("ctrl+r", "enter")
        await quiz.desk.settle()
    assert quiz.desk.runner.asked == [
        ("demo/adding/write_add", "def add(a: int, b: int) -> int:\n    return a + b\n")
    ]


async def test_one_line_needs_no_editor(quiz):
    async with quiz.open(kinds=("typed",)):
        await quiz.desk.press("ctrl+e")
        assert isinstance(quiz.screen, QuizScreen)
        assert quiz.screen.query_one("#field").value == ""


@pytest.mark.parametrize("keys", [["question_mark"], ["f1"]])
async def test_help_begins_with_the_quiz(quiz, keys):
    async with quiz.open(kinds=("basic",)):
        await quiz.desk.press(*keys)
        assert "hand the paper in" in quiz.desk.text
        await quiz.desk.press("escape", "f", "enter")
        await quiz.desk.settle()
        await quiz.desk.press(*keys)
        assert "hand the paper in" in quiz.desk.text


# ---- from the list of decks


async def test_z_asks_about_the_deck_under_the_cursor_and_comes_back(desk):
    before = list(desk.study.store.briefs())
    async with desk.open():
        desk.app.show_home()
        await desk.pilot.pause()
        await desk.press("down", "down", "z")
        screen = desk.app.screen
        assert isinstance(screen, QuizScreen)
        assert {question.deck for question in screen._exam.questions} == {"demo/counting"}
        assert len(screen._exam.questions) == 4
        screen.action_finish()
        await desk.pilot.pause()
        await desk.press("enter")
        await desk.settle()
        assert isinstance(desk.app.screen, QuizResultScreen)
        await desk.press("r")
        assert isinstance(desk.app.screen, QuizScreen)
        desk.app.screen.action_finish()
        await desk.pilot.pause()
        await desk.press("y")
        await desk.settle()
        await desk.press("escape")
        assert isinstance(desk.app.screen, HomeScreen)
    assert list(desk.study.store.briefs()) == before


async def test_decks_with_nothing_to_ask_say_why(desk):
    async with desk.open():
        desk.study.trusts = lambda _root: False
        desk.app.show_quiz(("demo/adding",))
        await desk.pilot.pause()
        assert "There is no card to ask." in desk.text
        assert "their code is not approved" in " ".join(desk.text.replace("│", " ").split())
