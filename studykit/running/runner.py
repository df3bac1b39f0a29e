"""Poses and judges the cards whose answers run.

Four roles, three of them in processes of their own: one draws *inputs* from a seed, one runs the *reference*,
one runs the *answer* and knows neither the reference nor what is expected; this one, which runs none of it,
compares. Inputs and reference results are kept while the runner lives: a second try costs one process.

What an answer does to its arguments does not matter, since every case gets its own; where it should matter,
the snippet's `probe_<function>` looks. A probe travels with the definitions it needs, and must not need the
reference itself.
"""

import importlib.util
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

from studykit.library.cards import Compute, Implement, Predict, Repair, text_in
from studykit.running import plain, reports, snippets
from studykit.running.answers import judge_value
from studykit.running.comparison import Difference, compare
from studykit.running.exercises import Exercise, Posed, fill, first_difference, seeds_of
from studykit.running.jobs import Ending, Outcome
from studykit.running.keeping import Kept
from studykit.running.numbers import MAX_NESTED, is_small
from studykit.running.plain import Tensor
from studykit.running.roles import MAX_NAME, Roles, Runs, arguments_of, blobs_of, decoded
from studykit.running.showing import assignments, bounded, brief, prose, show_arguments
from studykit.running.snippets import SnippetError
from studykit.running.verdicts import Result, Unposable, Verdict

__all__ = ["CASES", "Exercise", "Posed", "Result", "Runner", "Unposable", "Verdict"]

CASES = 5
MAX_VALUE_BYTES = 20_000
"""What a value to be typed may take; it is more than the longest answer that is read."""
MAX_DRAWN = 50


