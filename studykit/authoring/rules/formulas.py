"""Display formulas: named by the sentence that leads to them, else by the heading and the left-hand side.

The back is the formula with what its letters mean. Of a chain of steps only the tagged, named or last one
is asked.
"""

import re
from collections.abc import Iterator

from studykit.authoring.backs import displayed
from studykit.authoring.blocks import Mark, Math, Paragraph
from studykit.authoring.candidates import Candidate, Later
from studykit.authoring.outline import Outline, Place, lead_of
from studykit.authoring.phrases import ask, escaped, situated
from studykit.authoring.prose import Prose, prose_of

NAME = "formulas"

_CUE = re.compile(
    r"公式|定义|表达式|计算|形式|写[成为作]|表示为|记[为作]|等于|可得|得到|满足|如下|则[有为]|即|"
    r"为\s*[:：，]?$|是\s*[:：，]?$|"
    r"\b(?:defined|given by|formula|equation|expressed|written|computed?|calculated|becomes?|equals?|is|"
    r"are|reads|"
    r"yields?|gives?|obtain|as follows|objective|loss|rule|minimi[sz]e|maximi[sz]e|follows)\b",
    re.IGNORECASE,
)
_DERIVING = re.compile(
    r"^(?:代入|带入|进而|进一步|再|然后|接着|最[后终]|继续|整理|化简|展开|两边|同理|类似|注意到|"
    r"回[顾忆]|即|那么|此时|这时|也就是|"
    r"由此|综上|将上式|把上式|上式|now|start|once|let us|let's|substitut\w*|plugging|expand\w*|"
    r"simplif\w*|rearrang\w*|taking|similarly|likewise|and|which|that is|i\.e|or|equivalently|but|recall|"
    r"it|this|these|those|here)\b|^(?:它|这|那|其)",
    re.IGNORECASE,
)
_THUS = re.compile(
    r"^(?!最[后终]的)(?:因此|所以|于是|从而|故|最后|然后|接着|随后|那么(?!的)|therefore|hence|thus|so|"
    r"then|finally|next|"
    r"consequently|more precisely|formally|moreover|instead|similarly|in particular|另外|此外|同样地?|"
    r"具体地?|"
    r"具体来说)[,，]?\s*(?=\S{2})",
    re.IGNORECASE,
)
_TRIVIAL = re.compile(
    r"^(?:(?:计算|数学|具体|其)?(?:的)?(?:公式|表达式|形式|定义|过程|计算方式)?(?:如下|为|是|即|有|可得|"
    r"得到?|得出|写[成作]|可以?写[成为作])(?:所示)?|"
    r"(?:we (?:get|have|obtain)|it (?:is|follows)|that is|as follows|formally|namely|the formula(?: is)?|"
    r"which (?:gives|is)|this (?:gives|yields|is)|the (?:following|result)(?: is)?))[：:，,\s]*$",
    re.IGNORECASE,
)
_WHERE = re.compile(
    r"^(?:其中|这里|式中|此处|上式中|各符号|where|here|with|in which|for)\b|^(?:其中|这里的?|式中|此处)",
    re.IGNORECASE,
)
_RELATION = re.compile(
    r"\\(?:triangleq|coloneqq|approx|propto|sim|leq?|geq?|equiv|in|to|leftarrow|gets|"
    r"rightarrow)(?![a-zA-Z])|:=|(?<![<>!])=|≈|≤|≥|<|>"
)
_WORDS_IN_MATHS = re.compile(
    r"\\(?:text|mathrm|operatorname|textbf)\s*\{[^}]*\}|\\(?![a-z]*(?:theta|alpha|beta|gamma|sigma|mu|lambda|epsilon|pi|phi|psi|omega|rho|eta|tau|delta|Delta|Sigma|ell|nabla))[A-Za-z]+"
)
"""What is no variable."""
_TOKEN = re.compile(rf"\\[{{}}]|[{{}}()\[\]]|{_RELATION.pattern}")
_BREAK = re.compile(
    r"\\\\(?:\[[^\]]*\])?|\\qquad|\\quad(?![a-z])|\\(?:begin|end)\{(?:aligned?\*?|gathered|split|"
    r"equation\*?|gather\*?)\}"
)
_ENVIRONMENT = re.compile(
    r"\\begin\{(?:aligned?|gathered|split|equation|gather|eqnarray)\*?\}|\\end\{(?:aligned?|gathered|"
    r"split|equation|gather|eqnarray)\*?\}"
)


def rule(outline: Outline) -> Iterator[Candidate]:
    """Yield a question for each formula worth knowing."""
    places = outline.places
    for i, place in enumerate(places):
        if isinstance(place.block, Math):
            yield _candidate(place, place.block, outline, is_step=_is_step(places, i))


def _candidate(place: Place, block: Math, outline: Outline, *, is_step: bool) -> Candidate:
    latex = _clean(block.latex)
    left = left_hand_sides(latex)
    lead = _lead(place)
    chinese = outline.language == "zh" if lead is None else lead.is_chinese
    where = _where(place)
    last = where.lines[1] if where is not None else block.lines[1]
    first = lead.lines[0] if lead is not None else block.lines[0]
    return Candidate(
        rule=NAME,
        kind="basic",
        fields=Later(
            lambda: {
                "front": _front(lead, left, place, outline, chinese=chinese),
                "back": displayed(latex) + (f"\n\n{where.markdown}" if where is not None else ""),
            }
        ),
        lines=(first, last),
        section=block.section.title if block.section else None,
        quote=(lead.text + "\n" if lead is not None else "") + block.latex,
        key=re.sub(r"\s+", "", left[0] if left else latex)[:80],
        name=_name(lead, block.label, place, outline),
        answer=latex,
        score=_score(lead, left, latex, is_step, block.label),
    )


