"""From the tokens of a line of text to spans: what is read, with its marks, and nothing else."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from studykit.authoring.blocks import Lines, Mark, Span, Spans
from studykit.authoring.reading.html_tags import ALT, MARKS_OF_TAGS, TAG
from studykit.authoring.reading.parser import MARKUP

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad]")
_LINE_ENDS = re.compile(r"[ \t]*\n[ \t]*")
_ALONE = re.compile(r"[ \t]*[.,;。，；、]?[ \t]*(?:\n|$)")
_CITATION = re.compile(r"\[[\d,\s–-]+\]$")
_MARKS_OF_TOKENS = {
    "strong_open": Mark.STRONG,
    "em_open": Mark.EMPHASIS,
    "link_open": Mark.LINK,
    "mark_open": Mark.HIGHLIGHT,
}
_Piece: TypeAlias = tuple[str, frozenset[Mark]]
_STOPS = ",.;:!?)，。；：！？、）"
_BLANKS = dict.fromkeys((0xA0, *range(0x2000, 0x200B), 0x202F), " ")
_INDENT = 80
_NONE: frozenset[Mark] = frozenset()
_CODE, _MATH, _IMAGE = frozenset({Mark.CODE}), frozenset({Mark.MATH}), frozenset({Mark.IMAGE})


@dataclass(frozen=True, slots=True)
class Text:
    """A run of text and the lines it stands on."""

    spans: Spans
    lines: Lines


@dataclass(frozen=True, slots=True)
class Formula:
    """A display formula that stands between texts, and its lines."""

    latex: str
    lines: Lines


def parts(
    md: "MarkdownIt", content: str, env: "dict[str, object]", first_line: int
) -> Iterator[Text | Formula]:
    """Yield the texts of a paragraph and the display formulas between them; `first_line` is its first."""
    if not content.isascii() and _INVISIBLE.search(content):
        content = _INVISIBLE.sub("", content)
    if not MARKUP.search(content):
        yield from _text([(_even(_LINE_ENDS.sub("\n", content)), _NONE)], first_line)
        return
    writer = _Writer(content)
    start = line = first_line
    at = 0
    for token in md.inline.parse(content, md, env, []):
        if token.type == "math_inline" and writer.outside and _on_its_own(token, content):
            yield from _text(writer.taken(), start)
            begin = line + content.count("\n", at, token.meta["start"])
            start = line = begin + content.count("\n", token.meta["start"], token.meta["end"])
            at = token.meta["end"]
            yield Formula(token.content, (begin, line))
        else:
            writer.write(token)
    yield from _text(writer.taken(), start)


def spans_of(md: "MarkdownIt", content: str, env: "dict[str, object]") -> Spans:
    """Return `content` as spans, formulas among them, for cells and headings."""
    if not MARKUP.search(content):
        text = _LINE_ENDS.sub("\n", content).strip() if "\n" in content else content.strip()
        return (Span(text),) if text else ()
    writer = _Writer(content)
    for token in md.inline.parse(content, md, env, []):
        writer.write(token)
    return trimmed(writer.taken())[0]


def _on_its_own(token: "Token", content: str) -> bool:
    """Return whether the formula is written as display and has its lines to itself, or takes several."""
    meta = token.meta
    if not meta["display"]:
        return False
    if content.find("\n", meta["start"], meta["end"]) >= 0:
        return True
    line = content[max(0, meta["start"] - _INDENT) : meta["start"]].rpartition("\n")[2]
    return not line.strip() and len(line) < _INDENT and _ALONE.match(content, meta["end"]) is not None


def _text(pieces: Sequence[_Piece], first_line: int) -> Iterator[Text]:
    spans, before = trimmed(pieces)
    if spans:
        start = first_line + before
        yield Text(spans, (start, start + sum(span.text.count("\n") for span in spans)))


def trimmed(pieces: Sequence[_Piece]) -> tuple[Spans, int]:
    """Return the pieces as spans without white space around them, and how many line ends stood before."""
    lines = 0
    first, last = 0, len(pieces)
    while first < last and _blank(pieces[first]):
        lines += pieces[first][0].count("\n")
        first += 1
    while last > first and _blank(pieces[last - 1]):
        last -= 1
    if first == last:
        return (), lines
    texts = [text for text, _ in pieces[first:last]]
    head = texts[0].lstrip()
    lines += texts[0].count("\n", 0, len(texts[0]) - len(head))
    texts[0] = head
    texts[-1] = texts[-1].rstrip()
    return tuple(map(Span, texts, (marks for _, marks in pieces[first:last]))), lines


def _even(text: str) -> str:
    """Return `text` with the blanks of typesetters (`&nbsp;`, `&emsp;`) as blanks."""
    return text if text.isascii() else text.translate(_BLANKS)


def _blank(piece: _Piece) -> bool:
    return not piece[0].strip() and Mark.IMAGE not in piece[1]


class _Writer:
    """Collects pieces of text; marks come from Markdown (nested) and from HTML tags (as they come)."""

    def __init__(self, content: str) -> None:
        self._content = content
        self._pieces: list[_Piece] = []
        self._stack: list[frozenset[Mark]] = []
        self._marks = _NONE
        self._tags = _NONE
        self._raised: dict[str, int] = {}
        self._gap = False

    @property
    def outside(self) -> bool:
        """Whether no markup is open."""
        return not self._stack

    def taken(self) -> list[_Piece]:
        """Return what was written since the last call, neighbours with the same marks in one."""
        merged: list[tuple[list[str], frozenset[Mark]]] = []
        for text, marks in self._pieces:
            if merged and merged[-1][1] == marks and Mark.MATH not in marks:
                merged[-1][0].append(text)
            elif text:
                merged.append(([text], marks))
        self._pieces.clear()
        self._raised.clear()
        return [(_even("".join(texts)), marks) for texts, marks in merged]

    def write(self, token: "Token") -> None:
        """Write what a reader sees of `token`."""
        match token.type:
            case "text" | "text_special":
                self._add(token.content, _NONE)
            case "softbreak" | "hardbreak":
                self._break()
            case "code_inline":
                self._add(token.content, _CODE)
                self._keep_lines(token.meta.get("breaks", 0))
            case "math_inline":
                self._add(token.content, _MATH)
                written = self._content.count("\n", token.meta["start"], token.meta["end"])
                self._keep_lines(written - token.content.count("\n"))
            case "html_inline":
                self._tag(token.content)
            case "image":
                self._add(token.content.replace("\n", " "), _IMAGE)
                self._keep_lines(token.content.count("\n"))
            case "dropped":
                self._gap = True
            case _ if token.nesting > 0:
                self._stack.append(self._marks)
                if mark := _MARKS_OF_TOKENS.get(token.type):
                    self._marks |= {mark}
            case _ if token.nesting < 0 and self._stack:
                self._marks = self._stack.pop()

    def _add(self, text: str, more: frozenset[Mark]) -> None:
        if self._gap and text:
            text = self._closed_up(text)
        if text:
            self._pieces.append(
                (text, self._marks | self._tags | more if self._marks or self._tags else more)
            )

    def _closed_up(self, text: str) -> str:
        """Return `text` without its first blank where one stands before what was dropped already."""
        self._gap = False
        before, marks = self._pieces[-1] if self._pieces else (" ", _NONE)
        if text[0] == " " and before[-1] in " \n":
            return text[1:]
        if text[0] in _STOPS and before.endswith(" ") and before.strip():
            self._pieces[-1] = (before.rstrip(" "), marks)
        return text

    def _break(self) -> None:
        if self._pieces and self._pieces[-1][0][-1] == " ":
            text, marks = self._pieces.pop()
            if text := text.rstrip(" "):
                self._pieces.append((text, marks))
        self._add("\n", _NONE)

    def _keep_lines(self, count: int) -> None:
        """Keep the line ends inside of what is written without them, so that lines can be counted."""
        if count > 0:
            self._add("\n" * count, _NONE)

    def _tag(self, tag: str) -> None:
        found = TAG.match(tag)
        name, closes = (found.group(2).lower(), bool(found.group(1))) if found else ("", False)
        if name == "br":
            self._add(" ", _NONE)
        elif name == "img":
            alt = ALT.search(tag)
            self._add(alt.group(2).replace("\n", " ") if alt else "", _IMAGE)
        elif name in ("sup", "sub"):
            self._raise(name, closes=closes)
        elif not name:
            self._comment(tag.count("\n"))
            return
        elif mark := MARKS_OF_TAGS.get(name):
            self._tags = self._tags - {mark} if closes else self._tags | {mark}
        self._keep_lines(tag.count("\n"))

    def _comment(self, lines: int) -> None:
        for _ in range(lines):
            self._break()
        self._gap = True

    def _raise(self, name: str, *, closes: bool) -> None:
        """`2<sup>10</sup>` is 2^10 and not 210; a citation that is raised is left out."""
        if not closes:
            self._raised[name] = len(self._pieces)
            return
        at = self._raised.pop(name, None)
        if at is None or at >= len(self._pieces):
            return
        inside = "".join(text for text, _ in self._pieces[at:])
        if _CITATION.match(inside):
            del self._pieces[at:]
        else:
            self._pieces.insert(at, ("^" if name == "sup" else "_", self._pieces[at][1]))
