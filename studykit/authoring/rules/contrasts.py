"""Comparisons in running text: `A …, whereas B …`, `unlike A, B …`, `the difference between A and B is …`."""

import re
from collections.abc import Iterator

from studykit.authoring.blocks import Mark
from studykit.authoring.candidates import Candidate
from studykit.authoring.making import basic
from studykit.authoring.outline import OFTEN, Outline
from studykit.authoring.phrases import ask, situated
from studykit.authoring.prose import CJK, Prose, squeezed

NAME = "contrasts"

_DIFFERENCE = (
    re.compile(
        r"^(?:The |One |A |main |key |only |big |biggest |essential |real |"
        r"crucial )*difference between (?P<a>.{2,60}?) and (?P<b>.{2,60}?) (?:is|are|lies|comes)\b",
        re.IGNORECASE,
    ),
    re.compile(r"^(?P<a>.{2,60}?) differs? from (?P<b>.{2,60}?) (?:in|by|only|because)\b", re.IGNORECASE),
    re.compile(
        r"^(?P<a>.{1,30}?)(?:和|与|跟|同)\s*(?P<b>.{1,30}?)\s*(?:之间)?(?:的|最大的?|主要的?|本质的?|"
        r"核心的?|唯一的?|"
        r"关键的?)*(?:区别|差别|差异|不同(?:之处|点)?)(?:就|主要|仅仅?|只)?(?:是|在于|为|有|体现在)",
        re.IGNORECASE,
    ),
    re.compile(r"^(?P<b>.{1,30}?)(?:和|与|跟)\s*(?P<a>.{1,30}?)不同(?:的是)?[，,：:]"),
    re.compile(
        r"^(?P<a>.{1,20}?)(?:和|与|跟|同)\s*(?P<b>[^，：]{1,20}?)(?:的[^，：]{1,6})?(?:其实|之间|就|也|都)*"
        r"(?:(?:只|仅)差|差(?:在|别))[^，：]{0,6}[：:，,]"
    ),
)
_NOT_BUT = (
    re.compile(
        r"^(?P<one>.{2,70}?(?:不是|并非|不在于|不取决于)[^，。；]{1,30})[，,]\s*"
        r"(?P<but>而是|而在于|而取决于)(?P<rest>[^。]{2,})[。]?$"
    ),
    re.compile(
        r"^(?P<one>.{4,120}?\b(?:is|are|does|do|was|were|did|can|will)(?: not|n't) .{2,60}?),?\s"
        r"(?P<but>but)\s(?P<rest>(?!also|not|it|they|this|that|then|still|we|you)[^.]{4,})\.?$"
    ),
)
_PARALLEL = re.compile(
    r"^(?P<a>[^，；。：]{1,20}?)(?P<verb>是(?!的)|用于|用来|按|适合|负责|依赖|采用|指的?是)(?P<one>[^；。]{2,60})[；;]\s*(?:而)?"
    r"(?P<b>[^，；。：]{1,20}?)(?P=verb)(?P<other>[^；。]{2,60})[。]?$"
)
_UNLIKE = (
    re.compile(
        r"^(?:Unlike|In contrast to|As opposed to|Compared (?:to|with)|In comparison (?:to|with)|"
        r"Contrary to) (?P<a>[^,]{2,80}), (?P<rest>.{8,})$",
        re.IGNORECASE | re.DOTALL,
    ),
    re.compile(
        r"^(?:与|和|跟|同|相比于?|相较于?|不同于|区别于|"
        r"相对于?)\s*(?P<a>[^，,]{1,30}?)\s*(?:不同(?:的是)?|相比(?:之下)?|相反|"
        r"比起来)?[，,：:]\s*(?P<rest>.{6,})$",
        re.DOTALL,
    ),
)
_INSTEAD = re.compile(
    r"^(?P<one>(?P<word>While|Whereas|Instead of|Rather than) [^,]{8,120}),\s*(?P<rest>.{10,})$",
    re.IGNORECASE | re.DOTALL,
)
_WHEREAS = (
    re.compile(
        r"^(?P<one>.{12,200}?)[,;] (?:whereas|while|but|in contrast,|on the other hand,|"
        r"however,) (?P<rest>.{8,})$",
        re.IGNORECASE | re.DOTALL,
    ),
    re.compile(
        r"^(?P<one>.{6,100}?)[，,；;]\s*(?:而|但是?|相反[，,]?|反之[，,]?)(?!且|不是|是|言|后|已|成|来|"
        r"非|又)\s*(?P<rest>.{5,})$",
        re.DOTALL,
    ),
)
_NO_THING = re.compile(
    r"它|这|那|其|该|此|我|你|如果|当|若|对|在|从|但|而|就|也|都|还|一[个种方]|另|前|后|首|其次|先|再"
)
_SO = re.compile(r"(?:So|Thus|Hence|And|Now) |(?:所以|因此|于是|而且)[，,]?")
_IT = re.compile(r"它|it(?:'s)?\b")
_VERB_EN = re.compile(
    r"\s(?=(?:is|are|was|were|has|have|had|does|do|did|can|cannot|can't|will|would|must|may|might|should|"
    r"needs?|uses?|keeps?|gives?|takes?|makes?|"
    r"returns?|stores?|requires?|works?|only|always|never|also|still|adds?|applies|apply|computes?|"
    r"scales?|learns?|allows?|creates?|runs?|"
    r"costs?|grows?|holds?|shares?|updates?|trains?|generates?|produces?|reads?|writes?|copies|copy|"
    r"looks?|sees?|starts?|stops?|leaves?|gets?|puts?|"
    r"doesn't|don't|isn't|aren't|won't)\b)"
)
_ANY_VERB = re.compile(r"(?<=[\w\ue000)])\s(?=[a-z]{2,}(?:s|ed)\b)")
_VERB_ZH = re.compile(
    r"(?:[快慢大小高低好差多少强弱难易](?=得|于|很)|拥有|具有|含有|占用|则|却|就|只|会|能|可以|不|没有?|是|有|需|要|将|把|在|用|采用|使用|通过|对|"
    r"为|从|更|由|直接|无法|必须|基于|仅|也|都|同时|试图|认为|返回|"
    r"表示|关注|适合|倾向|属于|保留|保存|计算)"
)
_BAD = re.compile(
    r"^(?:它们?|这|那|其|该|此|我|你|it|this|that|these|those|they|we|you|i|there|not|here|if|when)\b|"
    r"^(?:它们?|这|那|"
    r"其|该|此|我|你|如果|当)",
    re.IGNORECASE,
)


