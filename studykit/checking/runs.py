"""Running a library's code: claims hold, right answers pass, wrong ones fail.

Each function yields `Result`s as it goes and returns the problems it saw through `Findings`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from studykit.checking.contract import Snippet
from studykit.checking.files import shown
from studykit.checking.mutants import Mutant, mutants
from studykit.checking.report import Result
from studykit.library.cards import Implement, Repair
from studykit.library.deck import Problem
from studykit.running.runner import Exercise, Runner
from studykit.running.snippets import starter
from studykit.running.verdicts import Result as Run
from studykit.running.verdicts import Verdict

CLAIM_SEEDS = (0, 1, 2)
REFERENCE_SEEDS = (0, 1, 2)
SEED = 0
CASES = 8
"""Inputs drawn for a wrong answer or a mutant: as many as the first review and its retries would draw."""

LEAST_REJECTED = 0.9
"""The share of mutants that a card must reject."""


@dataclass(slots=True)
class Findings:
    """What one piece of work found; filled by the function that did the work."""

    results: list[Result] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    not_run: list[str] = field(default_factory=list)
    """Why something could not be run here: no problem of the content."""

    def add(self, what: str, name: str, run: Run) -> bool:
        """Note a run; return whether it ran at all."""
        self.results.append(Result(name, what, str(run.verdict), round(run.ms, 3), run.device))
        if run.verdict is Verdict.UNAVAILABLE:
            self.not_run.append(run.detail)
        return run.verdict is not Verdict.UNAVAILABLE


@dataclass(frozen=True, slots=True)
class Place:
    """Where a card stands: its deck's path as shown, and the positions of its parts."""

    deck: str
    positions: Mapping[str, tuple[int, int]]

    def problem(self, card: str, field_name: str, rule: str, message: str) -> Problem:
        """Return a problem at a field of a card, or at the card where the field has no position."""
        return Problem(self.deck, *self.position(card, field_name), rule, message)

    def position(self, card: str, field_name: str) -> tuple[int, int]:
        """Return where a field of a card stands, or the card where the field has no position."""
        place = f"cards.{card}"
        return self.positions.get(f"{place}.{field_name}") or self.positions.get(place) or (1, 1)

    def positions_of(self, card: str) -> set[tuple[int, int]]:
        """Return where a card and its fields stand."""
        place = f"cards.{card}"
        return {at for name, at in self.positions.items() if name == place or name.startswith(f"{place}.")}


def check_claim(snippet: Snippet, runner: Runner) -> Findings:
    """Run the snippet's `claim` for several seeds."""
    found = Findings()
    for seed in CLAIM_SEEDS:
        run = runner.claim(snippet.path, seed)
        if not found.add("claim", f"{shown(snippet.path)}#{seed}", run):
            break
        if run.verdict is not Verdict.PASS:
            node = snippet.definitions.get("claim")
            found.problems.append(
                snippet.problem(node, "claim-fails", f"seed {seed}: {run.verdict}: {run.detail}")
            )
    return found


def check_main(snippet: Snippet, runner: Runner) -> Findings:
    """Run the snippet's `main`."""
    found = Findings()
    run = runner.main(snippet.path)
    if found.add("main", shown(snippet.path), run) and run.verdict is not Verdict.PASS:
        node = snippet.definitions.get("main")
        found.problems.append(snippet.problem(node, "main-fails", f"{run.verdict}: {run.detail}"))
    return found


def check_card(exercise: Exercise, place: Place, runner: Runner) -> Findings:
    """Run everything that a card's code is worth: see the module's first line."""
    found = Findings()
    card = exercise.card
    if not _reference_passes(exercise, place, runner, found):
        return found
    if isinstance(card, Implement | Repair):
        source = exercise.source()
        trial = _Trial(exercise, card, place, runner, found)
        trial.must_fail("stub", "function", starter(source, card.function))
        for name, code in _wrong(card):
            trial.must_fail("wrong", name, code)
        for name, code in card.also_right.items():
            trial.must_pass(name, code)
        trial.mutants(mutants(source, card.function))
    return found


def _reference_passes(exercise: Exercise, place: Place, runner: Runner, found: Findings) -> bool:
    for seed in REFERENCE_SEEDS:
        run = runner.judge(exercise, None, seed)
        if not found.add("reference", f"{exercise.card_id}#{seed}", run):
            return False
        if run.verdict is not Verdict.PASS:
            message = f"seed {seed}: {run.verdict}: {run.detail}"
            found.problems.append(place.problem(exercise.card.id, "function", "reference-fails", message))
            return False
    return True


def _wrong(card: Implement | Repair) -> Iterator[tuple[str, str]]:
    yield from ((f"wrong.{name}", code) for name, code in card.wrong.items())
    if isinstance(card, Repair):
        yield "broken", card.broken


@dataclass(frozen=True, slots=True)
class _Trial:
    """Tries answers to a card that is answered by writing code."""

    exercise: Exercise
    card: Implement | Repair
    place: Place
    runner: Runner
    found: Findings

    def must_fail(self, what: str, name: str, code: str) -> None:
        """Try an answer that the card must reject."""
        run = self._run(what, name, code)
        if run.verdict is not Verdict.PASS:
            return
        if what == "stub":
            message = "the unwritten function passes: the samples, or the probe, look at nothing"
        else:
            sample = f"sample_{self.card.draw or self.card.function}"
            message = f"this wrong answer passes: draw inputs in `{sample}` that tell"
        self._problem(name, f"{what}-passes", message)

    def must_pass(self, name: str, code: str) -> None:
        """Try an answer that is right."""
        run = self._run("reference", f"also_right.{name}", code)
        if run.verdict not in (Verdict.PASS, Verdict.UNAVAILABLE):
            message = f"this right answer is judged {run.verdict}: {run.detail}"
            self._problem(f"also_right.{name}", "right-fails", message)

    def mutants(self, tried: Sequence[Mutant]) -> None:
        """Try the mutants of the reference; too many survivors are a problem."""
        excused = self.card.equivalent
        survivors = [
            mutant
            for mutant in tried
            if self._run("mutant", mutant.name, mutant.source).verdict is Verdict.PASS
            and mutant.name not in excused
        ]
        names = {mutant.name for mutant in tried}
        for name in sorted(set(excused) - names):
            message = f"the reference has no mutant '{name}' any more: remove it"
            self._problem(f"equivalent.{name}", "stale-equivalent", message)
        counted = len(names - set(excused))
        if len(survivors) > (1 - LEAST_REJECTED) * counted:
            self._problem("function", "weak-card", _weakness(survivors, counted))

    def _run(self, what: str, name: str, code: str) -> Run:
        run = self.runner.judge(self.exercise, code, SEED, cases=CASES)
        self.found.add(what, f"{self.exercise.card_id}#{name}", run)
        return run

    def _problem(self, field_name: str, rule: str, message: str) -> None:
        self.found.problems.append(self.place.problem(self.card.id, field_name, rule, message))


def _weakness(survivors: Sequence[Mutant], counted: int) -> str:
    share = 1 - len(survivors) / counted
    diffs = "\n".join(f"  {mutant.name}\n    " + mutant.diff.replace("\n", "\n    ") for mutant in survivors)
    return (
        f"only {share:.0%} of {counted} mutants are rejected. Draw inputs that tell, or list under "
        f"`equivalent`, with the reason, those that are no fault:\n{diffs}"
    )
