"""From fences to blocks: code, and what GitHub and MyST write in fences that is none."""

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from studykit.authoring.blocks import Block, Fence, Quote
from studykit.authoring.reading.context import Context, lines_of
from studykit.authoring.reading.fences import directive_of, language_of

if TYPE_CHECKING:
    from markdown_it.token import Token

Nested: TypeAlias = Callable[[str, int], tuple[Block, ...]]
"""Reads Markdown inside Markdown, given its text and its first line."""

_OPTIONS = re.compile(r"(?:[ \t]*:[\w-]+:[^\n]*(?:\n|$))++")
_LABEL = re.compile(r":label:[ \t]*(\S+)")
_BOXES = frozenset(
    [
        "admonition",
        "attention",
        "caution",
        "danger",
        "definition",
        "dropdown",
        "error",
        "example",
        "hint",
        "important",
        "note",
        "proof",
        "question",
        "seealso",
        "tip",
        "todo",
        "topic",
        "warning",
    ]
)


def blocks_of_fence(context: Context, token: "Token", nested: Nested) -> Iterator[Block]:
    """Yield what a fence holds."""
    info, lines = token.info.strip(), lines_of(token)
    directive = directive_of(info) if info[:1] == "{" else None
    if info == "math":
        yield context.math(token.content.strip(), lines)
    elif directive and directive[0] in ("math", *_BOXES):
        yield from _directive(context, token, *directive, nested)
    else:
        yield Fence(lines, context.section, token.content, language_of(info), info, lines[0] + 1)


def _directive(context: Context, token: "Token", name: str, title: str, nested: Nested) -> Iterator[Block]:
    lines, section, content = lines_of(token), context.section, token.content
    options = _OPTIONS.match(content)
    said = options.group() if options else ""
    body = content[len(said) :]
    if name == "math":
        label = _LABEL.search(said)
        yield context.math(body.strip() or title, lines, label.group(1) if label else "")
    elif blocks := nested(body, lines[0] + 1 + said.count("\n")):
        yield Quote(lines, section, blocks, name, title)
