"""How questions are worded, in the two languages of articles; and the context that makes one stand alone."""

import re

from studykit.authoring.blocks import Section
from studykit.authoring.outline import Outline
from studykit.authoring.prose import CJK, is_chinese, squeezed

_QUESTIONS = {
    "is": ("What is {}?", "什么是{}？"),
    "are": ("What are {}?", "什么是{}？"),
    "means": ("What does {} mean?", "{}是什么意思？"),
    "for": ("What is {} used for?", "{}用来做什么？"),
    "does": ("What does {} do?", "{}做什么？"),
    "short": ("What is {} short for?", "{}是什么的缩写？"),
    "core": ("What is the core idea of {}?", "{}的核心思想是什么？"),
    "about": ("What is to be said of {}?", "关于{}，要点是什么？"),
    "why": ("{} Why?", "{}为什么？"),
    "purpose": ("{} What for?", "{}目的是什么？"),
    "prints": ("What does this print?", "这段代码输出什么？"),
    "formula": ("Write the formula for {}.", "写出{}的公式。"),
    "complete": ("Complete: {}", "补全公式：{}"),
    "list": ("{}: name all {}.", "{}：分别是哪 {} 项？"),
    "difference": ("What is the difference between {} and {}?", "{}和{}有什么区别？"),
    "write": ("Write the function {}.", "写出函数 {}。"),
}


def ask(question: str, *words: str, chinese: bool) -> str:
    """The `question` about `words`; Latin words in Chinese get their spaces."""
    text = _QUESTIONS[question][chinese].format(*words)
    return spaced(text) if chinese else text


def spaced(text: str) -> str:
    """A space between Chinese and Latin letters, code or maths, as typesetters want it."""
    text = re.sub(rf"(?<=[{CJK}])(?=[A-Za-z0-9`$])(?<![`$])", " ", text) if text.count("`") + text.count("$") == 0 else text
    return text


def situated(front: str, section: Section | None, outline: Outline) -> str:
    """`front` under the title that says what it is about, unless it says so itself."""
    topic = outline.topic(section)
    if not topic or is_named(topic, front):
        return front
    return f"{escaped(topic)}{'：' if is_chinese(topic) else ': '}{front}"


def is_named(topic: str, front: str) -> bool:
    """Whether `front` holds what `topic` names: the whole of it, or its longest words."""
    said = squeezed(front)
    if squeezed(topic) in said:
        return True
    words = [w for w in re.findall(rf"[A-Za-z][\w+-]{{3,}}|[{CJK}]{{2,}}", topic) if w.casefold() not in _SMALL]
    return bool(words) and all(squeezed(w)[:6] in said for w in words)


_SMALL = frozenset(
    "what when where which with from that this these those into over your does have how why and the for about "
    "using used more than between".split()
)


def escaped(title: str) -> str:
    """A plain title as Markdown."""
    return re.sub(r"(?<!\\)([\\`*_$<])", r"\\\1", re.sub(r"[?？:：.。]+$", "", title.strip()))
