"""Questions that the article itself asks: `Q:`/`A:`, in bold, as a heading, in `<details>`."""

import re
from collections.abc import Iterator

from studykit.authoring.backs import markdown_of_blocks, opening
from studykit.authoring.blocks import Block, Details, Fence, Heading, Lines, Mark, Math, Paragraph
from studykit.authoring.candidates import Candidate
from studykit.authoring.outline import Outline, Place
from studykit.authoring.phrases import situated
from studykit.authoring.prose import CJK, Prose, prose, prose_of, squeezed

NAME = "questions"

_ASKS = re.compile(r"[?？]\s*$")
_ASKS_BY_WORDS = re.compile(
    r"^(?:什么是|为什么|为何|如何|怎么|怎样|.{1,20}是什么$|.{1,30}有什么(?:区别|用|不同)|what (?:is|are|"
    r"does|happens)|why (?:is|"
    r"are|do|does|not|can|should|did)\b|"
    r"how (?:does|do|is|are|to|can)\b|when (?:to|should)\b)",
    re.IGNORECASE,
)
_Q = re.compile(r"^\s*(?:\*\*)?(?:Q|问|问题|Question)\s*\d{0,2}\s*(?:[：:.、]|\)\s)\s*", re.IGNORECASE)
_A = re.compile(r"(?:^|\s)(?:A|答|答案|回答|Answer)\s*\d{0,2}\s*(?:[：:.]|\)\s)\s*", re.IGNORECASE)
_REVEALS = re.compile(
    r"^(?:show |see |view |reveal |click .*|点击.*|查看|显示|展开|参考)*(?:the )?(?:answer|solution|"
    r"答案|解答|解析|hint|"
    r"提示)s?\W*$",
    re.IGNORECASE,
)
_TALKS = re.compile(
    r"^(?:但|而|那么?|这|它|其|所以|so\b|but\b|and\b|then\b|it\b|this\b|that\b|what about|how about)|"
    r"\b(?:I|we|you|my|your|our)\b|[我你咱]|大家",
    re.IGNORECASE,
)
"""A question that leans on what stands before it, or is put to the reader."""
_RHETORICAL = re.compile(
    r"^(?:怎么办|然后呢|so what|now what|why\?|what\?|right\?|对吧|是吗|但是?为什么|为什么呢|"
    r"why not)\W*$|^(?:how to (?:use|"
    r"install|run|cite)|如何(?:使用|安装|运行))",
    re.IGNORECASE,
)


def rule(outline: Outline) -> Iterator[Candidate]:
    """Yield each question that the article asks and answers."""
    for place in outline.places:
        match place.block:
            case Details():
                yield from _details(place, place.block, outline)
            case Paragraph():
                yield from _paragraph(place, place.block, outline)
    yield from _headings(outline)


def _details(place: Place, block: Details, outline: Outline) -> Iterator[Candidate]:
    summary = prose(block.summary, block.lines[0], block.section)
    question: Prose | None = summary
    if _REVEALS.match(summary.text.strip()):
        before = prose_of(place.before).sentences() if isinstance(place.before, Paragraph) else []
        question = before[-1] if before else None
    elif not (_ASKS.search(summary.text) or _ASKS_BY_WORDS.match(summary.text)):
        return
    if question is not None:
        lines = (question.lines[0], block.lines[1])
        yield _candidate(question, markdown_of_blocks(block.blocks), lines, 8.0, outline)


def _paragraph(place: Place, block: Paragraph, outline: Outline) -> Iterator[Candidate]:
    text = prose_of(block)
    asked = _Q.match(text.text)
    if asked:
        answer = _A.search(text.text, asked.end())
        question = text.cut(asked.end(), answer.start() if answer else len(text.text))
        if answer:
            yield _candidate(
                question, opening(text.cut(answer.end(), len(text.text))), text.lines, 8.0, outline
            )
        elif isinstance(place.after, Paragraph):
            after = prose_of(place.after)
            answer = re.match(_A, after.text)
            reply = after.cut(answer.end(), len(after.text)) if answer else after
            if answer:
                yield _candidate(question, opening(reply), (text.lines[0], after.lines[1]), 8.0, outline)
        return
    strong = text.marked(Mark.STRONG)
    if strong and strong[0][0] == 0:
        start, end = strong[0]
        question = text.cut(start, end)
        rest = text.cut(end, len(text.text))
        if _ASKS.search(question.text) and not _RHETORICAL.match(question.text):
            if len(rest.text) >= 8:
                yield _candidate(question, opening(rest), text.lines, 6.0, outline)
            elif not rest.text and isinstance(place.after, Paragraph):
                after = prose_of(place.after)
                yield _candidate(question, opening(after), (text.lines[0], after.lines[1]), 5.0, outline)
        return
    yield from _opening_question(text, outline)


