"""What is run, as values: the exercise, what is shown of it, and the pure steps between."""

import hashlib
import re
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from studykit.library.cards import Predict, RunIt
from studykit.running.showing import brief
from studykit.running.snippets import SnippetError, imported_by

MAX_SNIPPET = 1_000_000
MAX_LINE = 300
"""Of a line that differs, so much is quoted."""

_PLACEHOLDER = re.compile(r"\{([^\W\d]\w*)\}")
_NO_WORDS = re.compile(r"(`+).+?\1|(\$\$?)(?!\s).+?\2", re.DOTALL)
_BLANKS = re.compile(r"[ \t]+")


@dataclass(frozen=True, slots=True)
class Exercise:
    """A card that runs, and the file it runs with."""

    card: RunIt
    snippet: Path | None
    card_id: str
    trusted: bool
    """Whether the code of the card's library was approved; without that nothing is run."""
    contained: bool = False
    """Whether it may run only where the sandbox holds."""

    @property
    def filename(self) -> str:
        """The snippet's name, as tracebacks show it."""
        return self.snippet.name if self.snippet is not None else "<snippet>"

    def source(self) -> str:
        """Return the snippet's text; raise SnippetError if there is none."""
        if self.snippet is None:
            raise SnippetError(f"{self.card_id} has no snippet to run")
        return read_snippet(self.snippet)

    def modules(self) -> dict[str, str]:
        """Return the snippets that the code of a `predict` card imports, by name."""
        if self.snippet is None or not isinstance(self.card, Predict):
            return {}
        beside = {self.snippet.stem}
        wanted = imported_by(self.card.code)
        beside.update(
            name
            for name in wanted - sys.stdlib_module_names
            if (self.snippet.parent / f"{name}.py").is_file()
        )
        return {name: read_snippet(self.snippet.parent / f"{name}.py") for name in sorted(beside & wanted)}


@dataclass(frozen=True, slots=True)
class Posed:
    """A card with its numbers drawn."""

    seed: int
    front: str
    code: str | None = None
    """What the learner sees of code: a program to predict, a version to mend, the first lines to fill."""
    drawn: Mapping[str, object] = field(default_factory=dict)
    """The drawn values by name, of a card that shows them."""


def read_snippet(path: Path) -> str:
    """Return the text of a snippet; raise SnippetError if it cannot be read."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise SnippetError(f"{path.name} is no file")  # a pipe would keep us waiting, a device has no end
        with path.open("rb") as file:
            data = file.read(MAX_SNIPPET + 1)
        if len(data) > MAX_SNIPPET:
            raise SnippetError(f"{path.name} is larger than {MAX_SNIPPET:,} bytes")
        return data.decode()
    except OSError as error:
        raise SnippetError(f"{path.name} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SnippetError(f"{path.name} is no UTF-8 text") from error


def seeds_of(seed: int, cases: int) -> tuple[int, ...]:
    """Return the seeds of one judgement's inputs: `seed` itself, then others that follow from it."""
    derived = (hashlib.sha256(f"{seed}/{case}".encode()).digest() for case in range(1, cases))
    return (seed, *(int.from_bytes(digest[:4], "little") >> 1 for digest in derived))


def fill(text: str, drawn: Mapping[str, object]) -> str:
    """Put drawn values where `{name}` stands; every other brace stays, as LaTeX has many."""
    return _PLACEHOLDER.sub(lambda match: brief(drawn[match[1]]) if match[1] in drawn else match[0], text)


def named_in(text: str) -> list[str]:
    """Return the names that stand in braces in the words of `text`: not in its code, nor in its formulas."""
    return _PLACEHOLDER.findall(_NO_WORDS.sub(" ", text))


def output_lines(text: str) -> list[str]:
    """Return printed text as it is compared: runs of blanks are one, line ends and empty last lines bare."""
    lines = [_BLANKS.sub(" ", line).rstrip() for line in text.replace("\r\n", "\n").split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def first_difference(expected: str, got: str) -> str:
    """Return the first line in which two outputs differ, as a sentence; empty if they are the same."""
    ours, theirs = output_lines(expected), output_lines(got)
    if ours == theirs:
        return ""
    pairs = enumerate(zip(ours, theirs, strict=False), 1)
    number = next((i for i, (one, other) in pairs if one != other), None)
    if number is not None:
        return f"Line {number} is {_quoted(ours[number - 1])}, not {_quoted(theirs[number - 1])}."
    return f"It prints {_count(len(ours))}, not {_count(len(theirs))}."


def _quoted(line: str) -> str:
    return repr(line) if len(line) <= MAX_LINE else f"{line[:MAX_LINE]!r}…"


def _count(lines: int) -> str:
    return f"{lines} line" if lines == 1 else f"{lines} lines"
