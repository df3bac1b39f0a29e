"""What happened in a run, in sentences: from outcomes and differences to results."""

import itertools
import traceback
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from studykit.running.comparison import Difference
from studykit.running.jobs import Ending, Outcome
from studykit.running.showing import MAX_LINES, bounded, brief, prose, show
from studykit.running.snippets import SnippetError
from studykit.running.verdicts import Result, Verdict
from studykit.wording import printable

ANSWER_FILE = "<answer>"
PROBE_FILE = "<probe>"
MAX_ANSWER = 100_000
MAX_FRAMES_SHOWN = 6

NEEDS_TORCH = "This needs torch: pip install 'studykit[torch]'"
NEEDS_TRITON = "This needs triton, which there is for Linux on x86-64: pip install 'studykit[torch]'"

_VERDICTS = {
    Ending.ERROR: Verdict.ERROR,
    Ending.TIMEOUT: Verdict.TIMEOUT,
    Ending.MEMORY: Verdict.MEMORY,
    Ending.FORBIDDEN: Verdict.FORBIDDEN,
    Ending.CRASH: Verdict.CRASH,
    Ending.UNAVAILABLE: Verdict.UNAVAILABLE,
}
_FALLBACKS = {
    Verdict.TIMEOUT: "It ran longer than allowed.",
    Verdict.MEMORY: "It needed more memory than allowed.",
    Verdict.FORBIDDEN: "It tried something that the sandbox forbids.",
    Verdict.CRASH: "Its process ended without a result.",
    Verdict.UNAVAILABLE: "It cannot be run here.",
}
_FORBIDDEN_HINT = "Files, the network, other processes and DataLoader workers are out of reach here."


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One input on which the answer is not what the reference returns."""

    arguments: Mapping[str, object]
    expected: object
    got: object
    difference: Difference | None
    """None where what came back was no plain data."""


def passed(outcome: Outcome, seed: int, detail: str, **texts: str) -> Result:
    """Return the result of an answer that is right."""
    return _of(outcome, seed, Verdict.PASS, detail, **texts)


def valued(outcome: Outcome, seed: int, right: bool, detail: str, **texts: str) -> Result:
    """Return the result of an answer that is right or not."""
    return _of(outcome, seed, Verdict.PASS if right else Verdict.WRONG, detail, **texts)


def wrong(
    outcome: Outcome, seed: int, mismatches: Sequence[Mismatch], cases: int, failing_input: str
) -> Result:
    """Return the result of an answer that differs from the reference; the first mismatch is the one shown."""
    first = mismatches[0]
    where = f" for {len(mismatches)} of {cases} inputs" if cases > 1 else ""
    detail = f"The answer differs from the reference{where}."
    if first.difference is not None:
        detail = f"{detail} {_sentence(str(first.difference))}{_extent(first.difference)}"
    if first.got is None and first.expected is not None and outcome.stdout.strip():
        detail = f"It printed something and returned None: return the value instead. {detail}"
    elif first.got is None and first.expected is not None:
        detail = f"It returned None: is a `return` missing? {detail}"
    return _of(
        outcome,
        seed,
        Verdict.WRONG,
        prose(detail),
        expected=show(first.expected),
        got=show(first.got),
        failing_input=failing_input,
    )


def ended(outcome: Outcome, seed: int, answer: str, function: str) -> Result:
    """Return the result of an answer that came to no output."""
    verdict = _VERDICTS.get(outcome.ending, Verdict.CRASH)
    told = _told(outcome)
    match verdict, told["type"]:
        case Verdict.ERROR, "MissingError":
            return _of(outcome, seed, verdict, f"Your code does not define `{function}`.")
        case Verdict.ERROR, "NotPlainError":
            return _of(outcome, seed, Verdict.WRONG, f"The answer is no plain data: {told['message']}.")
        case Verdict.ERROR, _ if _in_probe(told):
            detail = f"The check could not work with your code: {_exception(told)}"
            return _of(outcome, seed, Verdict.WRONG, detail, traceback=own_lines(told, answer))
        case Verdict.ERROR, _:
            return _of(outcome, seed, verdict, _exception(told), traceback=own_lines(told, answer))
    return _of(
        outcome, seed, verdict, environment(verdict, outcome.reason), traceback=own_lines(told, answer)
    )


def environment(verdict: Verdict, reason: str) -> str:
    """Return why a run says nothing about the learner, in a sentence or two."""
    sentences = [_sentence(reason) or _FALLBACKS.get(verdict, "")]
    if verdict is Verdict.FORBIDDEN:
        sentences.append(_FORBIDDEN_HINT)
    return prose(" ".join(sentences))


def deck_failed(outcome: Outcome, seed: int) -> Result:
    """Return the result of a run in which the deck's own code came to nothing: not the learner's fault."""
    verdict = _VERDICTS.get(outcome.ending, Verdict.CRASH)
    told = _told(outcome)
    if verdict is Verdict.UNAVAILABLE:
        return _of(outcome, seed, verdict, environment(verdict, outcome.reason))
    why = _exception(told, place=True) if verdict is Verdict.ERROR else outcome.reason or _FALLBACKS[verdict]
    return _of(outcome, seed, verdict, prose(f"The deck's own code failed: {why}"))


def deck_wrong(
    seed: int, reason: str, verdict: Verdict = Verdict.ERROR, outcome: Outcome | None = None
) -> Result:
    """Return the result of a card whose code is not what it must be."""
    result = Result(verdict, seed, detail=prose(f"The deck's own code failed: {reason}"))
    if outcome is None:
        return result
    return replace(result, ms=outcome.ms, device=outcome.device, stdout=printed(outcome))


def unavailable(seed: int, reason: str) -> Result:
    """Return the result of a run that was not begun."""
    return Result(Verdict.UNAVAILABLE, seed, detail=environment(Verdict.UNAVAILABLE, reason))


def syntax_fault(answer: str, seed: int) -> Result | None:
    """Return the result of an answer that is no Python, which is never run; None if it is."""
    if len(answer) > MAX_ANSWER:
        return Result(Verdict.ERROR, seed, detail=f"The answer is longer than {MAX_ANSWER:,} characters.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(answer, ANSWER_FILE, "exec", dont_inherit=True)
    except SyntaxError as error:
        told = "".join(traceback.format_exception_only(error))
        detail = f"Your code is no valid Python: line {error.lineno or 1}: {error.msg}."
        return Result(Verdict.ERROR, seed, detail=prose(detail), traceback=bounded(_syntax(told)))
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        return Result(Verdict.ERROR, seed, detail=prose(f"Your code cannot be compiled: {error}."))
    return None


def claimed(outcome: Outcome, seed: int) -> Result:
    """Return the result of a claim: whether it holds, its statement, what it measured."""
    if outcome.ending is not Ending.DONE:
        return deck_failed(outcome, seed)
    match outcome.value:
        case {"statement": str(statement), "measured": dict(measured), "passed": bool(holds)}:
            verdict = Verdict.PASS if holds else Verdict.WRONG
            detail = statement if holds else f"The claim does not hold: {statement}"
            first = itertools.islice(measured.items(), MAX_LINES)
            numbers = "\n".join(f"{brief(name)} = {show(number)}" for name, number in first)
            return _of(outcome, seed, verdict, prose(detail), got=bounded(numbers))
    reason = "`claim` must return {'statement': str, 'measured': {name: float}, 'passed': bool}"
    return deck_wrong(seed, reason, outcome=outcome)


def own_lines(told: Mapping[str, Any], answer: str) -> str:
    """Return the traceback as far as it is about the learner's own lines."""
    rows = answer.splitlines()
    shown = []
    for frame in told["frames"]:
        line = frame.get("line")
        if frame.get("file") == ANSWER_FILE and isinstance(line, int):
            text = rows[line - 1].strip() if 0 < line <= len(rows) else ""
            shown.append(f"line {line}, in {frame.get('name')}\n    {text}")
    if len(shown) > MAX_FRAMES_SHOWN:
        half = MAX_FRAMES_SHOWN // 2
        shown = [*shown[:half], f"… {len(shown) - 2 * half} more calls", *shown[-half:]]
    return bounded("\n".join([*shown, _exception(told)])) if shown else ""


