"""What the tests of reading share: blocks written as lines of text, and titled cases read from files."""

from collections.abc import Callable, Iterator

import pytest

from studykit.authoring.blocks import (
    Block,
    Details,
    Fence,
    Heading,
    List,
    Mark,
    Math,
    Paragraph,
    Quote,
    Span,
    Spans,
    Table,
)

SIGNS = {
    Mark.STRONG: "**",
    Mark.EMPHASIS: "*",
    Mark.CODE: "`",
    Mark.HIGHLIGHT: "^^",
}


def written(spans: Spans) -> str:
    """Write spans on one line: links in `<>`, formulas in `‹›`, pictures in `!()`, line ends as `⏎`."""
    return "".join(map(_span, spans)).replace("\n", "⏎")


def _span(span: Span) -> str:
    text = f"‹{span.text}›" if span.has(Mark.MATH) else span.text
    for mark, sign in SIGNS.items():
        if span.has(mark):
            text = f"{sign}{text}{sign}"
    if span.has(Mark.LINK):
        text = f"<{text}>"
    return f"!({text})" if span.has(Mark.IMAGE) else text


def dump(blocks: tuple[Block, ...], depth: int = 0) -> Iterator[str]:
    """Yield a line for each block: where it stands, what it is, what it says."""
    for block in blocks:
        first, last = block.lines
        yield "  " * depth + (f"{first}" if first == last else f"{first}-{last}") + " " + _says(block)
        match block:
            case List(items=items):
                for item in items:
                    yield "  " * depth + f"  {item.lines[0]}-{item.lines[1]} item"
                    yield from dump(item.blocks, depth + 2)
            case Quote(blocks=inner) | Details(blocks=inner):
                yield from dump(inner, depth + 1)
            case Table(rows=rows, row_lines=lines):
                for line, row in zip(lines, rows, strict=True):
                    yield "  " * depth + f"  {line} | " + " | ".join(map(written, row))


def _says(block: Block) -> str:
    match block:
        case Heading(spans=spans, section=section):
            assert section is not None
            return f"h{section.level} {written(spans)} [{' > '.join(section.path)}]"
        case Paragraph(spans=spans):
            return f"p {written(spans)}"
        case Math(latex=latex, label=label):
            return f"math{f' ({label})' if label else ''} {latex}".replace("\n", "⏎")
        case Fence(code=code, language=language, first_line=line):
            return f"code {language or '-'} from {line}: {code}".replace("\n", "⏎")
        case List(ordered=ordered):
            return "ol" if ordered else "ul"
        case Table(header=header):
            return "table " + " | ".join(map(written, header))
        case Quote(name=name, title=title):
            return f"quote {name or '-'} {title}".rstrip()
        case Details(summary=summary):
            return f"details {written(summary)}".rstrip()


@pytest.fixture
def dumped() -> Callable[[tuple[Block, ...]], str]:
    """Return what writes blocks as text."""
    return lambda blocks: "\n".join(dump(blocks))
