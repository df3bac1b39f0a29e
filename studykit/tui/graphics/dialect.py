"""LaTeX in the words that ziamath knows. A formula with others would be drawn wrongly: it stays text."""

import re

_FENCES = {
    "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "langle": "⟨", "rangle": "⟩",
    "lvert": "|", "rvert": "|", "lbrace": r"\{", "rbrace": r"\}",
}  # fmt: skip
_SIZED = re.compile(rf"(\\[bB]igg?[lrm]?)\s*\\({'|'.join(_FENCES)})(?![A-Za-z])")
_BARS = re.compile(r"\\(?:[lr]?Vert)(?![A-Za-z])")
_BARE = re.compile(r"\\(mathbb|mathcal|mathbf|mathfrak|mathscr)\s+([A-Za-z0-9])")


def spoken(latex: str) -> str | None:
    """Return `latex` in ziamath's words; None if it has none for some of it."""
    if r"\&" in latex:
        return None  # it leaves the sign out
    text = _SIZED.sub(lambda found: found[1] + _FENCES[found[2]], latex)
    text = _BARE.sub(r"\\\1{\2}", _BARS.sub(lambda _: r"\|", text))
    return text if _is_understood(text) else None


def _is_understood(latex: str) -> bool:
    """Tell whether every command is known: one that is not is set as its name, with the backslash."""
    from latex2mathml.converter import convert

    return "\\" not in convert(latex)
