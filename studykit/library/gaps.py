"""The gaps in a cloze text: `{{hidden}}` or `{{hidden::what is asked}}`."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gap:
    """`{{hidden}}` or `{{hidden::asked}}`."""

    hidden: str
    asked: str


def split(text: str) -> Iterator[str | Gap]:
    """Yield the plain parts and the gaps of `text` in their order; braces inside a gap may nest."""
    at = 0
    while (start := text.find("{{", at)) >= 0 and (end := _end_of_gap(text, start + 2)) >= 0:
        hidden, _, asked = text[start + 2 : end].partition("::")
        yield text[at:start]
        yield Gap(hidden, asked)
        at = end + 2
    yield text[at:]


def _end_of_gap(text: str, at: int) -> int:
    depth = 0
    while at < len(text):
        if depth == 0 and text.startswith("}}", at):
            return at
        depth += (text[at] == "{") - (text[at] == "}")
        at += 1
    return -1
