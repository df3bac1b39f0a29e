"""Cards that run code: the editor, the verdict, what counts and what does not. Nothing really runs here."""

import threading

import pytest

from studykit.running.verdicts import Result, Verdict
from studykit.tui.screens.home import HomeScreen

WRONG = Result(
    Verdict.WRONG,
    ms=12.0,
    detail="One of 5 cases differs.",
    expected="42",
    got="41",
    failing_input="a = 20\nb = 22",
    stdout="debugging\n",
)
ERROR = Result(Verdict.ERROR, detail="ValueError: no", traceback='  File "answer.py", line 2\nValueError: no')


@pytest.fixture
async def computing(desk):
    """At a card that draws numbers."""
    for card in ("last", "order", "dozen"):
        desk.answer(f"demo/counting/{card}", 4, days_ago=1)
        desk.study.suspend(f"demo/counting/{card}", desk.clock())
    desk.study.suspend("demo/counting/what", desk.clock())
    async with desk.open():
        await desk.settle()
        assert desk.current == "demo/adding/sum"
        yield desk


@pytest.fixture
async def implementing(desk):
    """At a card that asks for a function."""
    desk.answer("demo/adding/sum", 4, days_ago=0)
    for card in ("print_add", "mend_add"):
        desk.study.suspend(f"demo/adding/{card}", desk.clock())
    async with desk.open("adding"):
        await desk.settle()
        assert desk.current == "demo/adding/write_add"
        yield desk


async def test_the_numbers_are_drawn_and_filled_in(computing):
    assert "What is 20 + 22?" in computing.text


async def test_a_right_value_passes_and_proposes_good(computing):
    await computing.type("42")
    computing.clock.forward(seconds=80)
    await computing.press("enter")
    await computing.settle()
    assert "✓ Right" in computing.text
    assert "Good: Right the first time." in computing.text
    await computing.press("enter")
    row = computing.study.store.history("demo/adding/sum")[-1]
    assert (row.grade, row.proposed, row.seed) == (4, 4, 7)
    assert row.evidence["passed"] is True
    assert computing.runner.asked == [("demo/adding/sum", "42")]


async def test_a_wrong_value_shows_the_right_one_and_proposes_again(computing):
    computing.runner.results = [WRONG]
    await computing.type("41")
    await computing.press("enter")
    await computing.settle()
    for part in ("✗ Not right", "One of 5 cases differs.", "expected", "42", "got", "41", "failing input"):
        assert part in computing.text
    assert "Again: Your answer was wrong." in computing.text
    assert "run it" not in computing.keys
    await computing.press("pagedown")
    assert "debugging" in computing.text
    await computing.press("enter")
    assert computing.log("demo/adding/sum") == [1]


async def test_wrong_code_shows_everything_and_may_be_tried_again(implementing):
    implementing.runner.results = [WRONG]
    await implementing.type("a")
    await implementing.press("ctrl+r")
    await implementing.settle()
    for part in (
        "✗ Not right",
        "expected",
        "42",
        "got",
        "41",
        "failing input",
        "a = 20",
        "b = 22",
    ):
        assert part in implementing.text
    assert "Again" not in implementing.text
    await implementing.type(" + b")
    await implementing.press("ctrl+r")
    await implementing.settle()
    assert "Hard: Right at attempt 2." in implementing.text
    await implementing.press("enter")
    assert implementing.log("demo/adding/write_add") == [3]


async def test_giving_up_after_wrong_code_shows_the_solution(implementing):
    implementing.runner.results = [WRONG]
    await implementing.press("ctrl+r")
    await implementing.settle()
    await implementing.press("escape", "space")
    await implementing.settle()
    assert "You gave up" in implementing.text
    assert "return a + b" in implementing.text
    await implementing.press("enter")
    assert implementing.log("demo/adding/write_add") == [1]


async def test_an_exception_is_shown_and_does_not_count(computing):
    computing.runner.results = [ERROR]
    await computing.type("x")
    await computing.press("enter")
    await computing.settle()
    assert "ValueError: no" in computing.text
    await computing.press("backspace", "4", "2", "enter")
    await computing.settle()
    assert "Right the first time" in computing.text


@pytest.mark.parametrize("verdict", ["timeout", "memory", "forbidden", "crash", "unavailable"])
async def test_a_failure_of_the_machine_can_be_put_off_without_a_grade(computing, verdict):
    computing.runner.results = [Result(Verdict(verdict), detail="It was stopped after 5 s.")]
    await computing.type("42")
    await computing.press("enter")
    await computing.settle()
    assert "It was stopped after 5 s." in computing.text
    assert "put it off until tomorrow" in " ".join(computing.text.split())
    await computing.press("escape", "minus")
    assert computing.current != "demo/adding/sum"
    assert computing.log("demo/adding/sum") == []
    assert "demo/adding/sum" in computing.study.store.marks()


