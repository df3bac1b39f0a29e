"""What a rule finds: a candidate for a card, and what became of it.

Rules yield candidates, the gate keeps or rejects them, the draft puts them in order; nothing here reads a
file or runs code. Whoever can run code passes `Execute` in.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from studykit.authoring.blocks import Lines
from studykit.authoring.once import once
from studykit.authoring.outline import Outline


class Later(Mapping[str, object]):
    """Fields that are worded when somebody asks for them: most candidates become no card, and markup takes
    time."""

    def __init__(self, word: Callable[[], Mapping[str, object]]) -> None:
        self._word = word

    @once
    def _fields(self) -> Mapping[str, object]:
        return self._word()

    def __getitem__(self, name: str) -> object:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        return repr(self._fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A card that a rule proposes."""

    rule: str
    """The module of the rule that found it: `definitions`, `formulas` …"""

    kind: str
    """A kind of card, as in `studykit.library.cards`: `basic`, `cloze`, `predict` …"""

    fields: Mapping[str, object]
    """The card's own fields, without id and source: `front` and `back`, `text`, `front` and `code` …"""

    lines: Lines
    """Where in the article it stands."""

    section: str | None
    """The title of the heading above those lines."""

    quote: str
    """The words of the article it rests on, without markup: what its identity is matched by."""

    key: str
    """A second identity: term, left-hand side of the formula, first line of the code, normalised."""

    name: str
    """What a readable id is made from: the term or the heading."""

    answer: str
    """What the learner must come up with, in plain words."""

    score: float = 0.0
    """How sure the rule is that a good teacher would ask this."""

    @property
    def front(self) -> str:
        """What the learner sees first; of a cloze the text with its gaps."""
        return str(self.fields.get("text") or self.fields.get("front") or "")

    @property
    def back(self) -> str:
        """What is shown afterwards; of a cloze the hidden text."""
        return self.answer if self.kind != "basic" else str(self.fields.get("back") or "")


Rule: TypeAlias = Callable[[Outline], Iterator[Candidate]]
"""Reads an article (with what surrounds each block) and yields what it finds, in the article's order."""


class Reason(StrEnum):
    """Why a candidate became no card."""

    EMPTY = "empty"
    WEAK = "weak"
    PRONOUN = "does not stand alone"
    ELSEWHERE = "points elsewhere"
    GIVEN_AWAY = "answer in the question"
    SHORT = "answer too short"
    LONG = "answer too long"
    INVENTED = "not in the article"
    MARKUP = "broken markup"
    DUPLICATE = "asked before"
    OVERLAP = "same place asked better"
    DIFFERS = "output differs"
    FAILED = "code does not run"
    NOT_RUN = "code was not run"
    CROWDED = "enough cards"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A candidate that became no card, and why."""

    candidate: Candidate
    reason: Reason


@dataclass(frozen=True, slots=True)
class Ran:
    """What a program printed; `error` is one line of what went wrong, or None."""

    stdout: str
    error: str | None = None


Execute: TypeAlias = Callable[[Sequence[str]], Sequence[Ran]]
"""Runs programs one after the other in one fresh namespace; one `Ran` each, also after a failure."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A piece of code whose output is not what the article says."""

    lines: Lines
    code: str
    stated: str
    got: str
    """What it printed, or the error it ended with."""
