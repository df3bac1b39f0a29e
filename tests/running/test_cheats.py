"""Answers that only look right are judged wrong, and right ones right, however they are written."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from studykit.library.cards import Implement
from studykit.running.runner import Exercise, Runner, Verdict

pytest.importorskip("torch")

FIXTURES = Path(__file__).parent.parent / "fixtures" / "running"
SNIPPET = FIXTURES / "library" / "snippets" / "rows" / "softmax.py"
EXERCISE = Exercise(
    Implement(id="write", front="Write it.", function="softmax"), SNIPPET, "rows/softmax/write", trusted=True
)


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as made:
        yield made


def answers(folder: str) -> list[Path]:
    return sorted((FIXTURES / folder).glob("*.py"))


EXPECTED = {
    "a_coroutine": "a coroutine cannot be compared",
    "a_generator": "a generator cannot be compared; return plain data",
    "a_list_of_numbers": "A list, expected a tensor",
    "a_number_by_that_name": "does not define `softmax`",
    "a_sparse_tensor": "torch.sparse_coo",
    "empty_broadcasts": "Shape (0,",
    "equal_list": "A list, expected a tensor",
    "exits_politely": "SystemExit",
    "nothing_defined": "does not define `softmax`",
    "one_axis_more": "Shape (1,",
    "other_parameters": "unexpected keyword argument",
    "prints_pass": "It printed something and returned None",
    "the_function_itself": "a function cannot be compared",
    "wrong_dtype": "Dtype float64, expected float32",
}
"""What the learner is told, where the sentence matters."""


@pytest.mark.parametrize("path", answers("cheats"), ids=lambda path: path.stem)
def test_a_cheat_does_not_pass(path: Path, runner: Runner) -> None:
    result = runner.judge(EXERCISE, path.read_text(), 0)
    assert result.verdict in (Verdict.WRONG, Verdict.ERROR, Verdict.CRASH, Verdict.MEMORY, Verdict.FORBIDDEN)
    assert EXPECTED.get(path.stem, "") in result.detail


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("path", answers("honest"), ids=lambda path: path.stem)
def test_an_honest_answer_passes(path: Path, seed: int, runner: Runner) -> None:
    result = runner.judge(EXERCISE, path.read_text(), seed)
    assert (result.verdict, result.detail) == (Verdict.PASS, "All 5 inputs agree.")


def test_what_is_right_only_for_the_seed_on_screen_is_wrong(runner: Runner) -> None:
    only_this_seed = (FIXTURES / "cheats" / "only_this_seed.py").read_text()
    assert runner.judge(EXERCISE, only_this_seed, 0, cases=1).verdict is Verdict.PASS
    assert runner.judge(EXERCISE, only_this_seed, 0).verdict is Verdict.WRONG


def test_the_process_of_an_answer_holds_nothing_of_the_reference(runner: Runner) -> None:
    spy = """
import gc
def softmax(x, temperature=1.0):
    texts = [o for o in gc.get_objects() if isinstance(o, str)]
    spaces = [o for o in gc.get_objects() if isinstance(o, dict)]
    found = [k for space in spaces for k, v in list(space.items()) if isinstance(v, str) and WORD in v]
    names = [k for space in spaces for k in list(space) if k == NAME]
    print("found", found, names)
    return x
"""
    word = "'a word that must not be in ' + 'the process of an answer'"
    spy = spy.replace("WORD", f"({word})").replace("NAME", "'SECRET_OF_' + 'THE_REFERENCE'")
    assert runner.judge(EXERCISE, spy, 0).stdout.splitlines()[0] == "found [] []"


def test_an_answer_cannot_learn_from_the_one_before(runner: Runner) -> None:
    leaves = "import torch, builtins\nbuiltins.left = 1\ndef softmax(x, temperature=1.0):\n    return x\n"
    finds = "import builtins\ndef softmax(x, temperature=1.0):\n    print(hasattr(builtins, 'left'))\n"
    runner.judge(EXERCISE, leaves, 0)
    assert runner.judge(EXERCISE, finds, 0).stdout.startswith("False")


def test_the_environment_of_an_answer_is_empty_of_ours(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDYKIT_TOKEN", "ours")
    assert "STUDYKIT_TOKEN" in os.environ
    spy = "import os\ndef softmax(x, temperature=1.0):\n    print('STUDYKIT_TOKEN' in os.environ)\n"
    assert runner.judge(EXERCISE, spy, 0).stdout.startswith("False")
