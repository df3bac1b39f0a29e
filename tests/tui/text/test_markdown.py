"""Markdown as lines of text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studykit.tui.text.markdown import blocks_of, code_block, inline
from studykit.tui.text.page import Page


def shown(text: str, width: int = 40, gaps: str | None = None) -> str:
    return Page(blocks_of(text, gaps)).text(width)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("plain *em* **strong** `code` ~~gone~~", "plain em strong code gone"),
        ("# Heading\ntext", "Heading\n\ntext"),
        ("one\ntwo", "one two"),
        ("one  \ntwo", "one\ntwo"),
        ("中文\n换行", "中文换行"),
        ("中文\nLatin", "中文 Latin"),
        ("- a\n- b\n  - c", "• a\n• b\n  ◦ c"),
        ("- a\n\n- b", "• a\n\n• b"),
        ("3. c\n4. d", "3. c\n4. d"),
        ("- a\n\n  more", "• a\n\n  more"),
        ("> quoted", "▎ quoted"),
        ("before\n\n- a", "before\n\n• a"),
        ("$x_1$ costs $5 and $6", "x₁ costs $5 and $6"),
        ("$$\n\\frac{a}{b}\n$$", "    a/b"),
        ("$$a=b$$", "    a = b"),
        ("before\n$$\nx\n$$\nafter", "before\n\n    x\n\nafter"),
        ("a `$x$` b", "a $x$ b"),
        ("$a_1 * b_1$ and *$x*y$*", "a₁ * b₁ and x*y"),
        (r"\$5 and \$6", "$5 and $6"),
        ("```python\nx = 1\n```", "  x = 1"),
        ("```\ntext\n```", "  text"),
        ("```nolang\ntext\n```", "  text"),
        ("```bash\nls -l\n```", "  ls -l"),
        ("**“重点”**是，*强调。*后面，**甲（a）**和**乙（b）**", "“重点”是，强调。后面，甲（a）和乙（b）"),
        ("[text](http://a.b)", "text (http://a.b)"),
        ("<http://a.b>", "http://a.b"),
        ("![what](a.png)", "[image: what (a.png)]"),
        ("<b>html</b>", "<b>html</b>"),
        ("<div>\nblock\n</div>", "<div> block </div>"),
        ("a &lt; b", "a < b"),
        ("x[^1] ^2^", "x[^1] ^2^"),
        ("", ""),
    ],
)
def test_what_is_shown(text: str, lines: str) -> None:
    assert "\n".join(line.rstrip() for line in shown(text).splitlines()) == lines


def test_a_list_item_is_indented_where_it_wraps() -> None:
    assert shown("- one two three four", 10) == "• one two\n  three\n  four"


def test_a_number_is_indented_by_its_width() -> None:
    assert shown("10. one two three", 10) == "10. one\n    two\n    three"


def test_a_table_keeps_its_columns_and_wraps_its_cells() -> None:
    table = "| name | meaning |\n|---|--:|\n| a | 1 |\n| long | a longer text |"
    assert shown(table).splitlines() == [
        "name        meaning",
        "────  ─────────────",
        "a                 1",
        "long  a longer text",
    ]
    narrow = shown(table, 16).splitlines()
    assert max(map(len, narrow)) <= 16
    assert any(line.endswith("a longer") for line in narrow)


def test_a_rule_is_as_wide_as_the_page() -> None:
    assert shown("a\n\n---\n\nb", 10) == "a\n\n──────────\n\nb"


@pytest.mark.parametrize(
    ("text", "hidden", "revealed"),
    [
        ("a {{b}} c", "a […] c", "a b c"),
        ("a {{b::hint}} c", "a [hint] c", "a b c"),
        ("{{$m\\theta_i$::an angle}}", "[an angle]", "mθᵢ"),
        ("{{$x_{a_{b}}$}} end", "[…] end", "x_(a_b) end"),
        ("**{{bold}}** {{*em*}}", "[…] […]", "bold em"),
        ("`code {{gap}}`", "code […]", "code gap"),
        ("{{a}} and {{b}}", "[…] and […]", "a and b"),
        ("no }} gap {{ here", "no }} gap {{ here", "no }} gap {{ here"),
        ("```python\nx = {{1::number}}\n```", "  x = [number]", "  x = 1"),
        ("- {{item}}", "• […]", "• item"),
        ("[{{a}}](b)", "[…] (b)", "a (b)"),
        ("{{可变}}的", "[…]的", "可变的"),
    ],
)
def test_gaps(text: str, hidden: str, revealed: str) -> None:
    assert shown(text, gaps="hidden") == hidden
    assert shown(text, gaps="shown") == revealed


def test_a_gap_stands_out_without_colour_while_it_is_asked() -> None:
    assert "[" in shown("a {{b}}", gaps="hidden")


def test_without_gaps_double_braces_are_text() -> None:
    assert shown("a {{b}} c") == "a {{b}} c"


def test_the_marks_of_gaps_cannot_be_smuggled_in() -> None:
    assert shown("a \ue000b\ue001 c", gaps="hidden") == "a ⟨U+E000⟩b⟨U+E001⟩ c"


def test_code_is_not_read_as_markdown_or_markup() -> None:
    assert Page([code_block("x = '[bold]*a*[/bold]'\n```")]).text(40) == "  x = '[bold]*a*[/bold]'\n  ```"


def test_python_is_coloured_and_tolerates_broken_code() -> None:
    for source in ("def f(x):\n    return 'a", "'''open", "f'{x", "@", "#", "0x", "\\"):
        assert Page([code_block(source)]).text(40).replace(" ", "") == source.replace(" ", "")


def test_inline_has_no_blocks() -> None:
    assert inline("# no *heading*").plain == "# no heading"


@given(st.text(alphabet="ab*_`$[]()<>{}|-#>!\\\n 中1.~&;:", max_size=80), st.integers(1, 30))
def test_no_text_breaks_it(text: str, width: int) -> None:
    for gaps in (None, "hidden", "shown"):
        page = Page(blocks_of(text, gaps))
        assert page.get_height({}, width) == len(page.text(width).split("\n")) or not page.text(width)
