"""Lists: what a sentence announces and the items are, as one enumeration; items that explain a term, one by one."""

import re
from collections.abc import Iterator

from studykit.authoring.backs import opening
from studykit.authoring.blocks import Item, List, Mark, Paragraph
from studykit.authoring.candidates import Candidate
from studykit.authoring.outline import Outline, Place, lead_of
from studykit.authoring.phrases import ask, escaped, situated
from studykit.authoring.prose import Prose, prose_of, squeezed

NAME = "lists"

MOST = 7
"""Items that a learner can be asked to name at once."""

_COUNT = re.compile(
    r"[一二两三四五六七几多]\s*(?:个|种|类|点|步|项|条|部分|方面|大|层|件|阶段|步骤)|以下|如下|下面|下列|分别[是为]|包括|包含|分为|有：|"
    r"\b(?:two|three|four|five|six|seven|several|following|these|steps?|ways?|reasons?|parts?|kinds?|types?|rules?|"
    r"properties|differences|advantages|benefits|drawbacks|limitations|consists?|includes?|are)\b",
    re.IGNORECASE,
)
_NOT_A_LEAD = re.compile(
    r"^(?:例如|比如|举例|本文|目录|下面我们(?:来|将)|接下来|安装|运行|环境|先看|来看|我们来看|看看|以.{1,12}为例|"
    r"for example|for instance|e\.g|here (?:is|are) (?:an? |some )?(?:examples?|links?)|in this (?:post|article|tutorial|guide)|"
    r"we will|we'll|you will|you'll learn|install|prerequisites|requirements|let's)|本文|本篇|this (?:post|article|tutorial)",
    re.IGNORECASE,
)
_OPENS_WITH_PRONOUN = re.compile(r"^(?:它们?|这|那|其|该|此|they|it|these|this|those|that|here|there)\b|^(?:它们?|这|那|其|该|此)", re.IGNORECASE)
_TERM = re.compile(r"^(?P<term>.{1,60}?)\s*(?P<gloss>[（(][^）)]{1,60}[）)])?\s*(?:[：:]|[—–]+|\s-\s)\s*(?P<rest>\S.*)$", re.DOTALL)


def rule(outline: Outline) -> Iterator[Candidate]:
    """Yield an enumeration for each announced list, and a question for each item that explains a term."""
    for place in outline.places:
        if isinstance(place.block, List):
            whole = _enumeration(place, place.block, outline)
            if whole is not None:
                yield whole
            for item in place.block.items:
                explained = _explained(item, place, outline)
                if explained is not None:
                    yield explained


def _enumeration(place: Place, block: List, outline: Outline) -> Candidate | None:
    items = [_text(item) for item in block.items]
    texts = [item for item in items if item is not None]
    if not 2 <= len(texts) or len(texts) != len(items):
        return None
    lead = _lead(place)
    section = block.section
    if lead is None and not place.leads:
        return None
    chinese = outline.language == "zh" if lead is None else lead.is_chinese
    told = escaped(outline.topic(section)) if lead is None else re.sub(r"[：:，,。.；;\s]+$", "", lead.markdown)
    front = ask("list", told, str(len(items)), chinese=chinese)
    named = [_term(text) for text in texts]
    shown = [_short(text, term) for text, term in zip(texts, named, strict=True)]
    marker = [f"{n}." for n in range(1, len(items) + 1)] if block.ordered else ["-"] * len(items)
    return Candidate(
        rule=NAME,
        kind="basic",
        fields={
            "front": situated(front, section, outline),
            "back": "\n".join(f"{mark} {text}" for mark, text in zip(marker, shown, strict=True)),
        },
        lines=(lead.lines[0] if lead is not None else block.lines[0], block.lines[1]),
        section=section.title if section else None,
        quote="\n".join([lead.text if lead is not None else told, *(text.text for text in texts)]),
        key=squeezed(lead.text if lead is not None else told)[:80],
        name=_name(lead) or outline.topic(section),
        answer="\n".join(text.text for text in texts),
        score=_score(lead, len(items), named, place),
    )


