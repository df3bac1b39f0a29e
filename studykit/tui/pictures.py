"""What a snippet's `picture` returned, as blocks. Plain data of any shape: nothing is taken on faith."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual.content import Content

from studykit.tui.text.blocks import Block, Flow
from studykit.tui.text.clean import clean, clean_line
from studykit.tui.text.drawing import Heat, Plot
from studykit.tui.text.palette import CAUTION, MUTED

if TYPE_CHECKING:
    from studykit.running.verdicts import Result
    from studykit.tui.runs import Failure

_MOST_CURVES = 6
_MOST_MATRICES = 4
_MOST_POINTS = 20_000


def picture_blocks(outcome: "dict[str, Any] | Result | Failure") -> list[Block]:
    """Return a drawing of every series and matrix, or why there is none."""
    if not isinstance(outcome, dict):
        return [Flow(Content.assemble(("! ", CAUTION), clean(outcome.detail)))]
    series, matrices, rest = _sorted(outcome)
    blocks: list[Block] = []
    if series:
        blocks.append(Plot(dict(list(series.items())[:_MOST_CURVES])))
    blocks.extend(Heat(name, rows) for name, rows in list(matrices.items())[:_MOST_MATRICES])
    left_out = max(0, len(series) - _MOST_CURVES) + max(0, len(matrices) - _MOST_MATRICES) + rest
    if left_out or not blocks:
        what = f"{left_out} more that cannot be drawn here" if left_out else "There is nothing to draw."
        blocks.append(Flow(Content.styled(what, MUTED)))
    return blocks


def _sorted(
    outcome: dict[str, Any],
) -> tuple[dict[str, list[tuple[float, float]]], dict[str, list[list[float]]], int]:
    series: dict[str, list[tuple[float, float]]] = {}
    matrices: dict[str, list[list[float]]] = {}
    rest = 0
    for key, value in outcome.items():
        name, data = clean_line(str(key))[:60], _nested(value)
        if (row := _row(data)) is not None:
            series[name] = list(enumerate(row))
        elif isinstance(data, Sequence) and (rows := [_row(one) for one in data[:_MOST_POINTS]]):
            found = [one for one in rows if one]
            if len(found) == len(rows) and len({len(one) for one in found}) == 1:
                matrices[name] = found
            else:
                rest += 1
        else:
            rest += 1
    return series, matrices, rest


def _nested(value: object) -> object:
    """Return a tensor as lists."""
    from studykit.running.numbers import nested
    from studykit.running.plain import Tensor

    return nested(value) if isinstance(value, Tensor) else value


def _row(value: object) -> list[float] | None:
    """Return numbers, if `value` is a list of nothing else."""
    if not isinstance(value, list | tuple) or not value:
        return None
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in value[:_MOST_POINTS]):
        return None
    return [_float(one) for one in value[:_MOST_POINTS]]


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf")
