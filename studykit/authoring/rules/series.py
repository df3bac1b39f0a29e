"""Enumerations inside a sentence: `three terms: a, b and c`, `包括 A、B 和 C`."""

import re
from collections.abc import Iterator

from studykit.authoring.candidates import Candidate
from studykit.authoring.making import basic
from studykit.authoring.outline import Outline
from studykit.authoring.phrases import joined, situated
from studykit.authoring.prose import Prose
from studykit.authoring.rules.lists import which

NAME = "series"

_EN = re.compile(
    r"^(?P<lead>[^:;]*\b(?P<n>two|three|four|five|six|triple)\b[^:;.]{0,80}?)\s?(?::|—|–|"
    r" - )\s*(?P<items>[^:]{12,}?)\.?$",
    re.IGNORECASE | re.DOTALL,
)
_EN_DASHED = re.compile(
    r"^(?P<lead>[^:;—]*\b(?:consists? of|is made (?:up )?of|divided into|distinguishes|"
    r"includes?))\s+(?P<items>[^:;]{15,}?)\.?$",
    re.IGNORECASE,
)
_ZH = re.compile(
    r"^(?P<lead>[^：；。]*?(?:(?<!好)[两二三四五六七几多](?:个|种|样|类|点|步|项|层|部分|方面|大类|大|阶段|步骤|"
    r"条)[^：；。，]{0,12}?))(?:[：:]|"
    r"，分别(?:是|为)|，即)\s*(?P<items>[^：。]{6,})。?$"
)
_ZH_VERB = re.compile(
    r"^(?P<lead>[^：；。，]{2,30}?(?:分为|分成|包括|包含|"
    r"由(?=[^，。]+组成)))\s*(?P<items>[^：；。，]{4,}?)(?:组成|构成|"
    r"等)?(?:[，。；].*)?$"
)


def rule(outline: Outline) -> Iterator[Candidate]:
    """Yield an enumeration for each sentence that is one."""
    for sentence in outline.sentences:
        patterns = (_ZH, _ZH_VERB) if sentence.is_chinese else (_EN, _EN_DASHED)
        for pattern in patterns:
            match = pattern.match(sentence.veiled)
            items = _items(sentence, *match.span("items")) if match else []
            if match and len(items) >= (2 if "n" in match.groupdict() or pattern is _ZH else 3):
                yield _candidate(
                    sentence,
                    sentence.cut(*match.span("lead")),
                    items,
                    outline,
                    announced=pattern in (_ZH, _EN),
                )
                break


def _items(sentence: Prose, start: int, end: int) -> list[Prose]:
    text = sentence.veiled[start:end]
    separator = (
        r"[；;]\s*(?:以及|and )?"
        if re.search("[；;]", text)
        else (r"、|，|以及|和|与" if sentence.is_chinese else r",\s+(?:and |or )?|\s+and\s+|\s+or\s+")
    )
    edges = [0]
    for match in re.finditer(separator, text):
        edges += [match.start(), match.end()]
    edges.append(len(text))
    items = [sentence.cut(start + a, start + b) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    short = 40 if sentence.is_chinese else 90
    good = not any(re.match("它|这|那|其", item.text) for item in items)
    good = good and all(2 <= len(item.text) <= short for item in items) and 2 <= len(items) <= 7
    return items if good else []


def _asked(told: str, count: int) -> str:
    return f"哪 {count} 项组成？" if told.endswith("由") else f"哪 {count} 项？"


def _candidate(
    sentence: Prose, lead: Prose, items: list[Prose], outline: Outline, *, announced: bool
) -> Candidate:
    told = re.sub(r"^(?:And|But|So),? |[：:，,\s]+$", "", lead.bare)
    if sentence.is_chinese:
        last = re.split(r"[，,](?:所以|因此|于是|从而)?", told)[-1]
        told = last if len(last) >= 8 and not re.match("它|这|其|该|此", last) else told
        front = which(told, len(items), chinese=True) if announced else joined(told, _asked(told, len(items)))
    else:
        front = which(told, len(items), chinese=False) if announced else f"{told} …? ({len(items)})"
    return basic(
        NAME,
        sentence,
        front=situated(front, sentence.section, outline),
        back="\n".join(f"- {item.markdown}" for item in items),
        answer="\n".join(item.text for item in items),
        name=outline.topic(sentence.section),
        key=told,
        score=(3.5 if announced else 2.0)
        - (
            3.0
            if re.match(r"(?:本文|这篇|in this|例如|for example|we will)", lead.text, re.IGNORECASE)
            else 0.0
        ),
    )
