"""What happens if: a condition is the question, what follows from it the answer."""

import re
from collections.abc import Iterator

from studykit.authoring.blocks import Mark
from studykit.authoring.candidates import Candidate
from studykit.authoring.making import basic
from studykit.authoring.outline import Outline
from studykit.authoring.phrases import situated
from studykit.authoring.prose import CJK, Prose

NAME = "conditions"

_ZH = re.compile(
    r"^(?P<if>(?:如果|一旦|当|若)(?P<when>[^，。；]{3,50}?)(?:的时候|的话|时)?)"
    r"(?:[，,](?:那么|那|就|则|便)?|(?<=时)(?=就|会|则|退化|变))(?P<then>[^。]{4,120}?)[。；]?$"
)
_EN = re.compile(
    r"^(?P<if>(?P<word>If|When|As soon as|Once|As|"
    r"Without) (?P<when>[^,;:]{6,120})),\s*(?:then )?(?P<then>.{8,200}?)\.?$",
    re.DOTALL,
)
_ZH_THEN = re.compile(
    r"^(?P<if>(?:如果|一旦|当|若)(?P<when>[^。；]{3,80}?)(?:的话|时)?)[，,](?:那么|那就?)(?P<then>[^。]{4,120}?)[。；]?$"
)
_ZH_AFTER = re.compile(
    r"^(?P<if>(?P<when>[^，。；：]{3,30}?)(?:时|的时候|之?后|以后))[，,](?P<then>[^。]{6,120}?)[。；]?$"
)
_ZH_INNER = re.compile(r"[，；](?=(?:如果|一旦|若)[^，。；]{3,50}[，,])")
"""A condition after the words that say what it is about."""
_BAD = re.compile(
    r"^(?:你|我们?|大家|想|要|读者|说到|谈到|提到|面试|看到|遇到问题|然|时|前|"
    r"(?:you|we|i|one wants|in doubt|so|not|possible|needed|necessary|shown|described|mentioned|usual|"
    r"before|above|a rule|of|expected|it|they|this|that|these)\b)",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"(?:and|but|or|which)\b|而且|并且|但是?", re.IGNORECASE)
_ADVICE = re.compile(
    r"^(?:你|我们?|请|可以看|建议|别|we |you |let|see |use |try |consider |then we|note)", re.IGNORECASE
)


def rule(outline: Outline) -> Iterator[Candidate]:
    """Yield "what happens if" for each sentence that begins with a condition."""
    for sentence in outline.named_sentences:
        if not re.search(r"[?？：:]$", sentence.text):
            match = _condition(sentence)
            if match is None and sentence.is_chinese:
                match = _ZH_AFTER.match(sentence.veiled)
            inner = _ZH_INNER.search(sentence.veiled) if match is None else None
            if inner is not None:
                sentence = sentence.cut(inner.end(), len(sentence.text))
                match = _condition(sentence)
            if match is not None:
                yield _candidate(sentence, match, outline)


def _condition(sentence: Prose) -> "re.Match[str] | None":
    if sentence.is_chinese:
        return _ZH_THEN.match(sentence.veiled) or _ZH.match(sentence.veiled)
    return _EN.match(sentence.veiled)


def _candidate(sentence: Prose, match: "re.Match[str]", outline: Outline) -> Candidate:
    condition, then = sentence.cut(*match.span("if")), sentence.cut(*match.span("then"))
    asked = "，会怎样？" if sentence.is_chinese else ": what follows?"
    return basic(
        NAME,
        sentence,
        front=lambda: situated(condition.markdown + asked, sentence.section, outline),
        back=lambda: _back(then, chinese=sentence.is_chinese),
        answer=then.text,
        name=_name(condition, outline),
        key=condition.text,
        score=_score(sentence, match, then, outline),
    )


def _back(then: Prose, *, chinese: bool) -> str:
    back = then.markdown
    return back if chinese else back[:1].upper() + back[1:]


def _score(sentence: Prose, match: "re.Match[str]", then: Prose, outline: Outline) -> float:
    when = sentence.cut(*match.span("when"))
    words = re.findall(r"[A-Za-z][\w-]{3,}|[A-Z]{2,}", when.text)
    runs = re.findall(rf"[{CJK}]{{2,}}", when.text)
    pairs = [run[i : i + 2] for run in runs for i in range(len(run) - 1)]
    known = bool(when.marked(Mark.CODE, Mark.MATH, Mark.STRONG))
    known = known or any(outline.count(w) >= 2 for w in words) or any(outline.count(p) >= 3 for p in pairs)
    score = 2.0 + (0.5 if known else -0.5) + (0.5 if sentence.marked(Mark.STRONG, Mark.EMPHASIS) else 0.0)
    score -= 3.0 if _BAD.match(when.text) else 0.0
    score -= 2.0 if _ADVICE.match(then.text) or _GOES_ON.match(then.text) else 0.0
    score -= (
        1.0
        if not sentence.is_chinese
        and match.group("word") == "As"
        and not re.search(r"grow|increas|decreas|shrink|\$", sentence.markdown)
        else 0.0
    )
    return score


def _name(condition: Prose, outline: Outline) -> str:
    marked = condition.marked(Mark.STRONG, Mark.CODE, Mark.EMPHASIS)
    return condition.cut(*marked[0]).text if marked else f"if {outline.topic(condition.section)}"
