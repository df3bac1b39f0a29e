"""Lists: an announcement and its items as one enumeration, and items that explain a term, one by one.

Paragraphs that begin with （1）, （2） … are a list, too.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from studykit.authoring.backs import opening
from studykit.authoring.blocks import Lines, List, Mark, Paragraph
from studykit.authoring.candidates import Candidate
from studykit.authoring.making import basic
from studykit.authoring.outline import Outline, Place, lead_of
from studykit.authoring.phrases import ask, escaped, joined, situated
from studykit.authoring.prose import Prose, prose_of, squeezed

NAME = "lists"

MOST = 7
"""Items that a learner can be asked to name at once."""

LONGEST = 280
"""Characters of an enumeration's back: if more, the items are shortened to their terms."""

_COUNT = re.compile(
    r"[一二两三四五六七几多]\s*(?:个|种|类|点|步|项|条|部分|方面|大|层|件|阶段|步骤)|以下|如下|下面|"
    r"下列|分别[是为]|包括|包含|分为|有：|"
    r"\b(?:two|three|four|five|six|seven|several|following|these|steps?|ways?|reasons?|parts?|kinds?|"
    r"types?|rules?|"
    r"properties|differences|advantages|benefits|drawbacks|limitations|consequences|consists?|includes?|"
    r"are)\b|[优缺特]点|区别|步骤|原因|作用|好处",
    re.IGNORECASE,
)
_ANNOUNCED = re.compile(
    r"[两二三四五六七几多]\s*(?:个|种|类|点|步|项|条|部分|方面|大|阶段|步骤)|以下|如下|下面|下列|"
    r"分别[是为]|包括|包含|分为|"
    r"\b(?:two|three|four|five|six|seven|several|following|these|consists? of|includes?)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\b(?P<en>two|three|four|five|six|seven)\b", re.IGNORECASE)
_ZH_NUMBER = re.compile(
    r"(?:以下|如下|下面|下列)?(?:这|的)?(?P<n>[二两三四五六七几多])(?P<unit>\s*(?:大)?(?:个|种|样|类|点|步|"
    r"项|条|部分|方面|层|件|阶段|步骤))"
)
_NOT_A_LEAD = re.compile(
    r"^(?:例如|比如|举例|目录|下面我们(?:来|将)|接下来|安装|运行|环境|先看|来看|我们来看|看看|以.{1,12}为例|"
    r"for example|for instance|e\.g|here (?:is|are) (?:an? |some )?(?:examples?|links?)|"
    r"we will|we'll|you will|you'll learn|install|prerequisites|requirements|let's)|本文|本篇|这篇|"
    r"in this (?:post|article|tutorial|guide)|"
    r"this (?:post|article|tutorial)|推荐阅读|further reading|links?:",
    re.IGNORECASE,
)
_OWN = re.compile(r"我(?!们)|\b(?:I|my)\b")
"""What one author does is no fact."""
_CLOSING = re.compile(
    r"总结|小结|结语|写在最后|takeaways?|summary|conclusions?|recap|tl;?dr|next steps|前言|写在前面|"
    r"目录|更新|todo",
    re.IGNORECASE,
)
_EDGES_OF_LEAD = re.compile(
    r"^(?:于是|所以|因此|那么|然后|So,? |Thus,? |Then,? |Hence,? )[，,]?|[：:，,。.；;?？\s]+$"
)
_OPENS_WITH_PRONOUN = re.compile(
    r"^(?:它们?|这|那|其|该|此|(?:they|it|these|this|those|that)\b)", re.IGNORECASE
)
_TERM = re.compile(
    r"^(?P<term>.{1,60}?)\s*(?P<gloss>[（(][^）)]{1,60}[）)])?\s*(?:[：:](?!/)|[—–]+|"
    r"\s-\s)\s*(?P<rest>\S.*)$",
    re.DOTALL,
)
_NUMBERED = re.compile(r"^(?:[（(](?P<n>\d|[一二三四五六七])[）)]|[①-⑦]|第[一二三四五六七][，,：、])\s*")


def rule(outline: Outline) -> Iterator[Candidate]:
    """Yield an enumeration for each announced list, and a question for each item that explains a term."""
    for place in outline.places:
        if isinstance(place.block, List):
            items = [_text(item.blocks[0]) if item.blocks else None for item in place.block.items]
            texts = [item for item in items if item is not None]
            if len(texts) == len(items):
                yield from _list(texts, place, place.block.lines, outline, ordered=place.block.ordered)
    yield from _numbered_paragraphs(outline)


def _numbered_paragraphs(outline: Outline) -> Iterator[Candidate]:
    """（1）… and （2）… as paragraphs of their own."""
    for numbered, group in groupby(outline.places, key=_is_numbered):
        places = list(group)
        if numbered and len(places) >= 2:
            texts = [prose_of(p.block) for p in places if isinstance(p.block, Paragraph)]
            bare = [text.cut(m.end(), len(text.text)) for text in texts if (m := _NUMBERED.match(text.text))]
            yield from _list(bare, places[0], (bare[0].lines[0], bare[-1].lines[1]), outline, ordered=False)