class Runner:
    """Runs exercises, claims and pictures. Safe to use from several threads at once."""

    def __init__(
        self, *, device: str = "auto", languages: tuple[str, ...] = ("en",), sandbox: Runs | None = None
    ) -> None:
        self._languages = languages
        self._sandbox = _sandbox() if sandbox is None else sandbox
        self._roles = Roles(self._sandbox, device)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def warm(self, *, torch: bool) -> None:
        """Start in the background what the next run will need; return at once."""
        if not torch or importlib.util.find_spec("torch") is not None:
            self._sandbox.warm(torch=torch)

    def cancel(self) -> None:
        """Stop what runs now; it ends as `unavailable`."""
        self._sandbox.cancel()

    def close(self) -> None:
        """End every process."""
        self._sandbox.close()

    def pose(self, exercise: Exercise, seed: int) -> Posed:
        """Return what to show of a card, its numbers drawn with `seed`; raise Unposable if that fails."""
        try:
            _approve(exercise.trusted, exercise.snippet, seed)
            return self._pose(exercise, seed)
        except SnippetError as error:
            raise Unposable(reports.snippet_fault(error, seed)) from error

    def judge(self, exercise: Exercise, answer: str | None, seed: int, *, cases: int = CASES) -> Result:
        """Judge `answer`, or with None whether the reference gives the same result twice.

        Code is run on `cases` inputs that follow from `seed`; values and outputs are those of `seed` alone.
        """
        try:
            _approve(exercise.trusted, exercise.snippet, seed)
            match exercise.card:
                case Predict():
                    return self._judge_output(exercise, answer, seed)
                case Compute():
                    return self._judge_value(exercise, exercise.card, answer, seed)
                case Implement() | Repair():
                    return self._judge_code(exercise, exercise.card, answer, seeds_of(seed, cases))
        except Unposable as end:
            return end.result
        except SnippetError as error:
            return reports.snippet_fault(error, seed)

    def tells_inputs_apart(
        self, exercise: Exercise, card: Compute | Implement | Repair, seed: int, *, cases: int
    ) -> bool:
        """Whether the reference's results differ between the inputs that `judge` would draw.

        Where they never do, a constant is a right answer. Raises Unposable if the deck's own code fails.
        """
        inputs = self._roles.draw(exercise, seeds_of(seed, cases))
        outputs = self._roles.refer(exercise, card.function, inputs, seed).blobs
        return len(set(outputs)) > 1

    def claim(
        self, snippet: Path, seed: int = 0, device: str | None = None, *, trusted: bool = True
    ) -> Result:
        """Measure a snippet's claim: `pass` if it holds, its statement in `detail`, its numbers in `got`."""
        shown = self._show("claim", snippet, seed, device, trusted)
        return shown if isinstance(shown, Result) else reports.claimed(shown, seed)

    def main(
        self, snippet: Path, seed: int = 0, device: str | None = None, *, trusted: bool = True
    ) -> Result:
        """Let a snippet show its idea: what it printed is in `stdout`."""
        shown = self._show("main", snippet, seed, device, trusted)
        return shown if isinstance(shown, Result) else reports.passed(shown, seed, "")

    def picture(
        self, snippet: Path, seed: int = 0, device: str | None = None, *, trusted: bool = True
    ) -> dict[str, Any] | Result:
        """Return the named series or matrices that a snippet draws; tensors as `plain.Tensor`."""
        shown = self._show("picture", snippet, seed, device, trusted)
        if isinstance(shown, Result):
            return shown
        if fault := _picture_fault(shown.value):
            return reports.deck_wrong(seed, f"`picture` must return {fault}", outcome=shown)
        return cast("dict[str, Any]", shown.value)

    # ---- posing

    def _pose(self, exercise: Exercise, seed: int) -> Posed:
        card = exercise.card
        front = text_in(card.front, self._languages)
        match card:
            case Predict():
                drawn = self._drawn_values(exercise, seed) if card.draw else {}
                return Posed(seed, front, _program(card, drawn), drawn)
            case Compute():
                drawn = self._drawn_values(exercise, seed)
                return Posed(seed, fill(front, drawn), None, drawn)
            case Implement():
                return Posed(seed, front, card.start or snippets.starter(exercise.source(), card.function))
            case Repair():
                broken = snippets.with_prelude(exercise.source(), card.function, card.broken)
                return Posed(seed, front, broken)

    def _drawn_values(self, exercise: Exercise, seed: int) -> dict[str, Any]:
        return arguments_of(self._roles.draw(exercise, (seed,)).blobs[0], seed)

    # ---- judging

    def _judge_output(self, exercise: Exercise, answer: str | None, seed: int) -> Result:
        code = self._pose(exercise, seed).code or ""
        outcome = self._roles.script(exercise, code, seed)
        if answer is None:
            again = self._roles.script(exercise, code, seed, afresh=True)
            if difference := first_difference(outcome.stdout, again.stdout):
                reason = f"it does not print the same each time. {difference}"
                return reports.deck_wrong(seed, reason, Verdict.WRONG, again)
            return reports.passed(again, seed, "It prints the same each time.")
        texts = {"expected": reports.printed(outcome), "got": bounded(answer)}
        difference = first_difference(outcome.stdout, answer)
        return reports.valued(outcome, seed, not difference, difference or "That is what it prints.", **texts)

    def _judge_value(self, exercise: Exercise, card: Compute, answer: str | None, seed: int) -> Result:
        inputs = self._roles.draw(exercise, (seed,))
        kept = self._roles.refer(exercise, card.function, inputs, seed)
        expected = decoded(kept.blobs[0], seed)
        if len(kept.blobs[0]) > MAX_VALUE_BYTES or (isinstance(expected, Tensor) and not is_small(expected)):
            return reports.deck_wrong(seed, "it returns more than anybody can type", outcome=kept.outcome)
        if answer is None:
            return self._judge_reference(exercise, card.function, inputs, seed, brief(expected))
        try:
            right = judge_value(expected, answer, card.tolerance)
        except ValueError as error:
            return Result(Verdict.ERROR, seed, detail=prose(f"Your answer cannot be read: {error}."))
        detail = "That is what the reference computes." if right else "The reference computes another value."
        texts = {"expected": brief(expected), "got": bounded(answer)}
        return reports.valued(kept.outcome, seed, right, detail, **texts)

    def _judge_code(
        self, exercise: Exercise, card: Implement | Repair, answer: str | None, seeds: Sequence[int]
    ) -> Result:
        seed, function = seeds[0], card.function
        if answer is not None and (fault := reports.syntax_fault(answer, seed)):
            return fault
        inputs = self._roles.draw(exercise, seeds)
        if answer is None:
            solution = snippets.solution_of(exercise.source(), function)
            return self._judge_reference(exercise, function, inputs, seed, solution)
        reference = self._roles.refer(exercise, function, inputs, seed)
        outcome = self._roles.answer(exercise, function, answer, inputs, seed)
        if outcome.ending is Ending.DONE:
            return self._compared(exercise, outcome, inputs, reference, seed)
        result = reports.ended(outcome, seed, answer, function)
        case = reports.failing_case(outcome)
        if case is None or case >= len(inputs.blobs):
            return result
        return replace(result, failing_input=show_arguments(arguments_of(inputs.blobs[case], seed)))

    def _judge_reference(
        self, exercise: Exercise, function: str, inputs: Kept, seed: int, solution: str
    ) -> Result:
        """Ask the reference twice, in two processes; a pass shows the solution as what is expected."""
        reference = self._roles.refer(exercise, function, inputs, seed)
        again = self._roles.refer(exercise, function, inputs, seed, afresh=True)
        result = self._compared(exercise, again.outcome, inputs, reference, seed)
        if result.verdict is Verdict.PASS:
            return replace(result, expected=solution)
        detail = f"The deck's own code gives another result each time. {result.detail}"
        return replace(result, detail=prose(detail))

    def _compared(
        self, exercise: Exercise, outcome: Outcome, inputs: Kept, reference: Kept, seed: int
    ) -> Result:
        """Compare what came out, case by case, smallest input first."""
        got = blobs_of(outcome, len(inputs.blobs))
        if got is None:
            return reports.valued(outcome, seed, False, _NOT_ONE_EACH)
        tolerance = getattr(exercise.card, "tolerance", None)
        mismatches = []
        for case, theirs in enumerate(got):
            ours = reference.blobs[case]
            if ours == theirs:
                continue
            expected = decoded(ours, seed)
            value, difference = _received(theirs)
            difference = difference or compare(expected, value, tolerance)
            if difference is not None:
                arguments = arguments_of(inputs.blobs[case], seed)
                mismatches.append(reports.Mismatch(arguments, expected, value, difference))
        if not mismatches:
            return reports.passed(outcome, seed, _agreement(len(got), outcome, exercise.source()))
        shown = show_arguments(mismatches[0].arguments)
        return reports.wrong(outcome, seed, mismatches, len(got), shown)

    def _show(
        self, what: str, snippet: Path, seed: int, device: str | None, trusted: bool
    ) -> Outcome | Result:
        try:
            _approve(trusted, snippet, seed)
            return self._roles.show(what, snippet, seed, device)
        except Unposable as end:
            return end.result
        except SnippetError as error:
            return reports.snippet_fault(error, seed)


