"""An article beside what is made of it: some of its lines are lit, and in sight."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content

from studykit.tui.text.blocks import Block, Fixed, Flow
from studykit.tui.text.clean import clean
from studykit.tui.text.margin import DARK, LIT, Beside
from studykit.tui.text.markdown import placed_blocks
from studykit.tui.text.palette import MUTED
from studykit.tui.widgets.prose import Prose

Lines = tuple[int, int]

_LIT_WORDS = "on $surface"
_WORD = re.compile(r"[^\W\d_\u3400-\u9fff]{2,}|[\u3400-\u9fff]{2,4}")

_AROUND_PARTS = 120
"""Paragraphs and other blocks shown before and behind what is lit."""

_AROUND = 30
"""Lines shown as they are around those that are in no block: front matter, comments, the end of a book."""


@dataclass(slots=True)
class _Part:
    """A block of the article, laid out once for each width."""

    block: Block
    first: int
    last: int
    _laid_out: dict[int, list[Content]] = field(default_factory=dict)

    @property
    def gap(self) -> bool:
        return self.block.gap

    @property
    def scrolls(self) -> bool:
        return self.block.scrolls

    @property
    def fill(self) -> str:
        return self.block.fill

    def lines(self, width: int) -> list[Content]:
        if width not in self._laid_out:
            self._laid_out = {width: self.block.lines(width)}
        return self._laid_out[width]

    def meets(self, lines: Lines) -> bool:
        return self.first <= lines[1] and lines[0] <= self.last

    def beside(self, lines: Lines | None, source: Sequence[str]) -> "Sequence[Beside | _Partly]":
        """Return it with its margin; of code and long paragraphs, only what is lit is marked."""
        if lines is None or not self.meets(lines):
            return [Beside(self, lit=False)]
        if isinstance(self.block, Fixed):
            return _cut(self.block, self.first, self.last, lines)
        if isinstance(self.block, Flow) and (self.first < lines[0] or lines[1] < self.last):
            return [_Partly(_marked(self.block, (self.first, self.last), lines, source))]
        return [Beside(self, lit=True)]


@dataclass(frozen=True, slots=True)
class _Partly:
    """A paragraph of which some words are lit."""

    block: Flow
    lit: bool = True
    scrolls: bool = False
    fill: str = ""

    @property
    def gap(self) -> bool:
        return self.block.gap

    def lines(self, width: int) -> list[Content]:
        lines = self.block.lines(width - LIT.cell_length)
        return [(LIT if _is_lit(line) else DARK) + line for line in lines]

    def above(self, width: int) -> int:
        """Return how many lines stand above what is lit."""
        lines = self.block.lines(width - LIT.cell_length)
        return next((number for number, line in enumerate(lines) if _is_lit(line)), 0)


def _is_lit(line: Content) -> bool:
    return any(span.style == _LIT_WORDS for span in line.spans)


def _marked(block: Flow, place: Lines, lines: Lines, source: Sequence[str]) -> Flow:
    """Return a paragraph whose words on some of its lines are marked.

    Where they are is estimated by how much is written before them, and set right by a word.
    """
    text = block.content.plain
    written = [len(source[number - 1]) for number in range(place[0], place[1] + 1)]
    whole = max(1, sum(written))
    before = sum(written[: max(0, lines[0] - place[0])]) * len(text) // whole
    after = sum(written[: lines[1] - place[0] + 1]) * len(text) // whole
    begin = 0 if lines[0] <= place[0] else _nearest(text, before, _WORD.findall(source[lines[0] - 1])[:1])[0]
    end = len(text)
    if lines[1] < place[1]:
        end = _nearest(text, after, _WORD.findall(source[lines[1] - 1])[-1:])[1]
    if end <= begin:
        begin, end = before, max(after, before + 1)
    return replace(block, content=block.content.stylize(_LIT_WORDS, begin, end))


def _nearest(text: str, place: int, words: Sequence[str]) -> Lines:
    """Return where the word stands that is nearest to a place."""
    found = [match.span() for word in words for match in re.finditer(re.escape(word), text)]
    return min(
        found, key=lambda span: min(abs(span[0] - place), abs(span[1] - place)), default=(place, place)
    )


def _cut(block: Fixed, first: int, last: int, lines: Lines) -> list[Beside]:
    code = block.content.split("\n", allow_blank=True)
    fences = 1 if last - first + 1 > len(code) else 0
    begin = max(0, lines[0] - first - fences)
    end = max(begin, min(len(code), lines[1] - first - fences + 1))
    if begin == end:
        return [Beside(block, lit=True)]
    parts = [(code[:begin], False), (code[begin:end], True), (code[end:], False)]
    there = [(part, lit) for part, lit in parts if part]
    return [
        Beside(replace(block, content=Content("\n").join(part), gap=block.gap and not number), lit)
        for number, (part, lit) in enumerate(there)
    ]


class ArticlePane(VerticalScroll, can_focus=False):
    """Shows an article."""

    def __init__(self, source: Sequence[str]) -> None:
        super().__init__(id="article")
        self._source = source
        self._middle = 0
        self._parts = [_Part(block, first, last) for first, last, block in placed_blocks("\n".join(source))]

    def compose(self) -> ComposeResult:
        """Show the text."""
        yield Prose()

    def light(self, lines: Lines | None) -> None:
        """Light these lines, and scroll to them."""
        blocks: list[Beside | _Partly] = [
            beside for part in self._near(lines) for beside in part.beside(lines, self._source)
        ]
        if lines is not None and not any(block.lit for block in blocks):
            blocks = [*self._as_it_is(lines)]
        prose = self.query_one(Prose)
        prose.show(blocks)
        lit = [block for block in blocks if block.lit]
        if lit:
            self.call_after_refresh(self._bring_into_sight, lit)

    def _near(self, lines: Lines | None) -> Sequence[_Part]:
        """Return the parts around some lines: all of an article, not of a book, which is slow to draw."""
        if lines is not None:
            met = (number for number, part in enumerate(self._parts) if part.last >= lines[0])
            self._middle = next(met, len(self._parts))
        return self._parts[max(0, self._middle - _AROUND_PARTS) : self._middle + _AROUND_PARTS]

    def _as_it_is(self, lines: Lines) -> list[Beside]:
        """Return lines that no block shows, as they stand in the file."""
        first, last = max(1, lines[0] - _AROUND), min(len(self._source), lines[1] + _AROUND)
        parts = [
            (range(first, lines[0]), False),
            (range(lines[0], min(lines[1], last) + 1), True),
            (range(lines[1] + 1, last + 1), False),
        ]
        size = len(str(last))
        return [Beside(self._numbered(numbers, size), lit) for numbers, lit in parts if numbers]

    def _numbered(self, numbers: range, size: int) -> Block:
        told = [
            Content.styled(f"{number:>{size}}  ", MUTED) + Content(clean(self._source[number - 1]))
            for number in numbers
        ]
        return Fixed(Content("\n").join(told), gap=False)

    def _bring_into_sight(self, lit: Sequence[Beside | _Partly]) -> None:
        """Scroll so that what is lit stands in the middle, or begins near the top if it is long."""
        prose = self.query_one(Prose)
        top = prose.row_of(lit[0])
        width = prose.content_size.width
        height = prose.row_of(lit[-1]) - top + len(lit[-1].lines(width))
        if isinstance(lit[0], _Partly):
            inside = lit[0].above(width)
            top, height = top + inside, height - inside
        above = max(2, (self.size.height - height) // 2)
        self.scroll_to(y=max(0, top - above), animate=False)

    def scroll_code(self, columns: int) -> None:
        """Scroll wide code sideways."""
        self.query_one(Prose).scroll_code(columns)
