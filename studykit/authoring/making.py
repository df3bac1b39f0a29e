"""Making a candidate of a piece of prose."""

from collections.abc import Callable
from typing import TypeAlias

from studykit.authoring.blocks import Lines
from studykit.authoring.candidates import Candidate, Later
from studykit.authoring.outline import Outline
from studykit.authoring.phrases import situated
from studykit.authoring.prose import Prose, squeezed

Words: TypeAlias = str | Callable[[], str]
"""A text, or what words it when it is needed."""


def basic(
    rule: str,
    text: Prose,
    *,
    front: Words,
    back: Words,
    answer: str,
    name: str,
    score: float,
    lines: Lines | None = None,
    key: str = "",
    quote: str = "",
) -> Candidate:
    """A question and its answer, found in `text`."""
    return Candidate(
        rule=rule,
        kind="basic",
        fields={"front": front, "back": back}
        if isinstance(front, str) and isinstance(back, str)
        else Later(lambda: {"front": _worded(front), "back": _worded(back)}),
        lines=lines or text.lines,
        section=text.section.title if text.section else None,
        quote=quote or text.text,
        key=squeezed(key or name)[:80],
        name=name,
        answer=answer,
        score=score,
    )


def cloze(
    rule: str, text: Prose, gaps: list[tuple[int, int]], outline: Outline, *, name: str, score: float
) -> Candidate:
    """`text` with gaps at the places `gaps`, under its topic."""
    answer = ", ".join(text.text[a:b].strip() for a, b in gaps)
    return Candidate(
        rule=rule,
        kind="cloze",
        fields=Later(lambda: {"text": _gapped(text, gaps, outline)}),
        lines=text.lines,
        section=text.section.title if text.section else None,
        quote=text.text,
        key=squeezed(answer)[:80],
        name=name,
        answer=answer,
        score=score,
    )


def _worded(words: Words) -> str:
    return words if isinstance(words, str) else words()


def _gapped(text: Prose, gaps: list[tuple[int, int]], outline: Outline) -> str:
    shown, at = "", 0
    for start, end in gaps:
        hidden = bare_edges(text.cut(start, end).markdown)
        shown += between(text, at, start) + "{{" + hidden + "}}"
        at = end
    shown += between(text, at, len(text.text))
    # The topic must not be told by what is hidden.
    told = text.text[: gaps[0][0]] + text.text[gaps[-1][1] :]
    return situated("\ue001" + told, text.section, outline).split("\ue001")[0] + shown.strip()


def between(text: Prose, start: int, end: int) -> str:
    """A piece of a sentence as Markdown, with the spaces around it and without accidental gaps."""
    raw = text.text[start:end]
    if not raw.strip():
        return raw
    piece = text.cut(start, end).markdown.replace("{{", "{ {").replace("}}", "} }")
    return raw[: len(raw) - len(raw.lstrip())] + piece + raw[len(raw.rstrip()) :]


def bare_edges(markdown: str) -> str:
    """Without the emphasis that lies on the whole."""
    for mark in ("***", "**", "*", "=="):
        if len(markdown) > 2 * len(mark) and markdown.startswith(mark) and markdown.endswith(mark):
            inner = markdown[len(mark) : -len(mark)]
            if mark not in inner:
                return inner
    return markdown
