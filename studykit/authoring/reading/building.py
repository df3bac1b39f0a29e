"""From the tokens of markdown-it to blocks."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from studykit.authoring.blocks import (
    Block,
    Fence,
    Heading,
    Item,
    List,
    Paragraph,
    Quote,
    Spans,
    Table,
    plain,
)
from studykit.authoring.reading import contents
from studykit.authoring.reading.boxes import Boxes, cut, with_name
from studykit.authoring.reading.context import Context, end_of, lines_of
from studykit.authoring.reading.fence_blocks import blocks_of_fence
from studykit.authoring.reading.headings import bare_number
from studykit.authoring.reading.html_blocks import add_html
from studykit.authoring.reading.paragraphs import add_paragraph, is_sentence

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

Blocks: TypeAlias = tuple[Block, ...]

_TASK = re.compile(r"\[[ xX]\][ \t]+")
_DEEPEST_DIRECTIVE = 20


def build(md: "MarkdownIt", env: dict[str, object], tokens: "Sequence[Token]") -> tuple[Blocks, str]:
    """Return the blocks of an article, and its prose."""
    context = Context(md, env, _numbered_levels(tokens))
    blocks = _Builder(context, tokens).siblings(0, len(tokens), top=True)
    return blocks, "\n".join(context.prose)


class _Builder:
    """Makes blocks of one run of tokens."""

    def __init__(self, context: Context, tokens: "Sequence[Token]") -> None:
        self._context = context
        self._tokens = tokens
        self._closing = _closings(tokens)

    def siblings(self, first: int, end: int, *, top: bool = False) -> Blocks:
        """Return the blocks of the tokens from `first` to before `end`, which have one parent."""
        boxes = Boxes(self._context)
        self._context.depth += 1
        at = first
        while at < end:
            after = self._closing[at] + 1
            self._add(at, after, boxes, top=top)
            at = after
        blocks = boxes.finished()
        self._context.depth -= 1
        return blocks

    def _add(self, at: int, after: int, boxes: Boxes, *, top: bool) -> None:
        token, blocks = self._tokens[at], boxes.blocks
        match token.type:
            case "paragraph_open":
                add_paragraph(self._context, self._tokens[at + 1], blocks)
            case "heading_open":
                self._heading(at, blocks, opens=top and boxes.none_open)
            case "bullet_list_open" | "ordered_list_open":
                if not self._is_contents(at, after, blocks):
                    blocks.append(self._list(at, after))
            case "html_block":
                add_html(self._context, token, boxes, top=top)
            case "marker":
                boxes.marker(token)
            case _:
                blocks.extend(self._other(at, after))

    def _other(self, at: int, after: int) -> Iterator[Block]:
        token, section = self._tokens[at], self._context.section
        match token.type:
            case "math_block" if token.content:
                yield self._context.math(token.content, lines_of(token), token.info)
            case "fence":
                yield from blocks_of_fence(self._context, token, self._nested)
            case "code_block":
                lines = lines_of(token)
                yield Fence(lines, section, token.content, "", "", lines[0])
            case "table_open":
                yield self._table(at, after)
            case "blockquote_open" | "admonition_open":
                if blocks := self.siblings(at + 1, after - 1):
                    yield from _quote(token, blocks)

    def _heading(self, at: int, blocks: list[Block], *, opens: bool) -> None:
        token, inline = self._tokens[at], self._tokens[at + 1]
        if token.markup == "-" and is_sentence(inline.content):
            add_paragraph(self._context, inline, blocks)
        else:
            level = int(token.tag[1])
            self._context.add_heading(inline.content, level, lines_of(token), blocks, opens=opens)

    def _is_contents(self, at: int, after: int, blocks: list[Block]) -> bool:
        """Return whether the list is a table of contents, and take away the heading that says so."""
        heading = blocks[-1] if blocks else None
        if isinstance(heading, Heading) and contents.is_title(plain(heading.spans)):
            blocks.pop()
            return True
        return contents.is_contents(self._tokens[at:after])

    def _list(self, at: int, after: int) -> List:
        opening, section = self._tokens[at], self._context.section
        start = lines_of(opening)[0]
        items: list[Item] = []
        at += 1
        while at < after - 1:
            closing, line = self._closing[at], lines_of(self._tokens[at])[0]
            blocks = _without_box(self.siblings(at + 1, closing))
            items.append(Item((line, max(line, end_of(blocks))), blocks))
            at = closing + 1
        end = max([start, *(item.lines[1] for item in items)])
        return List((start, end), section, tuple(items), opening.type == "ordered_list_open")

    def _table(self, at: int, after: int) -> Table:
        rows: list[tuple[Spans, ...]] = []
        lines: list[int] = []
        cells: list[Spans] = []
        for token in self._tokens[at:after]:
            if token.type == "tr_open":
                cells, line = [], lines_of(token)[0]
            elif token.type == "inline":
                cells.append(self._context.spans(token.content))
            elif token.type == "tr_close" and (any(cells) or not rows):
                rows.append(tuple(cells))
                lines.append(line)
        where = lines_of(self._tokens[at])
        return Table(where, self._context.section, rows[0], tuple(rows[1:]), tuple(lines[1:]))

    def _nested(self, text: str, first_line: int) -> Blocks:
        """Read Markdown that stands in a fence."""
        if self._context.depth > _DEEPEST_DIRECTIVE:
            return ()
        tokens = self._context.md.parse(text, self._context.env)
        for token in tokens:
            if token.map:
                token.map = [token.map[0] + first_line - 1, token.map[1] + first_line - 1]
        return _Builder(self._context, tokens).siblings(0, len(tokens))


def _quote(token: "Token", blocks: Blocks) -> Iterator[Quote]:
    lines = (lines_of(token)[0], end_of(blocks))
    if token.type == "admonition_open":
        yield Quote(lines, blocks[0].section, blocks, token.info, token.content)
    elif quote := with_name(Quote(lines, blocks[0].section, blocks)):
        yield quote


def _without_box(blocks: Blocks) -> Blocks:
    """Return the blocks of an item without the `[x]` of a task."""
    if not blocks or not isinstance(first := blocks[0], Paragraph):
        return blocks
    match = _TASK.match(first.spans[0].text)
    if match is None:
        return blocks
    return (replace(first, spans=cut(first.spans, match.end())), *blocks[1:])


def _closings(tokens: "Sequence[Token]") -> list[int]:
    """Return for each token where what it opens is closed; a token that opens nothing closes itself."""
    closing = list(range(len(tokens)))
    opened: list[int] = []
    for at, token in enumerate(tokens):
        if token.nesting > 0:
            opened.append(at)
        elif token.nesting < 0 and opened:
            closing[opened.pop()] = at
    return closing


def _numbered_levels(tokens: "Sequence[Token]") -> set[int]:
    """Return the levels whose headings count "1 …", "2 …": one such heading alone may be "3 ways to …"."""
    numbers: dict[int, list[int]] = {}
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            number = bare_number(tokens[at + 1].content)
            if number is not None:
                numbers.setdefault(int(token.tag[1]), []).append(number)
    return {
        level
        for level, found in numbers.items()
        if any(second == first + 1 for first, second in pairwise(found))
    }
