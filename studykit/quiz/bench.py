"""Where the code of a quiz runs: a runner, with every fault of the machine as a result."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from studykit.errors import StudykitError
from studykit.library.cards import Implement, Repair, RunIt
from studykit.running.exercises import Posed
from studykit.running.snippets import SnippetError, solution_of
from studykit.running.verdicts import Result, Unposable, Verdict

if TYPE_CHECKING:
    from studykit.running.runner import Runner
    from studykit.study import Study


class Bench(Protocol):
    """What marking needs to have run."""

    def pose(self, card_id: str, seed: int) -> Posed | Result:
        """Draw the numbers of a card."""

    def judge(self, card_id: str, answer: str | None, seed: int) -> Result:
        """Run an answer against the reference, or with None the reference itself."""

    def solution(self, card_id: str, card: RunIt) -> str:
        """Return a right answer that is written down; empty if there is none."""


@dataclass(frozen=True, slots=True)
class RunnerBench:
    """Runs in a runner of the caller's."""

    study: "Study"
    runner: "Runner"

    def pose(self, card_id: str, seed: int) -> Posed | Result:
        """Draw the numbers of a card."""
        try:
            return self.runner.pose(self.study.exercise(card_id), seed)
        except Unposable as end:
            return end.result
        except StudykitError as error:
            return Result(Verdict.UNAVAILABLE, seed, detail=str(error))

    def judge(self, card_id: str, answer: str | None, seed: int) -> Result:
        """Run an answer against the reference, or with None the reference itself."""
        try:
            return self.runner.judge(self.study.exercise(card_id), answer, seed)
        except StudykitError as error:
            return Result(Verdict.UNAVAILABLE, seed, detail=str(error))

    def solution(self, card_id: str, card: RunIt) -> str:
        """Return the reference function, of a card that asks for one."""
        if not isinstance(card, Implement | Repair):
            return ""
        try:
            return solution_of(self.study.exercise(card_id).source(), card.function)
        except (StudykitError, SnippetError):
            return ""