async def test_after_a_failure_of_the_machine_giving_up_proposes_nothing(computing):
    computing.runner.results = [Result(Verdict.CRASH, detail="The process ended.")]
    await computing.type("42")
    await computing.press("enter")
    await computing.settle()
    await computing.press("escape", "space")
    await computing.settle()
    assert "no grade is proposed" in computing.text
    await computing.press("enter")
    assert computing.log("demo/adding/sum") == []
    await computing.press("2")
    assert computing.log("demo/adding/sum") == [3]


async def test_the_hint_counts(computing):
    await computing.press("f2")
    assert "Count on from the larger one." in computing.text
    await computing.type("42")
    await computing.press("enter")
    await computing.settle()
    assert "Hard: Right, with the hint." in computing.text


async def test_h_shows_the_hint_outside_the_field(computing):
    await computing.press("escape", "h")
    assert "Count on from the larger one." in computing.text
    assert "hint" not in computing.keys


async def test_the_solution_counts_and_one_may_go_on(computing):
    await computing.press("ctrl+s")
    await computing.settle()
    assert "the answer" in computing.text
    assert "42" in computing.text
    await computing.type("42")
    await computing.press("enter")
    await computing.settle()
    assert "Again: Right, after seeing the solution." in computing.text
    await computing.press("enter")
    assert computing.log("demo/adding/sum") == [1]


async def test_giving_up_proposes_again_and_shows_the_answer(computing):
    await computing.press("escape", "space")
    await computing.settle()
    assert "You gave up" in computing.text
    assert "42" in computing.text
    await computing.press("enter")
    assert computing.log("demo/adding/sum") == [1]


async def test_typing_goes_on_while_code_runs(computing):
    gate = threading.Event()
    computing.runner.gate = gate.wait
    await computing.type("42")
    await computing.press("enter")
    await computing.pilot.pause()
    assert "running" in computing.text
    await computing.type("00")
    assert computing.app.screen.query_one("#field").value == "4200"
    gate.set()
    await computing.settle()
    assert "✓ Right" in computing.text


async def test_escape_cancels_what_runs_and_nothing_counts(computing):
    gate = threading.Event()
    computing.runner.gate = gate.wait
    computing.runner.results = [WRONG]
    await computing.type("41")
    await computing.press("enter")
    assert "cancel" in computing.keys
    await computing.press("escape")
    assert computing.runner.cancelled == 1
    gate.set()
    await computing.settle()
    assert "Not right" not in computing.text
    computing.runner.gate = None
    await computing.press("backspace", "2", "enter")
    await computing.settle()
    assert "Right the first time" in computing.text


async def test_a_second_run_waits_for_the_first(computing):
    gate = threading.Event()
    computing.runner.gate = gate.wait
    await computing.type("42")
    await computing.press("ctrl+r", "enter")
    assert any("Still running" in said for said in computing.said)
    gate.set()
    await computing.settle()
    assert len(computing.runner.asked) == 1


async def test_nothing_to_run_is_said(computing):
    await computing.press("ctrl+r")
    assert any("Write an answer first" in said for said in computing.said)


async def test_quitting_ends_what_runs(desk):
    gate = threading.Event()
    desk.study.suspend("demo/adding/mend_add", desk.clock())
    async with desk.open("adding"):
        await desk.settle()
        desk.runner.gate, desk.runner.cancel = gate.wait, gate.set
        await desk.type("42")
        await desk.press("enter", "ctrl+q")
    assert gate.is_set()
    assert desk.runner.closed


async def test_the_editor_starts_with_the_signature(implementing):
    assert "def add(a: int, b: int) -> int:" in implementing.text


async def test_the_editor_keeps_indentation_and_writes_spaces(implementing):
    field = implementing.app.screen.query_one("#field")
    field.load_text("")
    await implementing.type("def add(a, b):\nif a:\nreturn b")
    assert field.text == "def add(a, b):\n    if a:\n        return b"
    await implementing.press("enter", "backspace")
    await implementing.type("return a")
    assert field.text.endswith("\n    return a")
    await implementing.press("enter", "shift+tab", "tab")
    assert field.text.endswith("return a\n    ")


