"""From blocks of HTML inside Markdown to blocks."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from studykit.authoring.blocks import Block, Fence, Item, List, Spans, Table
from studykit.authoring.reading import html_fragments as html
from studykit.authoring.reading.boxes import Boxes
from studykit.authoring.reading.context import Context, end_of, lines_of
from studykit.authoring.reading.fences import language_of

if TYPE_CHECKING:
    from markdown_it.token import Token


def add_html(context: Context, token: "Token", boxes: Boxes, *, top: bool) -> None:
    """Add what the HTML of `token` shows."""
    for piece in html.pieces(token.content, lines_of(token)[0]):
        match piece:
            case html.Opened(line=line):
                boxes.open_details(line)
            case html.Closed(line=line):
                boxes.close_details(line)
            case html.Shown(text=text, tag="summary") if boxes.summary(context.spans(text)):
                pass
            case html.Shown(text=text, line=line, tag=tag) if tag[:1] == "h":
                lines = (line, line + text.count("\n"))
                opens = top and boxes.none_open
                context.add_heading(text, int(tag[1]), lines, boxes.blocks, opens=opens)
            case html.Shown(text=text, line=line):
                context.add_text(text, line, boxes.blocks)
            case _:
                boxes.blocks.extend(_block(context, piece))


def _block(context: Context, piece: html.Piece) -> Iterator[Block]:
    match piece:
        case html.Code(text=text, lines=lines, first_line=line, language=name):
            yield Fence(lines, context.section, text, language_of(name), name, line)
        case html.Points(lines=lines, ordered=ordered, items=items) if items:
            found = tuple(_item(context, item) for item in items)
            yield List(lines, context.section, found, ordered)
        case html.Rows(lines=lines, rows=[(_, [_, *_] as head), *rows]):
            body = tuple(_cells(context, row, len(head)) for _, row in rows)
            header = _cells(context, head, len(head))
            yield Table(lines, context.section, header, body, tuple(line for line, _ in rows))


def _item(context: Context, shown: html.Shown) -> Item:
    blocks: list[Block] = []
    context.add_text(shown.text, shown.line, blocks)
    return Item((shown.line, max(shown.line, end_of(blocks))), tuple(blocks))


def _cells(context: Context, row: list[str], count: int) -> tuple[Spans, ...]:
    cells = [context.spans(text) for text in row[:count]]
    return (*cells, *[()] * (count - len(cells)))
