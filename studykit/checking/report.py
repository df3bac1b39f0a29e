"""What `studykit check` has to say: problems and results, and the four formats it says them in."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from xml.sax.saxutils import escape, quoteattr

from studykit.library.deck import Problem

WHATS = ("claim", "main", "reference", "stub", "wrong", "mutant")
"""What can be tried: see `Result.what`."""


@dataclass(frozen=True, slots=True)
class Result:
    """One thing that was run."""

    id: str
    """The card (`track/topic/card`) or the snippet's path, and after `#` which part of it."""

    what: str
    """One of `WHATS`. An `also_right` answer counts as a reference, a `broken` version as wrong."""

    verdict: str
    """What the run ended with. For `stub`, `wrong` and `mutant`, anything but `pass` is as it should be."""

    ms: float
    device: str

    @property
    def fine(self) -> bool:
        """Whether this is what a good library shows. (A surviving mutant is judged with its siblings.)"""
        if self.what == "mutant":
            return True
        return (self.verdict == "pass") == (self.what not in ("stub", "wrong"))


@dataclass(frozen=True, slots=True)
class Report:
    """All that a check found."""

    problems: tuple[Problem, ...]
    results: tuple[Result, ...]
    notes: tuple[str, ...] = ()
    """Sentences for people that are no problems: what was not run, and why."""

    summary: Mapping[str, object] = field(default_factory=dict)


def summarise(
    problems: Iterable[Problem], results: Iterable[Result], decks: int, cards: int
) -> dict[str, object]:
    """Count what was checked and what was found."""
    results = list(results)
    mutants = [result for result in results if result.what == "mutant"]
    rejected = sum(result.verdict != "pass" for result in mutants)
    return {
        "decks": decks,
        "cards": cards,
        "problems": len(list(problems)),
        "runs": len(results),
        "by": dict(sorted(Counter(result.what for result in results).items())),
        "mutants_rejected": round(rejected / len(mutants), 4) if mutants else None,
    }


def as_text(report: Report) -> str:
    """Return one line per problem, and a last line that sums up."""
    lines = [str(problem) for problem in report.problems]
    lines += [f"note: {note}" for note in report.notes]
    summary = report.summary
    found = "no problems" if not report.problems else f"{len(report.problems)} problem(s)"
    share = summary.get("mutants_rejected")
    mutants = "" if share is None else f", {share:.1%} of mutants rejected"
    counted = (f"{summary.get(name, 0)} {name}" for name in ("decks", "cards", "runs"))
    lines.append(f"{', '.join(counted)}{mutants}: {found}")
    return "\n".join(lines) + "\n"


def as_json(report: Report) -> str:
    """Return the JSON document that scripts rely on."""
    document = {
        "problems": [asdict(problem) for problem in report.problems],
        "results": [asdict(result) for result in report.results],
        "summary": {**report.summary, "notes": list(report.notes)},
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def as_github(report: Report) -> str:
    """Return workflow commands, which GitHub shows beside the lines they are about."""
    lines = [
        f"::error file={_property(problem.path)},line={problem.line},col={problem.column},"
        f"title={_property(problem.rule)}::{_message(problem.message)}"
        for problem in report.problems
    ]
    lines += [f"::notice::{_message(note)}" for note in report.notes]
    return "\n".join([*lines, as_text(report).splitlines()[-1]]) + "\n"


def as_junit(report: Report) -> str:
    """Return JUnit's XML: a test case per result, and one failed case per problem."""
    cases = [_junit_case(result) for result in report.results if result.fine]
    cases += [_junit_failure(problem) for problem in report.problems]
    counts = f'tests="{len(cases)}" failures="{len(report.problems)}"'
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites><testsuite name="studykit check" {counts}>'
    return "\n".join([head, *cases, "</testsuite></testsuites>"]) + "\n"


def _junit_failure(problem: Problem) -> str:
    start = _junit_start(problem.path, f"{problem.rule} at line {problem.line}")
    message = quoteattr(_xml(problem.message))
    return f"{start}><failure message={message}>{escape(_xml(str(problem)))}</failure></testcase>"


def _junit_case(result: Result) -> str:
    start = _junit_start(result.id.split("#")[0], f"{result.what} {result.id}")
    return f'{start} time="{result.ms / 1000:.3f}"/>'


def _junit_start(class_name: str, name: str) -> str:
    return f"<testcase classname={quoteattr(_xml(class_name))} name={quoteattr(_xml(name))}"


def _xml(text: str) -> str:
    """Return `text` without the control characters that XML cannot hold."""
    return "".join(c if c in "\n\t" or c >= " " else "\ufffd" for c in text)


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")


FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": as_text,
    "json": as_json,
    "github": as_github,
    "junit": as_junit,
}
