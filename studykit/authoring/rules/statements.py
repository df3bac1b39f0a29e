"""Short statements about a word that recurs: subject and verb are shown, what they say is asked."""

import re
from collections.abc import Iterator

from studykit.authoring.blocks import Mark
from studykit.authoring.candidates import Candidate
from studykit.authoring.making import cloze
from studykit.authoring.outline import Outline
from studykit.authoring.prose import CJK, Prose, squeezed

NAME = "statements"

_VERB_EN = re.compile(
    r"(?<=[\w\ue000)”\"])\s(?P<verb>(?:is|are|was|has|have|does|do|can|cannot|can't|will|must|may|should|"
    r"need(?:s)?|only|always|never|also|"
    r"doesn't|don't|isn't|aren't|won't|[a-z]{2,}(?:es|s)(?!\s(?:are|is|were|was|have|do|can|cannot|will|"
    r"must|may|should|need|and|or|of|in|that|which|who)\b)|hold|keep|need|use|make|take|give|run|live|"
    r"return|store|require|work|share|leave|depend|mean|let|allow)(?:\s(?:not|only|always|never|also|be|"
    r"been|simply|just|then|called|applied|used|computed|stored|"
    r"kept|made|trained|given|to|[a-z]+ed|up|down|out|off|back|away|over)\b)*)\s"
)
_VERB_ZH = re.compile(
    r"(?P<verb>(?:默认|必须|只能|只|仅|不能|不会|无法|不需要|需要|不依赖|依赖于?|适合|适用于|相当于|"
    r"等价于|等于|取决于|来自于?|发生在|保证|采用|使用|返回|"
    r"会|可以|能够|能|是由|是在|是|恰好|退化为|称为|保留|共享|忽略|提供|支持|允许|决定了?|影响|满足|"
    r"属于|对应于?|解决了?|引入了?|提出了?))"
)
_TELLING = re.compile(
    r"默认|必须|只|仅|不能|不会|无法|不需要|不依赖|恰好|相当于|等价|取决于|决定|保证|注意|其实|关键|本质|"
    r"\b(?:only|never|always|must|cannot|can't|not|no|exactly|same|key|depends?|instead|without|"
    r"independent|unique|every|any|"
    r"equivalent|doubles?|halves|twice|default|requires?|guarantees?|faster|slower|larger|smaller|better|worse|more|less|"
    r"nothing)\b",
    re.IGNORECASE,
)
_BAD = re.compile(
    r"^(?:它们?|这|那|其|该|此|我|你|大家|但|而|因此|所以|例如|比如|假设|设|如|当|若|下面|接下来|本文|"
    r"上|前|后|不过|同时|另外|"
    r"[（(]|(?:only|not|it|this|that|these|those|they|we|you|i|he|she|there|here|but|and|or|so|if|when|"
    r"while|as|for|to|in|on|at|by|from|with|suppose|let|say|note|see|"
    r"since|because|once|under|where|given|depending|compare|although|though|however|another|some|many|"
    r"most|both|each|all|one|what|which|how|why|now|then|first|next|finally|let's|"
    r"the (?:following|above|same|result|idea|problem|reason|point|trick|code|paper|authors?|figure|"
    r"table|first|second|last|former|latter|other))\b)",
    re.IGNORECASE,
)
_TOLD = re.compile(r"\b(?:I|we|you|my|our|your|us)\b|我|你|咱|大家|同事")
"""Somebody tells a story."""
_VAGUE = re.compile(
    r"looks? like|seems?\b|看起来|\bsame (?:logic|way|idea|thing)|follows?$|like (?:this|that)|"
    r"相同的?(?:思路|道理)"
)


def rule(outline: Outline) -> Iterator[Candidate]:
    """Yield a cloze for each short sentence about a word that recurs."""
    for sentence in outline.named_sentences:
        parts = _parts(sentence)
        if parts is not None:
            yield _candidate(sentence, *parts, outline=outline)


def _parts(sentence: Prose) -> tuple[int, int, int] | None:
    """End of the subject, begin and end of what is said of it."""
    text = sentence.veiled
    chinese = sentence.is_chinese
    if not (8 if chinese else 20) <= len(text) <= (70 if chinese else 170) or re.search(r"[?？:：]$", text):
        return None
    match = (_VERB_ZH if chinese else _VERB_EN).search(text, 2)
    if (
        match is None
        or match.start() > (24 if chinese else 80)
        or re.search(r"\b(?:that|which|who|and)$", text[: match.start()])
    ):
        return None
    start = match.end()
    stop = re.search(
        r"[，；。;!！]|(?:, (?:which|so|but|and|because|since|while|where|as)\b)|(?: (?:so that|but|while|"
        r"whereas)\b)|[.:](?:\s|$)",
        text[start:],
    )
    end = start + stop.start() if stop else len(text)
    return match.start(), start, end


def _candidate(sentence: Prose, subject_end: int, start: int, end: int, *, outline: Outline) -> Candidate:
    subject = sentence.cut(0, subject_end)
    score = _score(sentence, subject, start, end, outline)
    return cloze(NAME, sentence, [(start, end)], outline, name=subject.text, score=score)


def _score(sentence: Prose, subject: Prose, start: int, end: int, outline: Outline) -> float:
    if _BAD.match(sentence.text):
        return 0.0
    chinese = sentence.is_chinese
    said = sentence.text[start:end]
    size = len(re.findall(f"[{CJK}]", said)) if chinese else len(said.split())
    marked = bool(subject.marked(Mark.CODE, Mark.STRONG, Mark.EMPHASIS))
    words = [
        w
        for w in re.findall(rf"[A-Za-z][\w-]{{2,}}|[{CJK}]{{2,}}", subject.text)
        if len(w) > 3 or w.isupper() or not w.isascii()
    ]
    known = marked or any(outline.count(word.removesuffix("s")) >= 3 for word in words)
    score = 1.0 + (0.75 if known else 0.0) + (0.5 if _TELLING.search(sentence.veiled) else 0.0)
    score += 0.25 if sentence.leads else 0.0
    score += 0.25 if sentence.marked(Mark.STRONG, Mark.EMPHASIS) else 0.0
    score -= 1.0 if not (3 if chinese else 2) <= size <= (25 if chinese else 16) else 0.0
    score -= 1.0 if len(subject.text) > (16 if chinese else 60) else 0.0
    score -= 1.0 if _VAGUE.search(said) else 0.0
    score -= 1.0 if _TOLD.search(sentence.veiled) else 0.0
    score -= 2.0 if all(span.marks for span in sentence.spans) else 0.0
    score -= 0.5 if len(squeezed(sentence.text[end:])) > len(squeezed(said)) * 2 else 0.0
    return score
