"""Running code for the review screen: in threads, with every ending as a value."""

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any

from studykit.errors import StudykitError
from studykit.library.cards import Implement, Predict, Repair

if TYPE_CHECKING:
    from studykit.library.cards import RunIt
    from studykit.running.runner import Exercise, Posed, Runner
    from studykit.running.verdicts import Result
    from studykit.study import Study


@dataclass(frozen=True, slots=True)
class Failure:
    """Nothing could be run, and why; says nothing about the learner."""

    detail: str


@dataclass(slots=True)
class Runs:
    """Everything here blocks and is called in a thread, except `cancel` and `close`."""

    study: "Study"
    _runner: "Runner | None" = None
    _lock: Lock = field(default_factory=Lock)

    def warm(self, card_id: str) -> None:
        """Get ready for a run that will come; what is wrong is said when it comes."""
        from studykit.running.snippets import needs_torch

        try:
            self._get().warm(torch=needs_torch(_source(self.study.exercise(card_id))))
        except StudykitError:
            return

    def pose(self, card_id: str, seed: int) -> "Posed | Result | Failure":
        """Draw the numbers of a card."""
        from studykit.running.verdicts import Unposable

        try:
            return self._get().pose(self.study.exercise(card_id), seed)
        except Unposable as error:
            return error.result
        except StudykitError as error:
            return Failure(str(error))

    def judge(self, card_id: str, answer: str | None, seed: int) -> "Result | Failure":
        """Run an answer against the reference, or with None the reference itself."""
        try:
            return self._get().judge(self.study.exercise(card_id), answer, seed)
        except StudykitError as error:
            return Failure(str(error))

    def solution(self, card_id: str, card: "RunIt", seed: int) -> "str | Result | Failure":
        """Return the right answer, by running the reference where it is not simply written down."""
        from studykit.running.snippets import SnippetError, solution_of

        exercise = self.study.exercise(card_id)
        if isinstance(card, Implement | Repair) and exercise.snippet is not None:
            try:
                return solution_of(_source(exercise), card.function)
            except SnippetError as error:
                return Failure(str(error))
        result = self.judge(card_id, None, seed)
        if isinstance(result, Failure) or result.verdict != "pass":
            return result
        return result.stdout if isinstance(card, Predict) else result.expected or result.got

    def picture(self, card_id: str, seed: int) -> "dict[str, Any] | Result | Failure":
        """Return the series or matrices that the snippet of a card draws."""
        snippet = self.study.library.snippet_path(card_id)
        root = self.study.library.decks()[card_id.rpartition("/")[0]].root
        if snippet is None:
            return Failure("This card has no snippet.")
        try:
            if "def picture(" not in snippet.read_text("utf8"):
                return Failure("The snippet of this card draws nothing.")
            return self._get().picture(snippet, seed, trusted=self.study.trusts(root))
        except (OSError, UnicodeDecodeError) as error:
            return Failure(f"{snippet} cannot be read: {error}")
        except StudykitError as error:
            return Failure(str(error))

    def cancel(self) -> None:
        """Stop what runs."""
        if self._runner is not None:
            self._runner.cancel()

    def close(self) -> None:
        """End the processes."""
        runner, self._runner = self._runner, None
        if runner is not None:
            runner.close()

    def _get(self) -> "Runner":
        with self._lock:
            if self._runner is None:
                self._runner = self.study.runner()
            return self._runner


def _source(exercise: "Exercise") -> str:
    try:
        return exercise.snippet.read_text("utf8") if exercise.snippet else ""
    except (OSError, UnicodeDecodeError):
        return ""
