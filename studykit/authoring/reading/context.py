"""What every part of building needs: the parser, what links refer to, and where in the article we are."""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from studykit.authoring.blocks import Block, Heading, Lines, Math, Paragraph, Section, Spans, plain
from studykit.authoring.reading.headings import Outline, without_number
from studykit.authoring.reading.spans import Formula, parts, spans_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_ANCHOR = re.compile(r"[ \t]*\[\[[\w-]+\]\]$")
_LABEL = re.compile(r"\\(?:label|tag\*?)\{([^{}]+)\}")


@dataclass(slots=True)
class Context:
    """Shared by all that builds the blocks of one article."""

    md: "MarkdownIt"
    env: dict[str, object]
    numbered: set[int]
    """The levels of headings on which a bare number counts sections."""

    outline: Outline = field(default_factory=Outline)
    prose: list[str] = field(default_factory=list)
    """The texts of paragraphs, by which the language is told."""

    depth: int = 0
    """How many blocks are open around the next one."""

    @property
    def section(self) -> Section | None:
        """The section that the next block lies in."""
        return self.outline.current

    def spans(self, content: str) -> Spans:
        """Return a line of Markdown as spans."""
        return spans_of(self.md, content, self.env)

    def add_text(self, content: str, line: int, blocks: list[Block]) -> None:
        """Add the paragraphs of `content`, which begins on `line`, and the formulas between them."""
        self.prose.append(content)
        for part in parts(self.md, content, self.env, line):
            if isinstance(part, Formula):
                blocks.append(self.math(part.latex, part.lines))
            else:
                blocks.append(Paragraph(part.lines, self.section, part.spans))

    def add_heading(
        self, content: str, level: int, lines: Lines, blocks: list[Block], *, opens: bool
    ) -> None:
        """Add a heading that says something; `opens`: what follows lies in its section."""
        spans = self.spans(_ANCHOR.sub("", content) if content.endswith("]]") else content)
        title = without_number(" ".join(plain(spans).split()), bare=level in self.numbered)
        if not title:
            return
        section = self.outline.section(title, level, lines[0])
        if opens:
            self.outline.enter(section)
        blocks.append(Heading(lines, section, spans))

    def math(self, latex: str, lines: Lines, label: str = "") -> Math:
        """Return a display formula with the label that it has been given or gives itself."""
        found = _LABEL.search(latex)
        return Math(lines, self.section, latex, label or (found.group(1) if found else None))


def lines_of(token: "Token") -> Lines:
    """Return the first and the last line of `token`, counted from 1."""
    first, after = token.map or (0, 1)
    return first + 1, max(first + 1, after)


def end_of(blocks: "Sequence[Block]") -> int:
    """Return the last line of `blocks`."""
    return max((block.lines[1] for block in blocks), default=0)
