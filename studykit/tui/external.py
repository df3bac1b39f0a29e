"""The learner's own editor, in place of the screen for as long as it runs."""

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from textual.app import App, SuspendNotSupported

from studykit.errors import StudykitError

_NAMES = """
vi vim nvim view gvim elvis nano pico rnano micro kak joe jed jmacs emacs emacsclient emacs-nox mg zile ne
mcedit tilde gedit kate ed vis
"""
_PLUS_LINE = frozenset(_NAMES.split())
"""Editors that go to a line with `+LINE` before the file."""

_COLON_LINE = frozenset(("hx", "helix", "subl", "sublime_text", "zed", "zeditor"))
"""Editors that go to a line with `FILE:LINE`."""

_GOTO = frozenset(("code", "code-insiders", "codium", "vscodium", "cursor", "windsurf"))
_LEAVES_AT_ONCE = _GOTO | {"subl", "sublime_text", "zed", "zeditor", "mate", "gedit"}
"""Editors with a window of their own, which must be told to keep us waiting."""

_TRIED = ("nano", "vim", "vi", "micro", "emacs", "notepad")
_LARGEST = 1_000_000


def command(path: Path, line: int | None = None, environment: Mapping[str, str] | None = None) -> list[str]:
    """Return what opens `path` (at `line`, where the editor knows how) in the learner's editor.

    Raises StudykitError if there is none.
    """
    editor = _editor(os.environ if environment is None else environment)
    name = Path(editor[0]).name.lower().removesuffix(".exe")
    if name in _LEAVES_AT_ONCE and not {"--wait", "-w"} & set(editor):
        editor = [*editor, "--wait"]
    if line is not None and name in _PLUS_LINE:
        return [*editor, f"+{line}", str(path)]
    if line is not None and name in _COLON_LINE:
        return [*editor, f"{path}:{line}"]
    if line is not None and name in _GOTO:
        return [*editor, "--goto", f"{path}:{line}"]
    return [*editor, str(path)]


def _editor(environment: Mapping[str, str]) -> list[str]:
    for variable in ("VISUAL", "EDITOR"):
        if named := environment.get(variable, "").strip():
            try:
                words = shlex.split(named, posix=os.name != "nt")
            except ValueError as error:
                raise StudykitError(f"{variable} is {named}, which is no command: {error}") from error
            if shutil.which(words[0]) is None:
                raise StudykitError(f"{variable} is {named}, but {words[0]} is not installed")
            return words
    found = next((name for name in _TRIED if shutil.which(name)), None)
    if found is None:
        raise StudykitError("no editor was found: set EDITOR to the command of one, like EDITOR=nano")
    return [found]


def run(app: App[Any], words: Sequence[str]) -> None:
    """Give the terminal to a program until it ends. Raises StudykitError if that fails, or it does."""
    try:
        with app.suspend():
            ended = subprocess.run(list(words), check=False)  # noqa: S603 - the learner's own command
    except SuspendNotSupported as error:
        raise StudykitError("an editor cannot be opened from here: this screen is not a terminal") from error
    except OSError as error:
        raise StudykitError(f"{words[0]} could not be started: {error.strerror}") from error
    if ended.returncode:
        raise StudykitError(f"{words[0]} ended with {ended.returncode}: nothing was taken over from it")


def edited(app: App[Any], text: str, name: str) -> str:
    """Let the learner edit `text` in his editor, as a file called `name`; return what he made of it.

    Raises StudykitError, and then `text` is to stay: no editor, one that failed, a file that cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="studykit-") as folder:
        path = Path(folder) / name
        path.write_text(text, encoding="utf8")
        run(app, command(path))
        return _read(path)


def _read(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StudykitError(f"the edited file is gone: {error.strerror}. Your text is as it was.") from error
    if len(data) > _LARGEST:
        raise StudykitError("the edited file is larger than 1 MB. Your text is as it was.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StudykitError("the edited file is not UTF-8 text. Your text is as it was.") from error
    if not text.strip():
        raise StudykitError("the file came back empty. Your text is as it was.")
    return text.replace("\r\n", "\n").replace("\r", "\n")
