"""What the learner typed or ticked, judged without running anything.

Typed text is compared as people mean it: full-width or half-width, upper or lower case, with or without
spaces round operators, in quotes or not; a number is a number however it is written. A value (`compute`
cards) may be written as arithmetic: `1/3`, `2*pi`, `sqrt(2)/2`, `50%`.
"""

import ast
import cmath
import math
import operator
import re
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import Any

from studykit.library.cards import Choice, Text, Tolerance, Typed
from studykit.running import parsing
from studykit.running.comparison import bound, close_complex
from studykit.running.numbers import nested
from studykit.running.plain import Dtype, Tensor

RTOL = 1e-3
"""How far a computed number may be off, relatively, where the card does not say."""
ATOL = 1e-12
"""And absolutely: enough for a 0 that floating point made 1e-16."""

MAX_TEXT = 10_000
MAX_POWER_BITS = 10_000

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_SIGNS = str.maketrans(
    {
        "\u2212": "-",  # minus
        "\u2013": "-",  # en dash
        "×": "*",
        "·": "*",
        "÷": "/",
        "π": "pi",
        "∞": "inf",
        "、": ",",
    }
)
_QUOTES = "\"'`“”‘’「」『』"
_NUMBER = re.compile(r"[+-]?(\d{1,400}(\.\d{0,400})?|\.\d{1,400})(e[+-]?\d{1,3})?(/\d{1,400})?")
_GROUPED = re.compile(r"(?<![\d.])(\d{1,3}(?:,\d{3})+)(?![\d,])")


def judge_choice(card: Choice, picked: Iterable[Text]) -> bool:
    """Tell whether exactly the right options were picked; options are named by what the card calls them."""
    chosen = list(picked)
    return all(option in chosen for option in card.right) and all(option in card.right for option in chosen)


def judge_typed(card: Typed, text: str) -> bool:
    """Tell whether `text` is one of the answers that the card accepts."""
    return len(text) <= MAX_TEXT and any(same_text(accepted, text) for accepted in card.accept)


def same_text(expected: str, got: str) -> bool:
    """Tell whether two texts say the same: see the module's first lines."""
    one, other = normal(expected), normal(got)
    if one == other or (_bare(one) and _bare(one) == _bare(other)):
        return True
    number = _number(_bare(one))
    return number is not None and number == _number(_bare(other))


def normal(text: str) -> str:
    """Return `text` in one way of writing it: NFKC, case folded, spaces only between words."""
    text = unicodedata.normalize("NFKC", _raised(text)).casefold()
    text = unicodedata.normalize("NFKC", text).translate(_SIGNS).replace("**", "^")
    text = re.sub(r"\s+", " ", text.strip())
    text = re.sub(r" ?([^\w\s]) ?", r"\1", text)
    return re.sub(r"(?<=[\u3400-\u9fff]) | (?=[\u3400-\u9fff])", "", text)


def judge_value(expected: object, text: str, tolerance: Tolerance | None = None) -> bool:
    """Tell whether `text` is a way of writing the value `expected`; raise ValueError if it is no value.

    Numbers may be off by a thousandth (or the card's tolerance); integers, truths and text must be exact.
    """
    if len(text) > MAX_TEXT:
        raise ValueError("the answer is too long to be a value")
    if isinstance(expected, Tensor):
        expected = nested(expected)
    if _same_words(expected, text):
        return True
    if isinstance(expected, str | Dtype | range):
        return False
    big = isinstance(expected, int | float) and abs(expected) > 1
    return any(_matches(expected, value, tolerance or Tolerance()) for value in _readings(text, percent=big))


def parse_value(text: str) -> Any:
    """Return the value that `text` writes: a Python literal or arithmetic; raise ValueError if it is none."""
    return next(_readings(text, percent=False))


_WORDS = {
    True: ("true", "yes", "y", "是", "对", "真"),
    False: ("false", "no", "n", "否", "不是", "错", "假"),
    None: ("none",),
}


def _same_words(expected: object, text: str) -> bool:
    """Tell whether `text` names a value that is not written as a number."""
    match expected:
        case bool() | None:
            return _bare(normal(text)) in _WORDS[expected]
        case str():
            return same_text(expected, text)
        case Dtype():
            return normal(text).removeprefix("torch.") == expected.name
        case range() | bytes() | bytearray():
            return normal(text) == normal(repr(expected))
    return False


def _readings(text: str, *, percent: bool) -> Iterator[Any]:
    """Yield what `text` may mean; `10,000` is a number first, and a pair if that is not what was meant."""
    text = unicodedata.normalize("NFKC", _raised(text)).translate(_SIGNS).replace("^", "**")
    text = text.strip().lstrip("=≈~").strip()
    share = text.endswith("%")
    text = text.removesuffix("%").strip()
    ungrouped = _GROUPED.sub(lambda match: match[1].replace(",", ""), text)
    for way in dict.fromkeys((ungrouped, text)):
        value = _evaluated(way)
        if not share:
            yield value
        elif not _is_number(value):
            raise ValueError("only a number can be a percentage")
        else:
            yield _hundredth(value)
            if percent:  # "how many percent" was asked
                yield value


