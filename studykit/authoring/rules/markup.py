"""Light markup that an author adds on purpose: `term :: definition` and `==hidden words==`."""

import re
from collections.abc import Iterator
from itertools import pairwise

from studykit.authoring.blocks import Mark
from studykit.authoring.candidates import Candidate
from studykit.authoring.outline import Outline
from studykit.authoring.phrases import ask, situated
from studykit.authoring.prose import Prose, squeezed

NAME = "markup"

_DEFINES = re.compile(r"^(?P<term>[^\n]{1,80}?)\s+::\s+(?P<rest>\S.*)$", re.DOTALL)


def rule(outline: Outline) -> Iterator[Candidate]:
    """Yield a card for each mark: whoever wrote it wants one."""
    for paragraph in outline.paragraphs:
        for line in _lines(paragraph) if "::" in paragraph.veiled else ():
            match = _DEFINES.match(line.veiled)
            if match:
                yield _definition(line, match, outline)
        for sentence in paragraph.sentences() if Mark.HIGHLIGHT in paragraph.marks else ():
            hidden = sentence.marked(Mark.HIGHLIGHT)
            if hidden:
                yield _cloze(sentence, hidden, outline)


def _lines(paragraph: Prose) -> Iterator[Prose]:
    edges = [0, *paragraph.breaks, len(paragraph.text)]
    for start, end in pairwise(edges):
        if end > start:
            yield paragraph.cut(start, end)


def _definition(line: Prose, match: "re.Match[str]", outline: Outline) -> Candidate:
    term, rest = line.cut(*match.span("term")), line.cut(*match.span("rest"))
    words = term.markdown
    front = words if re.search(r"[?？]$", term.text) else ask("is", words, chinese=line.is_chinese)
    return _card(
        "basic",
        {"front": situated(front, line.section, outline), "back": rest.markdown},
        line,
        term.text,
        rest.text,
    )


def _cloze(sentence: Prose, hidden: list[tuple[int, int]], outline: Outline) -> Candidate:
    text, at = "", 0
    for start, end in [*hidden, (len(sentence.text), len(sentence.text))]:
        between = sentence.text[at:start]
        shown = sentence.cut(at, start).markdown if between.strip() else ""
        text += (
            between[: len(between) - len(between.lstrip())]
            + shown
            + (between[len(between.rstrip()) :] if between.strip() else "")
        )
        if end > start:
            text += "{{" + sentence.cut(start, end).markdown.strip("=") + "}}"
        at = end
    answer = ", ".join(sentence.text[a:b] for a, b in hidden)
    return _card("cloze", {"text": situated(text, sentence.section, outline)}, sentence, answer, answer)


def _card(kind: str, fields: dict[str, object], text: Prose, name: str, answer: str) -> Candidate:
    return Candidate(
        rule=NAME,
        kind=kind,
        fields=fields,
        lines=text.lines,
        section=text.section.title if text.section else None,
        quote=text.text,
        key=squeezed(name)[:80],
        name=name,
        answer=answer,
        score=10.0,
    )