_NOT_ONE_EACH = "The answer did not come back as one output for each input."


def _sandbox() -> Runs:
    from studykit.running.sandbox import Sandbox

    return Sandbox()


def _approve(trusted: bool, snippet: Path | None, seed: int) -> None:
    if not trusted:
        folder = snippet.parents[2] if snippet is not None and len(snippet.parents) > 2 else "DIR"
        reason = f"The code of this deck is not approved: look at it, then run `studykit trust {folder}`."
        raise Unposable(reports.unavailable(seed, reason))


def _picture_fault(value: object) -> str:
    """Say what a picture is, if `value` is none: it is drawn in this process, and may be of any size."""
    if not isinstance(value, dict):
        return "a dict"
    if len(value) > MAX_DRAWN or not all(isinstance(name, str) and len(name) <= MAX_NAME for name in value):
        return f"at most {MAX_DRAWN} series or matrices, each with a short name"
    if not all(is_small(part) for part in value.values() if isinstance(part, Tensor)):
        return f"tensors of at most {MAX_NESTED:,} elements"
    return ""


def _program(card: Predict, drawn: dict[str, Any]) -> str:
    try:
        return f"{assignments(drawn)}\n{card.code}" if drawn else card.code
    except ValueError as error:
        raise SnippetError(f"sample_{card.draw} draws what cannot be shown: {error}") from error


def _received(blob: bytes) -> tuple[Any, Difference | None]:
    try:
        return plain.decode(blob), None
    except ValueError as error:
        return None, Difference("", f"the output is no plain data: {error}", 1, 1)


def _agreement(cases: int, outcome: Outcome, source: str) -> str:
    text = "The input agrees" if cases == 1 else f"All {cases} inputs agree"
    if snippets.needs_triton(source):
        how = "through Triton's interpreter" if outcome.device == "cpu" else "compiled by Triton"
        return f"{text}, {how} on {outcome.device}."
    return f"{text}, on {outcome.device}." if outcome.device != "cpu" else f"{text}."
