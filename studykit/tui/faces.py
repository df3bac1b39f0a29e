"""The two faces of a card as blocks of text: what is asked, and what is said afterwards."""

import random
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from studykit.library.cards import (
    Basic,
    Card,
    Choice,
    Cloze,
    Compute,
    Implement,
    Predict,
    Repair,
    RunIt,
    Typed,
    text_in,
)
from studykit.tui.text.blocks import Block, Flow
from studykit.tui.text.clean import clean
from studykit.tui.text.markdown import blocks_of, code_block
from studykit.tui.text.palette import MUTED, RIGHT

if TYPE_CHECKING:
    from studykit.running.runner import Posed

Languages = tuple[str, ...]

RUN_IT = (Predict, Compute, Implement, Repair)
CODE = (Implement, Repair)
MACHINE_GRADED = (Choice, Typed, *RUN_IT)
_PLACEHOLDER = re.compile(r"\{[^\W\d]\w*\}")


def runs(card: Card) -> bool:
    """Whether the card's answer is computed by running code."""
    return isinstance(card, RUN_IT)


def has_field(card: Card) -> bool:
    """Whether the answer is typed."""
    return isinstance(card, (Typed, *RUN_IT))


def question(
    card: Card, languages: Languages, posed: "Posed | None" = None, *, shown: bool = False
) -> Sequence[Block]:
    """Return what is asked; a cloze shows its gaps once `shown`."""
    match card:
        case Cloze():
            return blocks_of(text_in(card.text, languages), "shown" if shown else "hidden")
        case Predict():
            code = posed.code if posed and posed.code is not None else card.code
            return [*blocks_of(text_in(card.front, languages)), code_block(code)]
        case Compute():
            front = text_in(card.front, languages)
            return blocks_of(posed.front if posed else _PLACEHOLDER.sub("…", front))
        case Basic() | Choice() | Typed() | Implement() | Repair():
            return blocks_of(text_in(card.front, languages))


def needs_posing(card: Card) -> bool:
    """Whether something must be drawn or looked up before the learner can begin."""
    return needs_drawing(card) or isinstance(card, Implement)


def needs_drawing(card: Card) -> bool:
    """Whether the question is incomplete until its numbers are drawn."""
    return isinstance(card, Compute) or (isinstance(card, Predict) and card.draw is not None)


def answer(card: Card, languages: Languages, solution: str | None = None) -> Sequence[Block]:
    """Return what is said after answering: the answer where it is not on screen already, then why."""
    return [*solution_blocks(card, solution), *blocks_of(text_in(card.back or "", languages))]


def hint(card: Card, languages: Languages) -> Sequence[Block]:
    """Return the hint, if the card has one."""
    return blocks_of(text_in(card.hint, languages)) if card.hint else ()


def options(card: Choice, languages: Languages, seed: int) -> list[tuple[str, bool]]:
    """Return the options, each with whether it is right, in an order drawn from `seed`."""
    texts = [
        *((text_in(text, languages), True) for text in card.right),
        *((text_in(text, languages), False) for text in card.wrong),
    ]
    return random.Random(seed).sample(texts, len(texts))


def placeholder(card: Card) -> str:
    """Return what an empty answer field says."""
    match card:
        case Typed():
            return "type the answer"
        case Compute():
            return "a number, or a sum like 3/8 or 2*pi"
        case Predict():
            return "what the program prints, line by line"
        case _:
            return ""


def solution_blocks(card: Card, solution: str | None) -> Sequence[Block]:
    match card:
        case Typed():
            others = f"    also: {', '.join(map(clean, card.accept[1:]))}" if len(card.accept) > 1 else ""
            return [Flow(Content.assemble((clean(card.accept[0]), RIGHT), (others, MUTED)))]
        case Predict() if solution is not None:
            return [_label("it prints"), code_block(solution, "", gap=False)]
        case Compute() if solution is not None:
            return [_label("the answer"), code_block(solution, "", gap=False)]
        case Implement() | Repair() if solution is not None:
            return [_label("one solution"), code_block(solution, gap=False)]
        case _:
            return ()


def _label(text: str) -> Block:
    return Flow(Content.styled(text, f"bold {MUTED}"))


def as_run_it(card: Card) -> RunIt | None:
    """Return the card if it runs code."""
    return card if isinstance(card, RUN_IT) else None
