"""Programs of an article, run one after the other in one namespace: what each prints.

Nobody vouches for an article's code: it runs where the sandbox holds, with the limits of any run, and nowhere
else.
"""

import importlib.util
from collections.abc import Sequence
from typing import Protocol

from studykit.authoring.candidates import Ran
from studykit.running.jobs import Ending, Job, Outcome
from studykit.running.snippets import needs_torch
from studykit.running.tasks import STARTED

SECONDS = 10.0
MEMORY_MB = 1024
_TRIES = 3
_NOT_RUN = "not run: programs before it used up the time"


class _Runs(Protocol):
    def run(self, job: Job) -> Outcome:
        """Run one job and wait for its end."""


class Programs:
    """Runs programs in a sandbox; what was run before is remembered."""

    def __init__(self, sandbox: _Runs) -> None:
        self._sandbox = sandbox
        self._known: dict[tuple[str, ...], tuple[Ran, ...]] = {}
        self.refused = ""
        """Why nothing could be run at all, if it is so."""

    def __call__(self, programs: Sequence[str]) -> tuple[Ran, ...]:
        """Return what each program printed; if one cannot be borne, the others run again without it."""
        key = tuple(programs)
        if key not in self._known:
            self._known[key] = self._run(key)
        return self._known[key]

    def _run(self, programs: tuple[str, ...]) -> tuple[Ran, ...]:
        ended: dict[int, Ran] = {}
        for _ in range(_TRIES):
            left = [number for number in range(len(programs)) if number not in ended]
            outcome = self._outcome([programs[number] for number in left])
            if outcome.ending is Ending.DONE:
                ran = _read(outcome.value, len(left))
                ended |= dict(zip(left, ran, strict=True))
                break
            if outcome.ending is Ending.UNAVAILABLE:
                self.refused = outcome.reason
                return tuple(Ran("", outcome.reason) for _ in programs)
            last = min(outcome.stdout.count(STARTED), len(left)) - 1
            ended[left[max(last, 0)]] = Ran("", outcome.reason or str(outcome.ending))
        return tuple(ended.get(number, Ran("", _NOT_RUN)) for number in range(len(programs)))

    def _outcome(self, sources: Sequence[str]) -> Outcome:
        # Without torch, the program itself says best what it lacks.
        torch = importlib.util.find_spec("torch") is not None and needs_torch(*sources)
        task = {"task": "programs", "sources": list(sources)}
        return self._sandbox.run(Job(task, torch=torch, seconds=SECONDS, memory_mb=MEMORY_MB, contained=True))


def _read(value: object, count: int) -> list[Ran]:
    """Return what foreign code says that it printed."""
    match value:
        case list() if len(value) == count:
            return [_ran(one) for one in value]
    return [Ran("", "what it printed cannot be read")] * count


def _ran(value: object) -> Ran:
    match value:
        case [str(stdout), None | str() as error]:
            return Ran(stdout, error)
    return Ran("", "what it printed cannot be read")
