"""Markdown to blocks. HTML, links and images are shown as text: a card never acts."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from textual.content import EMPTY_CONTENT, Content, Span

from studykit.tui.text.blocks import Align, Block, Fixed, Flow, Rule, Table
from studykit.tui.text.clean import clean, clean_decoded
from studykit.tui.text.drawable import Formula, Image
from studykit.tui.text.palette import ACCENT, CODE_FILL, FORMULA, HEADING, MUTED
from studykit.tui.text.wrap import UNBREAKABLE

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

Gaps: TypeAlias = Literal["hidden", "shown"] | None

_STYLES = {"strong": "bold", "em": "italic", "s": "strike"}
_LINK = "underline"
_HEADINGS = {"h1": f"{HEADING} underline", "h2": HEADING}
_BULLETS = "•◦▪"
_LONGEST = 200_000
_SHORT_FORMULA = 24


@lru_cache(maxsize=64)
def blocks_of(text: str, gaps: Gaps = None) -> tuple[Block, ...]:
    """Return the blocks of the Markdown `text`, with the gaps of a cloze hidden or shown."""
    text = clean(text[:_LONGEST])
    if gaps is None:
        return tuple(_Builder(_parser().parse(text), _as_it_is).blocks())
    from studykit.tui.text.gaps import styled_gaps, with_gaps

    return tuple(_Builder(_parser().parse(with_gaps(text, gaps)), styled_gaps).blocks())


def placed_blocks(text: str) -> Iterator[tuple[int, int, Block]]:
    """Yield the blocks of `text`, each with the first and last of the lines (from 1) it stands on."""
    builder = _Builder(_parser().parse(clean(text[:_LONGEST])), _as_it_is)
    for block in builder.blocks():
        first, after = builder.place
        yield first + 1, after, block


def inline(text: str) -> Content:
    """Return Markdown that stands on one line, such as a title, as styled text."""
    return _inline(_parser().parseInline(clean(text))[0].children or [])


def code_block(source: str, language: str = "python", *, gap: bool = True) -> Block:
    """Return `source` as a block of code."""
    from studykit.tui.text.code import highlighted

    return Fixed(highlighted(clean(source), language), before=Content("  "), gap=gap, fill=CODE_FILL)


@lru_cache(maxsize=1)
def _parser() -> "MarkdownIt":
    from studykit.tui.text.formulas import parser

    return parser()


class _Builder:
    """Walks the flat list of tokens; `prefix` is what stands before the lines at the current depth."""

    def __init__(self, tokens: "Sequence[Token]", finish: Callable[[Content], Content]) -> None:
        self._tokens = tokens
        self._finish = finish
        self._at = 0
        self.place: Sequence[int] = (0, 0)
        """Where the last block stands: the number of its first line, from 0, and of the line after it."""

    def blocks(
        self, prefix: Content = EMPTY_CONTENT, depth: int = 0, *, tight: bool = False
    ) -> Iterator[Block]:
        """Yield blocks up to the end of the enclosing container."""
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            self.place = token.map or self.place
            match token.type:
                case "paragraph_open" | "heading_open":
                    source = _lone_image(self._tokens[self._at])
                    style = _HEADINGS.get(token.tag, "bold" if token.tag[0] == "h" else "")
                    flow = self._flow(prefix, style, tight)
                    yield flow if source is None else Image(source, flow, prefix)
                case "fence" | "code_block":
                    yield self._code(token, prefix, tight)
                case "formula_block":
                    formula = self._finish(Content.styled(_formula(token.content), FORMULA))
                    yield Formula(token.content, formula, before=prefix + "    ", gap=not tight)
                case "html_block":
                    yield Flow(Content(token.content.rstrip()), prefix, prefix, gap=not tight)
                case "hr":
                    yield Rule(prefix)
                case "table_open":
                    yield self._table(prefix)
                case "blockquote_open":
                    yield from self.blocks(prefix + Content.styled("▎ ", MUTED), depth, tight=tight)
                case "bullet_list_open" | "ordered_list_open":
                    yield from self._list(token, prefix, depth, tight=tight)
                case _ if token.nesting < 0:
                    return

    def _code(self, token: "Token", prefix: Content, tight: bool) -> Fixed:
        from studykit.tui.text.code import highlighted

        language = token.info.split()[0].lower() if token.info.strip() else ""
        code = self._finish(highlighted(token.content, language))
        return Fixed(code, before=prefix + "  ", gap=not tight, fill=CODE_FILL)

    def _flow(self, prefix: Content, style: str, tight: bool) -> Flow:
        content = self._finish(_inline(self._tokens[self._at].children or []))
        self._at += 2  # the inline token and the closing one
        return Flow(content.stylize_before(style) if style else content, prefix, prefix, gap=not tight)

    def _list(self, opening: "Token", prefix: Content, depth: int, *, tight: bool) -> Iterator[Block]:
        number = int(opening.attrs.get("start") or 1) if opening.type == "ordered_list_open" else None
        first_of_list = True
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            if token.type != "list_item_open":
                return
            mark = f"{_BULLETS[min(depth, 2)]} " if number is None else f"{number}. "
            yield from self._item(prefix, mark, depth, gap=first_of_list and not tight)
            number = None if number is None else number + 1
            first_of_list = False

    def _item(self, prefix: Content, mark: str, depth: int, *, gap: bool) -> Iterator[Block]:
        inner = prefix + " " * len(mark)
        loose = self._at < len(self._tokens) and not self._tokens[self._at].hidden
        marked = False
        for block in self.blocks(inner, depth + 1, tight=not loose):
            if not marked and isinstance(block, Flow):
                first = prefix + Content.styled(mark, MUTED) if len(mark) else prefix
                block = Flow(block.content, first, block.rest, gap=gap or loose)
            elif not marked:
                yield Flow(Content(""), prefix + Content.styled(mark, MUTED), inner, gap=gap or loose)
            marked = True
            yield block

    def _table(self, prefix: Content) -> Block:
        rows: list[tuple[Content, ...]] = []
        cells: list[Content] = []
        aligns: list[Align] = []
        while (token := self._tokens[self._at]).type != "table_close":
            self._at += 1
            match token.type:
                case "th_open":
                    aligns.append(_alignment(token))
                case "inline":
                    cells.append(self._finish(_inline(token.children or [])))
                case "tr_close":
                    rows.append(tuple(cells))
                    cells = []
        self._at += 1
        return Table(tuple(rows), tuple(aligns), prefix)


def _as_it_is(content: Content) -> Content:
    return content


def _formula(source: str) -> str:
    from studykit.tui.text.latex import readable

    return readable(source)


def _together(formula: str) -> str:
    """Keep a short formula on one line."""
    return formula.replace(" ", UNBREAKABLE) if len(formula) <= _SHORT_FORMULA else formula


def _lone_image(token: "Token") -> str | None:
    """Return the address of an image that is all there is in a paragraph."""
    children = token.children or []
    return str(children[0].attrs.get("src", "")) if [one.type for one in children] == ["image"] else None


def _alignment(token: "Token") -> Align:
    align = str(token.attrs.get("style", "")).removeprefix("text-align:")
    return cast("Align", align) if align in ("center", "right") else "left"


def _inline(tokens: "Sequence[Token]") -> Content:
    """Return the styled text of one inline token's children."""
    parts: list[str] = []
    spans: list[Span] = []
    open_at: list[tuple[int, str, str]] = []
    at = 0

    def add(text: str, style: str = "") -> None:
        nonlocal at
        text = clean_decoded(text)
        if style and text:
            spans.append(Span(at, at + len(text), style))
        parts.append(text)
        at += len(text)

    for i, token in enumerate(tokens):
        match token.type:
            case "code_inline":
                add(token.content, ACCENT)
            case "formula":
                add(_together(_formula(token.content)), FORMULA)
            case "softbreak":
                add("" if _in_chinese(parts, tokens[i + 1 :]) else " ")
            case "hardbreak":
                add("\n")
            case "image":
                add(
                    f"[image: {token.content or 'without description'} ({token.attrs.get('src', '')})]",
                    MUTED,
                )
            case "strong_open" | "em_open" | "s_open" | "link_open":
                open_at.append((at, _STYLES.get(token.type.removesuffix("_open"), _LINK), _address(token)))
            case "strong_close" | "em_close" | "s_close" | "link_close":
                start, style, address = open_at.pop()
                spans.append(Span(start, at, style))
                if address and address != "".join(parts)[start:at]:
                    add(f" ({address})", MUTED)
            case _:
                add(token.content)
    return Content("".join(parts), spans)


def _address(token: "Token") -> str:
    return str(token.attrs.get("href", ""))


def _in_chinese(before: "Sequence[str]", after: "Sequence[Token]") -> bool:
    """Whether a line ends inside Chinese text, where a line end is no space."""
    return _is_chinese(before[-1][-1:] if before else "") and _is_chinese(
        after[0].content[:1] if after else ""
    )


def _is_chinese(character: str) -> bool:
    return "\u2e80" <= character <= "\u9fff" or "\uff00" <= character <= "\uffef"