def _opening_question(text: Prose, outline: Outline) -> Iterator[Candidate]:
    """A paragraph that begins with a question and goes on with its answer."""
    sentences = text.sentences() if "?" in text.text or "？" in text.text else []
    question = sentences[0] if len(sentences) > 1 else None
    if question is None or not _ASKS.search(question.text) or _RHETORICAL.match(question.text):
        return
    rest = text.cut(len(question.text), len(text.text))
    answer = opening(rest, 240)
    serious = _stands_alone(question) and not _TALKS.search(question.text) and len(rest.text) >= 8
    goes_on = _ASKS.search(sentences[1].text) or re.search(r"[：:]$", rest.text)
    asked = 2.25 if _ASKS_BY_WORDS.match(question.text) else 1.0
    score = (3.0 if _answers(question.text, answer) else asked) if serious and not goes_on else 1.0
    yield _candidate(question, answer, text.lines, score, outline)


def _headings(outline: Outline) -> Iterator[Candidate]:
    blocks = outline.article.blocks
    for i, block in enumerate(blocks):
        if not isinstance(block, Heading) or block.section is None:
            continue
        title = block.section.title
        if not (_ASKS.search(title) or _ASKS_BY_WORDS.match(title)) or _RHETORICAL.match(title):
            continue
        answer = _answer(blocks[i + 1 : i + 4])
        if answer:
            question = prose(block.spans, block.lines[0], block.section)
            number = re.match(
                r"^(?:\d+(?:\.\d+)*[.、)]?\s+|[（(]?[一二三四五六七八九十\d]+[）)、.]\s*)", question.text
            )
            question = question.cut(number.end(), len(question.text)) if number else question
            lines = (block.lines[0], answer[-1].lines[1])
            text = markdown_of_blocks(answer, 240)
            mark = "" if _ASKS.search(question.text) else ("？" if question.is_chinese else "?")
            answered = _answers(question.text, text) and title != outline.article.title
            score = 3.0 if len(text) >= 20 and answered else 1.0
            yield _candidate(question, text, lines, score, outline, mark)


def _answers(question: str, answer: str) -> bool:
    """Whether an answer speaks of what was asked."""
    asked = re.sub(r"什么|为什么|如何|怎么|为何|是否|哪些|需要|可以", " ", question.casefold())
    said = answer.casefold()
    words = [
        word[:5]
        for word in re.findall(r"[a-z]{4,}", asked)
        if word not in ("what", "when", "does", "which", "where", "should")
    ]
    pairs = [run[i : i + 2] for run in re.findall(rf"[{CJK}]{{2,}}", asked) for i in range(len(run) - 1)]
    return (
        any(word in said for word in words)
        or any(pair in said for pair in pairs)
        or bool(re.match(r"(?:yes|no|because|they|it)\b|因为|是的?[，。]|不", said))
    )


def _answer(blocks: tuple[Block, ...]) -> list[Block]:
    """What directly follows a heading, as far as one answer goes: a paragraph, and what it announces."""
    found: list[Block] = []
    for block in blocks:
        if isinstance(block, Heading) or (
            found and isinstance(found[-1], Paragraph) and isinstance(block, Paragraph)
        ):
            break
        if isinstance(block, Paragraph | Math) or (found and isinstance(block, Math | Fence)):
            found.append(block)
        else:
            break
        if isinstance(block, Paragraph) and not re.search(r"[：:]$", prose_of(block).text):
            break
    return found if found and isinstance(found[0], Paragraph) else []


def _stands_alone(question: Prose) -> bool:
    """Whether a question names what it asks about: enough words, or code, or a name in capitals."""
    if question.marked(Mark.CODE, Mark.MATH) or re.search(r"[A-Z][A-Z0-9]", question.text):
        return True
    return len(question.text) >= 8 if question.is_chinese else len(question.text.split()) >= 5


def _candidate(
    question: Prose, answer: str, lines: Lines, score: float, outline: Outline, mark: str = ""
) -> Candidate:
    front = re.sub(r"^\*\*(.*)\*\*$", r"\1", question.markdown, flags=re.DOTALL) + mark
    return Candidate(
        rule=NAME,
        kind="basic",
        fields={
            "front": front if _stands_alone(question) else situated(front, question.section, outline),
            "back": answer,
        },
        lines=lines,
        section=question.section.title if question.section else None,
        quote=outline.article.quote(lines),
        key=squeezed(question.text)[:80],
        name=question.text,
        answer=answer,
        score=score,
    )
