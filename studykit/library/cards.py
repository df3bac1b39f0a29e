"""The kinds of card: the model that every other room speaks.

Plain frozen dataclasses without behaviour that needs a library. `studykit.library.deck` validates YAML with
these very classes and derives the JSON Schema from them, so that a field exists in one place only; the
field docstrings below are what an author sees in an editor.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Literal, TypeAlias

Text: TypeAlias = str | dict[str, str]
"""A text, or one text per language: `{en: ..., zh: ...}`."""

Code: TypeAlias = str
"""Python source."""

Proposal: TypeAlias = Text | tuple[Text, ...]
"""What a field might say instead: a text, or a list of texts."""

_RULES: dict[str, Any] = {"extra": "forbid", "use_attribute_docstrings": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where in the article a card comes from."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _RULES

    lines: tuple[int, int] | None = None
    """First and last line of the article, counted from 1."""

    section: str | None = None
    """The heading above those lines."""

    quote: str | None = None
    """The words themselves, so that the card finds its place again when lines move."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """How far an answer may be from the reference: |got - expected| <= atol + rtol * |expected|."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _RULES

    rtol: float | None = None
    """Relative tolerance; unset: by dtype."""

    atol: float | None = None
    """Absolute tolerance; unset: by dtype."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a run may use, where the defaults do not suffice."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _RULES

    seconds: float | None = None
    """Wall-clock seconds, at most 30 (unset: 5)."""

    memory_mb: int | None = None
    """Memory in MiB above what the warm process holds, at most 4096 (unset: 1024)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Card:
    __pydantic_config__: ClassVar[dict[str, Any]] = _RULES

    id: str
    """Lower-case letters, digits and `_`; unique in the deck, and never changed once learners have it."""

    hint: Text | None = None
    """Shown when asked for; counts against the grade of a card that runs code."""

    back: Text | None = None
    """Shown after answering: the answer (`basic`), or why the answer is what it is."""

    tags: tuple[str, ...] = ()
    """Words to find the card by."""

    requires: tuple[str, ...] = ()
    """Cards that must have been seen before: ids of this deck, or `track/topic/id`."""

    was: tuple[str, ...] = ()
    """Earlier ids of this card, so that its history follows a rename."""

    source: Source | None = None
    """Where in the article this comes from."""

    revision: int = 1
    """Raised when the answer has changed: who answered an earlier one sees the card again at once."""

    proposed: dict[str, Proposal] = field(default_factory=dict)
    """By field: what the article says now, where a field was edited by hand. Take it over, or delete it."""

    retired: bool = False
    """No longer in the article: never asked, but its history is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basic(_Card):
    """A question and its answer; the learner grades himself."""

    kind: Literal["basic"] = "basic"
    front: Text
    """The question, in Markdown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloze(_Card):
    """A sentence with gaps: `{{hidden}}` or `{{hidden::what is asked}}`."""

    kind: Literal["cloze"] = "cloze"
    text: Text
    """The sentence, in Markdown, with at least one gap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(_Card):
    """Tick what is right. Graded by the machine; the options are shuffled."""

    kind: Literal["choice"] = "choice"
    front: Text
    """The question, in Markdown."""

    right: tuple[Text, ...]
    """The right options; with more than one, all must be ticked."""

    wrong: tuple[Text, ...]
    """The wrong options: real misconceptions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed(_Card):
    """A short answer to type. Graded by the machine: NFKC, case, spaces, numbers as numbers."""

    kind: Literal["typed"] = "typed"
    front: Text
    """The question, in Markdown."""

    accept: tuple[str, ...]
    """Every answer that is right; the first is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Predict(_Card):
    """What does this print? No answer is stored: the code is run."""

    kind: Literal["predict"] = "predict"
    front: Text
    """The question, in Markdown."""

    code: Code
    """The program. It may import the deck's snippet by its file name (`import rope`)."""

    draw: str | None = None
    """`name`: the snippet's `sample_name(seed)` draws plain values, shown as assignments above the code."""

    snippet: str | None = None
    """Another file beside the deck's own snippet, without `.py`: `rope_triton`."""

    limits: Limits | None = None
    """What the run may use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compute(_Card):
    """Work out a value. The numbers are drawn at each review; the reference computes the answer."""

    kind: Literal["compute"] = "compute"
    front: Text
    """The question; `{name}` stands for the drawn argument of that name."""

    function: str
    """The function of the snippet that computes the answer."""

    draw: str | None = None
    """Draw with `sample_<draw>` instead of `sample_<function>`."""

    tolerance: Tolerance | None = None
    """How close the learner's number must be; unset: 1e-3 relative, exact for integers and text."""

    snippet: str | None = None
    """Another file beside the deck's own snippet, without `.py`."""

    limits: Limits | None = None
    """What a run may use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Coding(_Card):
    front: Text
    """The task, in Markdown."""

    function: str
    """The function of the snippet to write; its result is compared with the snippet's on drawn inputs."""

    draw: str | None = None
    """Draw with `sample_<draw>` instead of `sample_<function>`."""

    tolerance: Tolerance | None = None
    """How close the outputs must be; unset: by dtype, exact for integers and text."""

    wrong: dict[str, Code] = field(default_factory=dict)
    """Wrong answers by name, which the check must reject."""

    also_right: dict[str, Code] = field(default_factory=dict)
    """Other right answers by name, which must pass."""

    equivalent: dict[str, str] = field(default_factory=dict)
    """Surviving mutants that are no fault, by the mutant's name, each with the reason."""

    snippet: str | None = None
    """Another file beside the deck's own snippet, without `.py`."""

    limits: Limits | None = None
    """What a run may use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Implement(_Coding):
    """Write the function."""

    kind: Literal["implement"] = "implement"
    start: Code | None = None
    """What the editor shows first; unset: the reference's imports, signature and docstring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair(_Coding):
    """Mend a broken version of the function."""

    kind: Literal["repair"] = "repair"
    broken: Code
    """The version to mend, which the check must reject."""


