"""Blocks as the back of a card."""

from collections.abc import Iterable

from studykit.authoring.blocks import Block, Details, Fence, Item, List, Math, Paragraph, Quote, Table
from studykit.authoring.prose import Prose, prose_of

LIMIT = 300
"""Characters of prose on a back: more is a chapter, not an answer."""


def markdown_of_blocks(blocks: Iterable[Block], limit: int = LIMIT) -> str:
    """`blocks` as Markdown, cut after the sentence at which `limit` is reached."""
    parts: list[str] = []
    left = limit
    for block in blocks:
        text = _markdown(block, left)
        if parts and not isinstance(block, Fence | Math) and len(text) > left:
            break
        if text:
            parts.append(text)
        left -= 0 if isinstance(block, Fence | Math) else len(text)
        if left <= 0:
            break
    return "\n\n".join(parts)


def opening(text: Prose, limit: int = LIMIT) -> str:
    """The first sentences of `text`, as many as fit into `limit`; at least one."""
    sentences = text.sentences()
    if not sentences:
        return ""
    end = len(sentences[0].text)
    for sentence in sentences[1:]:
        start = text.text.find(sentence.text, end)
        if start < 0 or start + len(sentence.text) > limit:
            break
        end = start + len(sentence.text)
    return text.cut(0, end).markdown


def fenced(code: str, language: str = "python") -> str:
    """`code` as a fence that nothing in it can close."""
    ticks = "```"
    while ticks in code:
        ticks += "`"
    return f"{ticks}{language}\n{code.rstrip()}\n{ticks}"


def displayed(latex: str) -> str:
    """A formula on lines of its own."""
    return f"$$\n{latex.strip()}\n$$"


def _markdown(block: Block, limit: int) -> str:
    match block:
        case Paragraph():
            return opening(prose_of(block), limit)
        case Math(latex=latex):
            return displayed(latex)
        case Fence(code=code, language=language):
            return fenced(code, language)
        case List(items=items, ordered=ordered):
            return "\n".join(
                f"{f'{n}.' if ordered else '-'} {_item(item, limit // len(items))}"
                for n, item in enumerate(items, 1)
            )
        case Quote(blocks=inner) | Details(blocks=inner):
            return markdown_of_blocks(inner, limit)
        case Table():
            return ""
    return ""


def _item(item: Item, limit: int) -> str:
    first = item.blocks[0] if item.blocks else None
    return opening(prose_of(first), limit) if isinstance(first, Paragraph) else ""
