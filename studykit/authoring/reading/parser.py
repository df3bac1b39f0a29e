"""The parser of articles: CommonMark with tables, and plugins for what articles add to it.

It is markdown-it with two changes that make it fast. Which rules may apply is decided by the character they
begin with, and text runs on over characters with which no rule begins; and only blocks are parsed at first:
lines of text are parsed when their block is built, so that no tokens are kept of what was read already.
"""

import re
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline

Rule: TypeAlias = "Callable[[StateInline, bool], bool]"

MAX_NESTING = 24
"""Lists in lists, quotes in quotes: deeper is not read, so that no file exhausts the stack."""

_LONGEST_LABEL = 2_000

MARKUP = re.compile(r"[$&*<\[\\_`{]|==|!\[|~~|:[a-z][a-z_-]{1,20}:`")
"""Where markup may begin; text without it is text. A closing bracket matters only after an opening one."""

_ENDS_OF_TEXT = re.compile(rf"[\n\]]|{MARKUP.pattern}")

_BEGINNINGS = {
    "\n": ("newline",),
    "\\": ("math_brackets", "escape"),
    "`": ("backticks",),
    "~": ("strikethrough",),
    "*": ("emphasis",),
    "_": ("emphasis",),
    "$": ("math_dollars",),
    "{": ("braced", "role"),
    ":": ("role",),
    "=": ("highlight",),
    "[": ("footnote", "wiki", "slide", "link"),
    "!": ("wiki", "image"),
    "<": ("autolink", "html_inline"),
    "&": ("entity",),
}
"""The rules that each character may begin, in the order of trying."""


@lru_cache(maxsize=1)
def parser() -> "MarkdownIt":
    """Return the parser, made once."""
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import image, link

    from studykit.authoring.reading.cjk_emphasis import cjk_emphasis_plugin
    from studykit.authoring.reading.containers import containers_plugin
    from studykit.authoring.reading.front_matter import front_matter_plugin
    from studykit.authoring.reading.highlight import highlight_plugin
    from studykit.authoring.reading.maths import maths_plugin
    from studykit.authoring.reading.noise import noise_plugin

    md = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable(["table", "strikethrough"])
    md.use(cjk_emphasis_plugin).use(maths_plugin).use(noise_plugin).use(highlight_plugin)
    md.use(containers_plugin).use(front_matter_plugin)
    md.inline.ruler.at("backticks", code_span)
    md.inline.ruler.at("link", _closed(link))
    md.inline.ruler.at("image", _closed(image))
    _dispatch(md)
    md.core.ruler.enableOnly(["normalize", "block"])
    return md


def _dispatch(md: "MarkdownIt") -> None:
    """Replace the rules for text of `md` by one that tries only those which the next character may begin."""
    ruler = md.inline.ruler
    by_name: dict[str, Rule] = dict(zip(ruler.get_active_rules(), ruler.getRules(""), strict=True))
    rules = {char: tuple(by_name[name] for name in names) for char, names in _BEGINNINGS.items()}
    text, none = by_name["text"], ()

    def read(state: "StateInline", silent: bool) -> bool:
        for rule in rules.get(state.src[state.pos], none):
            if rule(state, silent):
                return True
        return text(state, silent)

    ruler.before("text", "read", read)
    ruler.enableOnly(["read"])
    md.inline.terminator_re = _ENDS_OF_TEXT


def _closed(rule: Rule) -> Rule:
    """Return `rule` for what begins with a bracket, not tried where no bracket closes within reason."""

    def closed(state: "StateInline", silent: bool) -> bool:
        return state.src.find("]", state.pos, min(state.posMax, state.pos + _LONGEST_LABEL)) > 0 and rule(
            state, silent
        )

    return closed


def code_span(state: "StateInline", silent: bool) -> bool:
    """Read code between backticks, and note how many lines it spans: its content has blanks for line ends."""
    from markdown_it.rules_inline import backtick

    start = state.pos
    found = backtick(state, silent)
    if found and not silent and state.tokens and state.tokens[-1].type == "code_inline":
        breaks = state.src.count("\n", start, state.pos)
        if breaks:
            state.tokens[-1].meta["breaks"] = breaks
    return found
