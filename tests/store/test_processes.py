"""Processes that are killed, and processes that work on one database at once."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parent.parent / "fixtures" / "store"
ROOT = Path(__file__).parents[2]


def run(program: str, *arguments: object) -> str:
    """Run a program of the fixtures, which checks its own promises, and return what it prints."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", str(PROGRAMS / program), *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        timeout=110,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


@pytest.mark.slow
def test_a_learner_killed_at_any_moment_loses_no_confirmed_answer(tmp_path: Path) -> None:
    assert run("torture.py", tmp_path, 250, "learners").startswith("250 kills, ")


@pytest.mark.slow
def test_a_database_is_whole_or_missing_however_its_making_ends(tmp_path: Path) -> None:
    assert run("torture.py", tmp_path, 40, "makers").startswith("40 kills, ")


@pytest.mark.slow
def test_saving_and_restoring_can_be_killed_at_any_moment(tmp_path: Path) -> None:
    assert run("torture.py", tmp_path, 50, "keepers").startswith("50 kills, ")


@pytest.mark.slow
def test_two_processes_may_answer_at_once(tmp_path: Path) -> None:
    assert run("crowd.py", tmp_path, 2, 0, 1000) == "2 writers, 0 readers, 2000 answers, none lost\n"


@pytest.mark.slow
def test_many_may_read_while_one_answers(tmp_path: Path) -> None:
    assert run("crowd.py", tmp_path, 1, 4, 500) == "1 writers, 4 readers, 500 answers, none lost\n"


@pytest.mark.slow
def test_a_crowd_may_make_the_database_and_answer_at_once(tmp_path: Path) -> None:
    assert run("crowd.py", tmp_path, 6, 2, 80) == "6 writers, 2 readers, 480 answers, none lost\n"
