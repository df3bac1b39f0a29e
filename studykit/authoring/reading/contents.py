"""Tables of contents, which repeat what the headings say."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.token import Token

_MARK = re.compile(
    r"\s*(?:\[\[?_?toc_?\]?\]|\{:\s*toc\s*\}|\$\{toc\}|\{\{\s*toc\s*\}\}|\[\[?目录\]?\]|\[\[(?:open-in-colab|autodoc)\]\][^\n]*)\s*$",
    re.IGNORECASE,
)
_KRAMDOWN = re.compile(r"\{:\s*(?:#[\w-]+\s+)?\.?toc[^}]*\}", re.IGNORECASE)
_TITLE = re.compile(
    r"(?:本文|文章)?(?:目录|目次|导航|大纲)"
    r"|(?:table of )?contents|toc|on this page|in this (?:article|post)|outline",
    re.IGNORECASE,
)
_ANCHOR = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(#[^)\s]*(?:\s[^)]*)?\)")
_MOSTLY = 0.6


def is_mark(text: str) -> bool:
    """Return whether a paragraph asks the site generator for a table of contents."""
    return _MARK.match(text) is not None


def is_title(text: str) -> bool:
    """Return whether a heading announces a table of contents."""
    return _TITLE.fullmatch(text.strip().rstrip(":：")) is not None


def is_contents(tokens: Sequence["Token"]) -> bool:
    """Return whether the list is mostly links into the article, or stands for such a list (`{:toc}`)."""
    first = next((token.content for token in tokens if token.type == "inline"), "")
    if "](#" not in first and "toc" not in first.lower():
        return False
    texts = [token.content for token in tokens if token.type == "inline"]
    if len(texts) == 1 and _KRAMDOWN.search(texts[0]):
        return True
    linked = sum(len(match.group(1)) for text in texts for match in _ANCHOR.finditer(text))
    written = sum(len(_ANCHOR.sub(r"\1", text).strip()) for text in texts)
    return linked > 0 and linked >= _MOSTLY * written
