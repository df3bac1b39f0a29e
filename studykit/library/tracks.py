"""`_track.yaml`: a track's title, summary, and the order of its topics."""

from collections.abc import Iterator
from typing import Any

from studykit.library.cards import Text
from studykit.library.deck import Problem
from studykit.library.entries import Track
from studykit.library.yaml_source import Loaded, load

KEYS = ("title", "summary", "topics", "order")


def parse_track(text: str | bytes, path: str, track: str) -> tuple[Track, list[Problem]]:
    """Parse a track file; whatever is wrong is reported, and the rest is used."""
    try:
        decoded = text if isinstance(text, str) else text.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Track(track, track), [Problem(path, 1, 1, "encoding", "not UTF-8 text")]
    loaded = load(decoded)
    problems = [Problem(path, *fault.position, fault.rule, fault.message) for fault in loaded.faults]
    data = loaded.data if isinstance(loaded.data, dict) else {}
    if loaded.data is not None and not isinstance(loaded.data, dict):
        problems.append(
            Problem(path, 1, 1, "type", "a track is a mapping with `title`, `summary` and `topics`")
        )
    problems += (Problem(path, *at, rule, message) for at, rule, message in _faults(data, loaded))
    topics = data.get("topics")
    return (
        Track(
            track,
            _text(data.get("title")) or track,
            _text(data.get("summary")) or "",
            tuple(topic for topic in topics if isinstance(topic, str)) if isinstance(topics, list) else (),
            data["order"] if isinstance(data.get("order"), int) else 1_000,
        ),
        problems,
    )


def _faults(data: dict[str, Any], loaded: Loaded) -> Iterator[tuple[tuple[int, int], str, str]]:
    for key, value in data.items():
        at = loaded.keys[(key,)]
        match key, value:
            case (("title" | "summary"), (str() | dict())):
                continue
            case (("title" | "summary"), _):
                yield at, "type", f"`{key}` is text"
            case "topics", list():
                for index, topic in enumerate(value):
                    if not isinstance(topic, str):
                        yield loaded.values[("topics", index)], "type", "a topic is the name of a deck file"
            case "topics", _:
                yield at, "type", "`topics` is a list of deck names"
            case "order", int():
                continue
            case "order", _:
                yield at, "type", "`order` is a whole number"
            case _:
                yield at, "unknown-key", f"a track has no `{key}`; there are {', '.join(KEYS)}"


def _text(value: object) -> Text | None:
    return value if isinstance(value, str | dict) and value else None
