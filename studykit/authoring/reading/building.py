"""From the tokens of markdown-it to blocks."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from studykit.authoring.blocks import (
    Block,
    Details,
    Fence,
    Heading,
    Item,
    Lines,
    List,
    Math,
    Paragraph,
    Quote,
    Section,
    Span,
    Spans,
    Table,
    plain,
)
from studykit.authoring.reading import contents, definition_lists, html_fragments
from studykit.authoring.reading.containers import name_and_title
from studykit.authoring.reading.fences import directive_of, language_of
from studykit.authoring.reading.headings import Outline, bare_number, without_number
from studykit.authoring.reading.prose import ENOUGH
from studykit.authoring.reading.spans import Formula, parts, spans_of

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

Blocks: TypeAlias = tuple[Block, ...]

_LABEL = re.compile(r"\\(?:label|tag\*?)\{([^{}]+)\}")
_EQUATION_LABEL = re.compile(r":(?:eqlabel|label):`([^`\n]+)`$")
_ALERT = re.compile(r"\[!(\w+)\][+-]?[ \t]*([^\n]*)(?:\n|$)")
_TASK = re.compile(r"\[[ xX]\][ \t]+")
_LAYOUT = frozenset(
    (
        *(
            "cell",
            "cell-output",
            "center",
            "code-group",
            "col",
            "column",
            "columns",
            "container",
            "div",
            "figure",
        ),
        *("fragment", "grid", "left", "output", "panel-tabset", "raw", "right", "row", "tab", "tab-item"),
        *("tab-set", "tabs", "tabset", "v-pre"),
    )
)
_MODULE = re.compile(
    r"(?:(?:import\b[^\n]*?[\"'][^\"'\n]+[\"'];?|export (?:const|default|function)\b[^\n]*)[ \t]*(?:\n|$))+"
)
_DIRECTIVE_OPTION = re.compile(r"(?:[ \t]*:[\w-]+:[^\n]*(?:\n|$))+")
_DIRECTIVE_LABEL = re.compile(r":label:[ \t]*([^\s]+)")
_ADMONITIONS = frozenset(
    (
        *(
            "admonition",
            "attention",
            "caution",
            "danger",
            "definition",
            "dropdown",
            "error",
            "example",
            "hint",
        ),
        *("important", "note", "proof", "question", "seealso", "tip", "todo", "topic", "warning"),
    )
)
_DEEPEST_DIRECTIVE = 4
_SENTENCE_END = tuple("。；：.;:")
_LONGEST_TITLE = 100


@dataclass(slots=True)
class _Frame:
    """A container, or `<details>`, whose end has not come yet; the outermost has no end."""

    line: int
    section: Section | None
    blocks: list[Block] = field(default_factory=list)
    colons: int = 0
    name: str | None = None
    title: str = ""
    summary: Spans | None = None

    @property
    def details(self) -> bool:
        return self.summary is not None


class Builder:
    """Makes the blocks of one article."""

    def __init__(self, md: "MarkdownIt", env: dict[str, object], tokens: "Sequence[Token]") -> None:
        self._md, self._env, self._tokens = md, env, tokens
        self._outline = Outline()
        self._closing = _closings(tokens)
        self._numbered = _numbered_levels(tokens)
        self._depth = 0
        self._prose: list[str] = []

    def article(self) -> Blocks:
        """Return all blocks."""
        return self._siblings(0, len(self._tokens), top=True)

    def sample(self) -> str:
        """Return so much of the prose that its language can be told."""
        return " ".join(self._prose)[:ENOUGH]

    def _siblings(self, first: int, end: int, *, top: bool = False) -> Blocks:
        frames = [_Frame(0, None)]
        at = first
        while at < end:
            token = self._tokens[at]
            after = self._closing[at] + 1
            match token.type:
                case "html_block":
                    self._html(token, frames)
                case "marker":
                    self._marker(token, frames)
                case "bullet_list_open" | "ordered_list_open":
                    blocks = frames[-1].blocks
                    if not self._is_contents(at, after, blocks):
                        blocks.append(self._list(at, after))
                case "paragraph_open":
                    self._paragraph(self._tokens[at + 1], frames[-1].blocks)
                case "heading_open":
                    self._heading(at, frames[-1].blocks, top=top)
                case _:
                    frames[-1].blocks.extend(self._other(at, after))
            at = after
        while len(frames) > 1:
            _dissolve(frames)
        return tuple(frames[0].blocks)

    def _other(self, at: int, after: int) -> Iterator[Block]:
        token = self._tokens[at]
        match token.type:
            case "math_block":
                if token.content:
                    yield self._math(token.content, _lines(token), token.info)
            case "fence":
                yield from self._fence(token)
            case "code_block":
                start, end = _lines(token)
                yield Fence((start, end), self._outline.current, token.content, "", "", start)
            case "table_open":
                if table := self._table(at, after):
                    yield table
            case "blockquote_open" | "admonition_open":
                if blocks := self._siblings(at + 1, after - 1):
                    yield from self._box(token, blocks)

    def _heading(self, at: int, blocks: list[Block], *, top: bool) -> None:
        token, inline = self._tokens[at], self._tokens[at + 1]
        if token.markup == "-" and _is_sentence(inline.content):
            self._paragraph(inline, blocks)  # the dashes were meant as a rule
        else:
            self._headed(inline.content, int(token.tag[1]), _lines(token), blocks, top=top)

    def _headed(self, content: str, level: int, lines: Lines, blocks: list[Block], *, top: bool) -> None:
        spans = spans_of(self._md, content, self._env)
        title = without_number(" ".join(plain(spans).split()), bare=level in self._numbered)
        if not title:
            return
        section = self._outline.section(title, level, lines[0])
        if top:
            self._outline.enter(section)
        blocks.append(Heading(lines, section, spans))

    def _paragraph(self, inline: "Token", blocks: list[Block]) -> None:
        content, line = inline.content, _lines(inline)[0]
        if content[:1] in "[{$:" and (contents.is_mark(content) or self._labels(content, blocks)):
            return
        if content[:1] in "ie" and _MODULE.fullmatch(content):
            return
        if ":" in content and self._defines(content, line, blocks):
            return
        self._text(content, line, blocks)

    def _defines(self, content: str, line: int, blocks: list[Block]) -> bool:
        """Read a term with its definitions, or a definition of the term just read."""
        term: Spans
        if content.startswith(": ") and blocks and definition_lists.is_term(before := blocks[-1]):
            assert isinstance(before, Paragraph)
            blocks.pop()
            term, start, found = before.spans, before.lines[0], [(0, content[1:].strip())]
        elif "\n: " in content and (split := definition_lists.split(content)):
            term, start, found = spans_of(self._md, split[0], self._env), line, split[1]
        else:
            return False
        section = self._outline.current
        lines = [(line + below, line + below + text.count("\n")) for below, text in found]
        items = [
            definition_lists.item(term, spans_of(self._md, text, self._env), (start, at[1]), section)
            for at, (_, text) in zip(lines, found, strict=True)
        ]
        self._prose.append(content)
        blocks.append(List((start, lines[-1][1]), section, tuple(items)))
        return True

    def _text(self, content: str, line: int, blocks: list[Block]) -> None:
        self._prose.append(content)
        for part in parts(self._md, content, self._env, line):
            if isinstance(part, Formula):
                blocks.append(self._math(part.latex, part.lines, ""))
            else:
                blocks.append(Paragraph(part.lines, self._outline.current, part.spans))

    def _labels(self, content: str, blocks: list[Block]) -> bool:
        """Give the label that d2l writes below a formula to the formula."""
        match = _EQUATION_LABEL.match(content)
        if match and blocks and isinstance(math := blocks[-1], Math) and math.label is None:
            blocks[-1] = replace(math, label=match.group(1))
            return True
        return False

    def _math(self, latex: str, lines: Lines, label: str) -> Math:
        found = _LABEL.search(latex)
        return Math(lines, self._outline.current, latex, label or (found.group(1) if found else None))

    def _fence(self, token: "Token") -> Iterator[Block]:
        info = token.info.strip()
        lines, section = _lines(token), self._outline.current
        if info == "math":
            yield self._math(token.content.strip(), lines, "")
        elif info[:1] == "{" and (directive := directive_of(info)):
            yield from self._directive(token, *directive)
        else:
            yield Fence(lines, section, token.content, language_of(info), info, lines[0] + 1)

    def _directive(self, token: "Token", name: str, title: str) -> Iterator[Block]:
        """Read what MyST writes in a fence: a formula, a box of text, or code after all."""
        lines, section, content = _lines(token), self._outline.current, token.content
        options = _DIRECTIVE_OPTION.match(content)
        body = content[options.end() :] if options else content
        first = lines[0] + 1 + (options.group().count("\n") if options else 0)
        if name == "math":
            label = _DIRECTIVE_LABEL.search(options.group()) if options else None
            yield self._math(body.strip() or title, lines, label.group(1) if label else "")
        elif name in _ADMONITIONS and self._depth < _DEEPEST_DIRECTIVE:
            if blocks := self._nested(body, first):
                yield Quote(lines, section, blocks, name, title)
        else:
            info = token.info.strip()
            yield Fence(lines, section, content, language_of(info), info, lines[0] + 1)

    def _nested(self, text: str, first_line: int) -> Blocks:
        """Read Markdown that stands in a fence; `first_line` is its first in the file."""
        tokens = self._md.parse(text, self._env)
        for token in tokens:
            if token.map:
                token.map = [token.map[0] + first_line - 1, token.map[1] + first_line - 1]
        inner = Builder(self._md, self._env, tokens)
        inner._outline, inner._depth = self._outline, self._depth + 1
        blocks = inner._siblings(0, len(tokens))
        self._prose.extend(inner._prose)
        return blocks

    def _is_contents(self, at: int, after: int, blocks: list[Block]) -> bool:
        if blocks and isinstance(heading := blocks[-1], Heading) and contents.is_title(plain(heading.spans)):
            blocks.pop()
            return True
        return contents.is_contents(self._tokens[at:after])

    def _list(self, at: int, after: int) -> List:
        opening, section = self._tokens[at], self._outline.current
        items = []
        at += 1
        while at < after - 1:
            closing = self._closing[at]
            start = _lines(self._tokens[at])[0]
            blocks = _without_box(self._siblings(at + 1, closing))
            items.append(Item((start, max(start, _end(blocks))), blocks))
            at = closing + 1
        start = _lines(opening)[0]
        end = max([start, *(item.lines[1] for item in items)])
        return List((start, end), section, tuple(items), opening.type == "ordered_list_open")

    def _table(self, at: int, after: int) -> Table | None:
        rows: list[tuple[Spans, ...]] = []
        lines: list[int] = []
        cells: list[Spans] = []
        for token in self._tokens[at:after]:
            if token.type == "tr_open":
                cells, line = [], _lines(token)[0]
            elif token.type == "inline":
                cells.append(spans_of(self._md, token.content, self._env))
            elif token.type == "tr_close" and (any(cells) or not rows):
                rows.append(tuple(cells))
                lines.append(line)
        if not rows:
            return None
        start, end = _lines(self._tokens[at])
        return Table((start, end), self._outline.current, rows[0], tuple(rows[1:]), tuple(lines[1:]))

    def _box(self, token: "Token", blocks: Blocks) -> Iterator[Block]:
        start = _lines(token)[0]
        section = blocks[0].section
        if token.type == "admonition_open":
            yield Quote((start, _end(blocks)), section, blocks, token.info, token.content)
        elif quote := _alert(Quote((start, _end(blocks)), section, blocks)):
            yield quote

    def _marker(self, token: "Token", frames: list[_Frame]) -> None:
        line, colons = _lines(token)[0], len(token.markup)
        if not token.info:
            self._close_container(colons, line, frames)
            return
        name, title = name_and_title(token.info)
        frame = _Frame(line, self._outline.current, colons=colons, name=name, title=title)
        if name == "details":
            frame.summary = spans_of(self._md, title, self._env)
        frames.append(frame)

    def _close_container(self, colons: int, line: int, frames: list[_Frame]) -> None:
        open_ones = [at for at, frame in enumerate(frames) if 0 < frame.colons <= colons]
        if not open_ones:
            return
        same = [at for at in open_ones if frames[at].colons == colons]
        self._close((same or open_ones)[-1], line, frames)

    def _close(self, at: int, line: int, frames: list[_Frame]) -> None:
        while len(frames) > at + 1:
            _dissolve(frames)
        frame = frames.pop()
        blocks, inner = frames[-1].blocks, tuple(frame.blocks)
        lines = (frame.line, line)
        if frame.summary is not None:
            blocks.append(Details(lines, frame.section, frame.summary, inner))
        elif frame.name in _LAYOUT or not frame.name:
            blocks.extend(inner)
        elif inner:
            title = plain(spans_of(self._md, frame.title, self._env))
            blocks.append(Quote(lines, frame.section, inner, frame.name, title))

    def _html(self, token: "Token", frames: list[_Frame]) -> None:
        for piece in html_fragments.pieces(token.content, _lines(token)[0]):
            match piece:
                case html_fragments.Opened(line=line):
                    frames.append(_Frame(line, self._outline.current, summary=()))
                case html_fragments.Closed(line=line):
                    open_ones = [at for at, frame in enumerate(frames) if frame.details and not frame.colons]
                    if open_ones:
                        self._close(open_ones[-1], line, frames)
                case html_fragments.Shown(text=text, tag="summary") if frames[-1].details:
                    if not frames[-1].summary:
                        frames[-1].summary = spans_of(self._md, text, self._env)
                case html_fragments.Shown(text=text, line=line, tag=tag) if tag[:1] == "h":
                    lines = (line, line + text.count("\n"))
                    self._headed(text, int(tag[1]), lines, frames[-1].blocks, top=len(frames) == 1)
                case html_fragments.Shown(text=text, line=line):
                    self._text(text, line, frames[-1].blocks)
                case _:
                    frames[-1].blocks.extend(self._html_block(piece))

    def _html_block(self, piece: html_fragments.Piece) -> Iterator[Block]:
        section = self._outline.current
        match piece:
            case html_fragments.Code(text=text, lines=lines, first_line=line, language=name):
                yield Fence(lines, section, text, language_of(name), name, line)
            case html_fragments.Points(lines=lines, ordered=ordered, items=items) if items:
                yield List(lines, section, tuple(map(self._html_item, items)), ordered)
            case html_fragments.Rows(lines=lines, rows=[(_, head), *rows]):
                cells = [
                    [spans_of(self._md, text, self._env) for text in row]
                    for row in (head, *(r for _, r in rows))
                ]
                even = [tuple((row + [()] * len(head))[: len(head)]) for row in cells]
                yield Table(lines, section, even[0], tuple(even[1:]), tuple(line for line, _ in rows))

    def _html_item(self, shown: html_fragments.Shown) -> Item:
        blocks: list[Block] = []
        self._text(shown.text, shown.line, blocks)
        return Item((shown.line, max(shown.line, _end(tuple(blocks)))), tuple(blocks))


def _lines(token: "Token") -> Lines:
    first, after = token.map or (0, 1)
    return first + 1, max(first + 1, after)


def _end(blocks: Blocks) -> int:
    return max((block.lines[1] for block in blocks), default=0)


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


def _is_sentence(content: str) -> bool:
    return "\n" in content or content.endswith(_SENTENCE_END) or len(content) > _LONGEST_TITLE


def _dissolve(frames: list[_Frame]) -> None:
    """Put what stands in a container that never ends where it stands."""
    frame = frames.pop()
    blocks = frames[-1].blocks
    if frame.summary:
        blocks.append(Paragraph((frame.line, frame.line), frame.section, frame.summary))
    blocks.extend(frame.blocks)


def _without_box(blocks: Blocks) -> Blocks:
    """Return the blocks of an item without the `[x]` of a task."""
    if not blocks or not isinstance(first := blocks[0], Paragraph):
        return blocks
    match = _TASK.match(first.spans[0].text)
    if match is None:
        return blocks
    return (replace(first, spans=_cut(first.spans, match.end())), *blocks[1:])


def _alert(quote: Quote) -> Quote | None:
    """Return the quote with the name that `[!TIP]` gives it; nothing if it holds nothing else."""
    first = quote.blocks[0]
    if not isinstance(first, Paragraph) or not first.spans[0].text.startswith("[!"):
        return quote
    match = _ALERT.match(plain(first.spans))
    if match is None:
        return quote
    rest = _cut(first.spans, match.end())
    start = first.lines[0] + 1
    kept = (Paragraph((start, first.lines[1]), first.section, rest),) if rest else ()
    blocks = (*kept, *quote.blocks[1:])
    name, title = match.group(1).lower(), match.group(2).strip()
    return replace(quote, blocks=blocks, name=name, title=title) if blocks else None


def _cut(spans: Spans, count: int) -> Spans:
    """Return `spans` without their first `count` characters."""
    rest: list[Span] = []
    for span in spans:
        text = span.text[count:] if count else span.text
        count = max(0, count - len(span.text))
        if text:
            rest.append(Span(text, span.marks))
    return tuple(rest)