def _score(lead: Prose | None, count: int, named: "list[Prose | None]", place: Place) -> float:
    score = 3.0 if lead is not None else 2.0
    if lead is not None:
        score += 1.5 if _COUNT.search(lead.veiled) else 0.0
        score += 1.0 if re.search(r"[：:]$", lead.text) else 0.0
        score -= 4.0 if _NOT_A_LEAD.search(lead.text) else 0.0
    score += 1.0 if all(named) else 0.0
    score -= 4.0 if count > MOST else 0.0
    score -= 1.5 if place.inside == "item" else 0.0
    return score


def _lead(place: Place) -> Prose | None:
    """The words that announce the list; with the sentence before, where they begin with a pronoun."""
    sentences = lead_of(place)
    if not sentences:
        return None
    last = sentences[-1]
    if not re.search(r"[：:]$", last.text) and not _COUNT.search(last.veiled):
        return None
    if _OPENS_WITH_PRONOUN.match(last.text) and len(sentences) > 1 and isinstance(place.before, Paragraph):
        whole = prose_of(place.before)
        both = whole.cut(whole.text.rfind(sentences[-2].text), len(whole.text))
        return both if len(both.text) <= 200 else last
    return last if len(last.text) <= (100 if last.is_chinese else 240) else None


def _explained(item: Item, place: Place, outline: Outline) -> Candidate | None:
    text = _text(item)
    term = _term(text) if text is not None else None
    if text is None or term is None:
        return None
    rest = text.cut(_after(text, term), len(text.text))
    words = re.sub(r"^[*=]+|[*=]+$", "", term.markdown)
    front = situated(ask("is", words, chinese=text.is_chinese), item.blocks[0].section, outline)
    section = item.blocks[0].section
    return Candidate(
        rule=NAME,
        kind="basic",
        fields={"front": front, "back": opening(rest)},
        lines=text.lines,
        section=section.title if section else None,
        quote=text.text,
        key=squeezed(term.text),
        name=term.text,
        answer=rest.text,
        score=2.0 + (1.0 if _is_emphasised(text) else 0.0) + (1.0 if outline.count(term.text) >= 3 else 0.0)
        - (1.0 if len(rest.text) < 8 else 0.0)
        - (0.5 if _lead(place) is not None and _NOT_A_LEAD.search(_lead(place).text) else 0.0),
    )


def _term(text: Prose | None) -> Prose | None:
    """What an item explains: emphasised words or code at its head, or few words before a colon."""
    if text is None:
        return None
    places = text.marked(Mark.STRONG, Mark.EMPHASIS, Mark.CODE)
    if places and places[0][0] == 0:
        end = places[0][1]
        bare = re.sub(r"[：:。.\s]+$", "", text.text[:end])
        after = text.text[end:].lstrip()
        inside = text.text[:end].rstrip().endswith(("：", ":", "。", "."))
        if (inside or re.match(r"(?:[（(][^）)]*[）)]\s*)?(?:[：:—–，,。.]|-\s|is\b|are\b|是|指)", after)) and len(bare) <= 60:
            return text.cut(0, len(bare))
    match = _TERM.match(text.text)
    if match and len(match.group("term")) <= (14 if text.is_chinese else 40) and len(match.group("term").split()) <= 5:
        return text.cut(0, match.end("term"))
    return None


def _after(text: Prose, term: Prose) -> int:
    rest = text.text[len(term.text) :]
    return len(term.text) + len(rest) - len(re.sub(r"^\s*(?:[：:]|[—–]+|-\s|[，,。.])?\s*", "", rest))


def _short(text: Prose, term: Prose | None) -> str:
    """An item as it is listed: its first sentence, or less where the list would be too long."""
    first = opening(text, 40)
    if term is not None and len(first) > 60:
        return term.markdown
    return re.sub(r"[;；,，]$", "", first)


def _text(item: Item) -> Prose | None:
    first = item.blocks[0] if item.blocks else None
    return prose_of(first) if isinstance(first, Paragraph) else None


def _is_emphasised(text: Prose) -> bool:
    places = text.marked(Mark.STRONG, Mark.EMPHASIS, Mark.CODE)
    return bool(places) and places[0][0] == 0


def _name(lead: Prose | None) -> str:
    if lead is None:
        return ""
    places = lead.marked(Mark.STRONG, Mark.EMPHASIS)
    return lead.cut(*places[-1]).text if places else ""
