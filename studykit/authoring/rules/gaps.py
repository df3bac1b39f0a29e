"""Gaps, the last resort: emphasised words or a number in a sentence that gave no other card."""

import re
from collections.abc import Iterator

from studykit.authoring.blocks import Mark
from studykit.authoring.candidates import Candidate
from studykit.authoring.making import cloze
from studykit.authoring.outline import Outline
from studykit.authoring.prose import CJK, Prose, squeezed

NAME = "gaps"

_NUMBER = re.compile(
    r"(?<![\w.\-–/^_\ue000])(?:[~≈约近])?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?(?:\s?[-–～~]\s?\d+(?:\.\d+)?)?\s?"
    r"(?:%|‰|[KMGT]i?B\b|[BKMT]\b|billion|million|trillion|ms|bits?|bytes?|tokens?|layers?|heads?|times|"
    r"steps?|epochs?|parameters|[KMG]bit/s|seconds?|minutes?|hours?|days?|segments?|packets?|rows?|points?|"
    r"倍|万|亿|层|维|个|种|次|步|位|字节|年|毫秒|秒)?(?![\w.\-–/]*[\w\ue000])"
)
_NOT_A_FACT = re.compile(
    r"(?:Figure|Fig\.|Table|Section|Chapter|Eq\.|Step|Part|Python|Algorithm|Appendix|line|Version|"
    r"Windows|Ubuntu|CUDA|版本|version|图|表|第|节|章|式|公式|步骤)\s*[（(]?$|^\[$",
    re.IGNORECASE,
)
_TELLING = re.compile(
    r"默认|最多|最少|至少|至多|只有|仅|一般取|通常取|通常|上限|下限|倍|%|"
    r"\b(?:default|at most|at least|up to|only|typical|usually|fewer|faster|times|percent|limit|maximum|"
    r"minimum)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(r"[A-Z][\w.]*(?:-[\w.]+)*(?:\s?的)?$")
"""A name before a size makes one name of both."""
_SAID = re.compile(r"\b(?:I|we|my|our|you|said|told)\b|我|你|同事|朋友")
"""A number in a story."""
_UNIT = re.compile(r"\d\s?(?:%|‰|[A-Za-z]{1,}|倍|万|亿|层|维|位|字节|年|毫秒|秒)\s*$")
_EXAMPLE = re.compile(
    r"假设|假如|如果|比如|例如|设|若|"
    r"\b(?:say|suppose|assume|if|for example|e\.g|for instance|with an?|imagine|we|I|my)\b",
    re.IGNORECASE,
)
_BAD = re.compile(
    r"^(?:它们?|这|那|其|该|此|我|你|但|而|所以|因此|于是|例如|比如|假设|设|如图|注[意：]|以.{1,20}为例|"
    r"(?:its?|their|his|her|so|thus|hence|therefore|"
    r"this|that|these|those|they|we|you|i|but|and|for example|suppose|let|say|note|see|if|here|"
    r"take|updated|posted)\b)",
    re.IGNORECASE,
)
_EMPTY = re.compile(
    r"^(?:not?|all|any|and|or|only|very|same|both|never|always|really|is|are|was|that|this|another|which|"
    r"their|its|every|one|more|less|"
    r"before|after|actually|可以|不|没有|都|也|非常|很|一定|必须|只|所有|注意|重要|但是|而且)$",
    re.IGNORECASE,
)


def rule(outline: Outline) -> Iterator[Candidate]:
    """Yield a cloze for each sentence with emphasised words or a number."""
    for sentence in outline.named_sentences:
        if re.search(r"[?？:：]$", sentence.text) or len(sentence.text) > (
            130 if sentence.is_chinese else 280
        ):
            continue
        gaps = _emphasised(sentence)
        base = 2.0 if _is_strong(sentence, gaps) else 1.25
        if not gaps:
            gaps, base = _numbers(sentence), 1.0
            base += 1.0 if _TELLING.search(sentence.veiled) else 0.0
            base -= 1.5 if _SAID.search(sentence.veiled) else 0.0
            base += 0.5 if 1 <= base < 2 and _is_measured(sentence, gaps) else 0.0
        if gaps:
            yield _candidate(sentence, gaps, base, outline)


def _emphasised(sentence: Prose) -> list[tuple[int, int]]:
    places = sentence.marked(Mark.STRONG, Mark.EMPHASIS)
    whole = len(sentence.text)
    # A title at the head of a paragraph or item is no gap.
    places = [
        (a, b)
        for a, b in places
        if a > 0
        or not re.match(
            r"\s*[：:.。—–]",
            sentence.text[b - 1 : b] + sentence.text[b:]
            if sentence.text[b - 1] in "：:.。"
            else sentence.text[b:],
        )
    ]
    kept = [(a, b) for a, b in places if _is_telling(sentence.text[a:b]) and not _is_opaque(sentence, a, b)]
    hidden = sum(b - a for a, b in kept)
    if not kept or hidden > 0.6 * whole or whole - hidden < 8 or len(kept) > 3:
        return []
    return kept


def _is_strong(sentence: Prose, gaps: list[tuple[int, int]]) -> bool:
    """Whether more than one word is emphasised, or one in bold: a single word in italics is only stressed."""
    bold = sentence.marked(Mark.STRONG)
    return bool(gaps) and (
        any(gap in bold for gap in gaps) or any(len(sentence.text[a:b].split()) > 1 for a, b in gaps)
    )


def _is_telling(words: str) -> bool:
    words = words.strip().strip("。.：:，,")
    return len(words) >= 2 and not _EMPTY.match(words)


def _numbers(sentence: Prose) -> list[tuple[int, int]]:
    found = []
    for match in _NUMBER.finditer(sentence.veiled):
        text = match.group().strip()
        end = match.start() + len(match.group().rstrip(" ,"))
        before = sentence.veiled[: match.start()].rstrip()
        if re.fullmatch(r"[01]|(?:19|20)\d\d", text) or _NOT_A_FACT.search(before):
            continue
        if re.fullmatch(r"[\d.]+[BM]", text) and _NAMED.search(before):
            continue
        found.append((match.start(), end))
    if len(found) > 3:
        found = [(a, b) for a, b in found if re.search(r"[%‰倍万亿]|[A-Za-z]$", sentence.text[a:b])]
    return found if len(found) <= 3 else []


def _is_measured(sentence: Prose, gaps: list[tuple[int, int]]) -> bool:
    """Whether a number has a unit, and is no example's."""
    return (
        any(_UNIT.search(sentence.text[a:b]) for a, b in gaps)
        and _EXAMPLE.search(sentence.veiled[: gaps[0][0]]) is None
    )


def _candidate(sentence: Prose, gaps: list[tuple[int, int]], base: float, outline: Outline) -> Candidate:
    emphasised = sentence.marked(Mark.STRONG, Mark.EMPHASIS)
    first = sentence.text[gaps[0][0] : gaps[0][1]]
    rest = sentence.text[: gaps[0][0]] + sentence.text[gaps[-1][1] :]
    name = first if emphasised else outline.topic(sentence.section)
    return cloze(NAME, sentence, gaps, outline, name=name, score=_score(sentence, rest, base, outline))


def _score(sentence: Prose, rest: str, base: float, outline: Outline) -> float:
    words = re.findall(r"[A-Za-z][\w-]{2,}", rest)
    familiar = any(outline.count(word) >= 3 for word in words if len(word) > 3 or word.isupper())
    score = base + (0.5 if familiar else 0.0) + (0.5 if sentence.leads else 0.0)
    score -= 3.0 if _BAD.match(sentence.text) else 0.0
    score -= 1.0 if len(re.findall(f"[{CJK}]|[A-Za-z]+", rest)) < 5 else 0.0
    score -= 1.0 if re.match(r"[（(\[]", sentence.text) or len(squeezed(rest)) < 8 else 0.0
    return score


def _is_opaque(sentence: Prose, start: int, end: int) -> bool:
    return any(not (b <= start or a >= end) for a, b in sentence.marked(Mark.CODE, Mark.MATH))
