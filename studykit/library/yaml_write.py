"""Plain data as YAML that people like to edit: texts of several lines as blocks, quotes only where needed."""

import json
import re
from collections.abc import Mapping, Sequence

WIDTH = 100
"""Longer values that fit on one line are written as blocks, where a block can hold them."""

STEP = 2

_AMBIGUOUS = re.compile(
    r"(?i:~|null|true|false|yes|no|on|off|y|n|=|<<|[-+]?\.(?:inf|nan)|[-+.]?[0-9][0-9_,.:+\-a-fotxz ]*)"
)
"""Plain scalars that some reader of YAML, 1.1 or 1.2, takes for something else than text."""

_PLAIN = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`][^\n]*")
_UNPRINTABLE = re.compile(
    "[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


class Rows(dict[str, object]):
    """A mapping that is written with one entry on each line."""


def block(value: object, indent: int) -> str:
    """Return what stands after `key:` whose own column is `indent`: ` value`, or lines that follow."""
    match value:
        case Rows():
            return "".join(
                f"\n{' ' * (indent + STEP)}{flow(key)}: {flow(part)}" for key, part in value.items()
            )
        case Mapping() if not _fits(value):
            pad = " " * (indent + STEP)
            return "".join(f"\n{pad}{flow(key)}:{block(part, indent + STEP)}" for key, part in value.items())
        case str() if not _is_inline(value):
            return f" {_literal(value, indent + STEP)}"
        case Sequence() if not isinstance(value, str) and not _fits(value):
            pad = " " * (indent + STEP)
            return "".join(f"\n{pad}-{block(part, indent + STEP)}" for part in value)
    return f" {flow(value, inside=False)}"


def item(value: Mapping[str, object], dash: int, indent: int) -> str:
    """Return lines of a list's entry whose dash stands in column `dash` and its keys in column `indent`."""
    lines = [f"{flow(key)}:{block(part, indent)}" for key, part in value.items()]
    head = f"{' ' * dash}-{' ' * (indent - dash - 1)}"
    return head + f"\n{' ' * indent}".join(lines) + "\n"


def flow(value: object, *, inside: bool = True) -> str:
    """Return `value` on one line; `inside` a flow collection or before a colon more must be quoted."""
    match value:
        case Mapping():
            return "{" + ", ".join(f"{flow(key)}: {flow(part)}" for key, part in value.items()) + "}"
        case str():
            return _scalar(value, inside=inside)
        case Sequence():
            return "[" + ", ".join(flow(part) for part in value) + "]"
    return json.dumps(value)


def _fits(value: Mapping[str, object] | Sequence[object]) -> bool:
    parts = list(value.values()) if isinstance(value, Mapping) else list(value)
    simple = all(not isinstance(part, str) or "\n" not in part.rstrip("\n") for part in parts)
    return not parts or (simple and len(flow(value)) <= WIDTH - 20)


def _is_inline(text: str) -> bool:
    if "\n" in text.rstrip("\n"):
        return not _can_be_literal(text)
    return len(text) <= WIDTH or not _can_be_literal(text)


def _can_be_literal(text: str) -> bool:
    # A text that begins with a space would need to say how far it is indented.
    return bool(text.strip()) and not text.startswith((" ", "\n", "\t")) and not _UNPRINTABLE.search(text)


def _literal(text: str, indent: int) -> str:
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    chomp = "-" if ends == 0 else "" if ends == 1 else "+"
    lines = [" " * indent + line if line else "" for line in body.split("\n")]
    return f"|{chomp}\n" + "\n".join([*lines, *[""] * (ends - 1)])


def _scalar(text: str, *, inside: bool) -> str:
    if _is_plain(text, inside=inside):
        return text
    if "\n" in text or _UNPRINTABLE.search(text) or ("'" in text and '"' not in text and "\\" not in text):
        return _double(text)
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    return "'" + text.replace("'", "''") + "'"


def _is_plain(text: str, *, inside: bool) -> bool:
    return (
        bool(_PLAIN.fullmatch(text))
        and text == text.strip()
        and not text.endswith(":")
        and ": " not in text
        and ":\t" not in text
        and " #" not in text
        and "\t#" not in text
        and not text.startswith(("--- ", "... "))
        and not _AMBIGUOUS.fullmatch(text)
        and not _UNPRINTABLE.search(text)
        and not (inside and re.search(r"[,\[\]{}:]", text))
    )


def _double(text: str) -> str:
    # JSON's strings are YAML's; what JSON leaves as it is but a terminal would not is escaped too.
    quoted = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(_escaped, quoted)


def _escaped(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
