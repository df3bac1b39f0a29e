"""Where an answer differs from what was expected, visible without colour."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from rich.cells import cell_len
from textual.content import Content, Span

from studykit.tui.text.blocks import Block, Fixed
from studykit.tui.text.clean import clean_line
from studykit.tui.text.palette import MUTED, RIGHT, WRONG

_LONGEST = 500


def closest(answer: str, accepted: Sequence[str]) -> str:
    """Return the accepted answer that is most like `answer`."""
    return max(accepted, key=lambda text: SequenceMatcher(None, answer[:_LONGEST], text[:_LONGEST]).ratio())


def difference(answer: str, expected: str) -> list[Block]:
    """Return both below one another; `^` stands under what is wrong, and under what is missing."""
    answer, expected = clean_line(answer)[:_LONGEST], clean_line(expected)[:_LONGEST]
    wrong: list[Span] = []
    missing: list[Span] = []
    for kind, a0, a1, b0, b1 in SequenceMatcher(None, answer, expected, autojunk=False).get_opcodes():
        if kind != "equal":
            wrong.append(Span(a0, a1, WRONG))
            missing.append(Span(b0, b1, RIGHT))
    yours = _row("yours", answer or "(nothing)", wrong if answer else [])
    return [Fixed(Content("\n").join([*yours, *_row("expected", expected, missing)]))]


def _row(label: str, text: str, spans: list[Span]) -> list[Content]:
    head = Content.styled(f"{label:<10}", MUTED)
    marks = _marks(text, spans)
    line = head + Content(text, [span for span in spans if span.end > span.start])
    return [line, Content(" " * 10) + Content.styled(marks, "bold")] if marks else [line]


def _marks(text: str, spans: list[Span]) -> str:
    marks = ""
    for start, end, _ in spans:
        if end > start:
            marks += " " * (cell_len(text[:start]) - len(marks)) + "^" * cell_len(text[start:end])
    return marks
