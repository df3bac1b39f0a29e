"""`studykit quiz`: an exam that leaves schedule and log alone, in the terminal or on paper."""

import argparse
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from studykit.commands._shared import add_decks, add_json, open_study, print_json
from studykit.errors import StudykitError
from studykit.quiz import DEFAULT_COUNT
from studykit.wording import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studykit.quiz.paper import LeftOut, Paper, Terms
    from studykit.quiz.score import Outcome
    from studykit.quiz.sheets import Sheet

EXAMPLE = """studykit quiz transformer --count 12 --minutes 20 --report result.md
  studykit quiz python --seed 7 --paper paper.yaml    # for a class: write the paper,
  studykit quiz --answers paper.yaml --report ada.md   # and mark it when it is filled in"""

MAX_COUNT = 500
_LARGEST_SEED = 2**31

_NO_TERMINAL = (
    "`studykit quiz` needs a terminal. For classes and scripts: `--paper FILE` writes the questions, "
    "`--answers FILE` marks them."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `quiz` takes."""
    add_decks(parser)
    parser.add_argument(
        "--count", type=_count, metavar="N", help=f"how many questions (default {DEFAULT_COUNT})"
    )
    parser.add_argument("--minutes", type=_minutes, metavar="M", help="the time limit (default none)")
    parser.add_argument(
        "--seed", type=_seed, metavar="S", help="draws the paper: the same seed and library, the same paper"
    )
    parser.add_argument(
        "--kinds", action="append", metavar="KIND,...", help="only these kinds of card, like choice,predict"
    )
    parser.add_argument(
        "--drill", action="store_true", help="cram what was failed: in drill, forgotten lately, or a leech"
    )
    parser.add_argument(
        "--paper", metavar="FILE", help="write the questions to a new .yaml or .json file, `-` for stdout"
    )
    parser.add_argument("--answers", metavar="FILE", help="mark a paper that was filled in")
    parser.add_argument("--report", metavar="FILE.md", help="write the result as Markdown")
    parser.add_argument(
        "--pass", dest="pass_mark", type=_percent, metavar="PERCENT", help="exit with 1 below this score"
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Hold the quiz.

    On paper: exit code 1 if not all, or with --pass not enough, is right; 2 if that cannot be told here.
    """
    _consistent(arguments)
    report = None if arguments.report is None else _writable(Path(arguments.report), "report")
    if arguments.answers is not None:
        return _mark(arguments, report)
    if arguments.paper is not None or (arguments.json and not _at_terminal()):
        return _write_paper(arguments)
    if not _at_terminal():
        raise StudykitError(_NO_TERMINAL)
    return _sit(arguments, report)


def _consistent(arguments: argparse.Namespace) -> None:
    if arguments.paper is not None and arguments.answers is not None:
        raise StudykitError("`--paper` writes a paper and `--answers` marks one: give one of them")
    if arguments.drill and (arguments.paper or arguments.answers):
        raise StudykitError("`--drill` asks what you have failed: it is for the terminal, not for papers")
    if arguments.paper is not None and arguments.report is not None:
        raise StudykitError("a paper has no result yet: give `--report` with `--answers`")


def _at_terminal() -> bool:
    # Textual draws on stderr: stdout may go to a file.
    return sys.stdin.isatty() and sys.stderr.isatty()


# ---- on paper


def _write_paper(arguments: argparse.Namespace) -> int:
    from studykit.quiz import sheets
    from studykit.quiz.bench import RunnerBench
    from studykit.quiz.drawing import draw

    name = arguments.paper or "-"
    path = None if name == "-" else _new(Path(name))
    study, _ = open_study(arguments)
    with study, study.runner() as runner:
        paper = draw(study, _terms(arguments), RunnerBench(study, runner))
    _say_left_out(paper.left_out)
    _require_questions(len(paper.questions))
    document = sheets.as_document(paper, arguments.minutes)
    if path is None:
        if arguments.json:
            print_json(document)
        else:
            print(sheets.as_yaml(document), end="")
        return 0
    as_json = path.suffix.lower() == ".json"
    _write(path, _json(document) if as_json else sheets.as_yaml(document))
    if arguments.json:
        print_json(document)
    else:
        print(f"{len(paper.questions)} questions in {printable(name)}, drawn with seed {paper.terms.seed}.")
    return 0


def _mark(arguments: argparse.Namespace, report: Path | None) -> int:
    from studykit.quiz import sheets
    from studykit.quiz.bench import RunnerBench
    from studykit.quiz.drawing import draw
    from studykit.quiz.marking import mark_all
    from studykit.quiz.score import Outcome

    sheet = sheets.read_sheet(Path(arguments.answers))
    if sheet.problems:
        return _refuse(sheet)
    terms = _same_paper(arguments, sheet)
    study, now = open_study(arguments)
    with study, study.runner() as runner:
        bench = RunnerBench(study, runner)
        paper = draw(study, terms, bench)
        _unchanged(paper, sheet)
        answers = sheets.answers_to(paper, sheet)
        if sheet.problems:
            return _refuse(sheet)
        for card in sheets.unanswered(paper, sheet):
            message = f"{sheet.path} has no answer to {card}: it counts as wrong"
            print(f"studykit: {printable(message)}", file=sys.stderr)
        marked = tuple(mark_all(paper.questions, answers, study.settings.language, bench))
    outcome = Outcome(terms, marked, paper.left_out, at=now)
    _tell(outcome, arguments, report)
    return _code(outcome, arguments.pass_mark if arguments.pass_mark is not None else 100)


def _same_paper(arguments: argparse.Namespace, sheet: "Sheet") -> "Terms":
    """Return what the paper was drawn with, by the file or the command line; they must not differ."""
    from studykit.quiz.drawing import kinds_named

    if sheet.terms is None:
        if arguments.seed is None:
            raise StudykitError(
                f"{sheet.path} does not say which paper it answers: name it by `--seed`, and by `--count`, "
                "`--kinds` and decks where they were given"
            )
        return _terms(arguments)
    terms = sheet.terms
    kinds = kinds_named(arguments.kinds or ())
    named = {
        "seed": arguments.seed,
        "count": arguments.count,
        "decks": tuple(arguments.decks),
        "kinds": kinds,
    }
    for name, value in named.items():
        if value not in (None, ()) and value != getattr(terms, name):
            theirs, ours = _spoken(getattr(terms, name)), _spoken(value)
            raise StudykitError(f"{sheet.path} answers another paper: its {name} is {theirs}, not {ours}")
    kinds_named(terms.kinds)
    if not 1 <= terms.count <= MAX_COUNT:
        raise StudykitError(f"{sheet.path}: a paper has 1 to {MAX_COUNT} questions, not {terms.count}")
    return terms


def _spoken(value: object) -> str:
    return (" ".join(map(str, value)) or "everything") if isinstance(value, tuple) else str(value)


def _unchanged(paper: "Paper", sheet: "Sheet") -> None:
    if sheet.fingerprint in (None, paper.fingerprint):
        return
    _say_left_out(paper.left_out)
    raise StudykitError(
        f"the paper that {sheet.path} answers cannot be drawn again: the library, its language or what can "
        "run here has changed since it was written"
    )


def _refuse(sheet: "Sheet") -> int:
    for problem in sorted(sheet.problems):
        print(f"studykit: {printable(str(problem))}", file=sys.stderr)
    return 2


# ---- in the terminal


def _sit(arguments: argparse.Namespace, report: Path | None) -> int:
    from studykit.quiz.drawing import pool, shaky
    from studykit.tui.quiz import QuizApp

    study, now = open_study(arguments)
    with study:
        terms = _terms(arguments)
        only = shaky(study, now) if arguments.drill else None
        found = pool(study, terms.decks, terms.kinds, only=only)
        if arguments.drill and not found.candidates:
            print("Nothing to cram: no card is in drill, was forgotten lately, or is a leech.")
            return 0
        _require_questions(len(found.candidates), found.left_out)
        app = QuizApp(study, found, terms, minutes=arguments.minutes, cram=arguments.drill)
        app.run()
    if app.return_code:
        return app.return_code
    if app.outcome is None:
        print("The quiz was left before it was marked.", file=sys.stderr)
        return 0
    _tell(app.outcome, arguments, report)
    return 0 if arguments.pass_mark is None else _code(app.outcome, arguments.pass_mark)


# ---- both


def _terms(arguments: argparse.Namespace) -> "Terms":
    from studykit.quiz.drawing import kinds_named
    from studykit.quiz.paper import Terms

    seed = random.randrange(_LARGEST_SEED) if arguments.seed is None else arguments.seed
    count = DEFAULT_COUNT if arguments.count is None else arguments.count
    return Terms(seed, count, tuple(arguments.decks), kinds_named(arguments.kinds or ()))


def _tell(outcome: "Outcome", arguments: argparse.Namespace, report: Path | None) -> None:
    from studykit.quiz.report import as_json, as_lines, as_markdown

    if report is not None:
        _write(report, as_markdown(outcome))
    if arguments.json:
        print_json(as_json(outcome))
        return
    print(printable("\n".join(as_lines(outcome))))
    if report is not None:
        print(f"\nThe report is in {printable(str(report))}.")


def _code(outcome: "Outcome", enough: int) -> int:
    """Return 0 for enough right answers, 1 for too few, 2 if what could not be marked might decide it."""
    total = outcome.total
    everything = total.of + total.unmarked
    if 100 * total.right >= enough * everything:
        return 0
    return 1 if 100 * (total.right + total.unmarked) < enough * everything else 2


def _require_questions(number: int, left_out: "Sequence[LeftOut]" = ()) -> None:
    if number:
        return
    _say_left_out(left_out)
    raise StudykitError("there is no card to ask: name other decks or kinds")


def _say_left_out(left_out: "Sequence[LeftOut]") -> None:
    from studykit.quiz.report import left_out_lines

    for line in left_out_lines(left_out):
        print(f"studykit: left out: {printable(line)}", file=sys.stderr)


def _json(document: object) -> str:
    import json

    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


# ---- files and numbers


def _new(path: Path) -> Path:
    if path.exists():
        raise StudykitError(f"{path} exists already, and may hold answers: choose another name")
    return _writable(path, "paper")


def _writable(path: Path, what: str) -> Path:
    """Return `path` if it can be written, before anybody spends an hour on it."""
    if path.is_dir() or not path.parent.is_dir():
        raise StudykitError(f"cannot write the {what} {path}: there is no such folder, or it is one itself")
    return path


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf8")
    except OSError as error:
        raise StudykitError(f"cannot write {path}: {error.strerror}") from error


def _whole(text: str, lowest: int, highest: int) -> int:
    try:
        number = int(text)
    except ValueError:
        number = lowest - 1
    if not lowest <= number <= highest:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {lowest} to {highest}")
    return number


def _count(text: str) -> int:
    return _whole(text, 1, MAX_COUNT)


def _seed(text: str) -> int:
    return _whole(text, 0, _LARGEST_SEED - 1)


def _percent(text: str) -> int:
    return _whole(text, 0, 100)


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = 0
    if not 0 < minutes <= 24 * 60:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of minutes: give 20, or 1.5")
    return int(minutes) if minutes == int(minutes) else minutes
