"""An outcome told: as JSON, as Markdown, as a few lines."""

import re
from collections.abc import Iterator, Sequence

from studykit.quiz.marking import Mark, Marked
from studykit.quiz.paper import LeftOut, Terms
from studykit.quiz.score import Outcome, Tally
from studykit.wording import printable

_FEW = 5

_WORDS = {
    Mark.RIGHT: "right",
    Mark.WRONG: "wrong",
    Mark.BLANK: "no answer",
    Mark.UNMARKED: "could not be marked",
}


def as_json(outcome: Outcome) -> dict[str, object]:
    """Return everything as plain data."""
    return {
        "paper": terms_as_json(outcome.terms),
        "score": _score(outcome.total),
        "topics": [{"deck": one.name, "title": one.title, **_score(one)} for one in outcome.topics],
        "kinds": [{"kind": one.name, **_score(one)} for one in outcome.kinds],
        "questions": [_question(one) for one in outcome.marked],
        "left_out": left_out_as_json(outcome.left_out),
        "time_up": outcome.time_up,
        "seconds": None if outcome.seconds is None else round(outcome.seconds, 1),
        "at": None if outcome.at is None else outcome.at.isoformat(),
    }


def terms_as_json(terms: Terms) -> dict[str, object]:
    """Return what a paper was drawn with."""
    return {
        "seed": terms.seed,
        "count": terms.count,
        "decks": list(terms.decks),
        "kinds": list(terms.kinds),
    }


def left_out_as_json(left_out: Sequence[LeftOut]) -> list[dict[str, object]]:
    """Return the cards that were not asked, by reason."""
    return [{"reason": one.reason, "cards": list(one.cards)} for one in left_out]


def _score(tally: Tally) -> dict[str, object]:
    return {"right": tally.right, "of": tally.of, "percent": tally.percent, "unmarked": tally.unmarked}


def _question(one: Marked) -> dict[str, object]:
    question, wording = one.put.question, one.put.wording
    return {
        "number": question.number,
        "card": question.card,
        "deck": question.deck,
        "kind": question.kind,
        "seed": question.seed,
        "question": wording.text,
        "code": wording.code,
        "options": list(wording.options),
        "mark": str(one.mark),
        "given": one.given,
        "expected": one.expected,
        "why": one.why,
        "detail": one.detail,
        "failing_input": one.failing_input,
        "traceback": one.traceback,
        "verdict": one.verdict or None,
        "source": one.put.source,
    }


# ---- a few lines


def as_lines(outcome: Outcome) -> Iterator[str]:
    """Yield the outcome for a terminal: the score, by topic, and what was wrong."""
    yield headline(outcome)
    yield from (f"  {one.right:>3} of {one.of:<3} {printable(one.title)}" for one in outcome.topics)
    for one in (*outcome.missed, *outcome.unmarked):
        yield ""
        yield f"{one.put.question.number}. {one.put.question.card}: {_WORDS[one.mark]}"
        for name, text in details(one):
            yield f"   {name}: " + "\n      ".join(printable(text).splitlines())
    yield from (f"\nleft out: {printable(text)}" for text in left_out_lines(outcome.left_out))


def headline(outcome: Outcome) -> str:
    """Return the score in a sentence."""
    total = outcome.total
    text = f"{total.right} of {total.of} right ({total.percent}%)" if total.of else "Nothing could be marked"
    if total.unmarked and total.of:
        text += f", {total.unmarked} could not be marked"
    return text + (", the time was up." if outcome.time_up else ".")


def left_out_lines(left_out: Sequence[LeftOut]) -> Iterator[str]:
    """Yield what was not asked, and why."""
    for one in left_out:
        count = "1 card" if len(one.cards) == 1 else f"{len(one.cards)} cards"
        more = f" and {len(one.cards) - _FEW} more" if len(one.cards) > _FEW else ""
        yield f"{count} ({', '.join(one.cards[:_FEW])}{more}): {one.reason}"


