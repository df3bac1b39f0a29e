"""`studykit run`: a card's code, or an answer against it."""

import argparse
import sys
from pathlib import Path

from studykit.commands._shared import add_json, open_study, print_json
from studykit.errors import StudykitError
from studykit.wording import printable

EXAMPLE = "studykit run transformer/rope/write_apply_rope --answer my_rope.py --seed 3"

MAX_ANSWER = 1_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `run` takes."""
    parser.add_argument("card", metavar="CARD", help="a card that runs code: track/topic/id")
    parser.add_argument(
        "--answer",
        metavar="FILE",
        help="the answer to check, `-` for stdin; the reference itself when left out",
    )
    parser.add_argument("--seed", type=int, default=0, help="draws the inputs (default 0)")
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="auto", help="where to run (default auto)"
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run, and say how it went: exit code 0 for a pass, 1 for a run that failed, 2 if it could not run."""
    from studykit.running.verdicts import Verdict

    study, _ = open_study(arguments)
    answer = None if arguments.answer is None else _read(arguments.answer)
    with study, study.runner(arguments.device) as runner:
        card = study.card_id(arguments.card)
        result = runner.judge(study.exercise(card), answer, arguments.seed)
    if arguments.json:
        print_json(
            {
                "card": card,
                "verdict": str(result.verdict),
                "seed": result.seed,
                "ms": round(result.ms, 3),
                "device": result.device,
                "detail": result.detail,
                "stdout": result.stdout,
            }
        )
    else:
        print(printable(f"{result.verdict}: {result.detail}" if result.detail else str(result.verdict)))
        if not result.verdict.counts and result.verdict is not Verdict.ERROR:
            print("In a review this does not count as forgetting.")
        _print_part("failing input", result.failing_input)
        _print_part("expected", result.expected)
        _print_part("got", result.got)
        _print_part("traceback", result.traceback)
        _print_part("printed", result.stdout)
    match result.verdict:
        case Verdict.PASS:
            return 0
        case Verdict.UNAVAILABLE:
            return 2
        case _:
            return 1


def _print_part(title: str, text: str) -> None:
    if text:
        print(printable(f"\n{title}:\n{text.rstrip()}"))


def _read(name: str) -> str:
    try:
        data = sys.stdin.buffer.read(MAX_ANSWER + 1) if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise StudykitError(f"cannot read the answer {name}: {error.strerror}") from error
    if len(data) > MAX_ANSWER:
        raise StudykitError(f"the answer {name} is larger than {MAX_ANSWER:,} bytes")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise StudykitError(f"the answer {name} is not UTF-8 text") from error
