"""From a file to an article: titles, languages, notebooks, pages, line ends, and size."""

import subprocess
import sys
from pathlib import Path

import pytest

from studykit.authoring.article import parse_markdown, read_article
from studykit.authoring.blocks import Fence, Heading, List, Math, Paragraph, Table, plain, walk

FILES = Path(__file__).parents[1] / "fixtures" / "authoring" / "reading" / "files"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ('---\ntitle: "Front matter: first"\n---\n# Heading\n', "Front matter: first"),
        ("+++\ntitle = 'TOML'\n+++\n", "TOML"),
        ("---\ntitle:\n---\n# 1. Heading *one*\n", "Heading one"),
        ("Words first.\n\n## Second level\n\n# The title\n", "The title"),
        ("## 二、只有二级\n\ntext\n", "只有二级"),
        ("Words first.\n\n## Second level\n", "notes"),
        ("", "notes"),
    ],
)
def test_the_title_is_what_the_author_calls_it(text: str, title: str) -> None:
    assert parse_markdown(text, "notes.md").title == title


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("注意力（attention）机制在 Transformer 里由 query、key、value 组成。", "zh"),
        ("The word 注意力 means attention, and appears in many articles on transformers.", "en"),
        ("```python\nfor x in range(10): print(x)\n```\n\n这是循环。", "zh"),
        ("", "en"),
    ],
)
def test_the_language_is_that_of_the_prose(text: str, language: str) -> None:
    assert parse_markdown(text, "a.md").language == language


def test_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    text = "# 标题\n\n第一行\n第二行\n\n$$\na = b\n$$\n\n```python\nx = 1\n```\n"
    expected = parse_markdown(text, "a.md")
    for other in ("\ufeff" + text, text.replace("\n", "\r\n"), text.replace("\n", "\r")):
        assert parse_markdown(other, "a.md") == expected


def test_a_file_is_read_as_its_text(tmp_path: Path) -> None:
    path = tmp_path / "article.md"
    path.write_bytes("\ufeff# 标题\r\n\r\n正文。\r\n".encode())
    article = read_article(path)
    assert (article.name, article.title, article.source) == ("article.md", "标题", ("# 标题", "", "正文。"))


def test_a_notebook_is_its_words_its_code_and_what_that_printed() -> None:
    article = read_article(FILES / "notebook.ipynb")
    fences = [(b.language, b.code) for b in walk(article.blocks) if isinstance(b, Fence)]
    assert article.title == "缩放点积"
    assert fences == [
        ("python", "import math\nmath.sqrt(16)\n"),
        ("output", "4.0\n"),
        ("python", "print('a')\nprint('```')\n"),
        ("output", "a\n```\n"),
        ("python", "plot()\n"),
    ]
    assert isinstance(article.blocks[-1], List)
    assert article.quote(article.blocks[-1].lines) == "- 一\n- 二"


def test_a_page_is_its_article_without_what_stands_around_it() -> None:
    article = read_article(FILES / "page.html")
    said = [plain(b.spans) for b in walk(article.blocks) if isinstance(b, Paragraph | Heading)]
    assert article.title == "注意力机制"
    assert said[0] == "注意力机制"
    assert said[1] == "设 x_1 与 y_2 * z，注意力是指 a * b 和 List<int> 与 snake_case_name，_x_。"
    assert "Home" not in "".join(said)
    assert [b.latex for b in walk(article.blocks) if isinstance(b, Math)] == ["E = mc^2"]
    assert [(b.language, b.code) for b in walk(article.blocks) if isinstance(b, Fence)] == [
        ("python", "def f(x):\n    return x < 1\n")
    ]
    tables = [[plain(cell) for cell in b.rows[0]] for b in walk(article.blocks) if isinstance(b, Table)]
    assert tables == [["1|2", "x_y"]]


def test_a_page_may_name_its_encoding() -> None:
    article = read_article(FILES.parent / "broken" / "gb2312.html")
    assert [plain(b.spans) for b in article.blocks if isinstance(b, Paragraph)] == ["注意力"]


# Each grows without end in one direction; four times as much may not take 16 times as many steps.
GROWING = {
    "prose": "**重点（a）**是 `code` 与 $x_1$，见 [b](c)。\nEnglish words.\n\n",
    "one paragraph": "**重点（a）**是 `code` 与 $x_1$，见 [b](c)。\n",
    "one line": "**a（b）**和$x$与 $$y$$ ",
    "dollars": "$a ",
    "display dollars": "$$ a\n",
    "brackets": "[",
    "pictures": "![",
    "opening formulas": "\\[\n",
    "environments": "\\begin{align}\n",
    "stars": "*a **b ",
    "backticks": "`a``",
    "braces": "{{< ",
    "marks": "==a ",
    "quotes": "> a\n",
    "list": "- a\n",
    "containers": "::: tip\n",
    "details": "<details>\n\n",
    "ends of details": "<details>\n\n</details>\n\n</details>\n\n",
    "tags": "<a ",
    "raised": "<sup>a",
    "comments": "<!-- ",
    "footnotes": "[^1]: a\n",
    "definitions": "a\n: b\n",
    "headings": "# 1 a\n",
    "rows": "|a|b|\n|-|-|\n",
}


@pytest.mark.parametrize("name", GROWING)
def test_work_grows_no_faster_than_the_file(name: str) -> None:
    unit = GROWING[name]
    small, large = (unit * (size // len(unit)) for size in (8_000, 32_000))
    assert _calls(large) < 2 * 4 * _calls(small)


def _calls(text: str) -> int:
    """Count the calls of functions while `text` is read: a measure of work that no other load disturbs."""
    parse_markdown(text[:100], "growing.md")  # what is made once is no work of this text
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        parse_markdown(text, "growing.md")
    finally:
        sys.setprofile(before)
    return calls


def test_reading_markdown_imports_neither_notebooks_nor_pages() -> None:
    program = (
        "import sys; from studykit.authoring.article import parse_markdown; parse_markdown('a', 'a.md');"
        "print(sorted({'nbformat', 'bs4', 'markdownify', 'yaml', 'pydantic'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout == "[]\n"
