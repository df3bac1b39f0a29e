"""The deck's own code and the learner's, each asked in a process of its own.

`Roles` writes the tasks of `running.tasks` and reads what comes back. What the deck's code returned is kept;
what it fails with ends the whole judgement (`Unposable`), for it is not the learner's fault.
"""

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from studykit.library.cards import Limits, Predict
from studykit.library.roots import builtin_root
from studykit.running import plain, reports, snippets
from studykit.running.exercises import Exercise, read_snippet
from studykit.running.jobs import DEFAULT_MEMORY_MB, DEFAULT_SECONDS, MAX_SECONDS, Ending, Job, Outcome
from studykit.running.keeping import Keeper, Kept
from studykit.running.snippets import SnippetError
from studykit.running.verdicts import Unposable

MAX_MEMORY_MB = 4096
SHOW_LIMITS = Limits(seconds=10.0)
"""For claims, `main` and pictures, which promise to take less than two seconds."""

MAX_NAME = 100

_NO_LIMITS = Limits()


class Runs(Protocol):
    """What the runner needs of a sandbox."""

    def warm(self, *, torch: bool) -> None:
        """Get ready."""

    def run(self, job: Job) -> Outcome:
        """Run one job and wait for its end."""

    def cancel(self) -> None:
        """Stop what runs."""

    def close(self) -> None:
        """End."""


class Roles:
    """Asks for inputs, for the reference's results, for the answer's, for what a program prints."""

    def __init__(self, sandbox: Runs, device: str) -> None:
        self._sandbox = sandbox
        self._device = device
        self._keeper = Keeper()

    def draw(self, exercise: Exercise, seeds: Sequence[int]) -> Kept:
        """Return the inputs of the seeds, each once, the smallest first."""
        source, function = exercise.source(), f"sample_{_sample_of(exercise)}"
        if not snippets.defines(source, function):
            raise SnippetError(f"{exercise.filename} has no function `{function}`")
        key = ("samples", source, function, *seeds)
        if kept := self._keeper.get(key):
            return kept
        task = {
            "task": "samples",
            "module": source,
            "filename": exercise.filename,
            "function": function,
            "seeds": list(seeds),
        }
        outcome = self._run(exercise, task, source, seed=seeds[0], device="cpu")
        blobs = _deck_blobs(outcome, len(seeds), seeds[0])
        return self._keeper.keep(key, Kept(outcome, tuple(sorted(dict.fromkeys(blobs), key=len))))

    def refer(
        self, exercise: Exercise, function: str, inputs: Kept, seed: int, *, afresh: bool = False
    ) -> Kept:
        """Return what the reference makes of the inputs; `afresh`: in a new process, whatever is kept."""
        source = exercise.source()
        if not snippets.defines(source, function):
            raise SnippetError(f"{exercise.filename} has no function `{function}`")
        key = ("reference", source, function, self._device, *inputs.blobs)
        if not afresh and (kept := self._keeper.get(key)):
            return kept
        outcome = self._call(
            exercise, function, [{"source": source, "filename": exercise.filename}], inputs, seed
        )
        kept = Kept(outcome, tuple(_deck_blobs(outcome, len(inputs.blobs), seed)))
        return kept if afresh else self._keeper.keep(key, kept)

    def _call(
        self, exercise: Exercise, function: str, pieces: Sequence[dict[str, str]], inputs: Kept, seed: int
    ) -> Outcome:
        source = exercise.source()
        probe = snippets.probe_of(source, function)
        named = {"source": probe, "filename": reports.PROBE_FILE, "name": f"probe_{function}"}
        task = {
            "task": "call",
            "code": list(pieces),
            "function": function,
            "probe": None if probe is None else named,
            "cases": list(inputs.blobs),
        }
        return self._run(exercise, task, source, *(piece["source"] for piece in pieces), seed=seed)

    def answer(self, exercise: Exercise, function: str, answer: str, inputs: Kept, seed: int) -> Outcome:
        """Return how the learner's code ended on the inputs."""
        prelude = snippets.prelude_of(exercise.source(), function)
        pieces = [
            {"source": prelude, "filename": "<prelude>"},
            {"source": answer, "filename": reports.ANSWER_FILE},
        ]
        return self._call(exercise, function, pieces, inputs, seed)

    def script(self, exercise: Exercise, code: str, seed: int, *, afresh: bool = False) -> Outcome:
        """Return how a `predict` card's program ended; `afresh` as for `refer`."""
        modules = exercise.modules()
        key = ("script", code, *sorted(modules.items()))
        if not afresh and (kept := self._keeper.get(key)):
            return kept.outcome
        task = {"task": "script", "source": code, "filename": "<program>", "modules": modules}
        outcome = self._run(exercise, task, code, *modules.values(), seed=seed)
        if outcome.ending is not Ending.DONE:
            raise Unposable(reports.deck_failed(outcome, seed))
        return outcome if afresh else self._keeper.keep(key, Kept(outcome)).outcome

    def show(self, what: str, snippet: Path, seed: int, device: str | None) -> Outcome:
        """Return how a snippet's `claim`, `main` or `picture` ended; only our own runs without a sandbox."""
        source = read_snippet(snippet)
        if not snippets.defines(source, what):
            raise SnippetError(f"{snippet.name} has no function `{what}`")
        task = {"task": what, "module": source, "filename": snippet.name, "seed": seed}
        contained = not snippet.resolve().is_relative_to(builtin_root().path.resolve() / "snippets")
        outcome = self._started(task, [source], SHOW_LIMITS, seed, device, contained=contained)
        if outcome.ending is not Ending.DONE:
            raise Unposable(reports.deck_failed(outcome, seed))
        return outcome

    def _run(
        self, exercise: Exercise, task: dict[str, Any], *sources: str, seed: int, device: str | None = None
    ) -> Outcome:
        limits = exercise.card.limits or _NO_LIMITS
        return self._started(task, sources, limits, seed, device, contained=exercise.contained)

    def _started(
        self,
        task: dict[str, Any],
        sources: Sequence[str],
        limits: Limits,
        seed: int,
        device: str | None,
        *,
        contained: bool,
    ) -> Outcome:
        torch = snippets.needs_torch(*sources)
        if lack := _lacking(torch, snippets.needs_triton(*sources)):
            raise Unposable(reports.unavailable(seed, lack))
        return self._sandbox.run(
            Job(
                task,
                torch=torch,
                device=(device or self._device) if torch else "cpu",
                seconds=_bounded(limits.seconds, DEFAULT_SECONDS, MAX_SECONDS),
                memory_mb=int(_bounded(limits.memory_mb, DEFAULT_MEMORY_MB, MAX_MEMORY_MB)),
                contained=contained,
            )
        )


