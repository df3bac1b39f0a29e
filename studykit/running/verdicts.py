"""What a run can end with."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a run ended."""

    PASS = "pass"  # noqa: S105 - no password
    WRONG = "wrong"
    ERROR = "error"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    FORBIDDEN = "forbidden"
    CRASH = "crash"
    UNAVAILABLE = "unavailable"

    @property
    def counts(self) -> bool:
        """Whether this says anything about what the learner knows; the rest is about code and machines."""
        return self in (Verdict.PASS, Verdict.WRONG)


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended, told for people. Texts are bounded and hold no control characters."""

    verdict: Verdict
    seed: int = 0
    ms: float = 0.0
    device: str = "cpu"
    detail: str = ""
    """What happened, in sentences."""
    stdout: str = ""
    expected: str = ""
    got: str = ""
    failing_input: str = ""
    """The smallest input on which the answer is wrong, as assignments."""
    traceback: str = ""
    """The learner's own lines, the innermost last."""


class Unposable(Exception):  # noqa: N818 - the name the user interfaces know it by
    """A card whose numbers cannot be drawn; `result` says why."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.detail)
        self.result = result