Card: TypeAlias = Basic | Cloze | Choice | Typed | Predict | Compute | Implement | Repair
RunIt: TypeAlias = Predict | Compute | Implement | Repair
"""Cards whose answer is computed by running code."""

CLASSES: dict[str, type[Card]] = {
    "basic": Basic,
    "cloze": Cloze,
    "choice": Choice,
    "typed": Typed,
    "predict": Predict,
    "compute": Compute,
    "implement": Implement,
    "repair": Repair,
}
KINDS: tuple[str, ...] = tuple(CLASSES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authored:
    """What a card was drafted from, so that `studykit author` finds it again and sees what was edited."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _RULES

    kind: Literal["basic", "cloze", "choice", "typed", "predict", "compute", "implement", "repair"]
    """The kind of card."""

    quote: str
    """The words of the article, normalised."""

    key: str = ""
    """What the card is about: a term, the left-hand side of a formula, the first line of code."""

    rule: str = ""
    """The rule that found it."""

    section: str | None = None
    """The heading above."""

    lines: tuple[int, int] | None = None
    """Where the words stood."""

    fields: dict[str, str] = field(default_factory=dict)
    """By field: the digest of what was drafted."""

    offered: dict[str, str] = field(default_factory=dict)
    """By field: the digest of what was proposed last, to a field edited by hand."""

    gone: bool = False
    """The article has no such words any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deck:
    """One topic's cards: one YAML file."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _RULES

    title: Text
    """The topic's name as people write it."""

    article: str | None = None
    """The article's file, beside the deck."""

    sources: tuple[str, ...] = ()
    """What the article rests on: authors, title, year, where."""

    requires: tuple[str, ...] = ()
    """Decks to study before this one: `track/topic`."""

    cards: tuple[Card, ...]
    """The cards, in the order in which they are introduced."""

    drafted: dict[str, str] = field(default_factory=dict)
    """Kept by `studykit author`: the digests of the files that it wrote beside the deck."""

    authored: dict[str, Authored] = field(default_factory=dict)
    """Kept by `studykit author`, by card id. Without it, edits cannot be told from drafts."""


def text_in(text: Text, languages: tuple[str, ...] = ("en",)) -> str:
    """Return `text` in the first of `languages` that it has, else in the first it was written in."""
    if isinstance(text, str):
        return text
    for language in languages:
        if language in text:
            return text[language]
    return next(iter(text.values()), "")


def fields_set(card: Card) -> Iterator[tuple[str, Any]]:
    """Yield (name, value) of each field of `card` that says something."""
    for one in fields(card):
        value = getattr(card, one.name)
        if value not in (None, (), {}) and _PLAIN_DEFAULTS.get(one.name, _NOTHING) != value:
            yield one.name, value


_NOTHING = object()
_PLAIN_DEFAULTS = {"revision": 1, "retired": False}


def texts_of(card: Card) -> Iterator[tuple[str, str]]:
    """Yield every text of `card` that a person reads, as (field, text), in all languages."""
    for name in ("front", "text", "back", "hint", "right", "wrong", "accept", "code", "broken", "start"):
        value = getattr(card, name, None)
        yield from ((name, text) for text in _flatten(value))
    for name, value in card.proposed.items():
        yield from ((f"proposed.{name}", text) for text in _flatten(value))


def _flatten(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            yield from (text for text in value.values() if isinstance(text, str))
        case tuple():
            for part in value:
                yield from _flatten(part)
