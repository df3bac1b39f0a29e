"""Runs foreign code: warm, bounded, contained, and without believing a word it says.

    with Sandbox() as sandbox:
        sandbox.warm(torch=True)
        outcome = sandbox.run(Job({"task": "call", ...}, torch=True))

A run is forked from a process that has imported everything (`zygote.py`), closes the sandbox behind itself
(`confine.py`), does one task (`tasks.py`) and is gone. The app keeps the clock (`supervise.py`) and decides
what it was (`endings.py`).
"""

import contextlib
import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from studykit.running import endings, plain, scratch, wire
from studykit.running.child import Child
from studykit.running.jobs import MAX_SECONDS, Ending, Job, Layer, Outcome
from studykit.running.launch import Zygote, ZygoteLostError
from studykit.running.layers import missing, try_layers
from studykit.running.supervise import supervise

__all__ = ["Ending", "Job", "Layer", "Outcome", "Sandbox"]


class Sandbox:
    """Where foreign code runs. Any number of threads may run jobs at once."""

    def __init__(self, *, landlock_abi: int | None = None) -> None:
        self._lock = threading.Lock()
        self._trying = threading.Lock()
        self._landlock_abi = landlock_abi
        self._layers: list[Layer] | None = None
        self._zygotes: dict[str, Zygote] = {}
        self._cancelled = 0
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def warm(self, *, torch: bool) -> None:
        """Start the process that runs are forked from, and return at once."""
        self._zygote("torch" if torch else "plain")

    def run(self, job: Job) -> Outcome:
        """Run one job and wait for its end."""
        if job.contained and not self.contained:
            return Outcome(Ending.UNAVAILABLE, reason=_not_contained(self.layers()))
        return self._run_in(job, self._holding())

    def layers(self) -> list[Layer]:
        """Say which lines of defence hold here; found out once, by trying."""
        with self._trying:
            if self._layers is None:
                self._layers = try_layers(self._run_in)
            return self._layers

    @property
    def contained(self) -> bool:
        """Whether all of them hold, so that code may run which nobody vouches for."""
        return not missing(self.layers())

    def _holding(self) -> tuple[str, ...]:
        if self._layers is None:
            return wire.LAYERS
        return tuple(layer.name for layer in self._layers if layer.holds)

    def _run_in(self, job: Job, layers: tuple[str, ...]) -> Outcome:
        """Run in a child with these layers; start another zygote if ours has gone."""
        for _ in range(2):
            try:
                return self._run(job, layers)
            except ZygoteLostError as error:
                lost = error
        return Outcome(Ending.UNAVAILABLE, reason=f"Snippets cannot be run: {lost}.")

    def cancel(self) -> None:
        """Kill what runs now; those runs end as UNAVAILABLE."""
        self._cancelled += 1

    def close(self) -> None:
        """Kill what runs and end the warm processes."""
        self.cancel()
        with self._lock:
            self._closed = True
            zygotes = list(self._zygotes.values())
            self._zygotes.clear()
        for zygote in zygotes:
            zygote.close()

    def _zygote(self, kind: str) -> Zygote:
        with self._lock:
            zygote = self._zygotes.get(kind)
            if zygote is not None and not zygote.alive:
                zygote.close()
                zygote = None
            if zygote is None:
                zygote = self._zygotes[kind] = Zygote(kind, landlock_abi=self._landlock_abi)
            return zygote

    def _run(self, job: Job, layers: tuple[str, ...]) -> Outcome:
        zygote = self._zygote("torch" if job.torch else "plain")
        hello = zygote.hello()
        job = replace(job, device=_device(job, hello), seconds=min(job.seconds, MAX_SECONDS))
        if lack := _lacking(job, hello):
            return Outcome(Ending.UNAVAILABLE, device=job.device, reason=lack)
        payload = plain.encode({**job.task, "device": job.device})
        order = wire.Order(
            scratch=str(scratch.create(zygote.folder)),
            seconds=job.seconds,
            memory=job.memory_mb * 2**20,
            device=job.device,
            layers=layers,
        )
        cancelled = self._cancelled
        with contextlib.closing(Child(zygote, order)) as child:
            child.born()
            facts = supervise(child, payload, job.seconds, lambda: self._cancelled != cancelled)
        return endings.outcome(job, facts)


def _not_contained(layers: Iterable[Layer]) -> str:
    names = ", ".join(missing(layers))
    return f"The sandbox does not hold on this machine ({names}), so code that nobody vouches for is not run."


def _device(job: Job, hello: Mapping[str, Any]) -> str:
    if job.device == "auto":
        return "cuda" if hello["cuda"] else "cpu"
    return job.device


def _lacking(job: Job, hello: Mapping[str, Any]) -> str:
    """Say what the job needs and this machine has not."""
    if job.torch and hello["torch"] is None:
        return f"This needs torch, and {hello['problem']}. Install it with: pip install 'studykit[torch]'"
    if job.device not in ("cpu", "cuda"):
        return f"There is no device {job.device!r}; there are cpu, cuda and auto."
    if job.device == "cuda" and not hello["cuda"]:
        return "This needs a CUDA device, and torch sees none here. Choose --device cpu."
    return ""
