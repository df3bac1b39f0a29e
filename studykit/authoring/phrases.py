"""How questions are worded, in the two languages of articles; and the context that makes one stand alone."""

import re

from studykit.authoring.blocks import Section
from studykit.authoring.outline import Outline
from studykit.authoring.prose import CJK, is_chinese, squeezed

_QUESTIONS = {
    "is": ("What is {}?", "什么是{}？"),
    "are": ("What are {}?", "什么是{}？"),
    "means": ("What does {} mean?", "{}是什么意思？"),
    "for": ("What is {} used for?", "{}有什么用？"),
    "does": ("What does {} do?", "{}做什么？"),
    "short": ("What is {} short for?", "{}是什么的缩写？"),
    "core": ("What is the core idea of {}?", "{}的核心思想是什么？"),
    "explain": ("Explain: {}.", "说明：{}。"),
    "prints": ("What does this print?", "这段代码输出什么？"),
    "formula": ("Write the formula: {}", "写出公式：{}"),
    "difference": ("What is the difference between {} and {}?", "{}与{}有什么区别？"),
    "write": ("Write the function {}.", "写出函数{}。"),
}


def ask(question: str, *words: str, chinese: bool) -> str:
    """The `question` about `words`; between Chinese and other letters stands a space."""
    first, *rest = _QUESTIONS[question][chinese].split("{}")
    text = first
    for word, piece in zip(words, rest, strict=True):
        text = joined(text, word, piece)
    return text


def joined(*pieces: str) -> str:
    """`pieces` one after the other, with a space where Chinese meets Latin, code or maths."""
    text = ""
    for piece in pieces:
        meets = (text[-1:] + piece[:1]) if text and piece else ""
        if re.fullmatch(rf"[{CJK}][A-Za-z0-9`$*]|[A-Za-z0-9`$*)][{CJK}]", meets):
            text += " "
        text += piece
    return text


def situated(front: str, section: Section | None, outline: Outline) -> str:
    """`front` under the title that says what it is about, unless it says so itself."""
    topic = outline.topic(section)
    if not topic or is_named(topic, front):
        return front
    return f"{escaped(topic)}{'：' if is_chinese(topic) or is_chinese(front) else ': '}{front}"


def is_named(topic: str, front: str) -> bool:
    """Whether `front` holds what `topic` names: the whole of it, or its longest words."""
    said = squeezed(front)
    if squeezed(topic) in said:
        return True
    words = [w for w in re.findall(rf"[A-Za-z][\w+-]{{2,}}|[{CJK}]{{2,}}", topic) if not _SMALL.match(w)]
    return bool(words) and all(squeezed(w)[:6] in said for w in words)


_SMALL = re.compile(
    r"(?:what|when|where|which|with|from|that|this|these|those|into|over|your|does|have|how|why|and|the|for|about|"
    r"using|used|more|than|between|are|can|not|its)$",
    re.IGNORECASE,
)


def escaped(title: str) -> str:
    """A plain title as Markdown, without the punctuation at its end."""
    title = re.sub(r"[?？:：.。\s]+$", "", title.strip())
    # A name with underscores is code, whatever the heading's markup was.
    pieces = re.split(r"([\w.]*_[\w.]*(?:\(\))?)", title)
    return "".join(
        f"`{p}`" if i % 2 else re.sub(r"(?<!\\)([\\`*$<])", r"\\\1", p) for i, p in enumerate(pieces)
    )
