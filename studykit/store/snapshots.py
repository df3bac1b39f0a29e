"""A card's state as the JSON that the log keeps of it, before and after each step."""

import json
from dataclasses import fields
from datetime import date
from typing import Any

from studykit.scheduling.sm2 import Memory
from studykit.store.records import UNMARKED, Marks, Record
from studykit.store.transitions import BLANK, State

_encode = json.JSONEncoder(separators=(",", ":")).encode


def encode(state: State) -> str | None:
    """Return `state` as JSON; `None` of a card of which nothing is kept."""
    if state == BLANK:
        return None
    content = {} if state.record is None else _record_content(state.record)
    if state.marks != UNMARKED:
        content["marks"] = _marks_content(state.marks)
    return _encode(content)


def decode(text: str | None) -> State:
    """Return the state that `encode` wrote."""
    if text is None:
        return BLANK
    content = json.loads(text)
    marks = _marks(content.get("marks"))
    return State(_record(content, marks) if "due" in content else None, marks)


def marks_in(text: str | None) -> Marks:
    """Return the marks of the state that `encode` wrote."""
    if text is None or '"marks"' not in text:
        return UNMARKED
    return _marks(json.loads(text).get("marks"))


def revision_in(text: str | None) -> int:
    """Return the revision last answered in the state that `encode` wrote."""
    if text is None or '"revision"' not in text:
        return 1
    return int(json.loads(text).get("revision", 1))


def _record_content(record: Record) -> dict[str, object]:
    memory = record.memory
    content: dict[str, object] = {
        "due": memory.due.isoformat(),
        "interval": memory.interval,
        "repetitions": memory.repetitions,
        "ease": memory.ease,
        "lapses": record.lapses,
        "last_day": record.last_day.isoformat(),
        "scheduler": record.scheduler,
    }
    if memory.stability is not None:
        content["stability"] = memory.stability
    if memory.difficulty is not None:
        content["difficulty"] = memory.difficulty
    if record.drill_on is not None:
        content["drill_on"] = record.drill_on.isoformat()
    if record.revision != 1:
        content["revision"] = record.revision
    return content


def _record(content: dict[str, Any], marks: Marks) -> Record:
    memory = Memory(
        due=date.fromisoformat(content["due"]),
        interval=content["interval"],
        repetitions=content["repetitions"],
        ease=content["ease"],
        stability=content.get("stability"),
        difficulty=content.get("difficulty"),
    )
    return Record(
        memory=memory,
        scheduler=content["scheduler"],
        lapses=content["lapses"],
        drill_on=_day(content.get("drill_on")),
        last_day=date.fromisoformat(content["last_day"]),
        marks=marks,
        revision=content.get("revision", 1),
    )


def _marks_content(marks: Marks) -> dict[str, object]:
    values = {field.name: getattr(marks, field.name) for field in fields(marks)}
    return {name: _plain(value) for name, value in values.items() if value}


def _marks(content: dict[str, Any] | None) -> Marks:
    if not content:
        return UNMARKED
    return Marks(**{**content, "buried_until": _day(content.get("buried_until"))})


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
