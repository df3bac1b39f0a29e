"""`studykit show`: one card, what is remembered of it, and its history."""

import argparse
from typing import TYPE_CHECKING, Any

from studykit.commands._shared import add_json, open_study, print_json, print_table
from studykit.wording import CHANGED, printable

if TYPE_CHECKING:
    from studykit.store.records import LogRow

EXAMPLE = "studykit show transformer/rope/why_a_rotation"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `show` takes."""
    parser.add_argument("card", metavar="CARD", help="the card: track/topic/id")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the card with its answer."""
    from studykit.study import memory_as_json

    study, _ = open_study(arguments)
    with study:
        card_id = study.card_id(arguments.card)
        fields = study.fields_of(card_id)
        record = study.store.records([card_id]).get(card_id)
        history = study.store.history(card_id)
        place, changed = study.place_of(card_id), study.changed(card_id)
    memory = None if record is None else memory_as_json(record.memory)
    if arguments.json:
        print_json(
            {
                "card": card_id,
                **fields,
                "place": place,
                "changed": changed,
                "memory": memory,
                "history": [_as_json(row) for row in history],
            }
        )
        return 0
    print(printable(f"{card_id}  [{fields['kind']}]  {place}"))
    if fields.get("retired"):
        print("Retired: the article has it no more. It is never asked; its history is kept.")
    if changed:
        print(f"{CHANGED[0].upper()}{CHANGED[1:]} since you last answered: it is due now.")
    for name, value in sorted(fields.items(), key=lambda field: _rank(field[0])):
        if name not in ("kind", "id", "retired", "revision") and value:
            print(printable(f"\n{name}:\n{_text(value)}"))
    print(f"\nmemory: {_sentence(memory)}")
    if history:
        print()
        rows = [(row.day, row.role, int(row.grade), _seconds(row.duration_ms)) for row in history]
        print_table(rows, ("day", "as", "grade", "seconds"))
    return 0


def _as_json(row: "LogRow") -> dict[str, Any]:
    return {
        "at": row.at.isoformat(),
        "day": row.day.isoformat(),
        "role": str(row.role),
        "grade": int(row.grade),
        "proposed": None if row.proposed is None else int(row.proposed),
        "seconds": None if row.duration_ms is None else row.duration_ms / 1000,
        "scheduler": row.scheduler,
        "evidence": row.evidence,
    }


def _rank(name: str) -> int:
    """Return where a field stands: what is asked, then what is answered, then the rest as it is."""
    first = ("front", "text", "code", "broken", "right", "wrong", "accept", "function", "back")
    return first.index(name) if name in first else len(first)


def _text(value: object) -> str:
    match value:
        case dict():
            return "\n".join(_named(name, _text(part)) for name, part in value.items())
        case list() | tuple() if all(isinstance(part, int) for part in value):
            return "-".join(str(part) for part in dict.fromkeys(value))
        case list() | tuple():
            return "\n".join(f"- {_text(part)}" for part in value)
        case _:
            return str(value).rstrip()


def _named(name: str, text: str) -> str:
    return f"{name}:\n{text}" if "\n" in text else f"{name}: {text}"


def _sentence(memory: dict[str, object] | None) -> str:
    if memory is None:
        return "never seen"
    return "due {due}, interval {interval} d, ease {ease}, {repetitions} passed in a row".format(**memory)


def _seconds(milliseconds: int | None) -> str:
    return "" if milliseconds is None else f"{milliseconds / 1000:.1f}"
