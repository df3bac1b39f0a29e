"""The gate between candidates and cards: each failure is dropped and named, nothing vanishes silently."""

import re
from collections.abc import Sequence

from studykit.authoring.blocks import Article
from studykit.authoring.candidates import Candidate, Reason, Rejected
from studykit.authoring.prose import CJK, squeezed

ENOUGH_SCORE = 2.0
LONGEST_BACK = 300
"""Characters of prose; code and formulas are not counted."""

LINES_PER_CARD = 6
FEWEST = 3
"""Cards that even a short article may have."""

_SHOWN_BY_LISTS = frozenset(("gaps", "statements", "causes", "contrasts", "conditions"))
_SIDE_BY_SIDE = ({"definitions", "lists"}, {"definitions", "formulas"})
"""A definition may lead to a list or a formula, and both be asked."""

_PREFIX = re.compile(r"^[^：:\n]{1,80}[：:]\s*")
_PRONOUN = re.compile(
    r"^(?:为什么)?(?:它们?(?!山)|这[个些种里样两是就]|该[^死]|此[^外]|那[个些么]|其(?!他|它|实|余|中)|"
    r"前者|后者|上述|上面|以上|"
    r"(?:it|this|these|those|they|he|she|him|that is|such|the (?:above|former|latter|following|previous|"
    r"same))\b|"
    r"(?:what (?:is|are|does)|why (?:is|does)) (?:it|this|these|those|they|that|the (?:above|former|"
    r"latter))\b)|"
    r"^(?:什么是)(?:它|这|该|此|那|其)",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"[如见从由][上下左右]?[图表]|[上下]图|[上下]表|上[式述面文]|下[式面文]|前[文面]|图\s*\d|表\s*\d|"
    r"\b(?:the|see|as|shown|from|in)\s+(?:figure|fig\.?|table|above|below|left|right|previous|"
    r"next section|diagram|plot|chart|image|picture)\b|"
    r"\b(?:above|below)\b(?! (?:\d|zero|average|the ))|\b(?:Figure|Fig\.|Table|Listing) ?\d|\[\d+\]",
    re.IGNORECASE,
)
_JUNK = re.compile(
    r"\{\{<|\{%\s|\s%\}|:label:|:numref:|:cite|:eqref|\{:|</?[a-z]+[ >/]|\[\^|\]\(|!\[|�|\ue000"
)
_GAP = re.compile(r"\{\{(.*?)\}\}")
_CODE = re.compile(r"```.*?```|`+[^`]*`+", re.DOTALL)
_FENCE = re.compile(r"(`{3,}).*?\1", re.DOTALL)
_TICK = re.compile(r"(?<!`)`(?!`)")
_DOLLAR = re.compile(r"(?<!\\)\$")
_WORD = re.compile(rf"[{CJK}]|[^\W_{CJK}]+")
_MATH = re.compile(r"\$\$.*?\$\$|(?<!\\)\$[^$]*(?<!\\)\$", re.DOTALL)


def fault(candidate: Candidate, article: Article) -> Reason | None:
    """Return why `candidate` makes no card, by itself; None if it may be one."""
    for reason, fails in _CHECKS:
        if fails(candidate, article):
            return reason
    return None


def sift(candidates: Sequence[Candidate], article: Article) -> tuple[list[Candidate], list[Rejected]]:
    """Part `candidates` into those that hold up by themselves and side by side, and the rest."""
    desk = _Desk(article)
    # The best come first: what they ask, the others need not.
    reasons = {
        id(candidate): desk.judge(candidate) for candidate in sorted(candidates, key=lambda c: -c.score)
    }
    kept = [candidate for candidate in candidates if reasons[id(candidate)] is None]
    rejected = [Rejected(c, reason) for c in candidates if (reason := reasons[id(c)]) is not None]
    return sorted(kept, key=lambda candidate: candidate.lines), rejected