def rule(outline: Outline) -> Iterator[Candidate]:
    """Yield a question for each sentence that sets two things against each other."""
    for sentence in outline.sentences:
        if re.search(r"[?？]$", sentence.text):
            continue
        found = (
            _difference(sentence, outline)
            or _unlike(sentence, outline)
            or _not_but(sentence, outline)
            or _parallel(sentence, outline)
            or _while(sentence, outline)
            or _whereas(sentence, outline)
        )
        if found is not None:
            yield found


def _difference(sentence: Prose, outline: Outline) -> Candidate | None:
    for pattern in _DIFFERENCE:
        match = pattern.match(sentence.veiled)
        if match:
            a, b = sentence.cut(*match.span("a")), sentence.cut(*match.span("b"))
            front = ask("difference", a.markdown, b.markdown, chinese=sentence.is_chinese)
            bad = _BAD.match(a.text) or _BAD.match(b.text)
            return _candidate(
                sentence,
                front,
                sentence.markdown,
                sentence.text[match.end() :],
                4.0 - (3.0 if bad else 0.0),
                f"{a.text} {b.text}",
                outline,
            )
    return None


def _not_but(sentence: Prose, outline: Outline) -> Candidate | None:
    """`X 不是 A，而是 B`, `X is not A but B`."""
    match = _NOT_BUT[not sentence.is_chinese].match(sentence.veiled)
    if match is None:
        return None
    one, rest = sentence.cut(*match.span("one")), sentence.cut(*match.span("rest"))
    dots = f"，{match.group('but')}什么？" if sentence.is_chinese else ", but …?"
    score = 2.5 - (3.0 if _BAD.match(one.text) else 0.0)
    return _candidate(sentence, one.markdown + dots, rest.markdown, rest.text, score, one.text, outline)


def _parallel(sentence: Prose, outline: Outline) -> Candidate | None:
    """`A 是……；B 是……`: two things by the same verb."""
    match = _PARALLEL.match(sentence.veiled)
    if match is None:
        return None
    a, b = sentence.cut(*match.span("a")), sentence.cut(*match.span("b"))
    if _NO_THING.match(a.text) or _NO_THING.match(b.text) or squeezed(a.text) == squeezed(b.text):
        return None
    known = any(outline.count(term.text) > 1 for term in (a, b) if len(term.text) > 1)
    front = ask("difference", a.markdown, b.markdown, chinese=True)
    answer = sentence.text[match.start("verb") :]
    return _candidate(
        sentence, front, sentence.markdown, answer, 3.0 if known else 2.0, f"{a.text} {b.text}", outline
    )


def _while(sentence: Prose, outline: Outline) -> Candidate | None:
    """`While A has …, B learns …`, `Instead of X, Y`."""
    match = _INSTEAD.match(sentence.veiled)
    if match is None:
        return None
    first, rest = sentence.cut(*match.span("one")), sentence.cut(*match.span("rest"))
    if match.group("word").casefold() in ("while", "whereas"):
        subject = _subject(rest)
        if subject is None or _BAD.match(subject.text):
            return None
        front, answer = f"{first.markdown}, {subject.markdown} …?", rest.text[len(subject.text) :]
    else:
        front, answer = f"{first.markdown} …?", rest.text
    return _candidate(sentence, front, rest.markdown, answer, 2.5, first.text, outline)


