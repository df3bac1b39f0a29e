"""Changes to a YAML text that leave every byte alone which they are not about.

A deck is edited by hand: comments, blank lines, the order of keys, quotes and line breaks are its author's.
A library that writes the whole text anew keeps most of that, but not line breaks in plain texts, nor spaces
within `{ }`. So a change is made to the text itself, where the parser says that the value stands, and nothing
is written anew but the value. Whoever makes changes reads the result and compares, as
`studykit.authoring.deck_file` does.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import yaml

from studykit.library.yaml_source import Location, loader
from studykit.library.yaml_write import block, flow, item

Span: TypeAlias = tuple[int, int]

_HEADER = re.compile(r"[|>][-+0-9]*([ \t]+#[^\n]*)?")
_COMMENT = re.compile(r"[ \t]+#[^\n]*")


@dataclass(frozen=True, slots=True)
class _Change:
    span: Span
    text: str


class YamlText:
    """A YAML text and the changes that are to be made to it."""

    def __init__(self, text: str) -> None:
        """Read `text`. Raises ValueError if it is no YAML, or empty."""
        self._mark = "\ufeff" if text.startswith("\ufeff") else ""
        self._newline = "\r\n" if "\r\n" in text else "\n"
        self._text = text.removeprefix("\ufeff").replace("\r\n", "\n")
        if not self._text.endswith("\n"):
            self._text += "\n"
        self._root = _composed(self._text)
        self._changes: list[_Change] = []

    def result(self) -> str:
        """Return the text with all changes made."""
        pieces, at = [], 0
        for change in sorted(self._changes, key=lambda one: one.span):
            pieces += [self._text[at : change.span[0]], change.text]
            at = change.span[1]
        text = "".join([*pieces, self._text[at:]])
        return self._mark + text.replace("\n", self._newline)

    def length(self, at: Location) -> int:
        """Return how many entries the list at `at` has."""
        return len(self._node(at).value)

    def text(self, at: Location) -> str:
        """Return the text that stands at `at`."""
        return str(self._node(at).value)

    def set(self, at: Location, value: object, lead: str = "") -> None:
        """Let the mapping that `at` is in say `value` there: in place of what it says, or as its last key.

        `lead` are lines to put before a new key.
        """
        parent, name = self._node(at[:-1]), str(at[-1])
        inside = self._in_flow(at[:-1])
        for key, old in parent.value:
            if key.value == name:
                self._replace(key, old, value, inside=inside)
                return
        self._add(parent, name, value, lead, inside=inside)

    def delete(self, at: Location) -> None:
        """Take a key out of its mapping, with its value."""
        parent, name = self._node(at[:-1]), at[-1]
        place = next(number for number, (key, _) in enumerate(parent.value) if key.value == name)
        key, old = parent.value[place]
        begin, end = key.start_mark.index, self._end(old)
        following = parent.value[place + 1][0].start_mark.index if place + 1 < len(parent.value) else None
        if self._in_flow(at[:-1]):
            if following is None:
                begin = self._end(parent.value[place - 1][1]) if place else begin
            self._changes.append(_Change((begin, following or end), ""))
        elif self._text[self._line_start(begin) : begin].strip() and following is not None:
            self._changes.append(_Change((begin, following), ""))  # it shares the line with the dash
        else:
            self._changes.append(_Change((self._line_start(begin), self._line_end(end) + 1), ""))

    def insert(self, at: Location, after: int, value: Mapping[str, object]) -> None:
        """Put an entry into the list at `at`, behind entry number `after` (-1: before all)."""
        listed = self._node(at)
        entries = listed.value
        if _is_flow(listed):
            place = self._end(entries[after]) if after >= 0 else entries[0].start_mark.index
            text = f", {flow(value)}" if after >= 0 else f"{flow(value)}, "
            self._changes.append(_Change((place, place), text))
            return
        dash = listed.start_mark.column
        indent = entries[0].start_mark.column
        text = item(value, dash, indent)
        apart = self._is_spaced(entries)
        if after < 0:
            place = self._line_start(listed.start_mark.index)
            text += "\n" if apart else ""
        else:
            place = self._after_comments(self._line_end(self._end(entries[after])) + 1, dash)
            text = ("\n" if apart else "") + text
        self._changes.append(_Change((place, place), text))

    def remove(self, at: Location, numbers: Sequence[int]) -> None:
        """Take entries, though not all of them, out of the list at `at`, with the comments inside them."""
        listed = self._node(at)
        spans: list[Span] = []
        for number in sorted(numbers):
            begin, end = (self._flow_entry if _is_flow(listed) else self._block_entry)(listed, number)
            if spans and begin <= spans[-1][1]:
                begin = spans.pop()[0]
            spans.append((begin, end))
        self._changes += [_Change(span, "") for span in spans]

    def _flow_entry(self, listed: yaml.Node, number: int) -> Span:
        """Return where an entry stands, with the comma that is not needed without it."""
        entries = listed.value
        if number + 1 < len(entries):
            return entries[number].start_mark.index, entries[number + 1].start_mark.index
        return self._end(entries[number - 1]), self._end(entries[number])

    def _block_entry(self, listed: yaml.Node, number: int) -> Span:
        """Return where the lines of an entry stand, with one of the blank lines around them."""
        entries = listed.value
        begin = self._line_start(entries[number].start_mark.index)
        end = self._after_comments(self._line_end(self._end(entries[number])) + 1, listed.start_mark.column)
        if number + 1 < len(entries):
            blank = not self._text[end : self._line_end(end)].strip()
            return begin, self._line_end(end) + 1 if blank else end
        before = self._line_start(begin - 1)
        return (begin if self._text[before:begin].strip() else before), end

    def append(self, at: Location, value: str) -> None:
        """Put a word at the end of the list at `at`, which has entries."""
        listed = self._node(at)
        end = self._end(listed.value[-1])
        if _is_flow(listed):
            self._changes.append(_Change((end, end), f", {flow(value)}"))
            return
        line = self._line_end(end)
        text = f"\n{' ' * listed.start_mark.column}-{block(value, listed.start_mark.column)}"
        self._changes.append(_Change((line, line), text))

    # Where things stand

    def _node(self, at: Location) -> yaml.Node:
        node = self._root
        for step in at:
            if isinstance(node, yaml.MappingNode):
                found = [value for key, value in node.value if key.value == step]
                if not found:
                    raise KeyError(at)
                node = found[0]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
            else:
                raise KeyError(at)
        return node

    def _in_flow(self, at: Location) -> bool:
        return any(_is_flow(self._node(at[:depth])) for depth in range(len(at) + 1))

    def _end(self, node: yaml.Node) -> int:
        """Return where the value really ends: the parser counts what follows as part of blocks."""
        if isinstance(node, yaml.ScalarNode):
            if node.style in ("|", ">"):
                return len(self._text[: node.end_mark.index].rstrip())
            return int(node.end_mark.index)
        if _is_flow(node) or not node.value:
            return int(node.end_mark.index)
        last = node.value[-1]
        return self._end(last[1] if isinstance(last, tuple) else last)

    def _line_start(self, at: int) -> int:
        return self._text.rfind("\n", 0, at) + 1

    def _line_end(self, at: int) -> int:
        return self._text.index("\n", at)

    def _after_comments(self, place: int, dash: int) -> int:
        """Return where the next line begins that is no comment of the entry before."""
        while place < len(self._text):
            line = self._text[place : self._line_end(place)]
            if not line.lstrip().startswith("#") or len(line) - len(line.lstrip()) <= dash:
                break
            place += len(line) + 1
        return place

    def _is_spaced(self, entries: list[yaml.Node]) -> bool:
        gaps = [
            "\n\n" in self._text[self._end(one) : other.start_mark.index] for one, other in pairwise(entries)
        ]
        return 2 * sum(gaps) >= len(gaps)

    # Changing

    def _add(self, parent: yaml.Node, name: str, value: object, lead: str, *, inside: bool) -> None:
        if inside:
            place = self._end(parent.value[-1][1])
            self._changes.append(_Change((place, place), f", {flow(name)}: {flow(value)}"))
            return
        indent = parent.start_mark.column
        root = parent is self._root
        place = len(self._text) if root else self._line_end(self._end(parent.value[-1][1])) + 1
        text = f"{lead}{' ' * indent}{flow(name)}:{block(value, indent)}\n"
        self._changes.append(_Change((place, place), text))

    def _replace(self, key: yaml.Node, old: yaml.Node, value: object, *, inside: bool) -> None:
        begin, end = old.start_mark.index, self._end(old)
        colon = self._text.index(":", key.end_mark.index) + 1
        if inside:
            space = "" if begin > colon else " "
            self._changes.append(_Change((max(begin, colon), max(end, colon)), space + flow(value)))
            return
        text = block(value, key.start_mark.column)
        comment, begin, end = self._comment(old, colon, begin, end)
        head, newline, rest = text.partition("\n")
        self._changes.append(_Change((colon, end), f"{head}{comment}{newline}{rest}"))

    def _comment(self, old: yaml.Node, colon: int, begin: int, end: int) -> tuple[str, int, int]:
        """Return the comment on the line of the key or of the value's end, and the span that it extends."""
        if begin >= end:  # nothing is there: `key:`
            begin = end = colon
        if isinstance(old, yaml.ScalarNode) and old.style in ("|", ">"):
            header = _HEADER.match(self._text, begin)
            return (header.group(1) or "") if header else "", begin, end
        if self._text.count("\n", colon, begin):
            found = _COMMENT.match(self._text, colon)
            return found.group() if found else "", begin, end
        found = _COMMENT.match(self._text, end)
        return (found.group(), begin, found.end()) if found else ("", begin, end)


def _is_flow(node: yaml.Node) -> bool:
    return isinstance(node, yaml.CollectionNode) and bool(node.flow_style)


def _composed(text: str) -> yaml.Node:
    made = loader(text)
    try:
        node = made.get_single_node()
    except yaml.YAMLError as error:
        raise ValueError(f"this is no YAML: {error}") from error
    finally:
        made.dispose()
    if not isinstance(node, yaml.MappingNode) or not node.value:
        raise ValueError("this is no mapping")
    return node
