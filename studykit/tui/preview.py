"""A whole card to look at: both faces, what is remembered of it, where it is written."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from textual.content import Content

from studykit.library.cards import Card, Choice, text_in
from studykit.tui import faces
from studykit.tui.browsing import Line
from studykit.tui.grades import interval_text, name_of
from studykit.tui.outlook import day_text
from studykit.tui.text.blocks import Block, Flow, Rule
from studykit.tui.text.clean import clean_line
from studykit.tui.text.markdown import inline
from studykit.tui.text.palette import CAUTION, HEADING, MUTED, RIGHT

if TYPE_CHECKING:
    from studykit.store.records import LogRow
    from studykit.study import Study


def head(line: Line) -> list[Block]:
    """Return what is remembered of a card, in a line or two."""
    title = Content.assemble((clean_line(line.card), HEADING), f"  {line.kind}")
    return [Flow(title), Flow(Content.styled(_standing(line), MUTED), gap=False)]


def _standing(line: Line) -> str:
    parts = [line.state]
    record = line.record
    if record is not None:
        memory = record.memory
        parts += [
            f"due {day_text(memory.due, line.today)}"
            if memory.due > line.today
            else f"due since {memory.due}",
            f"every {interval_text(memory.interval)}",
            f"ease {memory.ease / 100:.2f}",
            f"{record.lapses} lapse{'' if record.lapses == 1 else 's'}",
            record.scheduler,
        ]
    parts += [name for name, is_so in (("flagged", line.marks.flagged), ("leech", line.marks.leech)) if is_so]
    return " · ".join(parts)


def body(card: Card, languages: faces.Languages) -> list[Block]:
    """Return both faces."""
    question = list(faces.question(card, languages, shown=True))
    options = _options(card, languages) if isinstance(card, Choice) else []
    answer = faces.answer(card, languages)
    hint = faces.hint(card, languages)
    hints = [Flow(Content.styled("hint", MUTED)), *hint] if hint else []
    return [*question, *options, *hints, *([Rule(), *answer] if answer else [])]


def _options(card: Choice, languages: faces.Languages) -> list[Block]:
    marked = [
        *((Content.styled("✓ ", RIGHT), text) for text in card.right),
        *((Content.styled("· ", CAUTION), text) for text in card.wrong),
    ]
    return [
        Flow(inline(clean_line(text_in(text, languages))), mark, Content("  "), gap=not number)
        for number, (mark, text) in enumerate(marked)
    ]


def foot(study: "Study", card_id: str, card: Card) -> list[Block]:
    """Return where a card is written, and its tags."""
    lines = [f"written in {study.place_of(card_id)}"]
    if card.tags:
        lines.append("tags " + ", ".join(card.tags))
    return [Rule(), *(Flow(Content.styled(clean_line(line), MUTED), gap=False) for line in lines)]


def past(rows: Sequence["LogRow"], scheme: str, today: date) -> list[Block]:
    """Return every answer to a card, the last one first."""
    if not rows:
        return [Flow(Content.styled("Never answered.", MUTED))]
    lines = [_answer(row, scheme, today) for row in reversed(rows)]
    return [Flow(Content.styled("Answers", HEADING)), *(Flow(Content(line), gap=False) for line in lines)]


def _answer(row: "LogRow", scheme: str, today: date) -> str:
    seconds = "" if row.duration_ms is None else f"{row.duration_ms / 1000:5.0f} s"
    after = row.after
    interval = "" if after is None else interval_text(after.memory.interval)
    ago = "today" if row.day == today else str(row.day)
    return f"{ago:<10}  {row.role:<6}  {name_of(row.grade, scheme):<8}  {seconds:>7}  {interval:>7}"