def details(one: Marked) -> Iterator[tuple[str, str]]:
    """Yield what there is to say about an answer that was not right, each part with its name."""
    parts = (
        ("your answer", one.given),
        ("expected", one.expected),
        ("what happened", one.detail),
        ("failing input", one.failing_input),
        ("traceback", one.traceback),
        ("why", one.why),
        ("source", one.put.source),
    )
    yield from ((name, text) for name, text in parts if text.strip())


# ---- Markdown


def as_markdown(outcome: Outcome) -> str:
    """Return a report to read, print or hand back."""
    return "\n".join(_report(outcome)).rstrip() + "\n"


def _report(outcome: Outcome) -> Iterator[str]:
    terms = outcome.terms
    yield "# Quiz\n"
    yield f"**{headline(outcome)}**\n"
    about = [f"seed {terms.seed}", f"{len(outcome.marked)} questions"]
    about += [f"of {', '.join(map(_inline, terms.decks))}"] if terms.decks else []
    about += [f"{outcome.at:%Y-%m-%d %H:%M}"] if outcome.at is not None else []
    about += [f"{outcome.seconds / 60:.0f} min"] if outcome.seconds is not None else []
    yield " · ".join(about) + "\n"
    yield from _table("topic", outcome.topics)
    yield from _table("kind", outcome.kinds)
    for title, part in (("What was wrong", outcome.missed), ("What could not be marked", outcome.unmarked)):
        if part:
            yield f"## {title}\n"
            for one in part:
                yield from _told(one)
    if right := [one for one in outcome.marked if one.mark is Mark.RIGHT]:
        yield "## What was right\n"
        yield from (f"- {one.put.question.number}. `{one.put.question.card}`" for one in right)
        yield ""
    if outcome.left_out:
        yield "## Left out\n"
        yield from (f"- {_inline(text)}" for text in left_out_lines(outcome.left_out))


def _table(name: str, tallies: Sequence[Tally]) -> Iterator[str]:
    yield f"| {name} | right | of | % |\n| --- | ---: | ---: | ---: |"
    for one in tallies:
        yield f"| {_inline(one.title)} | {one.right} | {one.of} | {one.percent} |"
    yield ""


def _told(one: Marked) -> Iterator[str]:
    question, wording = one.put.question, one.put.wording
    yield f"### {question.number}. `{question.card}` ({question.kind}): {_WORDS[one.mark]}\n"
    yield _demoted(printable(wording.text).strip()) + "\n"
    if wording.code:
        yield fenced(wording.code, "python") + "\n"
    yield from (f"{i}. {_one_line(option)}" for i, option in enumerate(wording.options, 1))
    if wording.options:
        yield ""
    for name, text in details(one):
        if name == "why":
            yield "**Why**\n"
            yield _demoted(printable(text).strip()) + "\n"
        elif name in ("source", "what happened"):
            yield f"**{name.capitalize()}:** {_inline(_one_line(text))}\n"
        else:
            yield f"**{name.capitalize()}**\n"
            yield fenced(text) + "\n"


def fenced(text: str, language: str = "") -> str:
    """Return `text` as a block of code, whatever backticks it holds."""
    text = printable(text).rstrip("\n")
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _inline(text: str) -> str:
    """Return `text` as Markdown that shows it as it is."""
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", printable(text).replace("\n", " "))


def _one_line(text: str) -> str:
    return " ".join(printable(text).split())


def _demoted(text: str) -> str:
    """Return a card's Markdown without headings, which would join those of the report."""
    lines, fence = [], ""
    for line in text.splitlines():
        mark = re.match(r" {0,3}(`{3,}|~{3,})", line)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        lines.append(re.sub(r"^( {0,3})#{1,6} +(.*?) *#*$", r"\1**\2**", line) if not fence else line)
    return "\n".join([*lines, fence] if fence else lines)
