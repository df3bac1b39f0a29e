"""Running a library's code: claims hold, right answers pass, wrong ones fail.

Each function yields `Result`s as it goes and returns the problems it saw through `Findings`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from studykit.checking.contract import Snippet
from studykit.checking.files import shown
from studykit.checking.mutants import mutants
from studykit.checking.report import Result
from studykit.library.cards import Card, Compute, Implement, Predict, Repair
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
        at = self.positions.get(f"cards.{card}.{field_name}") or self.positions.get(f"cards.{card}") or (1, 1)
        return Problem(self.deck, *at, rule, message)


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
        _must_fail(exercise, "stub", "function", starter(source, card.function), place, runner, found)
        for name, code in _wrong(card):
            _must_fail(exercise, "wrong", name, code, place, runner, found)
        for name, code in card.also_right.items():
            _must_pass(exercise, name, code, place, runner, found)
        _mutants(exercise, source, place, runner, found)
    return found


def runs_code(card: Card) -> bool:
    """Whether there is anything to run."""
    return isinstance(card, Predict | Compute | Implement | Repair)


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


def _must_fail(
    exercise: Exercise, what: str, name: str, code: str, place: Place, runner: Runner, found: Findings
) -> None:
    run = runner.judge(exercise, code, SEED, cases=CASES)
    if not found.add(what, f"{exercise.card_id}#{name}", run) or run.verdict is not Verdict.PASS:
        return
    if what == "stub":
        message = "the unwritten function passes: the samples, or the probe, look at nothing"
    else:
        sample = f"sample_{exercise.card.draw or exercise.card.function}"
        message = f"this wrong answer passes: draw inputs in `{sample}` that tell"
    found.problems.append(place.problem(exercise.card.id, name, f"{what}-passes", message))


def _must_pass(
    exercise: Exercise, name: str, code: str, place: Place, runner: Runner, found: Findings
) -> None:
    run = runner.judge(exercise, code, SEED, cases=CASES)
    if (
        found.add("reference", f"{exercise.card_id}#also_right.{name}", run)
        and run.verdict is not Verdict.PASS
    ):
        message = f"this right answer is judged {run.verdict}: {run.detail}"
        found.problems.append(place.problem(exercise.card.id, f"also_right.{name}", "right-fails", message))


def _mutants(exercise: Exercise, source: str, place: Place, runner: Runner, found: Findings) -> None:
    card = exercise.card
    tried = mutants(source, card.function)
    survivors = []
    for mutant in tried:
        run = runner.judge(exercise, mutant.source, SEED, cases=CASES)
        found.add("mutant", f"{exercise.card_id}#{mutant.name}", run)
        if run.verdict is Verdict.PASS and mutant.name not in card.equivalent:
            survivors.append(mutant)
    stale = set(card.equivalent) - {mutant.name for mutant in tried}
    for name in sorted(stale):
        message = f"the reference has no mutant '{name}' any more: remove it"
        found.problems.append(place.problem(card.id, f"equivalent.{name}", "stale-equivalent", message))
    counted = len(tried) - len(card.equivalent) + len(stale)
    if counted and len(survivors) > (1 - LEAST_REJECTED) * counted:
        share = 1 - len(survivors) / counted
        diffs = "; ".join(f"`{mutant.name}`" for mutant in survivors)
        message = (
            f"only {share:.0%} of {counted} mutants are rejected. Draw inputs that tell, or list under "
            f"`equivalent` with the reason: {diffs}"
        )
        found.problems.append(place.problem(card.id, "function", "weak-card", message))
