r"""LaTeX formulas as Unicode text: `\frac{x_1^2}{\sqrt{d_k}}` reads x₁²/√dₖ.

A small reader for what articles use. It never fails: an unknown command stays as it was written, and a
formula whose braces do not match is returned as it came.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from studykit.tui.text.juxtaposed import (
    CELL,
    ROW,
    fraction,
    grouped,
    resolved,
    subscript,
    superscript,
    tidy,
)
from studykit.tui.text.symbols import (
    ACCENTS,
    ALPHABETS,
    BINARY,
    CLOSING,
    FUNCTIONS,
    LINES,
    OPENING,
    RELATIONS,
    SIZES,
    SYMBOLS,
    TEXT_COMMANDS,
    TIGHT,
)

_SIGN = re.compile(r"\\(?:[A-Za-z]+\*?|.)|\s+|.", re.DOTALL)
_FRACTIONS = frozenset(("frac", "dfrac", "tfrac", "cfrac"))
_CLOSE_TO_A_NAME = frozenset(
    ("", "^", "_", "(", "[", ")", "}", "]", ",", ".", ";", ":", "&", "\\left", "\\{")
)
_VERBATIM = {"~": " ", "\\,": " ", "\\;": " ", "\\ ": " "}
_BRACKETS = {
    "matrix": ("", ""),
    "pmatrix": ("(", ")"),
    "bmatrix": ("[", "]"),
    "vmatrix": ("|", "|"),
    "cases": ("{ ", ""),
}
_BARE = ("mathop", "mathord", "mathopen", "mathclose", "mathpunct", "mathinner")
_MAX_DEPTH = 40


class _UnreadableError(Exception):
    """The formula's braces do not match, or it is nested beyond reason."""


@lru_cache(maxsize=1024)
def readable(formula: str) -> str:
    """Return `formula` as text a person can read; rows of an environment are lines."""
    try:
        text = _Reader(formula).all()
    except _UnreadableError:
        return formula
    return "\n".join(tidy(line) for line in text.split(ROW) if line.strip())


