"""Gaps, the last resort: emphasised words or a number in a sentence that gave no other card."""

import re
from collections.abc import Iterator

from studykit.authoring.blocks import Mark
from studykit.authoring.candidates import Candidate
from studykit.authoring.outline import Outline
from studykit.authoring.phrases import situated
from studykit.authoring.prose import CJK, Prose, squeezed

NAME = "gaps"

_NUMBER = re.compile(
    rf"(?<![\w.\-–/^_])(?:[~≈约近])?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?\s?(?:%|‰|[KMGT]i?B\b|[BKMT]\b|billion|million|trillion|ms|bits?|bytes?|tokens?|"
    rf"layers?|heads?|times|steps?|epochs?|parameters|倍|万|亿|层|维|个|种|次|步|位|字节|年)?(?![\w.\-–/]*\w)"
)
_NOT_A_FACT = re.compile(r"(?:Figure|Fig\.|Table|Section|Chapter|Eq\.|Step|Part|Python|版本|version|图|表|第|节|章|式)\s*[（(]?$|^\[$", re.IGNORECASE)
_BAD = re.compile(
    r"^(?:它们?|这|那|其|该|此|我|你|但|而|例如|比如|假设|设|如图|注[意：]|"
    r"(?:it|this|that|these|those|they|we|you|i|there|here|but|and|for example|suppose|let|say|note|see|if|when)\b)",
    re.IGNORECASE,
)


def rule(outline: Outline) -> Iterator[Candidate]:
    """Yield a cloze for each sentence with emphasised words or a number."""
    for sentence in outline.sentences:
        if re.search(r"[?？:：]$", sentence.text) or len(sentence.text) > (120 if sentence.is_chinese else 280):
            continue
        gaps = _emphasised(sentence)
        base = 2.0
        if not gaps:
            gaps, base = _numbers(sentence), 1.5
        if gaps:
            yield _candidate(sentence, gaps, base, outline)


def _emphasised(sentence: Prose) -> list[tuple[int, int]]:
    places = sentence.marked(Mark.STRONG, Mark.EMPHASIS)
    whole = len(sentence.text)
    kept = [(a, b) for a, b in places if 2 <= len(sentence.text[a:b].strip()) and not _is_opaque(sentence, a, b)]
    hidden = sum(b - a for a, b in kept)
    if not kept or hidden > 0.6 * whole or whole - hidden < 8 or len(kept) > 3:
        return []
    return kept


def _numbers(sentence: Prose) -> list[tuple[int, int]]:
    found = []
    for match in _NUMBER.finditer(sentence.veiled):
        text = match.group().strip()
        if len(text) < 2 and not re.search(r"[^\d]", text):
            continue
        if _NOT_A_FACT.search(sentence.veiled[: match.start()].rstrip()) or re.fullmatch(r"(?:19|20)\d\d", text):
            continue
        found.append((match.start(), match.start() + len(match.group().rstrip())))
    return found if len(found) <= 2 else []


def _candidate(sentence: Prose, gaps: list[tuple[int, int]], base: float, outline: Outline) -> Candidate:
    text, at = "", 0
    for start, end in gaps:
        text += _piece(sentence, at, start) + "{{" + _bare(sentence.cut(start, end).markdown) + "}}"
        at = end
    text += _piece(sentence, at, len(sentence.text))
    hidden = ", ".join(sentence.text[a:b].strip() for a, b in gaps)
    rest = sentence.text[: gaps[0][0]] + sentence.text[gaps[-1][1] :]
    return Candidate(
        rule=NAME,
        kind="cloze",
        fields={"text": situated(text.strip(), sentence.section, outline)},
        lines=sentence.lines,
        section=sentence.section.title if sentence.section else None,
        quote=sentence.text,
        key=squeezed(hidden),
        name=sentence.text[gaps[0][0] : gaps[0][1]] if base >= 2 else outline.topic(sentence.section),
        answer=hidden,
        score=_score(sentence, rest, base, outline),
    )


def _score(sentence: Prose, rest: str, base: float, outline: Outline) -> float:
    words = re.findall(rf"[A-Za-z][\w-]{{3,}}|`[^`]+`", rest)
    familiar = any(outline.count(word) >= 3 for word in words)
    score = base + (0.5 if familiar else 0.0) + (0.5 if sentence.leads else 0.0)
    score -= 3.0 if _BAD.match(sentence.text) else 0.0
    score -= 1.0 if len(re.findall(f"[{CJK}]|[A-Za-z]+", rest)) < 5 else 0.0
    return score


def _piece(sentence: Prose, start: int, end: int) -> str:
    text = sentence.text[start:end]
    piece = sentence.cut(start, end).markdown.replace("{{", "{ {").replace("}}", "} }")
    return text[: len(text) - len(text.lstrip())] + piece + text[len(text.rstrip()) :] if text.strip() else text


def _bare(markdown: str) -> str:
    return re.sub(r"^(?:\*{1,3}|==)|(?:\*{1,3}|==)$", "", markdown)


def _is_opaque(sentence: Prose, start: int, end: int) -> bool:
    return any(not (b <= start or a >= end) for a, b in sentence.marked(Mark.CODE, Mark.MATH))
