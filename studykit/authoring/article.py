"""An article is read: Markdown, notebook or HTML file to blocks with exact lines."""

import re
from pathlib import Path

from studykit.authoring.blocks import Article, Block, Heading, plain
from studykit.authoring.reading.building import build
from studykit.authoring.reading.files import read_page, read_text
from studykit.authoring.reading.headings import without_number
from studykit.authoring.reading.parser import parser
from studykit.authoring.reading.prose import language_of_prose
from studykit.wording import shown

_PAGES = frozenset({".html", ".htm", ".xhtml"})
_TITLE = re.compile(r"^title[ \t]*[:=][ \t]*(.+?)[ \t]*$", re.MULTILINE | re.IGNORECASE)


def parse_markdown(text: str, name: str) -> Article:
    """Return the blocks of the Markdown `text`; `name` is the file's name. Any text can be read."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    env: dict[str, object] = {}
    tokens = parser().parse(text, env)
    front = tokens[0].content if tokens and tokens[0].type == "front_matter" else ""
    blocks, prose = build(parser(), env, tokens)
    language = language_of_prose(prose)
    return Article(name, _title(front, blocks, name), language, blocks, _source(text))


def _source(text: str) -> tuple[str, ...]:
    lines = text.split("\n")
    return tuple(lines[:-1] if not lines[-1] else lines)


def _title(front: str, blocks: tuple[Block, ...], name: str) -> str:
    """Return the title of the front matter, else the first heading of level 1, else the file's name."""
    if match := _TITLE.search(front):
        title = match.group(1).strip().strip("\"'").strip()
        if title:
            return title
    headings = [block for block in blocks if isinstance(block, Heading)]
    first = next((one for one in headings if one.section and one.section.level == 1), None)
    if first is None and headings and headings[0] is blocks[0]:
        first = headings[0]
    if first is None:
        return Path(name).stem
    return without_number(" ".join(plain(first.spans).split()))


def read_article(path: Path) -> Article:
    """Read the article at `path`; raise `StudykitError` where there is none.

    Of a notebook or a page, `source` and the lines of blocks are those of the Markdown it is turned into: the
    lines of its file are JSON or tags, which nobody would look up.
    """
    kind = path.suffix.lower()
    if kind == ".ipynb":
        from studykit.authoring.reading.notebooks import markdown_of_notebook

        return parse_markdown(markdown_of_notebook(read_text(path), shown(path)), path.name)
    if kind in _PAGES:
        from studykit.authoring.reading.pages import markdown_of_page

        return parse_markdown(markdown_of_page(read_page(path), shown(path)), path.name)
    return parse_markdown(read_text(path), path.name)
