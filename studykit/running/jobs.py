"""What is asked of the sandbox and what comes back, as values."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

DEFAULT_SECONDS = 5.0
MAX_SECONDS = 30.0
DEFAULT_MEMORY_MB = 1024


@dataclass(frozen=True, slots=True)
class Job:
    """One run of foreign code."""

    task: Mapping[str, object]
    """Plain data: which task of `running.tasks` to do, on what."""

    torch: bool = False
    """Whether the code needs torch; without it the run starts in a smaller process."""

    device: str = "cpu"
    """`cpu`, `cuda`, or `auto`: CUDA where there is one."""

    seconds: float = DEFAULT_SECONDS
    memory_mb: int = DEFAULT_MEMORY_MB
    """Memory on top of what Python and torch take themselves."""

    contained: bool = False
    """Refuse to run where the sandbox does not hold: for code that nobody vouches for."""


class Ending(StrEnum):
    """How a run ended; only DONE brings a value."""

    DONE = "done"
    ERROR = "error"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    FORBIDDEN = "forbidden"
    CRASH = "crash"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to. All of it but `ms` and `device` was said by foreign code: it is no verdict."""

    ending: Ending
    value: object = None
    error: Mapping[str, object] | None = None
    """`{"type", "message", "frames": [{"file", "line", "name"}], "case"}` of a Python exception."""

    stdout: str = ""
    stderr: str = ""
    ms: float = 0.0
    device: str = "cpu"
    reason: str = ""
    """One sentence for people, empty if the run is DONE."""


class NotConfinedError(Exception):
    """A child could not close a layer and therefore ran nothing."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One line of defence, for `studykit doctor`."""

    name: str
    holds: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the app itself saw of a finished child, before anything is made of it."""

    result: bytes = b""
    stdout: bytes = b""
    stderr: bytes = b""
    killed: str = ""
    """Why the app killed it (`time`, `output`, `scratch`, `threads`, `result`, `cancel`), if it did."""

    detail: str = ""
    signal: int = 0
    code: int | None = None
    cpu: float = 0.0
    ms: float = 0.0


def cpu_seconds(seconds: float) -> int:
    """The CPU time that goes with a deadline; two threads may use it up in half the time."""
    return math.ceil(seconds) + 1
