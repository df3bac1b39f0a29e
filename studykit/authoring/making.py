"""Making a candidate of a piece of prose."""

from studykit.authoring.blocks import Lines
from studykit.authoring.candidates import Candidate
from studykit.authoring.prose import Prose, squeezed


def basic(
    rule: str,
    text: Prose,
    *,
    front: str,
    back: str,
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
        fields={"front": front, "back": back},
        lines=lines or text.lines,
        section=text.section.title if text.section else None,
        quote=quote or text.text,
        key=squeezed(key or name)[:80],
        name=name,
        answer=answer,
        score=score,
    )


def cloze(
    rule: str, text: Prose, gaps: list[tuple[int, int]], *, context: str, name: str, score: float
) -> Candidate:
    """`text` with gaps at the places `gaps`, after `context`."""
    shown, at = "", 0
    for start, end in gaps:
        hidden = bare_edges(text.cut(start, end).markdown)
        shown += between(text, at, start) + "{{" + hidden + "}}"
        at = end
    shown += between(text, at, len(text.text))
    answer = ", ".join(text.text[a:b].strip() for a, b in gaps)
    return Candidate(
        rule=rule,
        kind="cloze",
        fields={"text": context + shown.strip()},
        lines=text.lines,
        section=text.section.title if text.section else None,
        quote=text.text,
        key=squeezed(answer)[:80],
        name=name,
        answer=answer,
        score=score,
    )


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