def _unlike(sentence: Prose, outline: Outline) -> Candidate | None:
    for pattern in _UNLIKE:
        match = pattern.match(sentence.veiled)
        if not match:
            continue
        other, rest = sentence.cut(*match.span("a")), sentence.cut(*match.span("rest"))
        subject = _subject(rest)
        if subject is None:
            return None
        front = ask("difference", subject.markdown, other.markdown, chinese=sentence.is_chinese)
        return _candidate(
            sentence,
            front,
            sentence.markdown,
            rest.text[len(subject.text) :],
            3.0 - (3.0 if _BAD.match(subject.text) else 0.0),
            subject.text,
            outline,
        )
    return None


def _whereas(sentence: Prose, outline: Outline) -> Candidate | None:
    match = next((match for pattern in _WHEREAS if (match := pattern.match(sentence.veiled))), None)
    if match is None:
        return None
    one, rest = sentence.cut(*match.span("one")), sentence.cut(*match.span("rest"))
    so = _SO.match(one.text)
    one = one.cut(so.end(), len(one.text)) if so else one
    between = slice(match.end("one"), match.start("rest"))
    if _IT.match(rest.text) and not _BAD.match(one.text):
        return _goes_on(sentence, one, rest, between, outline)
    subject = _subject(rest)
    return None if subject is None else _the_other(sentence, one, rest, subject, between, outline)


def _goes_on(sentence: Prose, one: Prose, rest: Prose, between: slice, outline: Outline) -> Candidate:
    """ "A is fast, but it …": it is A."""
    known = outline.count(_head(one)) >= OFTEN or one.marked(Mark.CODE, Mark.STRONG)
    front = one.markdown[:1].upper() + one.markdown[1:] + sentence.text[between].rstrip() + _dots(sentence)
    back = re.sub(r"[：:]$", "", rest.markdown)
    return _candidate(sentence, front, back, rest.text, 2.5 if known else 1.5, one.text, outline)


def _the_other(
    sentence: Prose, one: Prose, rest: Prose, subject: Prose, between: slice, outline: Outline
) -> Candidate:
    """ "A does this, while B does that": what does B?"""
    strong = bool(re.search(r"whereas|while|而|相反|in contrast", sentence.veiled[between]))
    marked = bool(subject.marked(Mark.CODE, Mark.STRONG, Mark.EMPHASIS)) or outline.count(subject.text) >= 3
    score = (
        (2.0 if strong else 0.5)
        + (0.5 if _is_alike(one.text, rest.text) else 0.0)
        + (1.0 if marked else -0.5)
        - (3.0 if _BAD.match(one.text) else 0.0)
        - (2.0 if _BAD.match(subject.text) else 0.0)
    )
    front = one.markdown + sentence.text[between] + subject.markdown + _dots(sentence)
    answer = rest.text[len(subject.text) :]
    return _candidate(sentence, front, rest.markdown, answer, score, subject.text, outline)


def _dots(sentence: Prose) -> str:
    return "……？" if sentence.is_chinese else " …?"


def _head(one: Prose) -> str:
    """What a sentence is about, as far as its first word tells."""
    found = re.match(rf"[A-Za-z][\w-]*(?: [A-Z][\w-]*)*|[{CJK}]{{2,4}}", one.text)
    return found.group() if found else ""


def _is_alike(one: str, other: str) -> bool:
    """Whether two halves say the same of two things: most of the words of the shorter are in the other."""
    pieces = [_pieces(one), _pieces(other)]
    short, long = sorted(pieces, key=len)
    return len(short) >= 3 and len(short & long) * 2 >= len(short)


def _pieces(text: str) -> set[str]:
    words = set(re.findall(r"[a-z]{3,}", text.casefold()))
    return words | {
        text[i : i + 2] for i in range(len(text) - 1) if re.fullmatch(f"[{CJK}]{{2}}", text[i : i + 2])
    }


def _subject(rest: Prose) -> Prose | None:
    """What the second half is about: the words before its verb."""
    match = (_VERB_ZH if rest.is_chinese else _VERB_EN).search(rest.veiled)
    if match is None and not rest.is_chinese:
        match = _ANY_VERB.search(rest.veiled)
    if match is not None and re.search(r"\b(?:and|or|that|which)$|,", rest.veiled[: match.start()]):
        return None
    if match is not None and re.search("[，；]", rest.veiled[: match.start()]):
        return None
    if match is None or match.start() < 1 or match.start() > (20 if rest.is_chinese else 60):
        return None
    return rest.cut(0, match.start())


def _candidate(
    sentence: Prose, front: str, back: str, answer: str, score: float, name: str, outline: Outline
) -> Candidate:
    return basic(
        NAME,
        sentence,
        front=situated(front, sentence.section, outline),
        back=back,
        answer=answer,
        name=name,
        score=score,
    )
