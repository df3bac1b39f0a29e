"""Running a library's code: claims hold, right answers pass, wrong ones fail.

A `Trial` is one thing that is tried; trying it gives `Findings`. Nothing is run before it is asked for, so
that `studykit check` can share trials between threads and machines, and pytest can show one item for each.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from studykit.checking.contract import Snippet
from studykit.checking.mutants import Mutant, mutants
from studykit.checking.report import Result
from studykit.library.cards import Compute, Implement, Predict, Repair
from studykit.library.deck import Problem
from studykit.running.exercises import Exercise, named_in
from studykit.running.runner import Runner
from studykit.running.snippets import starter
from studykit.running.verdicts import Result as Run
from studykit.running.verdicts import Unposable, Verdict
from studykit.wording import shown

CLAIM_SEEDS = (0, 1, 2)
REFERENCE_SEEDS = (0, 1, 2)
SEED = 0
CASES = 8
"""Inputs drawn for a wrong answer or a mutant: as many as the first review and its retries would draw."""

LEAST_REJECTED = 0.9
"""The share of mutants that a card must reject."""


@dataclass(slots=True)
class Findings:
    """What trying something found."""

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

    def merge(self, other: "Findings") -> None:
        """Take over what another trial found."""
        self.results += other.results
        self.problems += other.problems
        self.not_run += other.not_run


@dataclass(frozen=True, slots=True)
class Trial:
    """One thing to try: its name for people, and how."""

    name: str
    run: Callable[[Runner], Findings]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a card stands: its deck's path as shown, and the positions of its parts."""

    deck: str
    positions: Mapping[str, tuple[int, int]]
    least_rejected: float = LEAST_REJECTED
    """The share of mutants that a card must reject, where the library asks for more than everyone's."""

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


def snippet_trials(snippet: Snippet) -> Iterator[Trial]:
    """Yield the trials of a snippet: its claim for several seeds, and its `main`."""
    path = shown(snippet.path)
    if "claim" in snippet.definitions:
        yield from (Trial(f"{path}#claim-{seed}", partial(_claim, snippet, seed)) for seed in CLAIM_SEEDS)
    if "main" in snippet.definitions:
        yield Trial(f"{path}#main", partial(_main, snippet))


def _claim(snippet: Snippet, seed: int, runner: Runner) -> Findings:
    found = Findings()
    run = runner.claim(snippet.path, seed)
    if found.add("claim", f"{shown(snippet.path)}#{seed}", run) and run.verdict is not Verdict.PASS:
        message = f"seed {seed}: {run.verdict}: {run.detail}"
        found.problems.append(snippet.problem(snippet.definitions["claim"], "claim-fails", message))
    return found


def _main(snippet: Snippet, runner: Runner) -> Findings:
    found = Findings()
    run = runner.main(snippet.path)
    if found.add("main", shown(snippet.path), run) and run.verdict is not Verdict.PASS:
        message = f"{run.verdict}: {run.detail}"
        found.problems.append(snippet.problem(snippet.definitions["main"], "main-fails", message))
    return found


def card_trials(exercise: Exercise, place: Place) -> Iterator[Trial]:
    """Yield the trials of a card, the reference first; of one answered by code also stub, answers, faults."""
    card = exercise.card
    yield Trial(f"{exercise.card_id}#reference", partial(_reference, exercise, place))
    if not isinstance(card, Implement | Repair):
        return
    answers = _Answers(exercise, card, place)
    yield Trial(f"{exercise.card_id}#stub", answers.stub)
    for name, code in _wrong(card):
        yield Trial(f"{exercise.card_id}#{name}", partial(answers.must_fail, "wrong", name, code))
    for name, code in card.also_right.items():
        yield Trial(f"{exercise.card_id}#also_right.{name}", partial(answers.must_pass, name, code))
    yield Trial(f"{exercise.card_id}#mutants", answers.mutants)


def try_card(exercise: Exercise, place: Place, runner: Runner) -> Findings:
    """Try everything of a card; nothing more if its reference does not even pass."""
    reference, *others = card_trials(exercise, place)
    found = reference.run(runner)
    if not (found.problems or found.not_run):
        for trial in others:
            found.merge(trial.run(runner))
    return found


def _reference(exercise: Exercise, place: Place, runner: Runner) -> Findings:
    found = Findings()
    for seed in REFERENCE_SEEDS:
        run = runner.judge(exercise, None, seed)
        if not found.add("reference", f"{exercise.card_id}#{seed}", run):
            break
        if run.verdict is not Verdict.PASS:
            message = f"seed {seed}: {run.verdict}: {run.detail}"
            found.problems.append(place.problem(exercise.card.id, "function", "reference-fails", message))
            break
    if not (found.problems or found.not_run):
        found.problems += _constant(exercise, place, runner)
        found.problems += _undrawn(exercise, place, runner)
    return found


