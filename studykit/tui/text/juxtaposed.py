"""What keeps a formula on one line unambiguous: brackets where a fraction would run on, and spaces."""

import re

from studykit.tui.text.symbols import BINARY, FUNCTIONS, RELATIONS, SUBSCRIPTS, SUPERSCRIPTS

CELL, ROW = "\x00", "\n"
FRACTION, END = "\x01", "\x02"
"""Stand around a fraction until it is known what stands beside it."""

_SHORT = 3  # a longer word is hard to read in small letters
SMALL = r"[⁰-₟ᴬ-ᶿʰ-ˣ⁺⁻⁼⁽⁾₊₋₌₍₎²³¹ⱼⱽ′]"
_SCRIPTS = rf"(?:{SMALL}|[\u0300-\u036f\u20d7]|[_^](?:\w+|⊔))*"
_LETTER = r"(?:[^\W\d_]|[∞…⊤])"
_ATOM = (
    rf"(?:\d+(?:\.\d+)?{_SCRIPTS}|[∂∇]?{_LETTER}{_SCRIPTS}|d{_LETTER}|[^\W\d_]{{4,}}{_SCRIPTS})|"
    rf"√?⊔{_SCRIPTS}|√(?:\d+|{_LETTER}){_SCRIPTS}|(?:{'|'.join(sorted(FUNCTIONS))})⊔"
)
"""What may stand below a line as it is; `⊔` is anything in brackets. Compiled when a fraction comes."""

_PRODUCT = re.compile(rf"−?(?:[\w.∂∇√!⊔…∞]|{SMALL}|[\u0300-\u036f\u20d7^])+")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|⟨[^⟨⟩]*⟩|‖[^‖]*‖|\|[^|]*\||⌊[^⌊⌋]*⌋|⌈[^⌈⌉]*⌉")
_FRACTION = re.compile(rf"{FRACTION}([^{FRACTION}{END}]*){END}")
_AFTER_ITS_END = tuple(")]}⟩⌋⌉|‖,.;:!+−=<>/" + CELL + ROW + END) + tuple(RELATIONS) + tuple(BINARY)
_FUNCTION_BEFORE = rf"(?:^|[^^\W]|\W)(?:{'|'.join(sorted(FUNCTIONS))})(?:{SMALL})* ?$"

_OPERATOR = "∑∏∐∫∬∮⋃⋂⨁⨂"
_BIG = re.compile(
    rf"([{_OPERATOR}](?:{SMALL}|[_^]\([^()]*(?:\([^()]*\)[^()]*)*\)|[_^]\w++)*+)(?=[^\W_]|[√(\\∇∂‖⟨|{_OPERATOR}])(?!{SMALL})"
)
_BEFORE_BIG = re.compile(rf"(?<=[\w)\]⟩‖!\u0300-\u036f′⊤])(?<!\^)(?=[{_OPERATOR}])")
_NAMED = re.compile(
    rf"\b((?:arg)?(?:max|min)|lim|inf|sup|log)((?:{SMALL})+|_\([^()]*\))(?=[^\W_]|√)(?!{SMALL})"
)
_INSIDE = re.compile(r"(?<=[(\[⟨⌊⌈]) +| +(?=[)\]⟩⌋⌉])")
_BETWEEN_WORDS = re.compile(r"(?<![\w\u0300-\u036f]) +| +(?![\w])")


def tidy(line: str) -> str:
    """Return a finished line: fractions in brackets where they must be, spaces where they help."""
    line = resolved(line)
    line = _INSIDE.sub("", line.replace(CELL, " ").strip())
    line = _BEFORE_BIG.sub(" ", line)
    return _NAMED.sub(r"\1\2 ", _BIG.sub(r"\1 ", line))


def resolved(text: str) -> str:
    """Return `text` with every fraction in brackets beside which something stands that would join it."""
    while match := _FRACTION.search(text):
        before, fraction, after = text[: match.start()], match[1], text[match.end() :]
        rest = after.lstrip(" ")
        if re.search(_FUNCTION_BEFORE, before):
            before, fraction = before.rstrip(" "), f"({fraction})"
        elif before.endswith("/") or (rest and not rest.startswith(_AFTER_ITS_END)):
            fraction = f"({fraction})"
            if before[-1:].isalpha() or re.search(rf"{SMALL}$", before):
                before += " "
            if after[:1].isalnum() and not re.match(SMALL, after):
                after = " " + after
        elif before[-1:].isalnum() or re.search(rf"{SMALL}$", before):
            before += " "
        text = before + fraction + after
    return text


def fraction(above: str, below: str) -> str:
    """Return a fraction, marked."""
    above, below = resolved(above), resolved(below)
    top = above if _PRODUCT.fullmatch(_outline(above)) else f"({above})"
    return f"{FRACTION}{top}/{grouped(below)}{END}"


def grouped(text: str) -> str:
    """Return `text` in brackets unless it is one thing already."""
    text = resolved(text)
    return text if re.fullmatch(_ATOM, _outline(text)) else f"({text})"


def script(text: str, table: dict[str, str], mark: str, *, worded: bool = False) -> str:
    """Return a superscript or subscript in small letters, or behind its `mark` where there are none."""
    text = _BETWEEN_WORDS.sub("", resolved(text))
    dense = text.replace(" ", "")
    long = worded or (len(dense) > _SHORT and dense.isalpha()) or ("′" in dense and dense.strip("′*"))
    if dense and not long and all(c in table or _is_mark(c) for c in dense):
        return "".join(table.get(c, c) for c in dense)
    return f"{mark}{text}" if len(text) == 1 or (text.isalnum() and mark == "_") else f"{mark}({text})"


def superscript(text: str, *, worded: bool = False) -> str:
    """Return `text` as a superscript."""
    return script(text, SUPERSCRIPTS, "^", worded=worded and text not in ("th", "st", "nd", "rd"))


def subscript(text: str, *, worded: bool = False) -> str:
    """Return `text` as a subscript."""
    return script(text, SUBSCRIPTS, "_", worded=worded)


def _outline(text: str) -> str:
    """Return `text` with everything in brackets as one sign."""
    while (shorter := _BRACKETS.sub("⊔", text)) != text:
        text = shorter
    return text


def _is_mark(character: str) -> bool:
    return "\u0300" <= character <= "\u036f"
