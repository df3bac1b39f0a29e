"""Causes: what happens is asked with "why?", the reason is the answer."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from studykit.authoring.blocks import Mark
from studykit.authoring.candidates import Candidate
from studykit.authoring.making import basic
from studykit.authoring.outline import Outline
from studykit.authoring.phrases import joined, situated
from studykit.authoring.prose import Prose, squeezed

NAME = "causes"


@dataclass(frozen=True, slots=True)
class _Pattern:
    regex: re.Pattern[str]
    score: float
    purpose: bool = False


def _pattern(text: str, score: float, *, purpose: bool = False) -> _Pattern:
    return _Pattern(re.compile(text, re.IGNORECASE | re.DOTALL), score, purpose)


_ZH = (
    _pattern(
        r"^(?:之所以)(?P<effect>.{4,80}?)[，,]\s*(?:主要|就)?(?:是因为|原因(?:是|在于)|"
        r"在于)(?P<cause>.{4,})$",
        3.0,
    ),
    _pattern(
        r"^(?P<effect>.{4,60}?)的(?:主要|根本|直接|一个|重要)?(?:原因|理由)(?:就|主要)?(?:是|在于|"
        r"有)[：:，]?(?P<cause>.{4,})$",
        2.5,
    ),
    _pattern(
        r"^(?:因为|由于|正因为|鉴于)(?P<cause>.{4,120}?)[，,]\s*(?:所以|因此|因而|故而?|于是|从而|"
        r"这(?:就)?(?:导致|使得|"
        r"会))(?P<effect>.{4,})$",
        2.5,
    ),
    _pattern(
        r"^(?P<effect>.{4,120}?)[，,。；]\s*(?:这)?(?:主要|正|就)?(?:是)?(?:因为|由于|原因是|"
        r"原因在于)(?P<cause>.{4,})$",
        2.5,
    ),
    _pattern(
        r"^(?P<cause>.{6,120}?)[，,；]\s*(?:所以|因此|因而|故而|从而|于是|这就?(?:导致|使得)了?|导致|"
        r"使得)(?P<effect>.{4,})$",
        1.5,
    ),
    _pattern(r"^(?:因为|由于)(?P<cause>.{4,60}?)[，,]\s*(?P<effect>.{6,})$", 2.0),
    _pattern(r"^(?:为了)(?P<cause>.{4,40}?)[，,]\s*(?P<effect>.{6,})$", 1.5, purpose=True),
)
_EN = (
    _pattern(
        r"^(?:The )?(?:main |real |only |key )?reason (?:that |why |for )?(?P<effect>.{8,120}?) (?:is|"
        r"was) (?:that |because )?(?P<cause>.{10,})$",
        2.5,
    ),
    _pattern(
        r"^(?:Because|Since(?! (?:PEP|Python|version|then|\d))) (?P<cause>[^.]{8,140}?), (?P<effect>.{10,})$",
        2.5,
    ),
    _pattern(
        r"^(?P<effect>.{10,160}?),? (?:simply |precisely |mainly |exactly |partly |"
        r"largely )?because (?!of\b)(?P<cause>.{8,})$",
        2.5,
    ),
    _pattern(
        r"^(?P<effect>.{15,160}?) since (?P<cause>(?:it|they|the(?! (?:beginning|start|release|first|"
        r"early|introduction))|each|every|no|all|both)\b.{10,})$",
        1.5,
    ),
    _pattern(
        r"^(?P<effect>.{10,160}?), (?:since|as) (?P<cause>(?:it|they|the|a|an|there|we|you|each|every|no|"
        r"only|all|[\ue000A-Z]).{8,})$",
        2.0,
    ),
    _pattern(
        r"^(?P<cause>.{15,160}?),? (?:so that|and so|and therefore|and thus|and hence|hence|therefore|"
        r"thus|which is why|which means(?: that)?|so) (?P<effect>(?!far|on|much|many|long|forth|called|"
        r"that )[a-z\ue000].{10,})$",
        1.5,
    ),
    _pattern(r"^(?:In order to|To) (?P<cause>[a-z][^,.]{8,80}?), (?P<effect>.{12,})$", 1.0, purpose=True),
    _pattern(r"^(?P<effect>.{12,160}?),? in order to (?P<cause>.{8,})$", 2.0, purpose=True),
)
_CUE = re.compile(
    r"因为|由于|所以|因此|因而|故|从而|于是|导致|使得|原因|理由|鉴于|在于|为了|"
    r"because|since|\bso\b|therefore|thus|hence|reason|which (?:is|means)|in order to|, as\b|^To\b",
    re.IGNORECASE,
)
"""Without one of these no pattern within a sentence matches."""
_FOLLOWS = re.compile(
    r"^(?:(?:所以|因此|因而|这就是为什么|这也是为什么|正因如此[，,]?|正因为如此[，,]?)[，,]?(?P<zh>.{4,})|"
    r"(?:Therefore|Hence|Thus|Consequently|As a (?:result|consequence)|For this reason|That is why|"
    r"That's why|This is why),? (?P<en>.{10,}))$",
    re.DOTALL,
)
_EXPLAINS = re.compile(
    r"^(?:(?:这(?:主要|正|就|都)?(?:是)?(?:因为|由于)|(?:(?:其|这样做的?|背后的?|一个|主要|直接|"
    r"最)?[^，。？]{0,8}?的?)?(?:原因|"
    r"理由)(?:很简单)?(?:是|在于)?[：:，,]?|因为|由于)(?P<zh>.{4,})|"
    r"(?:This (?:is|happens|works|means) because|That(?:'s| is) because|The (?:reason|explanation|"
    r"cause)(?: for this)? is(?: that| simple:)?|It is because|Why\?(?: Because)?|"
    r"Because) ?(?P<en>.{10,}))$",
    re.DOTALL,
)
_BAD = re.compile(
    r"^(?:它们?|这|该|此|那|其|他|我|你|但|而|也|还|就|都|却|如果|当|例如|比如|"
    r"(?:it|this|that|these|those|they|he|she|i|but|if|when|while|whereas|unless|until|and|or|"
    r"for example|e\.g|however|also|which|not)\b)",
    re.IGNORECASE,
)


def rule(outline: Outline) -> Iterator[Candidate]:
    """Yield a "why?" for each sentence, or pair of sentences, that gives a reason."""
    for paragraph in outline.paragraphs:
        sentences = paragraph.sentences()
        for i, sentence in enumerate(sentences):
            before = sentences[i - 1] if i else None
            asked = before is not None and before.text.endswith(("?", "？"))
            found = None if asked else _within(sentence)
            found = found or (_across(paragraph, before, sentence) if before is not None else None)
            found = found or (_within(sentence) if asked else None)
            if found is not None:
                yield _candidate(*found, outline=outline)


_CONNECTIVE = re.compile(
    r"^(?:另外|此外|同时|并且|而且|但是?|不过|所以|因此|那么|其实|当然|然而|于是|这样一来|这样|最后|"
    r"首先|其次|再者|总之|可见|注意|(?:先说|我的)?(?:结论|答案)(?:是|很简单)?(?=[：:])|(?:简单|严格|具体|准确)(?:来|地)?说|换句话说|"
    r"(?:however|moreover|also|but|and|so|then|unfortunately|fortunately|note that|in practice|in fact|"
    r"as a result|of course|therefore|thus|hence|usually|often)\b)[，,：:\s]*",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|do|does|did|can|cannot|could|will|would|must|may|might|should|"
    r"[a-z]{2,}(?:s|ed|n't)|"
    r"make|need|use|keep|take|give|get|work|run|fail|want|help|become|grow|hold|share|let|lose|require)\b"
)
_TAIL = re.compile(r"[；;。].*$|[：:].*$|[，,]\s*这(?:就|也|叫|被|种|正)*(?:是|叫|称).*$|——.*$", re.DOTALL)
_NO_SUBJECT = re.compile(
    r"^(?:必须|可以|需要|会|能|不能|无法|可能|要|就|都|也|只|不|才|还|把|将|使|让|导致|造成|得到|降低|"
    r"提高|减少|避免|"
    r"(?-i:[a-z]+s) (?:all|the|an?|it|them|its|their|no|any|until|when|if|to|from|in|at|on|with)\b|(?:is|"
    r"are|was|were|must|can|cannot|has|have|makes?|do|does|needs?|will|should|which|shared)\b)",
    re.IGNORECASE,
)


_LEANS = re.compile(r"^(?:(?:and|but|so) |[（(]|(?:take|let)\b)", re.IGNORECASE)
_LEANS_MORE = re.compile(
    r"^(?:(?:and|but|so) |[（(]|它们?|这(?!时|样|里)|其|(?:it|this|that|they|take|let)\b)", re.IGNORECASE
)
_RESULT = re.compile(r"^(?:the )?(?:value|result|answer|number|sum) (?:is|are)\b|.*[）)]$", re.IGNORECASE)
_NO_EFFECT = re.compile(r"^(?:far|long|much|what|how|you can|we (?:can|will|need))\b", re.IGNORECASE)


def _within(sentence: Prose) -> tuple[Prose, Prose, Prose, float, bool] | None:
    if not _CUE.search(sentence.veiled):
        return None
    opening = _CONNECTIVE.match(sentence.veiled)
    if opening and opening.end() < len(sentence.text):
        sentence = sentence.cut(opening.end(), len(sentence.text))
    text = re.sub(r"[。.！!；;]+$", "", sentence.veiled)
    if re.search(r"[?？]$", text):
        return None
    for pattern in _ZH if sentence.is_chinese else _EN:
        match = pattern.regex.match(text)
        if match:
            effect, cause = _core(sentence.cut(*match.span("effect"))), sentence.cut(*match.span("cause"))
            return sentence, effect, cause, pattern.score, pattern.purpose
    return None


def _across(
    paragraph: Prose, before: Prose, sentence: Prose
) -> tuple[Prose, Prose, Prose, float, bool] | None:
    asked = before.text.endswith(("?", "？"))
    text = re.sub(r"[。.！!；;]+$", "", sentence.veiled)
    explains = _EXPLAINS.match(text)
    match = explains or (None if asked or len(before.text) > 200 else _FOLLOWS.match(text))
    start = paragraph.text.find(before.text)
    if match is None or start < 0:
        return None
    both = paragraph.cut(start, paragraph.text.find(sentence.text, start) + len(sentence.text))
    told = sentence.cut(*match.span("zh" if match.group("zh") else "en"))
    if explains:
        return both, before, told, 3.5 if asked else 2.0, False
    return both, _core(told), before, 1.5, False


def _core(effect: Prose) -> Prose:
    """What happens, without the word that ties it to what stands before and without what follows it."""
    opening = _CONNECTIVE.match(effect.veiled)
    start = opening.end() if opening else 0
    tail = _TAIL.search(effect.veiled, start + 6)
    return effect.cut(start, tail.start() if tail else len(effect.text))


def _candidate(
    whole: Prose, effect: Prose, cause: Prose, base: float, purpose: bool, *, outline: Outline
) -> Candidate:
    chinese = whole.is_chinese
    if _IT.match(effect.text) and not purpose and whole.text.find(cause.text) < whole.text.find(effect.text):
        return _turned(whole, effect, cause, base, outline)
    return basic(
        NAME,
        whole,
        front=lambda: situated(
            _front(effect, cause, chinese=chinese, purpose=purpose), whole.section, outline
        ),
        back=lambda: _back(cause, chinese=chinese),
        answer=cause.text,
        name=_name(effect, outline),
        key=effect.text,
        score=_score(whole, effect, cause, base, outline),
    )


def _back(cause: Prose, *, chinese: bool) -> str:
    back = re.sub(r"[，,；;：:]+$", "", cause.markdown)
    return back if chinese else back[:1].upper() + back[1:]


_IT = re.compile(r"(?:它们?|it|they|its|their)\b|它", re.IGNORECASE)


def _turned(whole: Prose, effect: Prose, cause: Prose, base: float, outline: Outline) -> Candidate:
    """The reason shown and what follows asked: where "it" is what the reason is about."""
    words = re.sub(r"[。.！!，,；;：:\s]+$", "", cause.markdown)
    asked = "，结果是什么？" if whole.is_chinese else ": what follows?"
    back = re.sub(r"[，,；;：:]+$", "", effect.markdown)
    score = base + (0.75 if _recurs(cause, outline) else 0.0) - (3.0 if _BAD.match(cause.text) else 0.0)
    return basic(
        NAME,
        whole,
        front=lambda: situated(words + asked, whole.section, outline),
        back=back if whole.is_chinese else back[:1].upper() + back[1:],
        answer=effect.text,
        name=_name(cause, outline),
        key=cause.text,
        score=score - (1.0 if len(cause.text) > (60 if whole.is_chinese else 150) else 0.0),
    )


def _front(effect: Prose, cause: Prose, *, chinese: bool, purpose: bool) -> str:
    words = re.sub(r"[。.！!，,；;：:\s]+$", "", effect.markdown)
    if chinese and _NO_SUBJECT.match(effect.text) and (subject := _subject(cause)):
        words = joined(subject, words)
    if effect.text.rstrip().endswith(("?", "？")):
        return effect.markdown
    if chinese:
        if purpose:
            return f"{words}：目的是什么？"
        return f"{words}？" if re.search("^为什么|^为何", words) else f"为什么{_gap(words)}？"
    words = words[:1].upper() + words[1:]
    return f"{words}. {'What for' if purpose else 'Why'}?"


def _subject(cause: Prose) -> str:
    """What a reason is about, where the rest of its sentence leaves it out: a name or code at its head."""
    head = re.match(
        r"(?:后来|我们|大家|发现|可以看到|实验表明|由于|因为|在)*\s*([A-Za-z][\w.+-]*(?:\s[A-Z][\w-]*)*)",
        cause.veiled,
    )
    if head:
        return head.group(1)
    marked = cause.marked(Mark.CODE, Mark.STRONG)
    return cause.cut(*marked[0]).bare if marked and marked[0][0] <= 2 else ""


def _gap(words: str) -> str:
    return f" {words}" if re.match(r"[A-Za-z0-9`$*]", words) else words


def _score(whole: Prose, effect: Prose, cause: Prose, base: float, outline: Outline) -> float:
    score = base
    score -= 3.0 if _BAD.match(effect.text) else 0.0
    score += 0.5
    if _NO_SUBJECT.match(effect.text) and not (whole.is_chinese and _subject(cause)):
        score -= 0.75 if effect.marked(Mark.STRONG) else 1.5
    score -= 2.0 if not whole.is_chinese and not _VERB.search(effect.veiled) else 0.0
    score -= 3.0 if len(squeezed(effect.text)) < (4 if whole.is_chinese else 16) else 0.0
    score -= 2.0 if _NO_EFFECT.match(effect.text) else 0.0
    score -= (
        1.0
        if len(re.findall(r"(?<![\d.])\d+(?![\d.])", effect.text)) >= (1 if len(effect.text) < 30 else 3)
        else 0.0
    )
    # In "X, because it …" the pronoun is X; in a sentence of its own it may be anything.
    leaning = (
        _LEANS
        if cause.text in whole.sentences()[0].text and effect.text in whole.sentences()[0].text
        else _LEANS_MORE
    )
    score -= 1.5 if leaning.match(cause.text) else 0.0
    score -= 2.0 if _RESULT.match(effect.text) and "(" not in effect.text else 0.0
    score += 0.5 if whole.marked(Mark.STRONG, Mark.EMPHASIS) else 0.0
    score += 0.5 if _recurs(effect, outline) else -0.5
    score -= 1.0 if len(effect.text) > (60 if whole.is_chinese else 150) else 0.0
    return score


def _recurs(text: Prose, outline: Outline) -> bool:
    """Whether the effect speaks of something the article speaks of."""
    marked = [text.text[a:b] for a, b in text.marked(Mark.CODE, Mark.STRONG, Mark.EMPHASIS)]
    words = re.findall(r"[A-Z][A-Za-z]*[A-Z]\w*|[A-Za-z][\w-]{5,}", text.text)
    return any(outline.count(word) >= 3 for word in (*marked, *words)) or outline.is_titled(
        text.text[:4], text.section
    )


def _name(effect: Prose, outline: Outline) -> str:
    marked = effect.marked(Mark.STRONG, Mark.CODE, Mark.EMPHASIS)
    return effect.cut(*marked[0]).text if marked else "why " + (outline.topic(effect.section))