def thinned(candidates: Sequence[Candidate], article: Article) -> tuple[list[Candidate], list[Rejected]]:
    """The best of `candidates`, as many as an article of this length bears, in its order."""
    room = max(FEWEST, len(article.source) // LINES_PER_CARD)
    best = sorted(candidates, key=lambda candidate: -candidate.score)
    kept = {id(candidate) for candidate in best[:room]}
    return (
        [c for c in candidates if id(c) in kept],
        [Rejected(c, Reason.CROWDED) for c in candidates if id(c) not in kept],
    )


class _Desk:
    """What has been kept so far: of candidates about the same words, or with one question, the first."""

    def __init__(self, article: Article) -> None:
        self._article = article
        self._fronts: set[str] = set()
        self._there: dict[int, list[tuple[Candidate, str]]] = {}

    def judge(self, candidate: Candidate) -> Reason | None:
        """Keep `candidate`, or return why not."""
        if _is_weak(candidate, self._article):
            return Reason.WEAK
        quote = squeezed(candidate.quote)
        lines = range(candidate.lines[0], candidate.lines[1] + 1)
        # Before anything that reads the card itself: most that were found are asked better elsewhere.
        if any(_is_asked(candidate, quote, *other) for line in lines for other in self._there.get(line, ())):
            return Reason.OVERLAP
        reason = fault(candidate, self._article)
        if reason is not None:
            return reason
        front = squeezed(candidate.front)
        if front in self._fronts and candidate.kind != "predict":
            return Reason.DUPLICATE
        self._fronts.add(front)
        for line in lines:
            self._there.setdefault(line, []).append((candidate, quote))
        return None


def _is_asked(candidate: Candidate, one: str, other: Candidate, two: str) -> bool:
    """Whether `candidate`, resting on the words `one`, asks what `other` on the same lines asks by `two`."""
    if other.rule == "lists" and candidate.rule in _SHOWN_BY_LISTS and one in two:
        return True  # the enumeration shows it whole
    if {candidate.rule, other.rule} in _SIDE_BY_SIDE or candidate.kind == "implement":
        return False
    short, long = sorted((one, two), key=len)
    return bool(short) and len(short) * 2 >= len(long) and short in long


def _is_empty(candidate: Candidate, article: Article) -> bool:
    del article
    return (
        not candidate.front.strip()
        or not candidate.answer.strip()
        or (candidate.kind == "basic" and not candidate.back.strip())
    )


def _is_weak(candidate: Candidate, article: Article) -> bool:
    del article
    return candidate.score < ENOUGH_SCORE


def _opens_with_pronoun(candidate: Candidate, article: Article) -> bool:
    del article
    front = candidate.front
    if candidate.kind in ("predict", "implement") or candidate.rule == "code":
        return False  # "this" is the code below the question
    once = _PREFIX.sub("", front)
    return any(_PRONOUN.match(text) for text in (front, once, _PREFIX.sub("", once)))


def _points_elsewhere(candidate: Candidate, article: Article) -> bool:
    del article
    return bool(_ELSEWHERE.search(_without_maths(_without_code(candidate.front))))


def _gives_away(candidate: Candidate, article: Article) -> bool:
    del article
    answer = squeezed(candidate.answer)
    if candidate.kind == "cloze":
        shown = squeezed(_GAP.sub(" ", candidate.front))
        hidden = [squeezed(gap.split("::")[0]) for gap in _GAP.findall(candidate.front)]
        return any(len(gap) >= 4 and gap in shown for gap in hidden)
    return candidate.kind == "basic" and len(answer) >= 4 and answer in squeezed(candidate.front)


def _is_short(candidate: Candidate, article: Article) -> bool:
    del article
    return (
        candidate.kind == "basic"
        and len(squeezed(candidate.answer)) < 2
        and not re.search(r"\S\W*\S", candidate.answer)
    )


def _is_long(candidate: Candidate, article: Article) -> bool:
    del article
    if candidate.kind != "basic":
        return False
    return (
        len(candidate.back) > LONGEST_BACK
        and len(_without_maths(_without_code(candidate.back))) > LONGEST_BACK
    )


def _is_invented(candidate: Candidate, article: Article) -> bool:
    """Whether words of the answer are not in the lines that it is said to come from."""
    if candidate.kind not in ("basic", "cloze"):
        return False
    there = set(_words(article.quote(candidate.lines)))
    words = _words(candidate.answer)
    return sum(word not in there for word in words) * 10 > len(words)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _is_broken(candidate: Candidate, article: Article) -> bool:
    del article
    return any(
        _is_broken_markdown(text)
        for text in (candidate.front, candidate.back if candidate.kind == "basic" else "")
    )


def _is_broken_markdown(text: str) -> bool:
    bare = _FENCE.sub("", text) if "```" in text else text
    if "`" in bare and len(_TICK.findall(bare)) % 2 and "``" not in bare:
        return True
    bare = _without_code(bare)
    if "$" in bare and len(_DOLLAR.findall(bare)) % 2:
        return True
    bare = _without_maths(bare)
    return bare.count("**") % 2 == 1 or bool(_JUNK.search(bare))


def _without_code(text: str) -> str:
    return _CODE.sub("", text) if "`" in text else text


def _without_maths(text: str) -> str:
    return _MATH.sub("", text) if "$" in text else text


_CHECKS = (
    (Reason.EMPTY, _is_empty),
    (Reason.WEAK, _is_weak),
    (Reason.PRONOUN, _opens_with_pronoun),
    (Reason.ELSEWHERE, _points_elsewhere),
    (Reason.GIVEN_AWAY, _gives_away),
    (Reason.SHORT, _is_short),
    (Reason.LONG, _is_long),
    (Reason.INVENTED, _is_invented),
    (Reason.MARKUP, _is_broken),
)
