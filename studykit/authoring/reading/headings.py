"""Headings: their numbers, and which section lies in which."""

import re

from studykit.authoring.blocks import Section

_NUMBER = re.compile(
    r"(?:"
    r"第\s*[一二三四五六七八九十百零〇两\d]+\s*[章节節篇部讲講回课課步](?:[、：:.．\s]+|(?=[^\d\s]))"
    r"|(?:[Cc]hapter|[Ss]ection|[Pp]art|[Aa]ppendix)\s+(?:\d+(?:\.\d+)*|[IVX]+|[A-Z])(?:[.:：、)\s—–-]+\s*|$)"
    r"|附录\s*[A-Z一二三四五六七八九十]?[、：:.．\s]+"
    r"|§\s*\d+(?:\.\d+)*[.、:：]?\s*"
    r"|[（(]\s*(?:\d+|[一二三四五六七八九十]+|[ivx]+|[a-zA-Z])\s*[)）]\s*[、.]?\s*"
    r"|[一二三四五六七八九十]{1,3}\s*[、.．：:]\s*"
    r"|\d+(?:[.．-]\d+)*[.．、)）:：]+(?!\d)\s*"
    r"|\d+(?:[.．]\d+)+\s+"
    r"|\d+(?:[.．]\d+){1,4}(?=[\u4e00-\u9fff])"
    r"|[IVX]+[.、:：]\s+"
    r"|[①②③④⑤⑥⑦⑧⑨⑩]\s*"
    r")"
)
_BARE = re.compile(r"(\d{1,2})\s+(?=\S)")


def without_number(title: str, *, bare: bool = False) -> str:
    """Return `title` without its number ("3.1 ", "（一）", "第二章 "); `bare`: "3 Methods" has one."""
    match = _NUMBER.match(title) or (_BARE.match(title) if bare else None)
    rest = title[match.end() :].strip() if match else title
    return rest or title


def bare_number(title: str) -> int | None:
    """Return the number that stands before the title with nothing but a blank between them."""
    match = None if _NUMBER.match(title) else _BARE.match(title)
    return int(match.group(1)) if match else None


class Outline:
    """Where in the article we are; levels may jump."""

    def __init__(self) -> None:
        self._open: list[Section] = []

    @property
    def current(self) -> Section | None:
        """The innermost section that is open."""
        return self._open[-1] if self._open else None

    def section(self, title: str, level: int, line: int) -> Section:
        """Return the section that such a heading would open here."""
        outer = [one.title for one in self._open if one.level < level]
        return Section(title, level, line, (*outer, title))

    def enter(self, section: Section) -> None:
        """Close what `section` does not lie in, and open it."""
        self._open = [one for one in self._open if one.level < section.level]
        self._open.append(section)
