"""Definitions: a cue finds them, a score decides (Navigli & Velardi 2010; Qian & Yuan 2012).

`T is a …`, `T refers to …`, `T（en）是指…`, `…称为 T`, `**T**: …`. Emphasis, a heading and recurrence speak
for a term; a pronoun, a figure and a question against it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from studykit.authoring.blocks import Mark
from studykit.authoring.candidates import Candidate
from studykit.authoring.making import basic
from studykit.authoring.outline import Outline
from studykit.authoring.phrases import ask, situated
from studykit.authoring.prose import CJK, Prose, squeezed

NAME = "definitions"

_EN = re.compile(
    r"""(?P<term>[^,;:.?!—]{2,80}?)\s*
    (?P<gloss>\([^)]{2,60}\)\s*)?,?\s*
    \b(?P<cue>(?:is|are)\ (?:(?:just|simply|basically|essentially|really|also|still|typically|usually|
          nothing\ (?:but|more\ than))\ )?
        (?:an?|the|one\ of|when|where|how|that|what|any|anything|called\ so)\b
      |is\ short\ for|stands?\ for|is\ an\ abbreviation\ of
      |(?:is|are)\ (?:commonly\ |usually\ |often\ |formally\ )?(?:defined|known|understood|described)\ as
      |refers?\ to|means\b|denotes?|consists?\ of|(?:is|are)\ used\ (?:to|for|as|when)
      |(?:is|are)\ responsible\ for|represents?|tells?\ (?:you|us)|describes?|allows?|lets?
      |controls|measures|learns|extends|replaces|keeps|adds|combines|expresses|translates|maps
      |(?<=s\ )(?:control|measure|learn|extend|replace|keep|add|combine|express|translate|map)\b)
    """,
    re.VERBOSE,
)
_EN_REVERSED = re.compile(
    r"\b(?:is|are|was|this|which|we|it|what|and|so-?)?\s*"
    r"(?P<cue>(?:is |are |often |usually |commonly |also )*(?:calls? (?:this|it|them|these)|called|"
    r"known as|referred to as|termed|dubbed|named|we (?:then )?say (?:that )?.{3,60}?(?:is|are))(?: the|"
    r" an?)?)\s*[\"“]?$"
)
_ZH = re.compile(
    r"""(?P<term>[^，。；：:！？、]{1,40}?)\s*
    (?P<gloss>[（(][^）)]{1,80}[）)])?\s*[，,]?\s*
    (?P<cue>(?:本质上|其实|实际上|通常|一般|简单来说|简单说|主要|也|就|则|又)*
      (?:指的(?:就)?是|是指|指的|指代|意味着|是一[种个类套项段组款张条份把]|是所谓的?|(?:被)?定义为|的定义(?:是|为)|
      是[^，。]{1,20}的(?:简化版?|变体|推广|扩展|特例|改进版?|缩写|简称|近似|对偶|总称|统称|方法|机制|技术|函数)|
      把[^，。]{1,20}(?:改成|改为|换成|替换为|扩展到|变成)了?|的(?:含义|意思)(?:就)?是|(?:主要|通常)?(?:被)?用(?:于|来)|负责|表示|是为了|全称(?:是|为)?|
      (?:是)?由[^，。]{1,40}(?:组成|构成)|(?:又|也)?(?:称|叫)(?:为|作|做)|就是|即|是|为|指))
    """,
    re.VERBOSE,
)
_ZH_REVERSED = re.compile(
    r"(?:被|也|又|就|我们|统|通常|一般|把它|将其|把这|将这)*(?:称之?为|称作|叫[做作]?|命名为|简称为?|"
    r"记[为作]|即所谓的?|这(?:就|也)是(?:所谓的?)?)\s*[“「『\"]?$"
)

_PRONOUN = re.compile(
    r"^(?:它们?|这[个些种里样]?|该|此|那[个些]?|其|他们?|我们?|你们?|大家|本文|这里|前者|后者|上述|以上|"
    r"如果|当|但|而|所以|因此|"
    r"it|this|that|these|those|they|we|you|i|he|she|there|here|one|what|which|who|both|all|each|such|another|"
    r"the (?:former|latter|first|second|third|following|above|name|idea|problem|point|reason|result|question|"
    r"answer|goal|trick|same|rest|"
    r"next|last|other|only|main|key|whole|trouble|catch|upshot|good|bad|best|thing|fact|paper|authors?|"
    r"code|output|figure|table)s?|"
    r"if|when|but|and|so|since|because|as|in|on|for|to|at|with|from|by|under|after|before|then|thus|"
    r"hence|now|"
    r"my|our|your|his|her|their|its|some|many|most|any|not|nothing|everything|something)\b",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"如[上下]?[图表]|上[图表式]|下[图表]|(?:Figure|Fig\.|Table|Eq\.) ?\d|\b(?:above|below)\b", re.IGNORECASE
)
_VERBAL = re.compile(
    r"\b(?:that|which|who|because|can|will|would|should|has|have|had|do|does|did|let's|we|you|i|it)\b",
    re.IGNORECASE,
)
_WEAK_CUE = re.compile(
    r"(?:allow|let|control|describe|measure|tell|represent|learn|extend|replace|keep|add|combine|express|"
    r"translate|map)s?\b|(?:is|are) (?:that|what|how|when|where|any)\b|[即为是]$|表示"
)
_REFERS_BACK = re.compile(
    r"^(?:这(?!里)|所以|因此|于是|此|它|该|上述|以上|this\b|that\b|these\b|it\b)|"
    r"\bcalls? (?:this|it|them|these)\b",
    re.IGNORECASE,
)
_ZH_OPENING = re.compile(
    r"(?:所谓的?|简单来说，|简单地?说，|其中，?|首先，|通常，|一般来说，|总的来说，|那么，?|而|另外，|"
    r"此外，|在[^，]{1,12}[中里]，)*"
)
_EN_OPENING = re.compile(
    r"(?:(?:So|Now|Basically|Simply put|In short|In other words|Formally|Essentially|Here|Technically|"
    r"In \w+(?: \w+)?),?\s+)?(?:(?:An?|The)\s+)?"
)
_EXPLICIT = re.compile(
    r"指的(?:就)?是|是指|定义为|(?:含义|意思)(?:就)?是|全称|refers? to|means\b|stands? for|short for|"
    r"(?:defined|known|understood) as"
)
"""Words that do nothing but define: they need no markup beside them."""
_UNMARKED_ZH = re.compile(
    r"[，。；：](?:这(?:种|个|样|一|类)?[^，。；：]{0,8}?|也|又|就|一般|通常|我们|被|统)*(?:就)?(?:叫[做作]?|称之?为|称作|简称)\s*"
    r"[“「『\"]?(?P<term>[^，。；：、（()“”「」\"的了]{2,16}?)[”」』\"]?\s*(?=[，。；（(]|$)"
)
_UNMARKED_EN = re.compile(
    r"\b(?:is|are|was|scheme|this|it|them|these)\s(?:(?:also|often|usually|commonly|sometimes)\s)?"
    r"(?:called|known as|referred to as|termed|dubbed)\s(?:an?\s|the\s)?[\"“]?"
    r"(?P<term>(?!(?:once|twice|again|when|with|by|on|in|at|from|only|for|if|before|after|every|each|\w+ly)\b)"
    r"[A-Za-z][\w'’-]*(?: [\w'’-]+){0,3}?)[\"”]?\s*(?=[,.;:(]|$)"
)
_JUDGED = re.compile(
    r"\b(?:is|are) (?:a|an|the|one of)(?: \w+)? (?:good|bad|great|nice|big|little|bit|lot|few|must|pain|"
    r"mess|matter|best|worst|same|case|only|"
    r"reason|first|last|main|most|right|wrong|real|way to go)\b|是一个(?:很|非常|比较|好|坏|不错|大|"
    r"重要|常见)",
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
    for paragraph in outline.paragraphs:
        sentences = paragraph.sentences()
        for i, sentence in enumerate(sentences):
            before = sentences[i - 1] if i else None
            found = [_candidate(sentence, before, paragraph, each, outline) for each in _found(sentence)]
            if found:
                yield max(found, key=lambda candidate: candidate.score)


def _found(sentence: Prose) -> Iterator[_Found]:
    text = sentence.veiled
    yield from _in_front(sentence, text)
    chinese = sentence.is_chinese
    for called in _unmarked(text, chinese=chinese):
        yield _Found(*called.span("term"), "called", at_front=False)
    for start, end in sentence.marked(Mark.STRONG, Mark.EMPHASIS, Mark.HIGHLIGHT):
        if (_ZH_REVERSED if chinese else _EN_REVERSED).search(text[:start]) and end - start <= 60:
            yield _Found(start, end, "called", at_front=False)
        apposed = re.match(r"\s*,\s+(?:an?|the|i\.e\.|that is|namely|or)\s", text[end:])
        if apposed and not chinese and re.search(r"\b(?:an?|the|so-called)\s*$", text[:start]):
            yield _Found(start, end, "called", at_front=False)
        told = re.match(r"\s*(?:[（(][^）)]{1,60}[）)]\s*)?[：:]\s*", text[end:])
        named = (start, end) in sentence.marked(Mark.STRONG) or re.search(
            r"(?:\b(?:is|are|called|an?)|是|叫|即|提出)\s*$", text[:start]
        )
        if told and named and start > 2 and end - start <= 60 and len(text) - end - told.end() >= 15:
            yield _Found(start, end, "called", at_front=False)
        # The emphasised words themselves are the term: they need not begin the sentence.
        after = (_ZH if chinese else _EN).match("TTT" + text[end:])
        if after and start > 0 and after.end("term") <= 4:
            yield _Found(start, end, after.group("cue"), at_front=False)


def _unmarked(text: str, *, chinese: bool) -> Iterator[re.Match[str]]:
    cues = ("叫", "称") if chinese else ("called", "known as", "referred to", "termed", "dubbed")
    if any(cue in text for cue in cues):
        yield from (_UNMARKED_ZH if chinese else _UNMARKED_EN).finditer(text)


def _in_front(sentence: Prose, text: str) -> Iterator[_Found]:
    # Code and formulas are veiled: as a term they count, whatever is in them.
    chinese = sentence.is_chinese
    opening = (_ZH_OPENING if chinese else _EN_OPENING).match(text)
    match = (_ZH if chinese else _EN).match(text, opening.end() if opening else 0)
    if match:
        yield _Found(match.start("term"), match.end("term"), match.group("cue"), at_front=True)


def _candidate(
    sentence: Prose, before: Prose | None, paragraph: Prose, found: _Found, outline: Outline
) -> Candidate:
    term = sentence.cut(found.start, found.end)
    whole = sentence
    if not found.at_front and before is not None and _REFERS_BACK.search(sentence.text[: found.start]):
        # "This is called X": what it is stands in the sentence before.
        start = paragraph.text.find(before.text)
        end = paragraph.text.find(sentence.text, max(start, 0)) + len(sentence.text)
        whole = paragraph.cut(start, end) if start >= 0 else sentence
    score = _score(sentence, whole, term, found, outline)
    return basic(
        NAME,
        whole,
        front=lambda: _front(sentence, found, term, outline),
        back=lambda: _back(whole),
        answer=sentence.text[found.end :] if found.at_front else whole.text,
        name=_translation(sentence, found) or term.text,
        key=term.text,
        score=score,
    )


def _front(sentence: Prose, found: _Found, term: Prose, outline: Outline) -> str:
    front = ask(_question(found.cue), _worded(sentence, found, outline), chinese=sentence.is_chinese)
    if _is_specific(term.text, sentence, outline):
        return front
    return situated(front, sentence.section, outline)


def _back(whole: Prose) -> str:
    """The sentence; what leads on to a formula or list is cut off."""
    stop = "。" if whole.is_chinese else "."
    return re.sub(
        r"(?:[，,](?:其|它的?)?(?:方程|公式|表达式|形式|定义|计算)[^，,：:]{0,6})?[：:]$",
        stop,
        whole.markdown,
    )


def _worded(sentence: Prose, found: _Found, outline: Outline) -> str:
    """The term as the question names it: with its article, and small where a sentence made it capital."""
    term = sentence.cut(found.start, found.end)
    words = term.bare
    if sentence.is_chinese:
        return words
    article = re.search(r"\b(an?|the)\s+(?:so-called\s+)?$", sentence.text[: found.start], re.IGNORECASE)
    if found.start == 0 or (article and article.start() == 0):
        first = re.match(r"[A-Z][a-z]+\b", words)
        rest = words[first.end() :] if first else ""
        if first and (outline.says(first.group().lower()) or re.match(r"\s+[a-z]+", rest)):
            words = words[0].lower() + words[1:]
    return f"{article.group(1).lower()} {words}" if article else words


def _is_specific(term: str, sentence: Prose, outline: Outline) -> bool:
    """Whether a term says by itself what it is about."""
    if re.search(r"[A-Z][A-Z0-9]|[A-Z]\w*[A-Z]", term) or outline.is_titled(term, None):
        return True
    if sentence.is_chinese:
        return len(re.findall(f"[{CJK}]", term)) >= 4
    return len(term.split()) >= 2


def _question(cue: str) -> str:
    cue = cue.strip()
    for name, pattern in _ASKED:
        if re.search(pattern, cue, re.IGNORECASE):
            return name
    return "is"


_ASKED = (
    ("for", r"used|用于|用来|负责|responsible|作用|是为了|目的"),
    ("short", r"short for|stands? for|abbreviation|全称"),
    ("means", r"^(?:means?|意味着|意思|含义)"),
    ("core", r"把.*(?:改|换|替|扩|变)|核心|思想|思路|想法|理念|本质"),
    ("are", r"^are\b"),
    (
        "does",
        r"^(?:allow|let|control|measure|describe|tell|learn|extend|replace|keep|add|combine|expr|transl|map)",
    ),
)


def _score(sentence: Prose, whole: Prose, term: Prose, found: _Found, outline: Outline) -> float:
    plain, text = term.text.strip(), sentence.veiled
    chinese = sentence.is_chinese
    here = any(
        a <= found.start + 1 and found.end - 2 <= b
        for a, b in sentence.marked(Mark.STRONG, Mark.EMPHASIS, Mark.HIGHLIGHT, Mark.CODE)
    )
    titled = outline.is_titled(plain, sentence.section)
    score = 2.0 if here or titled or outline.is_emphasised(plain) else 0.0
    score += 0.5 if here and (titled or whole is not sentence) else 0.0
    score += (1.5 if found.at_front else 1.0) if sentence.leads else 0.0
    score += 1.0 if outline.count(plain) >= 3 and len(plain) > 1 else 0.0
    score += 1.0 if _translation(sentence, found) else 0.0
    score += (0.5 if here else 0.0) if _WEAK_CUE.match(found.cue.strip()) else 1.0
    score += 1.5 if _EXPLICIT.search(found.cue) or (found.cue == "called" and not here) else 0.0
    score += 1.0 if chinese and _translation(sentence, found) and found.at_front else 0.0
    score += (
        1.0 if _translation(sentence, found) and found.start <= 2 and re.match(r"[A-Z]{2,}", plain) else 0.0
    )
    score += 1.5 if text[max(found.start - 3, 0) : found.start].startswith("所谓") else 0.0
    article = re.search(r"\b(?:an?|the)\s+$", text[: found.start], re.IGNORECASE)
    named = article.group() + plain if article else plain
    score -= 3.0 if (_PRONOUN.match(plain) or _PRONOUN.match(named)) and not here else 0.0
    score -= 2.0 if _ELSEWHERE.search(text) else 0.0
    score -= 2.0 if re.search(r"[?？]\s*$", text) else 0.0
    score -= 3.0 if len(plain) > (25 if chinese else 70) or len(plain.split()) > 8 else 0.0
    score -= (
        2.0 if not here and (_VERBAL.search(plain) or (re.search(r"[的了时]", plain) and not titled)) else 0.0
    )
    score -= 2.0 if re.match(r"(?:its|their|his|her|my|our)\b", text, re.IGNORECASE) else 0.0
    score -= 2.0 if _JUDGED.search(text) else 0.0
    score -= (
        2.0
        if _REFERS_BACK.search(text[: found.start]) and whole is sentence and found.cue == "called"
        else 0.0
    )
    score -= 1.0 if len(squeezed(whole.text)) < (12 if chinese else 25) else 0.0
    score -= 1.0 if len(whole.text) > (150 if chinese else 300) else 0.0
    return score


def _translation(sentence: Prose, found: _Found) -> str:
    """The term in the other language, where brackets after it hold it."""
    inside = re.match(r"[*\s”」\"]*[（(]([^）)]{2,60})[）)]", sentence.text[found.end :])
    own = re.search(r"[（(]([^）)]{2,60})[）)]$", sentence.text[found.start : found.end])
    told = inside or own
    words = re.split("[，,]", told.group(1))[0].strip() if told else ""
    other = r"[A-Za-z][A-Za-z0-9 \-–'/]+" if sentence.is_chinese else rf"[{CJK}]+|[A-Z][A-Za-z0-9-]{{1,9}}"
    return words if re.fullmatch(other, words) else ""