def _undrawn(exercise: Exercise, place: Place, runner: Runner) -> Iterator[Problem]:
    """Yield a problem for a number that a question names and nothing draws: learners would see `{name}`."""
    card = exercise.card
    if not isinstance(card, Compute):
        return
    drawn = runner.pose(exercise, SEED).drawn
    faces = card.front.values() if isinstance(card.front, Mapping) else (card.front,)
    for name in dict.fromkeys(name for face in faces for name in named_in(face) if name not in drawn):
        message = (
            f"nothing is drawn for {{{name}}}; `sample_{card.draw or card.function}` draws {', '.join(drawn)}"
        )
        yield place.problem(card.id, "front", "undrawn-number", message)


def _constant(exercise: Exercise, place: Place, runner: Runner) -> Iterator[Problem]:
    """Yield a problem if the same answer is right whatever is drawn."""
    card = exercise.card
    if isinstance(card, Predict):
        return
    try:
        apart = runner.tells_inputs_apart(exercise, card, SEED, cases=CASES)
    except Unposable as end:
        message = f"on one of {CASES} inputs: {end.result.verdict}: {end.result.detail}"
        yield place.problem(card.id, "function", "reference-fails", message)
        return
    if not apart:
        message = (
            f"whatever `sample_{card.draw or card.function}` draws, the result is the same: a constant would "
            "be right, so draw inputs whose results differ"
        )
        yield place.problem(card.id, "function", "constant-result", message)


def _wrong(card: Implement | Repair) -> Iterator[tuple[str, str]]:
    yield from ((f"wrong.{name}", code) for name, code in card.wrong.items())
    if isinstance(card, Repair):
        yield "broken", card.broken


@dataclass(frozen=True, slots=True)
class _Answers:
    """Answers to a card that is answered by writing code."""

    exercise: Exercise
    card: Implement | Repair
    place: Place

    def stub(self, runner: Runner) -> Findings:
        """Try the function unwritten."""
        return self.must_fail("stub", "function", starter(self.exercise.source(), self.card.function), runner)

    def must_fail(self, what: str, name: str, code: str, runner: Runner) -> Findings:
        """Try an answer that the card must reject."""
        found = Findings()
        if self._judged(what, name, code, runner, found).verdict is Verdict.PASS:
            sample = f"sample_{self.card.draw or self.card.function}"
            message = f"this wrong answer passes: draw inputs in `{sample}` that tell"
            if what == "stub":
                message = "the unwritten function passes: the samples, or the probe, look at nothing"
            found.problems.append(self.place.problem(self.card.id, name, f"{what}-passes", message))
        return found

    def must_pass(self, name: str, code: str, runner: Runner) -> Findings:
        """Try an answer that is right."""
        found = Findings()
        run = self._judged("reference", f"also_right.{name}", code, runner, found)
        if run.verdict not in (Verdict.PASS, Verdict.UNAVAILABLE):
            message = f"this right answer is judged {run.verdict}: {run.detail}"
            found.problems.append(
                self.place.problem(self.card.id, f"also_right.{name}", "right-fails", message)
            )
        return found

    def mutants(self, runner: Runner) -> Findings:
        """Try the mutants of the reference; too many survivors are a problem."""
        found, excused = Findings(), self.card.equivalent
        tried = mutants(self.exercise.source(), self.card.function)
        survivors = [
            mutant
            for mutant in tried
            if self._judged("mutant", mutant.name, mutant.source, runner, found).verdict is Verdict.PASS
            and mutant.name not in excused
        ]
        names = {mutant.name for mutant in tried}
        for name in sorted(set(excused) - names):
            message = f"the reference has no mutant '{name}' any more: remove it"
            field_name = f"equivalent.{name}"
            found.problems.append(self.place.problem(self.card.id, field_name, "stale-equivalent", message))
        counted = len(names - set(excused))
        if len(survivors) > (1 - self.place.least_rejected) * counted:
            message = _weakness(survivors, counted)
            found.problems.append(self.place.problem(self.card.id, "function", "weak-card", message))
        return found

    def _judged(self, what: str, name: str, code: str, runner: Runner, found: Findings) -> Run:
        run = runner.judge(self.exercise, code, SEED, cases=CASES)
        found.add(what, f"{self.exercise.card_id}#{name}", run)
        return run


def _weakness(survivors: Sequence[Mutant], counted: int) -> str:
    share = 1 - len(survivors) / counted
    diffs = "\n".join(f"  {mutant.name}\n    " + mutant.diff.replace("\n", "\n    ") for mutant in survivors)
    return (
        f"only {share:.0%} of {counted} mutants are rejected. Draw inputs that tell, or list under "
        f"`equivalent`, with the reason, those that are no fault:\n{diffs}"
    )