def _bounded(wanted: float | None, default: float, most: float) -> float:
    """Return what a card asks for, as far as it may; a card that is reported for NaN is run all the same."""
    return min(wanted, most) if wanted is not None and wanted > 0 else default


def _lacking(torch: bool, triton: bool) -> str:
    if torch and importlib.util.find_spec("torch") is None:
        return reports.NEEDS_TORCH
    if triton and importlib.util.find_spec("triton") is None:
        return reports.NEEDS_TRITON
    return ""


def _sample_of(exercise: Exercise) -> str:
    card = exercise.card
    return card.draw or ("" if isinstance(card, Predict) else card.function)


def blobs_of(outcome: Outcome, count: int) -> list[bytes] | None:
    """Return the outcome's blobs if there are `count` of them; foreign code may have returned anything."""
    value = outcome.value
    if isinstance(value, list) and len(value) == count and all(type(blob) is bytes for blob in value):
        return value
    return None


def _deck_blobs(outcome: Outcome, count: int, seed: int) -> list[bytes]:
    if outcome.ending is not Ending.DONE:
        raise Unposable(reports.deck_failed(outcome, seed))
    blobs = blobs_of(outcome, count)
    if blobs is None:
        raise Unposable(reports.deck_wrong(seed, "it did not return one value each time", outcome=outcome))
    return blobs


def decoded(blob: bytes, seed: int) -> Any:
    """Return the value of a blob that the deck's code returned."""
    try:
        return plain.decode(blob)
    except ValueError as error:
        raise Unposable(reports.deck_wrong(seed, f"it returned no plain data: {error}")) from error


def arguments_of(blob: bytes, seed: int) -> dict[str, Any]:
    """Return the keyword arguments of one case."""
    arguments = decoded(blob, seed)
    if not isinstance(arguments, dict) or not all(map(_is_name, arguments)):
        raise Unposable(reports.deck_wrong(seed, "a sample must return a dict of keyword arguments"))
    return arguments


def _is_name(name: object) -> bool:
    # What is none could hold a whole program, which is shown as code of the card.
    return isinstance(name, str) and name.isidentifier() and len(name) <= MAX_NAME
