"""What is written like a paragraph and is one, or is something else."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from studykit.authoring.blocks import Block, List, Math, Paragraph, Spans
from studykit.authoring.reading import contents, definition_lists
from studykit.authoring.reading.context import Context, lines_of

if TYPE_CHECKING:
    from markdown_it.token import Token

_EQUATION_LABEL = re.compile(r":(?:eqlabel|label):`([^`\n]+)`$")
_MODULE = re.compile(
    r"(?:(?:import\b[^\n]*?[\"'][^\"'\n]+[\"'];?|export (?:const|default|function)\b[^\n]*)[ \t]*(?:\n|$))++"
)
_SENTENCE_END = tuple("。；：.;:")
_LONGEST_TITLE = 100


def add_paragraph(context: Context, inline: "Token", blocks: list[Block]) -> None:
    """Add what `inline` says, unless it speaks to the site generator."""
    content, line = inline.content, lines_of(inline)[0]
    begins = content[:1]
    if begins in "[{$:" and (contents.is_mark(content) or _labels(content, blocks)):
        return
    if begins in "ie" and _MODULE.fullmatch(content):
        return
    if ":" in content and _defines(context, content, line, blocks):
        return
    context.add_text(content, line, blocks)


def is_sentence(content: str) -> bool:
    """Return whether a heading underlined with dashes is a sentence, and the dashes were meant as a rule."""
    return "\n" in content or content.endswith(_SENTENCE_END) or len(content) > _LONGEST_TITLE


def _labels(content: str, blocks: list[Block]) -> bool:
    """Give the label that d2l writes below a formula to the formula."""
    match = _EQUATION_LABEL.match(content)
    if match and blocks and isinstance(math := blocks[-1], Math) and math.label is None:
        blocks[-1] = replace(math, label=match.group(1))
        return True
    return False


def _defines(context: Context, content: str, line: int, blocks: list[Block]) -> bool:
    """Read a term with its definitions, or a definition of the term just read, as a list."""
    term: Spans
    before = blocks[-1] if blocks and content.startswith(": ") else None
    if isinstance(before, Paragraph) and definition_lists.is_term(before):
        blocks.pop()
        term, start, found = before.spans, before.lines[0], [(0, content[1:].strip())]
    elif "\n: " in content and (split := definition_lists.split(content)):
        term, start, found = context.spans(split[0]), line, split[1]
    else:
        return False
    items = []
    for below, text in found:
        first = line + below
        lines = (start, first + text.count("\n"))
        definition = context.spans(text)
        items.append(definition_lists.item(term, definition, first - start, lines, context.section))
    context.prose.append(content)
    blocks.append(List((start, items[-1].lines[1]), context.section, tuple(items)))
    return True
