"""Paragraphs that begin with their own title in bold: `**Born-again networks.** …`, `**注意**：…`."""

import re
from collections.abc import Iterator

from studykit.authoring.backs import opening
from studykit.authoring.blocks import Mark, Paragraph
from studykit.authoring.candidates import Candidate
from studykit.authoring.making import basic
from studykit.authoring.outline import Outline
from studykit.authoring.phrases import ask, situated
from studykit.authoring.prose import Prose, prose_of

NAME = "runin"

_EMPTY = re.compile(
    r"^(?:注意?|提示|说明|例子?|示例|例如|总结|小结|结论|问题|答案|警告|重点|背景|补充|更新|tl;?dr|note|"
    r"notes|example|tip|warning|"
    r"important|caution|remark|proof|"
    r"update|edit|summary|conclusion|solution|answer|q|a|step \d+|figure.*|table.*)\s*\d*$",
    re.IGNORECASE,
)


def rule(outline: Outline) -> Iterator[Candidate]:
    """Yield a question for each paragraph with a title of its own."""
    for place in outline.places:
        if isinstance(place.block, Paragraph) and place.inside != "item":
            text = prose_of(place.block)
            found = _titled(text)
            if found is not None:
                yield _candidate(text, *found, outline=outline)


def _titled(text: Prose) -> tuple[Prose, Prose] | None:
    places = text.marked(Mark.STRONG)
    if not places or places[0][0] != 0:
        return None
    end = places[0][1]
    title = re.sub(r"[：:。.\s]+$", "", text.text[:end])
    mark = re.match(r"\s*([：:]|[—–]\s)", text.text[end:])
    if not (mark or re.search(r"[：:。.]\s*$", text.text[:end])) or len(title) > 60 or _EMPTY.match(title):
        return None
    return text.cut(0, len(title)), text.cut(end + (mark.end() if mark else 0), len(text.text))


def _candidate(text: Prose, title: Prose, rest: Prose, *, outline: Outline) -> Candidate:
    runs_on = not re.search(r"[。.!！?？”’)）]$", rest.text)
    score = (
        3.0
        - (2.0 if runs_on else 0.0)
        + (0.5 if outline.count(title.text) >= 2 else 0.0)
        - (2.0 if len(rest.text) < 15 else 0.0)
    )
    return basic(
        NAME,
        text,
        front=lambda: situated(_front(text, title), text.section, outline),
        back=lambda: opening(rest),
        answer=rest.text,
        name=title.text,
        score=score,
    )


def _front(text: Prose, title: Prose) -> str:
    if re.search(r"[?？]$", title.text):
        return title.bare
    return ask("explain", title.bare, chinese=text.is_chinese)
