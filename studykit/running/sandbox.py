"""Runs foreign code: warm, bounded, contained, and without believing a word it says.

    with Sandbox() as sandbox:
        sandbox.warm(torch=True)
        outcome = sandbox.run(Job({"task": "call", ...}, torch=True))

A run is forked from a process that has imported everything (`zygote.py`), closes the sandbox behind itself
(`confine.py`), does one task (`errand.py`) and is gone. The app keeps the clock (`supervise.py`) and decides
what it was (`endings.py`). Where a system cannot do that, a run is a plain process with a deadline
(`alone.py`).
"""

import contextlib
import importlib.util
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from studykit.running import endings, layers, plain, scratch, wire
from studykit.running.child import Child
from studykit.running.jobs import MAX_SECONDS, Ending, Job, Layer, NotConfinedError, Outcome
from studykit.running.launch import Zygote, ZygoteLostError, can_fork, gpu_present
from studykit.running.supervise import supervise
from studykit.running.waiting import WaitingRoom

__all__ = ["Ending", "Job", "Layer", "Outcome", "Sandbox"]

LANDLOCK_FOR_THREADS = 8
"""The first Landlock ABI that can hold the threads which CUDA has started by then."""


class Sandbox:
    """Where foreign code runs. Any number of threads may run jobs at once."""

    def __init__(self, *, forking: bool | None = None, landlock_abi: int | None = None) -> None:
        """The arguments are for tests: pretend to be a system that cannot fork, or has an older Landlock."""
        self._forking = can_fork() if forking is None else forking
        self._landlock_abi = landlock_abi
        self._lock = threading.Lock()
        self._trying = threading.RLock()
        self._layers: list[Layer] | None = None
        self._zygotes: dict[str, Zygote] = {}
        self._waiting = WaitingRoom()
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
        if not self._forking:
            return
        with contextlib.suppress(ZygoteLostError):
            self._zygote("torch" if torch else "plain")
            if torch and gpu_present():
                self._zygote("cuda")

    def run(self, job: Job) -> Outcome:
        """Run one job and wait for its end."""
        if job.contained and not self.contained:
            return _not_contained(self.layers())
        try:
            return self._run(job, self._holding())
        except NotConfinedError:
            self.layers()
            return self._try(job, self._holding())

    def layers(self) -> list[Layer]:
        """Say which lines of defence hold here; found out once, by trying."""
        with self._trying:
            if self._layers is None:
                self._layers = self._try_layers() if self._forking else layers.ALONE
            return self._layers

    def _try_layers(self) -> list[Layer]:
        found = layers.try_all(self._try)
        with contextlib.suppress(ZygoteLostError):
            found.append(layers.fork_layer(self._zygote("plain").hello()))
        return found

    @property
    def contained(self) -> bool:
        """Whether all of them hold, so that code may run which nobody vouches for."""
        return not layers.missing(self.layers())

    def processes(self) -> list[int]:
        """The pids of the warm processes."""
        return [zygote.pid for zygote in list(self._zygotes.values())]

    def folders(self) -> list[Path]:
        """Where scratch folders are made."""
        return [zygote.folder for zygote in list(self._zygotes.values())]

    def cancel(self) -> None:
        """Kill what runs now; those runs end as UNAVAILABLE."""
        self._cancelled += 1

    def close(self) -> None:
        """Kill what runs and end the warm processes."""
        self.cancel()
        with self._waiting.turn:
            self._waiting.close()
        with self._lock:
            self._closed = True
            zygotes = list(self._zygotes.values())
            self._zygotes.clear()
        for zygote in zygotes:
            zygote.close()

    def _holding(self) -> tuple[str, ...]:
        """Return the layers that a run is to have: all, until it is known which cannot be had."""
        if self._layers is None:
            return wire.LAYERS
        return tuple(layer.name for layer in self._layers if layer.holds and layer.name in wire.LAYERS)

    def _try(self, job: Job, holding: tuple[str, ...]) -> Outcome:
        try:
            return self._run(job, holding)
        except NotConfinedError as error:
            reason = f"The sandbox could not be closed, so nothing was run ({error})."
            return Outcome(Ending.UNAVAILABLE, reason=reason)

    def _run(self, job: Job, holding: tuple[str, ...]) -> Outcome:
        """Run in a child with these layers; start another zygote if ours has gone."""
        job = replace(job, seconds=min(job.seconds, MAX_SECONDS))
        if not self._forking:
            return self._run_alone(job)
        lost = None
        for _ in range(2):
            try:
                return self._run_forked(job, holding)
            except ZygoteLostError as error:
                lost = error
        return Outcome(Ending.UNAVAILABLE, reason=f"Snippets cannot be run: {lost}.")

    def _run_alone(self, job: Job) -> Outcome:
        from studykit.running import alone

        missing = "it is not installed" if job.torch and importlib.util.find_spec("torch") is None else ""
        job = replace(job, device="cpu" if job.device == "auto" else job.device)
        if lack := _lacking(job, missing, cuda=False):
            return Outcome(Ending.UNAVAILABLE, device=job.device, reason=lack)
        payload = plain.encode({**job.task, "device": job.device})
        return endings.outcome(job, alone.run(job, payload, self._cancellation()))

    def _run_forked(self, job: Job, holding: tuple[str, ...]) -> Outcome:
        zygote, job = self._place(job)
        try:
            return self._run_from(zygote, job, holding)
        except ZygoteLostError:
            # So that the next try does not take the dying one for alive.
            zygote.settle()
            raise

    def _run_from(self, zygote: Zygote, job: Job, holding: tuple[str, ...]) -> Outcome:
        hello = zygote.hello()
        if lack := _lacking(job, hello["problem"], cuda=hello["cuda"]):
            return Outcome(Ending.UNAVAILABLE, device=job.device, reason=lack)
        payload = plain.encode({**job.task, "device": job.device})
        cancelled = self._cancellation()
        with self._child(zygote, job, holding) as child:
            child.born()
            facts = supervise(child, payload, job.seconds, cancelled)
        return endings.outcome(job, facts)

    def _place(self, job: Job) -> tuple[Zygote, Job]:
        """Choose the process to fork from, and the device."""
        if job.torch and job.device in ("auto", "cuda") and gpu_present():
            zygote = self._zygote("cuda")
            hello = zygote.hello()
            holds = not job.contained or hello["landlock"] >= LANDLOCK_FOR_THREADS
            if hello["cuda"] and holds:
                return zygote, replace(job, device="cuda")
        device = "cpu" if job.device == "auto" else job.device
        return self._zygote("torch" if job.torch else "plain"), replace(job, device=device)

    @contextlib.contextmanager
    def _child(self, zygote: Zygote, job: Job, holding: tuple[str, ...]) -> Iterator[Child]:
        """Have a child for one run; CUDA's are made ahead, and have the device in turn."""
        on_cuda = job.device == "cuda"

        def make() -> Child:
            return Child(zygote, _order(zygote, job, holding))

        with self._waiting.turn if on_cuda else contextlib.nullcontext():
            limits = (job.seconds, job.memory_mb, job.contained, holding)
            child = self._waiting.take(zygote, limits, make) if on_cuda else make()
            with contextlib.closing(child):
                yield child

    def _zygote(self, kind: str) -> Zygote:
        with self._lock:
            if self._closed:
                raise ZygoteLostError("the sandbox is closed")
            zygote = self._zygotes.get(kind)
            if zygote is not None and not zygote.alive:
                zygote.close()
                zygote = None
            if zygote is None:
                zygote = self._zygotes[kind] = Zygote(kind, landlock_abi=self._landlock_abi)
            return zygote

    def _cancellation(self) -> Callable[[], bool]:
        begun = self._cancelled
        return lambda: self._cancelled != begun


def _order(zygote: Zygote, job: Job, holding: tuple[str, ...]) -> wire.Order:
    return wire.Order(
        scratch=str(scratch.create(zygote.folder)),
        seconds=job.seconds,
        memory=job.memory_mb * 2**20,
        device=job.device,
        tools=job.device == "cuda" and not job.contained,
        layers=holding,
    )


def _not_contained(found: Iterable[Layer]) -> Outcome:
    names = ", ".join(layers.missing(found))
    reason = f"The sandbox does not hold here ({names}), so code that nobody vouches for is not run."
    return Outcome(Ending.UNAVAILABLE, reason=reason)


def _lacking(job: Job, problem: str, *, cuda: bool) -> str:
    """Say what the job needs and this machine has not."""
    if job.torch and problem:
        return f"This needs torch, and {problem}. Install it with: pip install 'studykit[torch]'"
    if job.device not in ("cpu", "cuda"):
        return f"There is no device {job.device!r}; there are cpu, cuda and auto."
    if job.device == "cuda" and not cuda:
        return "This needs a CUDA device, and torch sees none here. Choose --device cpu."
    return ""