def _front(lead: Prose | None, left: list[str], place: Place, outline: Outline, *, chinese: bool) -> str:
    section = place.block.section
    gap = ("，" if chinese else ", ").join(f"${side}\\;?$" for side in left[:3])
    if lead is None:
        named = gap if left else escaped(outline.topic(section))
        return situated(ask("formula", named, chinese=chinese), section, outline)
    told = re.sub(r"[：:，,。.\s]+$", "", _named(lead).markdown)
    told = told[:1].upper() + told[1:]
    if not left:
        return situated(f"{told}……（公式？）" if chinese else f"{told} … (which formula?)", section, outline)
    # The sentence runs on into the formula: the question keeps its left-hand side.
    return situated(f"{told}{'：' if chinese else ': '}{gap}", section, outline)


def _named(lead: Prose) -> Prose:
    """The term alone, where a sentence in which somebody does something ends with one."""
    marked = lead.marked(Mark.STRONG, Mark.EMPHASIS)
    if not marked or not re.fullmatch(r"[：:，,。.\s]*", lead.text[marked[-1][1] :]):
        return lead
    return lead.cut(*marked[-1]) if re.search(r"\b(?:you|we|I)\b|我们?|你", lead.veiled) else lead


def _lead(place: Place) -> Prose | None:
    """The sentence that leads to the formula, if it says what the formula is of."""
    sentences = lead_of(place)
    if not sentences:
        return None
    last = sentences[-1]
    runs_on = not re.search(r"[。！？.!?]$", last.text) or bool(re.search(r"[：:，,]$", last.text))
    if not (runs_on or _CUE.search(last.veiled)):
        return None
    opening = _THUS.match(last.text)
    if opening:
        last = last.cut(opening.end(), len(last.text))
    if _DERIVING.match(last.text) or _TRIVIAL.match(last.text):
        return None
    if len(last.text) > (120 if last.is_chinese else 260):
        return None
    return last


def _where(place: Place) -> Prose | None:
    """What the letters mean: the sentence after the formula that begins with "where"."""
    if not isinstance(place.after, Paragraph):
        return None
    sentences = prose_of(place.after).sentences()
    if (
        sentences
        and _WHERE.match(sentences[0].text)
        and re.search(r"[。.；;]$|[)）]$", sentences[0].text)
        and len(sentences[0].text) <= 240
    ):
        return sentences[0]
    return None


def _is_step(places: tuple[Place, ...], i: int) -> bool:
    """Whether the next formula of the section goes on from this one."""
    here = places[i].block
    for later in places[i + 1 : i + 3]:
        if later.block.section != here.section:
            return False
        if isinstance(later.block, Math):
            lead = lead_of(later)
            return later.before is here or bool(lead and _DERIVING.match(lead[0].text) and len(lead) == 1)
    return False


def _score(lead: Prose | None, left: list[str], latex: str, is_step: bool, label: str | None) -> float:
    score = 4.0
    if lead is not None:
        score += 1.0 + (1.0 if _CUE.search(lead.veiled) else 0.0)
        score += 1.0 if lead.marked(Mark.STRONG, Mark.EMPHASIS) else 0.0
    score += 1.5 if label else 0.0
    score -= 2.5 if is_step and not label else 0.0
    score -= 1.0 if not left else 0.0
    variables = _WORDS_IN_MATHS.sub("", latex)
    score -= 5.0 if re.search(r"\d", latex) and not re.search(r"[A-Za-z]", variables) else 0.0
    digits = len(re.findall(r"\d+", latex))
    letters = len(re.findall(r"(?<!\\)\b[A-Za-z]|\\[a-z]+", latex))
    score -= 5.0 if digits > letters and digits >= 2 else 0.0
    return score


def left_hand_sides(latex: str) -> list[str]:
    """What stands left of the first relation sign of each equation in `latex`, with that sign."""
    found = []
    inner = re.search(r"\\begin\{(?:\w*matrix|cases|array)", latex)
    for piece in [latex] if inner else _BREAK.split(latex):
        bare = piece.replace("&", " ").strip()
        at = _top_level_relation(bare)
        if at is None or not 0 < at.start() <= 70 or not _balanced(bare[: at.start()]):
            continue
        side = re.sub(r"^[\s,，;；]+|[\s,，;；]+$", "", bare[: at.start()])
        counts = re.match(r"\s*[01a-z]?\s*,\s*(?:[12]\s*,\s*)?\\[a-z]*dots", bare[at.end() :])
        if side and not counts and not re.fullmatch(r"[\s\\,;{}!]*", side):
            found.append(f"{side} {at.group()}")
    return found


def _top_level_relation(latex: str) -> re.Match[str] | None:
    depth = 0
    for match in _TOKEN.finditer(latex):
        token = match.group()
        if token in ("{", "(", "["):
            depth += 1
        elif token in ("}", ")", "]"):
            depth -= 1
        elif depth <= 0 and not token.startswith("\\{") and not token.startswith("\\}"):
            return match
    return None


def _balanced(latex: str) -> bool:
    return (
        latex.count("{") == latex.count("}")
        and latex.count("\\left") == latex.count("\\right")
        and not re.search(r"\\(?:begin|end)", latex)
    )


def _clean(latex: str) -> str:
    latex = re.sub(r"\\(?:tag\*?|label)\{[^}]*\}|\\(?:notag|nonumber)\b", "", latex)
    return re.sub(r"\s*\n\s*", "\n", latex).strip()


def _name(lead: Prose | None, label: str | None, place: Place, outline: Outline) -> str:
    if lead is not None:
        places = lead.marked(Mark.STRONG, Mark.EMPHASIS)
        if places:
            return lead.cut(*places[0]).text
    return outline.topic(place.block.section) or label or "formula"