def _hundredth(number: Any) -> Any:
    try:
        return number / 100
    except OverflowError as error:
        raise ValueError("the number is too large") from error


def _evaluated(text: str) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = parsing.expression(text)
        return _value(tree.body, 0)
    except SyntaxError as error:
        raise ValueError(f"`{text[:60]}` is no value: {error.msg}") from error
    except (ArithmeticError, RecursionError, MemoryError, TypeError) as error:
        raise ValueError(f"`{text[:60]}` has no value: {error}") from error


_NAMES: dict[str, Any] = {
    "pi": math.pi,
    "e": math.e,
    "tau": math.tau,
    "inf": math.inf,
    "infinity": math.inf,
    "nan": math.nan,
    "true": True,
    "false": False,
    "none": None,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sqrt": lambda x: cmath.sqrt(x) if isinstance(x, complex) else math.sqrt(x),
    **{name: getattr(math, name) for name in ("exp", "log", "log2", "log10", "sin", "cos", "tan")},
}
_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: lambda base, exponent: _power(base, exponent),
}


def _value(node: ast.expr, depth: int) -> Any:
    if depth > 50:
        raise ValueError("nested too deeply")
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name) if name.lower() in _NAMES:
            return _NAMES[name.lower()]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            number = _numeric(_value(operand, depth + 1))
            return -number if isinstance(sign, ast.USub) else number
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](*(_numeric(_value(side, depth + 1)) for side in (left, right)))
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name.lower() in _FUNCTIONS:
            return _FUNCTIONS[name.lower()](_numeric(_value(argument, depth + 1)))
        case ast.Call(func=ast.Name(id="set"), args=[], keywords=[]):
            return set()
        case ast.Tuple(elts=items):
            return tuple(_value(item, depth + 1) for item in items)
        case ast.List(elts=items):
            return [_value(item, depth + 1) for item in items]
        case ast.Set(elts=items):
            return {_value(item, depth + 1) for item in items}
        case ast.Dict(keys=keys, values=values) if None not in keys:
            return {
                _value(k, depth + 1): _value(v, depth + 1)
                for k, v in zip(keys, values, strict=True)
                if k is not None
            }
    raise ValueError(f"`{ast.unparse(node)[:60]}` is no value")


def _power(base: Any, exponent: Any) -> Any:
    whole = isinstance(base, int) and isinstance(exponent, int)
    if whole and base.bit_length() * exponent > MAX_POWER_BITS:
        raise ValueError("the number is too large")
    return base**exponent


def _numeric(value: Any) -> Any:
    if not _is_number(value):
        raise ValueError("arithmetic is for numbers")
    return value


def _is_number(value: object) -> bool:
    return type(value) in (int, float, complex)


def _matches(expected: Any, got: Any, tolerance: Tolerance) -> bool:
    match expected:
        case bool() | None | str() | bytes() | bytearray():
            return type(got) is type(expected) and bool(got == expected)
        case int():
            given = tolerance.rtol is not None or tolerance.atol is not None
            return _is_number(got) and (got == expected or (given and _near(expected, got, tolerance)))
        case float() | complex():
            return _is_number(got) and _near(expected, got, tolerance)
        case list() | tuple():
            return (
                isinstance(got, list | tuple)
                and len(got) == len(expected)
                and all(_matches(a, b, tolerance) for a, b in zip(expected, got, strict=True))
            )
        case set() | frozenset():
            listed = isinstance(got, set | list | tuple) and len(got) == len(expected)
            return listed and all(member in got for member in expected)
        case dict():
            return (
                isinstance(got, dict)
                and got.keys() == expected.keys()
                and all(_matches(expected[key], got[key], tolerance) for key in expected)
            )
        case Tensor():
            return _matches(nested(expected), got, tolerance)
    return bool(got == expected)


def _near(expected: complex, got: complex, tolerance: Tolerance) -> bool:
    try:
        expected, got = complex(expected), complex(got)
    except OverflowError:  # an integer beyond all floats
        return False
    return close_complex(expected, got, bound(tolerance.rtol, RTOL), bound(tolerance.atol, ATOL))


def _raised(text: str) -> str:
    """Write superscripts as powers, which NFKC would make digits like any other: 10⁴ is no 104."""
    return re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+", lambda match: "^" + match[0].translate(_SUPERSCRIPTS), text)


def _bare(text: str) -> str:
    """Return `text` without the quotes round it and the full stop after it."""
    return text.strip(_QUOTES).rstrip(".。").strip(_QUOTES)


def _number(text: str) -> Fraction | None:
    """Return the number that `text` writes and nothing else: `1e4`, `10,000`, `10_000`, `-.5`, `1/3`."""
    digits = _GROUPED.sub(lambda match: match[1].replace(",", ""), text).replace("_", "")
    if not _NUMBER.fullmatch(digits):
        return None
    above, _, below = digits.partition("/")
    return Fraction(above) / Fraction(below) if below.strip("0") else Fraction(above) if not below else None
