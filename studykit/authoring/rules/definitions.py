"""Definitions: a cue finds them, a score decides (Navigli & Velardi 2010; Qian & Yuan 2012).

`T is a …`, `T refers to …`, `T（en）是指…`, `…称为 T`, `**T**: …`. Emphasis, a heading and recurrence speak for a
term; a pronoun, a figure and a question against it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from studykit.authoring.blocks import Mark
from studykit.authoring.candidates import Candidate
from studykit.authoring.outline import Outline
from studykit.authoring.phrases import ask, situated
from studykit.authoring.prose import CJK, Prose, squeezed

NAME = "definitions"

_EN = re.compile(
    r"""(?P<term>[^,;:.?!—]{2,80}?)\s*
    (?P<gloss>\([^)]{2,60}\)\s*)?,?\s*
    \b(?P<cue>(?:is|are)\ (?:just\ |simply\ |basically\ |essentially\ |really\ |nothing\ (?:but|more\ than)\ |also\ |still\ |typically\ |usually\ )?
        (?:an?|the|one\ of|when|where|how|that|what|any|anything|called\ so)\b
      |is\ short\ for|stands?\ for|is\ an\ abbreviation\ of
      |(?:is|are)\ (?:commonly\ |usually\ |often\ |formally\ )?(?:defined|known|understood|described)\ as
      |refers?\ to|means?\b|denotes?|consists?\ of|(?:is|are)\ used\ (?:to|for|as|when)
      |(?:is|are)\ responsible\ for|represents?|measures?|tells?\ (?:you|us)|describes?|allows?|lets?|controls?)
    """,
    re.VERBOSE,
)
_EN_REVERSED = re.compile(
    r"\b(?:is|are|was|this|which|we|it|what|and|so-?)?\s*"
    r"(?P<cue>(?:is |are |often |usually |commonly |also )*(?:called|known as|referred to as|termed|dubbed|named)(?: the| an?)?)\s*[\"“]?$"
)
_ZH = re.compile(
    rf"""(?P<term>[^，。；：:！？、]{{1,40}}?)\s*
    (?P<gloss>[（(][^）)]{{1,80}}[）)])?\s*[，,]?\s*
    (?P<cue>(?:本质上|其实|实际上|通常|一般|简单来说|简单说|主要|也|就|则|又)*
      (?:指的(?:就)?是|是指|指的|指代|意味着|是一[种个类套项段组款张条份]|是所谓的?|(?:被)?定义为|的定义(?:是|为)|
      的(?:核心|基本|主要|关键)?(?:思想|想法|思路|理念|含义|意思|目标|目的|作用|本质)(?:就)?(?:是|在于)|(?:主要|通常)?(?:被)?用(?:于|来)|负责|表示|是为了|全称(?:是|为)?|
      (?:是)?由[^，。]{{1,40}}(?:组成|构成)|(?:又|也)?(?:称|叫)(?:为|作|做)|就是|即|是|为|指))
    """,
    re.VERBOSE,
)
_ZH_REVERSED = re.compile(r"(?:被|也|又|就|我们|统|通常|一般|把它|将其|把这|将这)*(?:称之?为|称作|叫[做作]?|命名为|简称为?|记[为作]|即所谓的?)\s*[“「『\"]?$")

_PRONOUN = re.compile(
    r"^(?:它们?|这[个些种里样]?|该|此|那[个些]?|其|他们?|我们?|你们?|大家|本文|这里|前者|后者|上述|以上|如果|当|但|而|所以|因此|"
    r"it|this|that|these|those|they|we|you|i|he|she|there|here|one|what|which|who|both|all|each|such|another|"
    r"the (?:former|latter|first|second|third|following|above|idea|problem|point|reason|result|question|answer|goal|trick|same|rest|"
    r"next|last|other|only|main|key|whole|trouble|catch|upshot|good|bad|best|thing|fact|paper|authors?|code|output|figure|table)s?|"
    r"if|when|but|and|so|since|because|as|in|on|for|to|at|with|from|by|under|after|before|then|thus|hence|now|"
    r"my|our|your|his|her|their|its|some|many|most|any|not|nothing|everything|something)\b",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(r"如[上下]?[图表]|上[图表式]|下[图表]|(?:Figure|Fig\.|Table|Eq\.) ?\d|\b(?:above|below)\b", re.IGNORECASE)
_VERBAL = re.compile(r"\b(?:that|which|who|because|can|will|would|should|has|have|had|do|does|did|let's|we|you|i|it)\b", re.IGNORECASE)
_WEAK_CUES = frozenset(("allows", "allow", "lets", "let", "controls", "control", "describes", "describe", "measures", "tells us", "即", "为", "是", "表示", "represents"))
_JUDGED = re.compile(
    r"\b(?:is|are) (?:a|an|the|one of)(?: \w+)? (?:good|bad|great|nice|big|bit|lot|few|must|pain|mess|matter|best|worst|same|case|only|"
    r"reason|first|last|main|most|right|wrong|real|way to go)\b|是一个(?:很|非常|比较|好|坏|不错|大|重要|常见)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    """Where the term lies."""
    cue: str
    at_front: bool


def rule(outline: Outline) -> Iterator[Candidate]:
    """Yield a question for each sentence that says what something is."""
    for sentence in outline.sentences:
        best = max(
            (_candidate(sentence, found, outline) for found in _found(sentence)),
            key=lambda candidate: candidate.score,
            default=None,
        )
        if best is not None:
            yield best


def _found(sentence: Prose) -> Iterator[_Found]:
    text = sentence.veiled
    yield from _in_front(sentence, text)
    emphasised = sentence.marked(Mark.STRONG, Mark.EMPHASIS, Mark.HIGHLIGHT)
    reversed_cue = _ZH_REVERSED if sentence.is_chinese else _EN_REVERSED
    for start, end in emphasised:
        named = reversed_cue.search(text[:start])
        if named and end - start <= 60:
            yield _Found(start, end, "called", at_front=False)
        pattern = _ZH if sentence.is_chinese else _EN
        # The emphasised words themselves are the term: they need not begin the sentence.
        after = pattern.match("T" * 3 + text[end:])
        if after and start > 0 and after.end("term") <= 4:
            yield _Found(start, end, after.group("cue"), at_front=False)


def _in_front(sentence: Prose, text: str) -> Iterator[_Found]:
    # Code and formulas are veiled: as a term they count, whatever is in them.
    chinese = sentence.is_chinese
    opening = re.match(
        r"(?:所谓的?|简单来说，|简单地?说，|其中，?|首先，|通常，|一般来说，|总的来说，|在[^，]{1,12}[中里]，)?" if chinese
        else r"(?:(?:So|Now|Basically|Simply put|In short|In other words|Formally|Essentially|Here|Technically|In \w+(?: \w+)?),\s+)?(?:(?:A|An|The)\s+)?",
        text,
    )
    start = opening.end() if opening else 0
    pattern = _ZH if chinese else _EN
    match = pattern.match(text, start)
    if match and match.group("cue"):
        yield _Found(match.start("term"), match.end("term"), match.group("cue"), at_front=True)


def _candidate(sentence: Prose, found: _Found, outline: Outline) -> Candidate:
    term = sentence.cut(found.start, found.end)
    chinese = sentence.is_chinese
    words = term.markdown.replace("**", "").replace("==", "")
    words = re.sub(r"(?<!\*)\*(?!\*)", "", words)
    front = situated(ask(_question(found.cue), words, chinese=chinese), sentence.section, outline)
    return Candidate(
        rule=NAME,
        kind="basic",
        fields={"front": front, "back": sentence.markdown},
        lines=sentence.lines,
        section=sentence.section.title if sentence.section else None,
        quote=sentence.text,
        key=squeezed(term.text),
        name=_translation(sentence, found) or term.text,
        answer=sentence.text[found.end :] if found.at_front else sentence.text,
        score=_score(sentence, term, found, outline),
    )


def _question(cue: str) -> str:
    cue = cue.strip()
    if re.search(r"used|用于|用来|负责|responsible|作用|是为了|目的", cue):
        return "for"
    if re.search(r"short for|stands? for|abbreviation|全称", cue):
        return "short"
    if re.search(r"^(?:means?|意味着|意思|含义)", cue):
        return "means"
    if re.search(r"核心|思想|思路|想法|理念|本质", cue):
        return "core"
    if re.search(r"^are\b", cue):
        return "are"
    if re.search(r"^(?:allow|let|control|measure|describe|tell)", cue):
        return "does"
    return "is"


def _score(sentence: Prose, term: Prose, found: _Found, outline: Outline) -> float:
    plain, text = term.text.strip(), sentence.veiled
    emphasised = any(a <= found.start and found.end <= b for a, b in sentence.marked(Mark.STRONG, Mark.EMPHASIS, Mark.HIGHLIGHT))
    starts_emphasised = any(a <= found.start + 1 and b >= found.end - 2 for a, b in sentence.marked(Mark.STRONG, Mark.EMPHASIS, Mark.CODE))
    titled = outline.is_titled(plain, sentence.section)
    score = 2.0 if emphasised or starts_emphasised or titled else 0.0
    score += 0.5 if titled and emphasised else 0.0
    score += 1.0 if sentence.leads else 0.0
    score += 1.0 if outline.count(plain) >= 3 and len(plain) > 1 else 0.0
    score += 1.0 if _translation(sentence, found) else 0.0
    score += 0.0 if found.cue.strip() in _WEAK_CUES else 1.0
    score -= 3.0 if _PRONOUN.match(plain) else 0.0
    score -= 2.0 if _ELSEWHERE.search(text) else 0.0
    score -= 2.0 if re.search(r"[?？]\s*$", text) else 0.0
    score -= 3.0 if len(plain) > (25 if sentence.is_chinese else 70) or len(plain.split()) > 8 else 0.0
    score -= 2.0 if not emphasised and (_VERBAL.search(plain) or re.search(r"[的了]", plain) and not titled) else 0.0
    score -= 2.0 if _JUDGED.search(text) else 0.0
    score -= 1.0 if len(text) < (12 if sentence.is_chinese else 30) else 0.0
    return score


def _translation(sentence: Prose, found: _Found) -> str:
    """The term in the other language, where brackets after it hold it."""
    inside = re.match(r"[*\s”」\"]*[（(]([^）)]{2,60})[）)]", sentence.text[found.end :])
    own = re.search(r"[（(]([^）)]{2,60})[）)]$", sentence.text[found.start : found.end])
    words = (inside or own).group(1) if (inside or own) else ""
    other = r"[A-Za-z][A-Za-z0-9 ,\-–'/]+" if sentence.is_chinese else rf"[{CJK}]+|[A-Z][A-Za-z0-9-]{{1,9}}"
    return words.split("，")[0].split(",")[0].strip() if re.fullmatch(other, words.strip()) else ""
