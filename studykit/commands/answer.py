"""`studykit answer`: record a grade without the screen."""

import argparse

from studykit.commands._shared import add_at, add_json, open_study, print_json
from studykit.wording import printable

EXAMPLE = "studykit answer transformer/rope/why_a_rotation --grade 4"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `answer` takes."""
    parser.add_argument("card", metavar="CARD", help="the card: track/topic/id")
    parser.add_argument(
        "--grade",
        type=int,
        required=True,
        choices=range(6),
        help="0 blackout, 1 wrong, 2 nearly, 3 hard, 4 good, 5 easy",
    )
    add_at(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Record the grade and say when the card comes again."""
    from studykit.scheduling.sm2 import Grade
    from studykit.study import memory_as_json

    study, at = open_study(arguments)
    with study:
        answered = study.answer(study.card_id(arguments.card), Grade(arguments.grade), at)
    before, after = answered.before, answered.after
    if arguments.json:
        print_json(
            {
                "card": answered.card,
                "grade": arguments.grade,
                "before": None if before is None else memory_as_json(before.memory),
                "after": memory_as_json(after.memory),
            }
        )
    else:
        print(
            printable(
                f"{answered.card}: due again on {after.memory.due} (interval {after.memory.interval} d)"
            )
        )
        if answered.role == "cram":
            print("It was not due: the answer is logged and the schedule stays as it was.")
        elif after.drill_on is not None and after.drill_on == answered.day:
            print("It comes again today, until you grade it 4 or better.")
    return 0