class _Reader:
    """Reads one formula from left to right."""

    def __init__(self, formula: str) -> None:
        self._signs = [sign for sign in _SIGN.findall(formula) if sign not in SIZES]
        self._at = 0
        self._depth = 0
        self._scripts = 0
        self._worded = False
        """A word stands in the script that is being read."""

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
                parts.append(self._group())
            case "^" | "_":
                self._script(superscript if sign == "^" else subscript, parts)
            case ",":
                parts.append("," if self._scripts else ", ")
                if not self._scripts:
                    self._skip_space()
            case "&":
                parts.append(CELL)
            case "\\\\":
                parts.append(ROW)
            case "-" | "+":
                parts.append(self._sum("−" if sign == "-" else "+", parts))
            case "'":
                parts.append("′")
            case "~":
                parts.append(" ")
            case _ if sign.isspace():
                parts.append(" " if parts and not parts[-1].endswith((" ", ROW)) else "")
            case _ if sign.startswith("\\"):
                self._command(sign[1:], parts)
            case _:
                parts.append(self._spaced(sign, parts))

    def _group(self) -> str:
        text = self._until("}")
        alone = text.strip()  # `{,}` and `{=}` are signs that are meant to stand close
        return alone if alone in RELATIONS or alone in BINARY or alone == "," else text

    def _script(self, small: Callable[..., str], parts: list[str]) -> None:
        if parts:
            parts[-1] = parts[-1].rstrip(" ") or parts[-1]
        outer, self._worded = self._worded, False
        self._scripts += 1
        text = self._argument()
        self._scripts -= 1
        parts.append(self._apart(small(text, worded=self._worded)))
        self._worded = outer

    def _spaced(self, sign: str, parts: list[str]) -> str:
        """Put spaces around a relation that stands between two sides."""
        if sign not in RELATIONS:
            return sign
        self._skip_space()
        before = "" if not parts or parts[-1].endswith((" ", ROW)) else " "
        return f"{before}{sign} "

    def _sum(self, sign: str, parts: list[str]) -> str:
        """Put spaces around a sign between two terms, none after the sign of one term."""
        before = resolved("".join(parts[-3:])).rstrip(" ")
        if self._scripts or not before or before[-1] in RELATIONS or before[-1] in "([{⟨,+−" + CELL + ROW:
            self._skip_space()
            return sign
        if before[-1] in BINARY:
            return sign
        self._skip_space()
        return f"{'' if parts[-1].endswith(' ') else ' '}{sign} "

    def _apart(self, script: str) -> str:
        """Keep a script that stayed a word (`p_data`) from running into what follows."""
        runs_on = script[0] in "^_" and script[-1].isalnum() and self._operand_follows()
        return f"{script} " if runs_on else script

    def _operand_follows(self) -> bool:
        after = self._peek()
        return after.isalnum() or (after[:1] == "\\" and after[1:2].isalpha() and after != "\\right")

    def _skip_space(self) -> None:
        while self._peek().isspace():
            self._next()

    def _command(self, name: str, parts: list[str]) -> None:
        if name in SYMBOLS:
            self._symbol(name, parts)
        elif name in FUNCTIONS:
            parts.append(self._function(name, parts))
        elif name in ("operatorname", "operatorname*"):
            parts.append(self._function(self._verbatim(), parts))
        elif name in TEXT_COMMANDS:
            parts.append(self._verbatim())
        elif name == "begin":
            parts.append(self._environment())
        elif name in ("mathbin", "mathrel"):
            sign = self._argument()
            self._skip_space()
            parts.append(f"{'' if not parts or parts[-1].endswith(' ') else ' '}{sign} ")
        elif handler := _COMMANDS.get(name):
            parts.append(handler(self))
        else:
            parts.append(self._styled(name))

    def _symbol(self, name: str, parts: list[str]) -> None:
        symbol = SYMBOLS[name]
        if name in ("left", "right") and self._peek() == ".":
            self._next()
        if symbol == " " and parts and parts[-1].endswith(" "):
            return
        if name in CLOSING and parts:
            parts[-1] = parts[-1].rstrip(" ")
        parts.append(self._sum(symbol, parts) if symbol in BINARY else self._spaced(symbol, parts))
        if name in TIGHT or name in OPENING:
            self._skip_space()

    def _function(self, name: str, parts: list[str]) -> str:
        last = parts[-1][-1:] if parts else ""
        before = " " if last.isalnum() or last in (")", "]") else ""
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
        text = "".join(parts[:-1])
        self._worded = self._worded or len(text.strip()) > 1
        return text

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
        rows = [row.strip() for row in "".join(parts).split(ROW) if row.strip()]
        if name not in _BRACKETS:
            return ROW.join(re.sub(" +", " ", row.replace(CELL, " ")) for row in rows)
        left, right = _BRACKETS[name]
        cells = ("  ".join(cell.strip() for cell in row.split(CELL)) for row in rows)
        if name == "cases":
            return ROW.join(left + row for row in cells)
        return f"{left}{'; '.join(cells)}{right}"

    def _fraction(self) -> str:
        return fraction(self._argument(), self._argument())

    def _root(self) -> str:
        degree = self._optional()
        root = f"{superscript(degree) if degree else ''}√{grouped(self._argument())}"
        return f"{root} " if not root.endswith(")") and self._operand_follows() else root

    def _choose(self) -> str:
        return f"C({self._argument()}, {self._argument()})"

    def _over(self) -> str:
        above, base = self._argument(), self._argument()
        return base + superscript(above)

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
    **dict.fromkeys(
        ("mathop", "mathord", "mathopen", "mathclose", "mathpunct", "mathinner"), _Reader._argument
    ),
    "not": _Reader._negated,
    "tag": _Reader._tag,
    "label": _Reader._dropped,
    "color": _Reader._dropped,
}
