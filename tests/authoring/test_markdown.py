"""Spans written as Markdown are read as the same spans, and nothing is escaped without need."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studykit.authoring import markdown
from studykit.authoring.article import parse_markdown
from studykit.authoring.blocks import Mark, Math, Paragraph, Span, Spans, plain
from studykit.authoring.markdown import markdown_of

STRONG, EMPHASIS, CODE, MATH = (
    frozenset({mark}) for mark in (Mark.STRONG, Mark.EMPHASIS, Mark.CODE, Mark.MATH)
)
LINK, IMAGE, HIGHLIGHT = (frozenset({mark}) for mark in (Mark.LINK, Mark.IMAGE, Mark.HIGHLIGHT))
NONE: frozenset[Mark] = frozenset()


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([("snake_case and a * b", NONE)], "snake_case and a * b"),
        ([("costs $5 and $6", NONE)], r"costs \$5 and \$6"),
        ([("a *b* c", NONE)], r"a \*b\* c"),
        ([("see ", NONE), ("this", LINK), (" page", NONE)], "see this page"),
        ([("a", NONE), ("picture", IMAGE), ("b", NONE)], "ab"),
        ([("重点。", STRONG), ("后面", NONE)], "**重点。**后面"),
        ([("bold ", STRONG), ("word", NONE)], "**bold** word"),
        ([("bold", STRONG), (" L ", STRONG | MATH), ("is", STRONG)], "**bold$ L $is**"),
        ([("a", EMPHASIS), ("b", EMPHASIS | STRONG)], "*a**b***"),
        ([("x`y", CODE)], "``x`y``"),
        ([("`", CODE)], "`` ` ``"),
        ([(r"a_1", MATH), ("，", NONE)], "$a_1$，"),
        ([(r"\text{$x$}", MATH)], r"$$\text{$x$}$$"),
        ([("word.", STRONG), ("Next", NONE)], "word.Next"),
        ([("第一行\n第二行\nand on", NONE)], "第一行第二行 and on"),
        ([("1. one", NONE)], r"1\. one"),
        ([("- one", NONE)], r"\- one"),
        ([("# one", NONE)], r"\# one"),
        ([("List<int> & &amp;", NONE)], r"List\<int> \& \&amp;"),
        ([("marked", HIGHLIGHT), (" text", NONE)], "marked text"),
        ([(" ", NONE), ("\n", NONE)], ""),
        ([], ""),
    ],
)
def test_markdown_is_as_a_careful_author_writes_it(
    spans: list[tuple[str, frozenset[Mark]]], expected: str
) -> None:
    assert markdown_of(tuple(Span(*span) for span in spans)) == expected


TEXTS = st.text(alphabet="ab 中。，“”*_`$[]<>\\&{}=~:!.-+#1)\n", min_size=1, max_size=12)
MARKS = st.sampled_from([NONE, NONE, STRONG, EMPHASIS, STRONG | EMPHASIS, LINK, HIGHLIGHT])
SPANS = st.one_of(
    st.builds(Span, TEXTS, MARKS),
    st.builds(Span, st.text(alphabet="ab中`*$ _", min_size=1, max_size=6), st.just(CODE)),
    st.builds(Span, st.sampled_from(["x", "a_1 * b", r"\frac{a}{b}", r"\text{价格 $5$}"]), st.just(MATH)),
)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.lists(SPANS, max_size=5).map(tuple))
def test_the_words_survive_whatever_stands_around_them(spans: Spans) -> None:
    text = markdown_of(spans)
    blocks = parse_markdown(text, "card.md").blocks
    assert len(blocks) <= 1
    words = "".join(
        block.latex if isinstance(block, Math) else plain(block.spans)
        for block in blocks
        if isinstance(block, Paragraph | Math)
    )
    assert "".join(words.split()) == "".join(plain(spans).split())


@pytest.mark.parametrize(
    "spans",
    [
        (Span("Take "), Span("a", STRONG), Span(", "), Span("b", EMPHASIS), Span(".")),
        (
            Span("中文"),
            Span("粗体", STRONG),
            Span("之后"),
            Span("x_1^2", MATH),
            Span("，见"),
            Span("f(x)", CODE),
        ),
        (Span("a", STRONG), Span("b"), Span("c", STRONG), Span("d"), Span("e", EMPHASIS)),
        (Span("a*b", MATH), Span("5 and "), Span("n=1", MATH), Span("x")),
    ],
)
def test_what_is_not_read_back_would_be_read_as_it_was(spans: Spans) -> None:
    assert markdown._is_read_so(spans)
    assert markdown._characters(markdown._read(markdown_of(spans))) == markdown._characters(spans)


@pytest.mark.parametrize(
    "spans",
    [
        (Span("a"), Span("“b”", STRONG), Span("c")),
        (Span("a", STRONG), Span("b", EMPHASIS)),
        (Span("costs $5 and "), Span("x", MATH)),
        (Span("a*b"),),
        (Span("a\\", MATH), Span("b")),
    ],
)
def test_what_may_be_read_otherwise_is_read_back(spans: Spans) -> None:
    assert not markdown._is_read_so(spans)
