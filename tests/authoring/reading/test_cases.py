"""Every kind of mess, from titled files: a title, the Markdown, and what is read, between lines of one dot.

Add a case to a file of `tests/fixtures/authoring/reading/cases/`; `⏎` is a line end inside a block.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from studykit.authoring.article import parse_markdown
from studykit.authoring.blocks import Block

CASES = Path(__file__).parents[2] / "fixtures" / "authoring" / "reading" / "cases"


def read_cases(path: Path) -> list[tuple[str, str, str]]:
    """Return title, input and expected output of each case: title, `.`, input, `.`, output, `.`."""
    fields: list[str] = []
    lines: list[str] = []
    for line in path.read_text(encoding="utf8").split("\n"):
        if line == ".":
            fields.append("\n".join(lines))
            lines = []
        else:
            lines.append(line)
    assert len(fields) % 3 == 0, f"{path.name}: a case has three parts, each ended by a line of one dot"
    return [(fields[at].strip(), fields[at + 1], fields[at + 2]) for at in range(0, len(fields), 3)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(text, expected, id=f"{path.stem}: {title}")
        for path in sorted(CASES.glob("*.txt"))
        for title, text, expected in read_cases(path)
    ],
)
def test_case(text: str, expected: str, dumped: Callable[[tuple[Block, ...]], str]) -> None:
    assert dumped(parse_markdown(text, "case.md").blocks) == expected
