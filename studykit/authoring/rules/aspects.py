"""An aspect of something: its price, its idea, its weak point (`the cost of T is …`, `T 的代价是……`)."""

import re
from collections.abc import Iterator

from studykit.authoring.candidates import Candidate
from studykit.authoring.making import basic
from studykit.authoring.outline import Outline
from studykit.authoring.phrases import joined, situated
from studykit.authoring.prose import Prose

NAME = "aspects"

_ZH = re.compile(
    r"^(?P<term>[^，。；：]{1,25}?)\s*的(?P<what>(?:核心|基本|主要|关键|最大的?|一大)?"
    r"(?:代价|缺点|优点|好处|坏处|问题|局限性?|难点|瓶颈|目标|目的|作用|优势|劣势|思想|想法|思路|理念|"
    r"做法|办法|原理|含义|本质|特点|前提|复杂度))"
    r"(?P<cue>(?:也?很|非常|比较)?(?:简单|直接|粗暴|朴素|直观|明显)*(?:[，,：:]|(?:就|主要|通常)?(?:是|"
    r"在于|为)))(?P<rest>.{4,})$"
)
_EN = re.compile(
    r"^(?:The|One) (?P<what>(?:main |key |core |basic |big |only |central |whole )?(?:cost|price|"
    r"drawback|disadvantage|advantage|benefit|downside|upside|"
    r"idea|goal|purpose|point|catch|problem|trouble|limitation|role|job|effect|intuition|trick|trade-off|"
    r"complexity|aim)) "
    r"(?P<of>of|with|behind|in) (?P<term>[^,;:]{2,60}?) (?:is|was)(?: that| to)?\b(?P<rest>.{8,})$",
    re.DOTALL,
)
_BAD = re.compile(
    r"^(?:它们?|这|那|其|该|此|我们?|上|前|后|另|(?:it|this|that|these|those|them|doing|using)\b)",
    re.IGNORECASE,
)


def rule(outline: Outline) -> Iterator[Candidate]:
    """Yield a question for each sentence that names an aspect of something."""
    for sentence in outline.named_sentences:
        match = (_ZH if sentence.is_chinese else _EN).match(sentence.veiled)
        if match is not None and not re.search(r"[?？：:]$", sentence.text):
            yield _candidate(sentence, match, outline)


def _candidate(sentence: Prose, match: "re.Match[str]", outline: Outline) -> Candidate:
    term, rest = sentence.cut(*match.span("term")), sentence.cut(*match.span("rest"))
    return basic(
        NAME,
        sentence,
        front=lambda: _front(sentence, match, term, outline),
        back=lambda: sentence.markdown,
        answer=rest.text,
        name=term.text,
        key=f"{term.text} {match.group('what')}",
        score=_score(sentence, term, outline),
    )


def _front(sentence: Prose, match: "re.Match[str]", term: Prose, outline: Outline) -> str:
    if sentence.is_chinese:
        front = joined(term.bare, f"的{match.group('what')}是什么？")
    else:
        front = f"What is the {match.group('what')} {match.group('of')} {term.bare}?"
    return situated(front, sentence.section, outline)


def _score(sentence: Prose, term: Prose, outline: Outline) -> float:
    known = outline.is_titled(term.text, sentence.section) or outline.is_emphasised(term.text)
    score = 2.0 + (1.0 if known else 0.5 if outline.count(term.text) >= 2 else 0.0)
    return score - (3.0 if _BAD.match(term.text) else 0.0)
