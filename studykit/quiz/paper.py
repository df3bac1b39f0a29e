"""A paper: its questions as they are put, and what it was drawn with."""

import hashlib
import json
import random
from dataclasses import asdict, dataclass

from studykit.library.cards import Card, Choice, Cloze, Text, text_in
from studykit.library.gaps import Gap, split
from studykit.running.exercises import Posed

Languages = tuple[str, ...]

LONGEST_GAP = 40
"""Characters of a hidden text that a machine can still mark; nobody types longer ones alike."""

_NOT_TYPED = "$`\n*"
"""A hidden text with formula, code or emphasis in it is not something to type."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a paper is drawn with: with the same library the same terms give the same paper."""

    seed: int
    count: int
    decks: tuple[str, ...] = ()
    """Decks or tracks; all when empty."""

    kinds: tuple[str, ...] = ()
    """Kinds of card; all when empty."""


@dataclass(frozen=True, slots=True)
class Question:
    """A place in the paper."""

    number: int
    card: str
    deck: str
    kind: str
    seed: int


@dataclass(frozen=True, slots=True)
class Wording:
    """What is put to the learner, as plain text (Markdown)."""

    text: str
    code: str = ""
    """A program to predict, a version to mend, the first lines of a function to write."""

    options: tuple[str, ...] = ()
    """In the order in which they are shown."""

    right: frozenset[int] = frozenset()
    """Which of the options are right, counted from 0."""

    gaps: tuple[str, ...] = ()
    """What the gaps of a cloze hide."""


@dataclass(frozen=True, slots=True)
class Put:
    """A question with its card and its words."""

    question: Question
    card: Card
    wording: Wording
    topic: str
    """The title of its deck."""

    source: str
    """Where it comes from: the article's lines, else the deck's."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Cards that are not asked, and why."""

    reason: str
    cards: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """The questions, in order."""

    terms: Terms
    questions: tuple[Put, ...]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def fingerprint(self) -> str:
        """What tells this paper from any other, down to a changed word."""
        said = [[one.question.card, one.question.seed, *_said(one.wording)] for one in self.questions]
        text = json.dumps(said, ensure_ascii=False)
        return hashlib.sha256(text.encode("utf8", "surrogatepass")).hexdigest()[:16]


def _said(wording: Wording) -> list[object]:
    fields = asdict(wording)
    return [fields["text"], fields["code"], fields["options"]]


def word(card: Card, languages: Languages, seed: int, posed: Posed | None = None) -> Wording:
    """Return how a card is put: its options shuffled by `seed`, its numbers as they were drawn."""
    code = (posed.code if posed is not None else getattr(card, "broken", None)) or ""
    match card:
        case Cloze():
            text = text_in(card.text, languages)
            return Wording(with_blanks(text), gaps=gaps_of(text))
        case Choice():
            options = shuffled(card, languages, seed)
            right = frozenset(i for i, (_, is_right) in enumerate(options) if is_right)
            texts = tuple(text for text, _ in options)
            return Wording(text_in(card.front, languages), options=texts, right=right)
    return Wording(posed.front if posed is not None else text_in(card.front, languages), code)


def shuffled(card: Choice, languages: Languages, seed: int) -> list[tuple[str, bool]]:
    """Return the options as the terminal shows them for `seed`, each with whether it is right."""

    def texts(options: tuple[Text, ...], *, right: bool) -> list[tuple[str, bool]]:
        return [(text_in(option, languages), right) for option in options]

    both = texts(card.right, right=True) + texts(card.wrong, right=False)
    return random.Random(seed).sample(both, len(both))


def gaps_of(text: str) -> tuple[str, ...]:
    """Return what the gaps of a cloze text hide, in their order."""
    return tuple(part.hidden.strip() for part in split(text) if isinstance(part, Gap))


def with_blanks(text: str) -> str:
    """Return a cloze text with its gaps as blanks to fill."""
    parts = split(text)
    return "".join(
        part if isinstance(part, str) else f"____ ({part.asked})" if part.asked else "____" for part in parts
    )


def can_be_typed(card: Cloze, languages: Languages) -> bool:
    """Tell whether a machine can mark what is typed into the gaps: plain words or numbers."""
    hidden = gaps_of(text_in(card.text, languages))
    return bool(hidden) and all(
        len(one) <= LONGEST_GAP and not any(sign in one for sign in _NOT_TYPED) for one in hidden
    )
