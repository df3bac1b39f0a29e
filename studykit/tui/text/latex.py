r"""LaTeX formulas as Unicode text: `\frac{x_1^2}{\sqrt{d_k}}` reads x₁²/√dₖ.

A small reader for what articles use. It never fails: an unknown command stays as it was written, and a
formula whose braces do not match is returned as it came.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from studykit.tui.text.symbols import (
    ACCENTS,
    ALPHABETS,
    FUNCTIONS,
    LINES,
    RELATIONS,
    SUBSCRIPTS,
    SUPERSCRIPTS,
    SYMBOLS,
    TEXT_COMMANDS,
    TIGHT,
)

_SIGN = re.compile(r"\\(?:[A-Za-z]+\*?|.)|\s+|.", re.DOTALL)
_FRACTIONS = frozenset(("frac", "dfrac", "tfrac", "cfrac"))
_CLOSE_TO_A_NAME = frozenset(("", "^", "_", "(", "[", ")", "}", "\\left"))
_VERBATIM = {"~": " ", "\\,": " ", "\\;": " ", "\\ ": " "}
_CELL, _ROW = "\x00", "\n"
_BRACKETS = {
    "matrix": ("", ""),
    "pmatrix": ("(", ")"),
    "bmatrix": ("[", "]"),
    "vmatrix": ("|", "|"),
    "cases": ("{ ", ""),
}
_MAX_DEPTH = 40
_SHORT = 3  # a longer word is hard to read in small letters
_SMALL = r"[⁰-₟ᴬ-ᵿ⁺⁻⁼⁽⁾₊₋₌₍₎²³¹ⱼⱽ′]"
_SIMPLE = re.compile(rf"√?(?:[\w.∂∇\u0300-\u036f\u20d7]|{_SMALL})+(?:\^\([^()]*\))?|√?[(⟨|‖][^()⟨⟩|‖]*[)⟩|‖]")
_BIG = re.compile(rf"([∑∏∐∫∬∮⋃⋂⨁⨂](?:{_SMALL}|[_^]\([^()]*\))*)(?=[^\W_]|[√(\\])(?!{_SMALL})")
_NAMED = re.compile(
    rf"\b((?:arg)?(?:max|min)|lim|inf|sup|log)((?:{_SMALL})+|_\([^()]*\)|_\w)(?=[^\W_]|√)(?!{_SMALL})"
)
_INSIDE = re.compile(r"(?<=[(\[⟨⌊⌈]) +| +(?=[)\]⟩⌋⌉])")


class _UnreadableError(Exception):
    """The formula's braces do not match, or it is nested beyond reason."""


@lru_cache(maxsize=1024)
def readable(formula: str) -> str:
    """Return `formula` as text a person can read; rows of an environment are lines."""
    try:
        text = _Reader(formula).all()
    except _UnreadableError:
        return formula
    return "\n".join(_tidy(line) for line in text.split(_ROW) if line.strip())


def _tidy(line: str) -> str:
    line = _INSIDE.sub("", line.replace(_CELL, " ").strip())
    return _NAMED.sub(r"\1\2 ", _BIG.sub(r"\1 ", line))


