"""What tests of commands share: running one and hearing what it says."""

from collections.abc import Callable
from pathlib import Path

import pytest

from studykit.cli import run

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def program(capsys: pytest.CaptureFixture[str]) -> Call:
    """Return a function that runs `studykit` with its arguments: exit code, stdout, stderr."""

    def program(*arguments: str) -> tuple[int, str, str]:
        code = run(arguments)
        out, err = capsys.readouterr()
        return code, out, err

    return program


@pytest.fixture
def call(program: Call, monkeypatch: pytest.MonkeyPatch, school: Path, tmp_path: Path) -> Call:
    """Return the same from an empty folder, with the school as extra library."""
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("STUDYKIT_LIBRARY", str(school))
    return program