def _is_numbered(place: Place) -> bool:
    return isinstance(place.block, Paragraph) and bool(_NUMBERED.match(prose_of(place.block).text))


def _list(
    texts: Sequence[Prose], place: Place, lines: Lines, outline: Outline, *, ordered: bool
) -> Iterator[Candidate]:
    terms = [_term(text) for text in texts]
    lead = _lead(place, outline)
    whole = _enumeration(texts, terms, lead, place, lines, outline, ordered=ordered)
    shown_whole = False
    if whole is not None:
        yield whole
        shown_whole = whole.score >= 2 and all(squeezed(opening(t)) in squeezed(whole.back) for t in texts)
    for text, term in zip(texts, terms, strict=True):
        if term is not None:
            yield _explained(text, term, place, outline, is_shown=shown_whole)


def _enumeration(
    texts: Sequence[Prose],
    terms: Sequence[Prose | None],
    lead: Prose | None,
    place: Place,
    lines: Lines,
    outline: Outline,
    *,
    ordered: bool,
) -> Candidate | None:
    section = place.block.section
    if len(texts) < 2 or (
        lead is None and not (place.leads and section is not None and not _CLOSING.search(section.title))
    ):
        return None
    chinese = outline.language == "zh" if lead is None else lead.is_chinese
    title = section.title if lead is None and section is not None else ""
    asks = bool(re.search(r"[?？]$", title))
    if asks:
        front = _asked_by(title, len(texts), chinese=chinese)
    else:
        told = lead.bare if lead is not None else escaped(title)
        front = which(_EDGES_OF_LEAD.sub("", told), len(texts), chinese=chinese)
    marks = [f"{n}." for n in range(1, len(texts) + 1)] if ordered else ["-"] * len(texts)
    back = "\n".join(f"{mark} {text}" for mark, text in zip(marks, _shown(texts, terms), strict=True))
    name = _name(lead) or (section.title if section is not None and lead is None else outline.topic(section))
    return basic(
        NAME,
        lead if lead is not None else texts[0],
        front=situated(front, section, outline),
        back=back,
        answer="\n".join(text.text for text in texts),
        name=name,
        key=lead.bare if lead is not None else title,
        score=_score(lead, texts, terms, place) + (1.0 if asks else 0.0),
        lines=(lead.lines[0] if lead is not None else lines[0], lines[1]),
        quote="\n".join([*([lead.text] if lead is not None else []), *(text.text for text in texts)]),
    )


def _asked_by(title: str, count: int, *, chinese: bool) -> str:
    """A heading that is a question already; the number of items says when the answer is whole."""
    if chinese:
        return joined(escaped(title), "？", f"（{count} 项）")
    return joined(escaped(title), "?", f" Name {'both' if count == 2 else f'all {count}'}.")


def which(lead: str, count: int, *, chinese: bool) -> str:
    """The announcement as a question."""
    if not chinese:
        number = _NUMBER.search(lead)
        words = ("two", "three", "four", "five", "six", "seven")
        if number and count - 2 < len(words) and words[count - 2] == number.group("en").casefold():
            return f"{lead}. Which {number.group('en').lower()}?"
        if re.search(r"\b(?:includes?|are|is|by|of|to|for|with|in|on)$", lead):
            return f"{lead} …? ({count})"
        return f"{lead}. Name {'both' if count == 2 else f'all {count}'}."
    number = _ZH_NUMBER.search(lead)
    if number and not re.search(r"[，。；]", lead[number.end() :]):
        return (
            lead[: number.start()]
            + f"哪{number.group('n')}{number.group('unit').strip()}"
            + lead[number.end() :]
            + "？"
        )
    told = lead
    lead = re.sub(
        r"(?:主要)?(?:如下|分别(?:是|为)|有以下(?:几[点种个])?|有如下(?:几[点种个])?|有|包括|包含|是)$",
        "",
        lead,
    )
    if lead == told or re.search("这些|这几", lead):
        return joined(lead, f"：哪 {count} 项？")
    return joined(lead, f"有哪些？（{count} 项）")


def _shown(texts: Sequence[Prose], terms: Sequence[Prose | None]) -> list[str]:
    """The items as they are listed: whole if there is room, else their first sentences, else their terms."""
    whole = [re.sub(r"[;；,，]$", "", text.markdown) for text in texts]
    first = [re.sub(r"[;；,，]$", "", opening(text, 40)) for text in texts]
    for shown in (whole, first):
        if sum(map(len, shown)) <= LONGEST:
            return shown
    return [term.markdown if term is not None else text for term, text in zip(terms, first, strict=True)]


