"""Code with a stated output, cut into pieces short enough to ask about, each with what it rests on."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from studykit.authoring.blocks import Block, Fence, Lines, Paragraph, plain
from studykit.authoring.needs import is_print, needed
from studykit.authoring.outline import Outline, Place
from studykit.authoring.stated import Step, is_program, is_session, parsed, steps_of

MOST_OUTPUTS = 3
"""Stated outputs in one question."""

_PYTHON = frozenset({"python", "python3", "py", "py3", "pycon", "ipython", "ipython3", "pytb", ""})
_OUTPUT = frozenset(
    {"", "text", "txt", "output", "console", "plaintext", "plain", "none", "out", "stdout", "log"}
)
_SAYS_OUTPUT = re.compile(
    r"(?:输出|结果|打印|运行|得到|显示|output|prints?|result|gives?|shows?|yields?|"
    r"returns?)[^。.]{0,30}[：:。.]?\s*$",
    re.IGNORECASE,
)
_UNSTABLE = re.compile(
    r"0x[0-9a-fA-F]{5,}|\b\d+(?:\.\d+)?\s*(?:µs|us|ns|ms)\b|%timeit|CPU times|Traceback|\.\.\.\s*$|"
    r"\d{2}:\d{2}:\d{2}"
)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of code to ask about: what must be there before, itself, and what it prints."""

    prelude: str
    body: str
    stated: str
    lines: Lines
    sure: bool
    before: tuple[str, ...]
    """All code of the article before it, a program per fence."""
    undisplayed: str = ""
    """The body without the values that an interpreter would show: where a call prints and returns nothing."""
    parts: "tuple[Chunk, ...]" = ()
    """Its stated outputs one by one, where it has several."""

    @property
    def program(self) -> str:
        """The whole program, which prints what is stated and nothing else."""
        return f"{self.prelude}\n{self.body}" if self.prelude else self.body


_LOOKBACK_STEPS = 400
_LOOKBACK_FENCES = 60
"""How far back names are sought: more is a book, whose chapters begin anew."""


@lru_cache(maxsize=2)
def chunks(outline: Outline) -> tuple[Chunk, ...]:
    """The pieces of code in the article whose output it states."""
    found: list[Chunk] = []
    past: list[Step] = []
    before: list[str] = []
    for i, place in enumerate(outline.places):
        if not isinstance(place.block, Fence) or place.block.language not in _PYTHON:
            continue
        steps = steps_of(place.block, _output_after(place, outline.places[i + 1 : i + 3]))
        found.extend(_chunks(steps, past, tuple(before)))
        past = [*past, *steps][-_LOOKBACK_STEPS:]
        code = "\n".join(step.code for step in steps)
        before = [*before, *([code] if code else [])][-_LOOKBACK_FENCES:]
    return tuple(found)


def _output_after(place: Place, after: Sequence[Place]) -> str | None:
    """The block of output that belongs to a fence: the next block, perhaps after "Output:"."""
    following: list[Block] = [other.block for other in after if other.block.section == place.block.section]
    if not following:
        return None
    said = (
        isinstance(following[0], Paragraph)
        and len(plain(following[0].spans)) <= 40
        and _SAYS_OUTPUT.search(plain(following[0].spans))
    )
    block = following[1] if said and len(following) > 1 else following[0]
    if not isinstance(block, Fence) or block.language not in _OUTPUT:
        return None
    if is_session(block):
        return None
    return block.code.strip() if block.language or said or _is_no_program(block) else None


def _is_no_program(block: Fence) -> bool:
    tree = parsed(block.code)
    return tree is None or not is_program(tree)


def _chunks(steps: list[Step], past: list[Step], before: tuple[str, ...]) -> Iterator[Chunk]:
    pending: list[Step] = []
    done = list(past)
    stated = 0
    for step in steps:
        pending.append(step)
        stated += step.stated is not None
        if stated >= MOST_OUTPUTS:
            yield from _chunk(pending, done, before, steps)
            done, pending, stated = [*done, *pending], [], 0
    if stated:
        yield from _chunk(pending, done, before, steps)


def _chunk(
    pending: list[Step], done: list[Step], before: tuple[str, ...], steps: list[Step]
) -> Iterator[Chunk]:
    told = [step for step in pending if step.stated is not None]
    parts: list[Chunk] = []
    if len(told) > 1:
        past: list[Step] = []
        for step in told:
            here = pending[len(past) : pending.index(step) + 1]
            parts.extend(_chunk(here, [*done, *past], before, steps))
            past.extend(here)
    shown = pending[: pending.index(told[-1]) + 1]
    stated = "\n".join(step.stated or "" for step in told)
    body = "\n".join(_displayed(step) for step in shown)
    if parsed(body) is None or _UNSTABLE.search(stated) or _UNSTABLE.search(body) or not body.strip():
        yield from parts
        return
    earlier = [step.code for step in steps[: steps.index(shown[0])]]
    yield Chunk(
        prelude="\n".join(step.code for step in needed(body, done)),
        body=body,
        stated=stated,
        lines=(shown[0].lines[0], max(step.lines[1] for step in shown)),
        sure=all(step.sure for step in told),
        before=(*before, "\n".join(earlier)) if earlier else before,
        undisplayed="\n".join(step.code for step in shown),
        parts=tuple(parts),
    )


def _displayed(step: Step) -> str:
    """The code of a step as a program that prints what the interpreter would show."""
    tree = parsed(step.code)
    if step.stated is None or tree is None or not tree.body:
        return step.code
    last = tree.body[-1]
    if not isinstance(last, ast.Expr) or is_print(last.value):
        return step.code
    lines = step.code.splitlines()
    value = ast.get_source_segment(step.code, last.value) or ""
    quoted = re.match(r"""^[bru]?['"]""", step.stated) is not None
    return "\n".join([*lines[: last.lineno - 1], f"print(repr({value}))" if quoted else f"print({value})"])
