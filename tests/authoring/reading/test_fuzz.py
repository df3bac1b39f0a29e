"""Nothing that a file may hold stops the reader, and whatever it reads keeps the promises of blocks."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studykit.authoring.article import parse_markdown, read_article
from studykit.authoring.blocks import (
    Article,
    Block,
    Details,
    Fence,
    Heading,
    List,
    Mark,
    Math,
    Paragraph,
    Quote,
    Spans,
    Table,
    walk,
)
from studykit.authoring.markdown import markdown_of
from studykit.errors import StudykitError

FIXTURES = Path(__file__).parents[2] / "fixtures" / "authoring" / "reading"
BROKEN = FIXTURES / "broken"

MARKUP = st.sampled_from((FIXTURES / "markup.txt").read_text(encoding="utf8").splitlines())
BLANKS = st.sampled_from(
    ["\n", "\n\n", " ", "    ", "\t", "\r\n", "\r", "\x00", "\ufeff", "\u2028", "\x0b", "\u200b"]
)
PIECES = MARKUP | BLANKS
WILD = st.lists(PIECES, max_size=60).map("".join) | st.lists(PIECES, max_size=40).map(" ".join)


def promises(article: Article) -> None:
    """Check what rules rely on."""
    at = 0
    for block in article.blocks:
        assert block.lines[0] >= at, "top-level blocks stand in the order of the file"
        at = block.lines[0]
    for block in walk(article.blocks):
        first, last = block.lines
        assert 1 <= first <= last <= max(1, len(article.source)), block
        for spans in _spans(block):
            _check(spans)
        match block:
            case Heading(section=section):
                assert section is not None
                assert section.title
                assert section.path[-1] == section.title
            case Paragraph(spans=spans):
                assert spans
            case Math(latex=latex):
                assert latex.strip()
            case Fence(first_line=line, language=language):
                assert first <= line <= last + 1
                assert language == language.lower()
            case Table(header=header, rows=rows, row_lines=lines):
                assert all(len(row) == len(header) for row in rows)
                assert len(rows) == len(lines)
            case List(items=items):
                assert items


def _spans(block: Block) -> Iterator[Spans]:
    match block:
        case Heading(spans=spans) | Paragraph(spans=spans) | Details(summary=spans):
            yield spans
        case Table(header=header, rows=rows):
            yield from (cell for row in (header, *rows) for cell in row)
        case Quote(title=title):
            assert "\n" not in title


def _check(spans: Spans) -> None:
    for span in spans:
        assert span.text or span.has(Mark.IMAGE)
        assert not (span.has(Mark.CODE) and span.has(Mark.MATH))
    markdown_of(spans)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(WILD)
def test_whatever_markup_comes_together_is_read(text: str) -> None:
    promises(parse_markdown(text, "wild.md"))


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.text(max_size=200))
def test_whatever_characters_come_together_are_read(text: str) -> None:
    promises(parse_markdown(text, "wild.md"))


@settings(max_examples=100, derandomize=True, deadline=None)
@given(data=st.binary(max_size=200), kind=st.sampled_from([".md", ".html", ".ipynb"]))
def test_whatever_bytes_a_file_holds_are_read_or_refused(
    data: bytes, kind: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("wild") / f"a{kind}"
    path.write_bytes(data)
    with suppress(StudykitError):
        promises(read_article(path))


@settings(max_examples=100, derandomize=True, deadline=None)
@given(text=WILD)
def test_whatever_tags_come_together_in_a_page_are_read(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("wild") / "a.html"
    path.write_text("<p>" + text.replace("\x00", "") + "</p>", encoding="utf8", newline="")
    promises(read_article(path))


REFUSED = {
    "empty.md": "is empty. Give a file that holds an article.",
    "only_blanks.md": "is empty.",
    "only_a_bom.md": "is empty.",
    "utf16.md": "is encoded in UTF-16. Save it as UTF-8, for example with: iconv -f UTF-16 -t UTF-8 ",
    "utf32.md": "is encoded in UTF-32.",
    "gbk.md": "is not encoded in UTF-8 (line 1); it is probably GB18030. Save it as UTF-8,",
    "big5.md": "is not encoded in UTF-8 (line 1); it is probably ",
    "latin1.md": "is not encoded in UTF-8 (line 1). Open it in an editor and save it as UTF-8.",
    "binary.md": "is not text but a binary file. Give a Markdown file (.md), a notebook (.ipynb)",
    "cut_in_a_character.md": "is not encoded in UTF-8 (line 3)",
    "surrogates.md": "is not encoded in UTF-8 (line 1)",
    "not_json.ipynb": "is not a notebook: it is not JSON. Open it in Jupyter, save it again, and",
    "cut.ipynb": "is not a notebook: it is not JSON.",
    "list.ipynb": "is JSON, but not a notebook of a version that is known.",
    "no_cells.ipynb": "is JSON, but not a notebook",
    "odd_cells.ipynb": "is JSON, but not a notebook",
    "future.ipynb": "is JSON, but not a notebook",
    "deep.ipynb": "is JSON, but not a notebook",
    "wrong_charset.html": "is not encoded in EUC-JP",
    "deep.html": "nests its tags too deeply to be read. Save the page as Markdown instead.",
}


@pytest.mark.parametrize("path", sorted(BROKEN.glob("[!.]*")), ids=lambda path: path.name)
def test_a_broken_file_is_read_as_far_as_it_goes_or_refused_in_a_sentence(path: Path) -> None:
    if path.name not in REFUSED:
        promises(read_article(path))
        return
    with pytest.raises(StudykitError) as caught:
        read_article(path)
    assert f"{path.name} {REFUSED[path.name]}" in str(caught.value).replace("'", "")


def test_a_file_that_is_not_there_a_folder_and_a_file_too_large_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StudykitError, match=r"There is no file .*a\.md\. Give the path of an article\."):
        read_article(tmp_path / "a.md")
    with pytest.raises(StudykitError, match=r"is a folder\. Give the path of one article in it\."):
        read_article(tmp_path)
    large = tmp_path / "large.md"
    with large.open("wb") as file:
        file.truncate(33 * 2**20)
    with pytest.raises(StudykitError, match=r"is larger than 32 MB\. Split it into articles\."):
        read_article(large)