class _Reader:
    """Reads one formula from left to right."""

    def __init__(self, formula: str) -> None:
        self._signs = _SIGN.findall(formula)
        self._at = 0
        self._depth = 0
        self._scripts = 0

    def all(self) -> str:
        text = self._until("")
        if self._at < len(self._signs):
            raise _UnreadableError
        return text

    def _until(self, end: str) -> str:
        """Read up to the sign `end`, which is consumed; `""` is the end of the formula."""
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise _UnreadableError
        parts: list[str] = []
        while (sign := self._next()) != end:
            if sign in ("", "}"):
                raise _UnreadableError
            self._read(sign, parts)
        self._depth -= 1
        return "".join(parts)

    def _next(self) -> str:
        sign = self._signs[self._at] if self._at < len(self._signs) else ""
        self._at += bool(sign)
        return sign

    def _peek(self) -> str:
        return self._signs[self._at] if self._at < len(self._signs) else ""

    def _read(self, sign: str, parts: list[str]) -> None:
        match sign:
            case "{":
                parts.append(self._until("}"))
            case "^":
                parts.append(self._apart(_script(self._small(), SUPERSCRIPTS, "^")))
            case "_":
                parts.append(self._apart(_script(self._small(), SUBSCRIPTS, "_")))
            case "&":
                parts.append(_CELL)
            case "\\\\":
                parts.append(_ROW)
            case "-" | "+":
                parts.append(self._sum("−" if sign == "-" else "+", parts))
            case "'":
                parts.append("′")
            case "~":
                parts.append(" ")
            case _ if sign.isspace():
                parts.append(" " if parts and not parts[-1].endswith((" ", _ROW)) else "")
            case _ if sign.startswith("\\"):
                self._command(sign[1:], parts)
            case _:
                parts.append(self._spaced(sign, parts))

    def _spaced(self, sign: str, parts: list[str]) -> str:
        """Put spaces around a relation that stands between two sides."""
        if sign not in RELATIONS:
            return sign
        self._skip_space()
        before = "" if not parts or parts[-1].endswith((" ", _ROW)) else " "
        return f"{before}{sign} "

    def _sum(self, sign: str, parts: list[str]) -> str:
        """Put spaces around a sign between two terms, none after the sign of one term."""
        before = "".join(parts[-3:]).rstrip()
        if self._scripts or not before or before[-1] in RELATIONS or before[-1] in "([{⟨,+−·×" + _CELL + _ROW:
            return sign
        self._skip_space()
        return f"{'' if parts[-1].endswith(' ') else ' '}{sign} "

    def _apart(self, script: str) -> str:
        """Keep a script that stayed a word (`p_data`) from running into what follows."""
        after = self._peek()
        runs_on = after.isalnum() or (after.startswith("\\") and after[1:2].isalpha() and after != "\\right")
        return script + " " if runs_on and script[0] in "^_" and script[-1].isalnum() else script

    def _skip_space(self) -> None:
        while self._peek().isspace():
            self._next()

    def _small(self) -> str:
        self._scripts += 1
        text = self._argument()
        self._scripts -= 1
        return text

    def _command(self, name: str, parts: list[str]) -> None:
        if name in SYMBOLS:
            symbol = SYMBOLS[name]
            if name in ("left", "right") and self._peek() == ".":
                self._next()
            parts.append(self._spaced(symbol, parts))
            if name in TIGHT:
                self._skip_space()
        elif name in FUNCTIONS:
            parts.append(self._function(name, parts))
        elif name in TEXT_COMMANDS:
            parts.append(self._verbatim())
        elif name == "begin":
            parts.append(self._environment())
        elif handler := _COMMANDS.get(name):
            parts.append(handler(self))
        else:
            parts.append(self._styled(name))

    def _function(self, name: str, parts: list[str]) -> str:
        before = " " if parts and parts[-1][-1:].isalnum() else ""
        self._skip_space()
        return f"{before}{name}{'' if self._peek() in _CLOSE_TO_A_NAME else ' '}"

    def _styled(self, name: str) -> str:
        if name in ALPHABETS:
            alphabet = ALPHABETS[name]
            return "".join(alphabet.get(c, c) for c in self._argument())
        if name in ACCENTS:
            argument = self._argument()
            return (
                argument + ACCENTS[name] if len(argument) == 1 else f"{name.removeprefix('wide')}({argument})"
            )
        if name in LINES:
            return "".join(c + LINES[name] for c in self._argument())
        if self._peek() == "{":
            return f"\\{name}{{{self._argument()}}}"
        return f"\\{name}"

    def _argument(self) -> str:
        self._skip_space()
        sign = self._next()
        if sign in ("", "}"):
            raise _UnreadableError
        if sign == "{":
            return self._until("}").strip()
        parts: list[str] = []
        self._read(sign, parts)
        return "".join(parts).strip()

    def _verbatim(self) -> str:
        if self._peek() != "{":
            return self._argument()
        self._next()
        parts, depth = [], 1
        while depth:
            sign = self._next()
            if not sign:
                raise _UnreadableError
            depth += (sign == "{") - (sign == "}")
            parts.append(_VERBATIM.get(sign) or (sign.removeprefix("\\") if len(sign) == 2 else sign))
        return "".join(parts[:-1])

    def _optional(self) -> str:
        if self._peek() != "[":
            return ""
        self._next()
        return self._until("]")

    def _environment(self) -> str:
        name = self._verbatim().rstrip("*")
        if name == "array":
            self._argument()
        parts: list[str] = []
        while (sign := self._next()) != "\\end":
            if sign in ("", "}"):
                raise _UnreadableError
            self._read(sign, parts)
        self._verbatim()
        rows = [row.strip() for row in "".join(parts).split(_ROW) if row.strip()]
        if name not in _BRACKETS:
            return _ROW.join(re.sub(" +", " ", row.replace(_CELL, " ")) for row in rows)
        left, right = _BRACKETS[name]
        cells = ("  ".join(cell.strip() for cell in row.split(_CELL)) for row in rows)
        if name == "cases":
            return _ROW.join(left + row for row in cells)
        return f"{left}{'; '.join(cells)}{right}"

    def _fraction(self) -> str:
        above, below = self._argument(), self._argument()
        return f"{_grouped(above)}/{_grouped(below)}"

    def _root(self) -> str:
        degree = self._optional()
        return f"{_script(degree, SUPERSCRIPTS, '^') if degree else ''}√{_grouped(self._argument())}"

    def _choose(self) -> str:
        return f"C({self._argument()}, {self._argument()})"

    def _over(self) -> str:
        above, base = self._argument(), self._argument()
        return base + _script(above, SUPERSCRIPTS, "^")

    def _negated(self) -> str:
        sign = self._argument()
        return {"=": " ≠ ", "∈": " ∉ "}.get(sign, sign + "\u0338")

    def _tag(self) -> str:
        return f"  ({self._verbatim()})"

    def _dropped(self) -> str:
        self._verbatim()
        return ""


_COMMANDS: dict[str, Callable[[_Reader], str]] = {
    **dict.fromkeys(_FRACTIONS, _Reader._fraction),
    "sqrt": _Reader._root,
    "binom": _Reader._choose,
    "overset": _Reader._over,
    "stackrel": _Reader._over,
    "underbrace": _Reader._argument,
    "overbrace": _Reader._argument,
    "boxed": _Reader._argument,
    "not": _Reader._negated,
    "tag": _Reader._tag,
    "label": _Reader._dropped,
    "color": _Reader._dropped,
}


def _script(text: str, table: dict[str, str], mark: str) -> str:
    text = text.replace(" ", "")
    if text and not (len(text) > _SHORT and text.isalpha()) and all(c in table or _is_mark(c) for c in text):
        return "".join(table.get(c, c) for c in text)
    return f"{mark}{text}" if len(text) == 1 or (text.isalnum() and mark == "_") else f"{mark}({text})"


def _is_mark(character: str) -> bool:
    return "\u0300" <= character <= "\u036f"


def _grouped(text: str) -> str:
    return text if _SIMPLE.fullmatch(text) else f"({text})"