def _score(lead: Prose | None, texts: Sequence[Prose], terms: Sequence[Prose | None], place: Place) -> float:
    score = 3.0 if lead is not None else 1.5
    if lead is not None:
        score += 1.5 if _COUNT.search(lead.veiled) else 0.0
        score += 1.0 if re.search(r"[：:]$", lead.text) else 0.0
        score -= 1.5 if _OWN.search(lead.text) else 0.0
        score -= 4.0 if _NOT_A_LEAD.search(lead.text) else 0.0
    score += 1.0 if all(terms) else 0.0
    score -= 4.0 if len(texts) > MOST else 0.0
    score -= 1.5 if place.inside == "item" else 0.0
    score -= 3.0 if place.block.section is not None and _CLOSING.search(place.block.section.title) else 0.0
    score -= 3.0 if all(re.search(r"[?？]$", text.text) for text in texts) else 0.0
    return score


def _lead(place: Place, outline: Outline) -> Prose | None:
    """The words that announce the list; with the sentence before, where they begin with a pronoun."""
    sentences = lead_of(place)
    if not sentences:
        return None
    last = sentences[-1]
    runs_on = not re.search(r"[。.！!？?]$", last.text)
    if not runs_on and not (_ANNOUNCED.search(last.veiled) and len(last.text) <= 120):
        return None
    named = outline.named(sentences[-2] if len(sentences) > 1 else None, last)
    if named is not last and not _OPENS_WITH_PRONOUN.match(named.text):
        return named
    if _OPENS_WITH_PRONOUN.match(last.text) and len(sentences) > 1 and isinstance(place.before, Paragraph):
        whole = prose_of(place.before)
        both = whole.cut(whole.text.rfind(sentences[-2].text), len(whole.text))
        return both if len(both.text) <= 220 else last
    if len(last.text) > (100 if last.is_chinese else 240):
        return None
    return last


def _explained(text: Prose, term: Prose, place: Place, outline: Outline, *, is_shown: bool) -> Candidate:
    rest = text.cut(_after(text, term), len(text.text))
    section = place.block.section
    score = 2.5 + (1.0 if _is_emphasised(text) else 0.0) + (0.5 if outline.count(term.text) >= 3 else 0.0)
    score -= 1.5 if len(squeezed(rest.text)) < 8 else 0.0
    score -= 2.5 if is_shown else 0.0
    score -= 2.0 if section is not None and _CLOSING.search(section.title) else 0.0
    return basic(
        NAME,
        text,
        front=lambda: situated(ask("explain", term.bare, chinese=text.is_chinese), section, outline),
        back=lambda: opening(rest),
        answer=rest.text,
        name=term.text,
        score=score,
    )


def _term(text: Prose) -> Prose | None:
    """What an item explains: emphasised words or code at its head, or few words before a colon."""
    places = text.marked(Mark.STRONG, Mark.EMPHASIS, Mark.CODE)
    article = re.match(r"(?:The|A|An) ", text.text)
    if places and places[0][0] in (0, article.end() if article else 0) and places[0][1] - places[0][0] > 1:
        end = places[0][1]
        bare = re.sub(r"[：:。.\s]+$", "", text.text[:end])
        after = text.text[end:].lstrip()
        inside = text.text[:end].rstrip().endswith(("：", ":", "。", "."))
        told = re.match(
            r"(?:[（(][^）)]*[）)]\s*)?(?:[：:—–，,。.]|-\s|(?:is|are|means|adds|keeps|does)\b|是|指)", after
        )
        if (inside or told) and len(bare) <= 60:
            return text.cut(places[0][0], len(bare))
    match = _TERM.match(text.veiled)
    if (
        match
        and len(match.group("term")) <= (14 if text.is_chinese else 40)
        and len(match.group("term").split()) <= 5
    ):
        return text.cut(0, match.end("gloss") if match.group("gloss") else match.end("term"))
    return None


def _after(text: Prose, term: Prose) -> int:
    at = text.text.find(term.text) + len(term.text)
    gloss = re.match(r"\s*[（(][^）)]{1,60}[）)]\s*(?=[：:—–])", text.text[at:])
    at += gloss.end() if gloss else 0
    rest = text.text[at:]
    return at + len(rest) - len(re.sub(r"^\s*(?:[：:]|[—–]+|-\s|[，,。.])?\s*", "", rest))


def _text(block: object) -> Prose | None:
    return prose_of(block) if isinstance(block, Paragraph) else None


def _is_emphasised(text: Prose) -> bool:
    places = text.marked(Mark.STRONG, Mark.EMPHASIS, Mark.CODE)
    return bool(places) and places[0][0] <= 4


def _name(lead: Prose | None) -> str:
    if lead is None:
        return ""
    places = lead.marked(Mark.STRONG, Mark.EMPHASIS)
    return lead.cut(*places[-1]).text if places else ""
