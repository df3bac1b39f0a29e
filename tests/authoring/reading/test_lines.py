"""Every block knows its lines: documents are put together from pieces in which each word occurs once."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studykit.authoring.article import parse_markdown
from studykit.authoring.blocks import (
    Article,
    Block,
    Details,
    Fence,
    Heading,
    List,
    Math,
    Paragraph,
    Quote,
    Table,
    plain,
    walk,
)

# `@` becomes a word of its own wherever it stands; what stands between `«` and `»` is not read.
PIECES = {
    "heading": "## @ @ {#id}",
    "setext": "@ @\n=====",
    "paragraph": "@ **@** @",
    "wrapped paragraph": "@ `@`\n**@\n@** @\\\n@  \n@",
    "code over lines": "@ `@\n@` @",
    "formula in text": "@ $@$ and \\(@\\)\n@ $@ +\n@$ @",
    "display": "$$\n@\n= @\n$$",
    "display after text": "@:\n$$\n@\n$$\n@ @",
    "display closed by text": "@ $$\n@\n$$ @\n@",
    "brackets": "\\[\n@ = @\n\\]",
    "environment": "\\begin{align}\n@ &= @ \\\\\n@\n\\end{align}",
    "fence": "```python\n@ = 1\n\n@\n```",
    "fence of maths": "```math\n@\n```",
    "directive": "```{note} T\n:class: x\n\n@\n@\n\n- @\n```",
    "indented code": "@\n\n    @\n\n    @",
    "list": "- @\n  @\n- @\n\n  @\n  ```\n  @\n  ```\n  - @\n    $$\n    @\n    $$\n- [ ] @",
    "numbered list": "1. @\n2. @\n   @",
    "quote": "> @\n> @\n>\n> - @\n>\n> $$\n> @\n> $$",
    "lazy quote": "> @\n@",
    "alert": "> [!TIP]\n> @\n> @",
    "alert with title": "> [!NOTE]+ T\n>\n> @",
    "container": "::: tip T\n@\n\n@\n:::",
    "nested containers": ":::: info\n@\n\n::: tip\n@\n:::\n@\n::::",
    "container right after text": "@\n::: note\n@\n:::\n@",
    "admonition": '!!! note "T"\n    @\n\n    @',
    "table": "| @ | @ |\n|---|---|\n| @ | @ |\n| `@` | **@** |\n{: .table}",
    "details": "<details>\n<summary>@</summary>\n\n@\n\n- @\n\n</details>",
    "details without blank lines": "<details><summary>@</summary>\n@\n@\n</details>",
    "html": "<div>\n<h3>@</h3>\n<p>@ <b>@</b>\n@</p>\n</div>",
    "html table": "<table>\n<tr><th>@</th></tr>\n<tr>\n<td>@</td></tr>\n</table>",
    "html list": "<ul>\n<li>@</li>\n<li>\n@</li>\n</ul>",
    "html code": "<pre><code class='language-c'>\n@\n@\n</code></pre>",
    "comments": "<!-- «x»\n«y» -->\n@ <!-- «z»\n«w» --> @\n@",
    "attributes": "@\n{: .note}\n@",
    "labels": ":label:`«x»`\n@ :numref:`«y»` @",
    "shortcodes": "{{< «x» >}}\n@ {% «y» %} @",
    "liquid code": "{% highlight python %}\n@\n@\n{% endhighlight %}",
    "footnote": "@[^n]\n\n[^n]: «x»\n    «y»\n\n@",
    "definitions": "@\n: @\n  @\n: @",
    "loose definition": "@\n\n: @\n  @",
    "contents": "* [«x»](#a)\n* [«y»](#b)",
    "link definition": "@ [@][r]\n\n[r]: u",
    "image": "![«x»](u) @\n@",
    "break": "@<br>@<br/>\n@",
    "rule": "@\n\n---",
    "rule after a sentence": "@。\n---",
}


def document(names: list[str], blanks: list[int], newline: str, head: str) -> tuple[str, dict[str, int]]:
    """Return a document of the pieces and the line of each word in it."""
    text = head
    for name, blank in zip(names, blanks, strict=True):
        text += PIECES[name] + "\n" + "\n" * blank
    words: dict[str, int] = {}
    lines = []
    for number, line in enumerate(text.split("\n"), 1):
        while "@" in line:
            word = f"w{len(words)}w"
            words[word] = number
            line = line.replace("@", word, 1)
        lines.append(line.replace("«", "unread").replace("»", ""))
    return newline.join(lines), words


def texts(block: Block) -> Iterator[str]:
    """Yield what the block itself says, without the blocks in it."""
    match block:
        case Heading(spans=spans) | Paragraph(spans=spans) | Details(summary=spans):
            yield plain(spans)
        case Math(latex=latex):
            yield latex
        case Fence(code=code):
            yield code
        case Table(header=header, rows=rows):
            yield from (plain(cell) for row in (header, *rows) for cell in row)


def words_in(text: str) -> Iterator[str]:
    parts = text.split("w")
    yield from (f"w{part}w" for part in parts if part.isdecimal())


def check(article: Article, words: dict[str, int]) -> set[str]:
    """Check the lines of every block; return the words that were read."""
    read: set[str] = set()
    for block in walk(article.blocks):
        first, last = block.lines
        assert 1 <= first <= last <= len(article.source), block
        found = [word for text in texts(block) for word in words_in(text)]
        read.update(found)
        where = [words[word] for word in found]
        assert all(first <= line <= last for line in where), (block, where)
        match block:
            case Paragraph(spans=spans):
                assert plain(spans).count("\n") == last - first, block
                assert (min(where), max(where)) == (first, last), (block, where)
            case Fence(code=code, first_line=begin) if found:
                lines = code.split("\n")
                assert [words[word] for word in found] == [
                    begin + at for at, line in enumerate(lines) for _ in words_in(line)
                ]
            case Table(rows=rows, row_lines=row_lines):
                for row, line in zip(rows, row_lines, strict=True):
                    assert all(words[w] in (line, line + 1) for cell in row for w in words_in(plain(cell)))
            case List(items=items):
                for item in items:
                    assert first <= item.lines[0] <= item.lines[1] <= last
                    assert all(item.lines[0] <= inner.lines[0] for inner in item.blocks)
                    assert all(inner.lines[1] <= item.lines[1] for inner in item.blocks)
            case Quote(blocks=inner_blocks) | Details(blocks=inner_blocks):
                assert all(first <= b.lines[0] <= b.lines[1] <= last for b in inner_blocks), block
    return read


@pytest.mark.parametrize("name", PIECES)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_a_piece_alone_is_read_to_the_last_word_with_its_lines(name: str, newline: str) -> None:
    text, words = document(["rule", name, "rule"], [1, 1, 1], newline, "---\ntitle: x\n---\n")
    assert check(parse_markdown(text, "piece.md"), words) == set(words)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(PIECES)), st.integers(1, 3)), min_size=1, max_size=12),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["", "\ufeff", "---\na: b\n---\n", "+++\na = 1\n+++\n\n", "\n\n"]),
)
def test_pieces_in_any_order_are_read_to_the_last_word_with_their_lines(
    pieces: list[tuple[str, int]], newline: str, head: str
) -> None:
    text, words = document([name for name, _ in pieces], [blank for _, blank in pieces], newline, head)
    assert check(parse_markdown(text, "pieces.md"), words) == set(words)


def test_the_source_is_the_file_line_by_line() -> None:
    article = parse_markdown("\ufeffone\r\n\r\ntwo\rthree\n", "a.md")
    assert article.source == ("one", "", "two", "three")
    assert article.quote((3, 4)) == "two\nthree"