async def test_keys_in_the_editor_are_typed(implementing):
    field = implementing.app.screen.query_one("#field")
    field.load_text("")
    await implementing.type("uhqsf-!?019 i")
    assert field.text == "uhqsf-!?019 i"
    assert implementing.current == "demo/adding/write_add"


async def test_python_is_highlighted(implementing):
    field = implementing.app.screen.query_one("#field")
    assert field.language == "python"
    assert field._highlights


async def test_undo_and_redo_in_the_editor(implementing):
    field = implementing.app.screen.query_one("#field")
    field.load_text("")
    await implementing.type("x")
    await implementing.press("ctrl+z")
    assert field.text == ""
    await implementing.press("ctrl+y")
    assert field.text == "x"


async def test_code_is_run_and_passes(implementing):
    await implementing.press("ctrl+r")
    await implementing.settle()
    card, answer = implementing.runner.asked[0]
    assert card == "demo/adding/write_add"
    assert answer.startswith("def add(a: int, b: int)")
    assert "✓ Right" in implementing.text
    await implementing.press("4")
    assert implementing.log("demo/adding/write_add") == [5]


async def test_the_reference_is_shown_as_the_solution(implementing):
    await implementing.press("ctrl+s")
    await implementing.settle()
    await implementing.press("escape", "pagedown", "pagedown")
    assert "return a + b" in implementing.text
    assert implementing.runner.asked == []


async def test_a_function_to_mend_is_in_the_editor(desk):
    for card in ("print_add", "sum"):
        desk.study.suspend(f"demo/adding/{card}", desk.clock())
    async with desk.open("adding"):
        assert desk.current == "demo/adding/mend_add"
        assert "return a + b + 1" in desk.app.screen.query_one("#field").text


async def test_what_a_program_prints_is_predicted_in_a_plain_editor(desk):
    for card in ("sum", "mend_add"):
        desk.study.suspend(f"demo/adding/{card}", desk.clock())
    async with desk.open("adding"):
        assert desk.current == "demo/adding/print_add"
        assert "print(add(2, 3))" in desk.text
        await desk.type("5\n6")
        assert desk.app.screen.query_one("#field").language is None
        await desk.press("ctrl+r")
        await desk.settle()
        assert desk.runner.asked == [("demo/adding/print_add", "5\n6")]
        assert "✓ Right" in desk.text


async def test_giving_up_a_prediction_shows_the_output(desk):
    for card in ("sum", "mend_add"):
        desk.study.suspend(f"demo/adding/{card}", desk.clock())
    async with desk.open("adding"):
        await desk.press("escape", "space")
        await desk.settle()
        assert "it prints" in desk.text
        assert desk.runner.asked == [("demo/adding/print_add", None)]


async def test_a_card_whose_numbers_cannot_be_drawn_can_be_put_off(desk):
    from studykit.running.verdicts import Unposable

    def fail(exercise, seed):
        raise Unposable(
            Result(Verdict.UNAVAILABLE, detail="torch is not installed: pip install 'studykit[torch]'")
        )

    desk.runner.pose = fail
    desk.study.suspend("demo/adding/mend_add", desk.clock())
    async with desk.open("adding"):
        await desk.settle()
        assert "torch is not installed" in desk.text
        await desk.press("escape", "minus")
        assert desk.current != "demo/adding/sum"
    assert desk.log("demo/adding/sum") == []


async def test_escape_goes_home_only_when_nothing_runs_and_nothing_is_typed(computing):
    await computing.press("escape")
    assert not isinstance(computing.app.screen, HomeScreen)
    await computing.press("escape")
    assert isinstance(computing.app.screen, HomeScreen)


async def test_typing_replaces_the_dots(implementing):
    await implementing.type("return a + b")
    assert implementing.app.screen.query_one("#field").text == (
        "def add(a: int, b: int) -> int:\n    return a + b\n"
    )


async def test_drawing_can_be_cancelled_and_done_again(desk):
    gate = threading.Event()
    desk.runner.gate = gate.wait
    desk.study.suspend("demo/adding/mend_add", desk.clock())
    async with desk.open("adding"):
        assert "What is … + …?" in desk.text
        assert "drawing new numbers" in desk.text
        await desk.press("escape")
        gate.set()
        await desk.settle()
        assert "The numbers were not drawn: ctrl+r draws them." in desk.text
        assert "What is … + …?" in desk.text
        await desk.press("ctrl+r")
        await desk.settle()
        assert "What is 20 + 22?" in desk.text
        assert "not drawn" not in desk.text
    assert desk.runner.posed == 2
    assert desk.runner.asked == []
