"""Code whose output the article states: what does it print?

The rule only finds it; whether the code really prints that is tried by `studykit.authoring.trials`.
"""

import re
from collections.abc import Iterator

from studykit.authoring.candidates import Candidate
from studykit.authoring.chunks import Chunk, chunks
from studykit.authoring.outline import Outline
from studykit.authoring.phrases import ask

NAME = "code"

MOST_LINES = 40
MOST_OUTPUT = 240


def rule(outline: Outline) -> Iterator[Candidate]:
    """Yield a question for each piece of code with a stated output."""
    for chunk in chunks(outline):
        if len(chunk.program.splitlines()) <= MOST_LINES and 0 < len(chunk.stated) <= MOST_OUTPUT:
            yield _candidate(chunk, outline)


def _candidate(chunk: Chunk, outline: Outline) -> Candidate:
    section = next((p.block.section for p in outline.places if _within(chunk.lines[0], p.block.lines)), None)
    first = next(line for line in chunk.body.splitlines() if line.strip())
    return Candidate(
        rule=NAME,
        kind="predict",
        fields={
            "front": ask("prints", chinese=outline.language == "zh"),
            "code": chunk.program.strip() + "\n",
        },
        lines=chunk.lines,
        section=section.title if section else None,
        quote=outline.article.quote(chunk.lines),
        key=re.sub(r"\s+", "", first)[:80],
        name=_name(chunk, outline.topic(section)),
        answer=chunk.stated,
        score=6.0 if chunk.sure else 4.5,
    )


def _within(line: int, lines: tuple[int, int]) -> bool:
    return lines[0] <= line <= lines[1]


def _name(chunk: Chunk, topic: str) -> str:
    called = re.findall(r"\b([a-z_]\w{2,})\(", chunk.body)
    own = [
        name for name in called if name not in ("print", "repr", "range", "len", "list", "str", "int", "type")
    ]
    return f"{own[-1]} output" if own else f"{topic} output"
