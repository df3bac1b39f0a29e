"""The parser of articles: CommonMark with tables, and plugins for what articles add to it."""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline

MAX_NESTING = 40
"""Lists in lists, quotes in quotes: deeper is not read, so that no file exhausts the stack."""

TERMINATORS = re.compile(r"[\n$&*<\[\\\]_`{]|==|!\[|~~|:[a-z][a-z_-]{1,20}:`")
"""Where a run of plain text may end; fewer places than markdown-it stops at, which is where its time goes."""


@lru_cache(maxsize=1)
def parser() -> "MarkdownIt":
    """Return the parser, made once."""
    from markdown_it import MarkdownIt

    from studykit.authoring.reading.cjk_emphasis import cjk_emphasis_plugin
    from studykit.authoring.reading.highlight import highlight_plugin
    from studykit.authoring.reading.maths import maths_plugin
    from studykit.authoring.reading.noise import noise_plugin

    md = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable(["table", "strikethrough"])
    for plugin in (cjk_emphasis_plugin, maths_plugin, noise_plugin, highlight_plugin):
        md.use(plugin)
    md.inline.ruler.at("backticks", code_span)
    md.inline.terminator_re = TERMINATORS
    md.core.ruler.enableOnly(["normalize", "block"])
    return md


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
