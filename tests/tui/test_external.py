"""Which command opens a file at a line, for each family of editors."""

from pathlib import Path

import pytest

from studykit.errors import StudykitError
from studykit.tui import external

FILE = Path("/deck.yaml")


@pytest.fixture(autouse=True)
def everything_is_installed(monkeypatch):
    monkeypatch.setattr(external.shutil, "which", lambda name: f"/usr/bin/{name}")


@pytest.mark.parametrize(
    ("editor", "words"),
    [
        ("vim", ["vim", "+12", "/deck.yaml"]),
        ("/usr/bin/nvim -R", ["/usr/bin/nvim", "-R", "+12", "/deck.yaml"]),
        ("nano", ["nano", "+12", "/deck.yaml"]),
        ("emacsclient -t", ["emacsclient", "-t", "+12", "/deck.yaml"]),
        ("hx", ["hx", "/deck.yaml:12"]),
        ("code", ["code", "--wait", "--goto", "/deck.yaml:12"]),
        ("code --wait", ["code", "--wait", "--goto", "/deck.yaml:12"]),
        ("subl -w", ["subl", "-w", "/deck.yaml:12"]),
        ("'my editor' --x", ["my editor", "--x", "/deck.yaml"]),
    ],
)
def test_an_editor_is_told_the_line_in_its_own_way(editor, words):
    assert external.command(FILE, 12, {"EDITOR": editor}) == words


def test_visual_comes_before_editor():
    assert external.command(FILE, None, {"EDITOR": "ed", "VISUAL": "vim"}) == ["vim", "/deck.yaml"]


def test_an_empty_variable_is_as_good_as_none():
    assert external.command(FILE, None, {"EDITOR": " ", "VISUAL": ""}) == ["nano", "/deck.yaml"]


def test_no_editor_at_all_says_what_to_do(monkeypatch):
    monkeypatch.setattr(external.shutil, "which", lambda _: None)
    with pytest.raises(StudykitError, match="set EDITOR to the command of one"):
        external.command(FILE, None, {})


def test_a_variable_that_is_no_command_is_named():
    with pytest.raises(StudykitError, match="EDITOR is 'vim, which is no command"):
        external.command(FILE, None, {"EDITOR": "'vim"})