def failing_case(outcome: Outcome) -> int | None:
    """Return the number of the case in which a run ended, None if it was in none."""
    case = (outcome.error or {}).get("case")
    return case if isinstance(case, int) and case >= 0 else None


def _in_probe(told: Mapping[str, Any]) -> bool:
    """Tell whether the probe failed over what the learner's code gave it, rather than that code itself."""
    files = [frame.get("file") for frame in told["frames"]]
    return next((file for file in reversed(files) if file in (ANSWER_FILE, PROBE_FILE)), "") == PROBE_FILE


def snippet_fault(error: SnippetError, seed: int) -> Result:
    """Return the result of a snippet that is not what its card needs."""
    return deck_wrong(seed, f"{error}.")


def _of(outcome: Outcome, seed: int, verdict: Verdict, detail: str, **texts: str) -> Result:
    stdout = printed(outcome)
    return Result(verdict, seed, outcome.ms, outcome.device, detail, stdout, **texts)


def printed(outcome: Outcome) -> str:
    """Return what was printed, whole: the sandbox has bounded it."""
    return printable(outcome.stdout)


def _told(outcome: Outcome) -> dict[str, Any]:
    """Return the exception as it was told, with every field there."""
    error = outcome.error or {}
    frames = error.get("frames")
    return {
        "type": printable(str(error.get("type", "Error"))),
        "message": printable(str(error.get("message", ""))),
        "frames": [frame for frame in frames if isinstance(frame, Mapping)]
        if isinstance(frames, Iterable)
        else [],
    }


def _exception(told: Mapping[str, Any], *, place: bool = False) -> str:
    text = f"{told['type']}: {told['message']}" if told["message"] else str(told["type"])
    if place and told["frames"]:
        last = told["frames"][-1]
        text = f"{text} ({last.get('file')}, line {last.get('line')})"
    return prose(text)


def _syntax(told: str) -> str:
    """Return a syntax error with its caret, without the name of a file that is none."""
    return told.replace(f'  File "{ANSWER_FILE}", line', "line", 1)


def _extent(difference: Difference) -> str:
    """Say how much of a value differs, where it has more than one element."""
    if difference.total <= 1:
        return ""
    text = f" {difference.differing:,} of {difference.total:,} elements differ"
    if difference.max_absolute is not None:
        text += f", by up to {difference.max_absolute:.3g}"
        if difference.max_relative is not None:
            text += f" (relative {difference.max_relative:.3g})"
    return f"{text}."


def _sentence(text: str) -> str:
    text = text.strip()
    if not text:
        return ""
    text = text[0].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."
