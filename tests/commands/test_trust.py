"""`studykit trust` shows what would run and, of a file approved before, what changed."""

import shutil
from pathlib import Path

import pytest

from studykit.cli import run

SCHOOL = Path(__file__).parent.parent / "fixtures" / "school"


@pytest.fixture
def school(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STUDYKIT_HOME", str(tmp_path / "home"))
    shutil.copytree(SCHOOL, tmp_path / "school", copy_function=shutil.copyfile)
    return tmp_path / "school"


def test_a_second_look_shows_only_what_changed(school: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["trust", str(school), "--yes"]) == 0
    assert "new       snippets/demo/" in capsys.readouterr().out
    snippet = next((school / "snippets" / "demo").glob("*.py"))
    snippet.write_text(snippet.read_text("utf8") + "\nsecret = open('/etc/passwd')\n", encoding="utf8")
    assert run(["trust", str(school), "--yes"]) == 0
    out = capsys.readouterr().out
    assert f"changed   snippets/demo/{snippet.name}" in out
    assert "          +secret = open('/etc/passwd')" in out


def test_nobody_to_ask_approves_nothing(school: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["trust", str(school)]) == 2
    assert "say --yes" in capsys.readouterr().err
    assert not (school.parent / "home" / "trust.json").exists()
