"""Drawing a paper from the learner's library: which cards may be asked, and how they are put."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from studykit.errors import StudykitError
from studykit.library.cards import KINDS, Card, Cloze, text_in
from studykit.quiz.paper import LeftOut, Paper, Put, Question, Terms, can_be_typed, word
from studykit.quiz.picking import Candidate, pick, seed_of
from studykit.running.exercises import Posed
from studykit.wording import closest, shown

if TYPE_CHECKING:
    from studykit.library.entries import DeckEntry, Entry
    from studykit.quiz.bench import Bench
    from studykit.study import Study

RUN_IT = frozenset(("predict", "compute", "implement", "repair"))

FORGOTTEN_DAYS = 14
"""How long ago a card may have been forgotten for `--drill` to ask it."""

_LAPSE_BELOW = 3

SELF_GRADED = "basic cards are graded by the learner himself: they are asked in the terminal only"
NOT_TYPED = "the gaps hide what cannot be typed and compared: such cards are asked in the terminal only"


@dataclass(frozen=True, slots=True)
class Pool:
    """The cards that may be asked, and those that may not."""

    candidates: tuple[Candidate, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(slots=True)
class _Sieve:
    """Decides for each card; remembers why one was left out."""

    study: "Study"
    by_machine: bool
    """Only what a machine can mark may be asked."""

    reasons: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    approved: dict[str, bool] = field(default_factory=dict)

    def takes(self, entry: "Entry", deck: "DeckEntry") -> bool:
        """Tell whether a card may be asked."""
        reason = self._against(entry, deck)
        if reason:
            self.reasons[reason].append(entry.id)
        return not reason

    def _against(self, entry: "Entry", deck: "DeckEntry") -> str:
        if entry.kind in RUN_IT and not self._trusts(deck):
            folder = shown(deck.root.path)
            return f"their code is not approved: look at it, then run `studykit trust {folder}`"
        if self.by_machine and entry.kind == "basic":
            return SELF_GRADED
        if self.by_machine and entry.kind == "cloze" and not self._can_be_typed(entry.id):
            return NOT_TYPED
        return ""

    def _trusts(self, deck: "DeckEntry") -> bool:
        place = str(deck.root.path)
        if place not in self.approved:
            self.approved[place] = self.study.trusts(deck.root)
        return self.approved[place]

    def _can_be_typed(self, card_id: str) -> bool:
        card = self.study.card(card_id)
        return isinstance(card, Cloze) and can_be_typed(card, self.study.settings.language)


def pool(
    study: "Study",
    decks: Sequence[str] = (),
    kinds: Sequence[str] = (),
    *,
    by_machine: bool = False,
    only: Collection[str] | None = None,
) -> Pool:
    """Return the cards of `decks` and `kinds` that may be asked, of `only` if that is given.

    What the learner has seen, suspended or buried plays no part: the same library asks everyone the same.
    """
    chosen = set(study.library.decks_matching(decks))
    sieve = _Sieve(study, by_machine)
    known = study.library.decks()
    candidates = [
        Candidate(entry.id, entry.deck, entry.kind, entry.group)
        for entry in study.library.entries().values()
        if entry.deck in chosen
        and not entry.retired
        and (not kinds or entry.kind in kinds)
        and (only is None or entry.id in only)
        and sieve.takes(entry, known[entry.deck])
    ]
    left_out = (LeftOut(reason, tuple(cards)) for reason, cards in sieve.reasons.items())
    return Pool(tuple(candidates), tuple(left_out))


def questions(found: Pool, terms: Terms) -> tuple[Question, ...]:
    """Return the questions of the paper."""
    picked = pick(found.candidates, terms.count, terms.seed)
    return tuple(
        Question(number, one.card, one.deck, one.kind, seed_of(terms.seed, one.card))
        for number, one in enumerate(picked, 1)
    )


def put(study: "Study", question: Question, posed: Posed | None = None) -> Put:
    """Return a question with its words."""
    card = study.card(question.card)
    languages = study.settings.language
    deck = study.library.decks()[question.deck]
    return Put(
        question,
        card,
        word(card, languages, question.seed, posed),
        topic=text_in(deck.title, languages),
        source=_source(study, question.card, card, deck),
    )


def draw(study: "Study", terms: Terms, bench: "Bench") -> Paper:
    """Return the paper that a machine can mark; a card whose numbers cannot be drawn here is left out."""
    found = pool(study, terms.decks, terms.kinds, by_machine=True)
    asked: list[Put] = []
    undrawn: list[LeftOut] = []
    for question in questions(found, terms):
        posed = bench.pose(question.card, question.seed) if needs_posing(question.kind) else None
        if posed is None or isinstance(posed, Posed):
            asked.append(put(study, question, posed))
        else:
            undrawn.append(LeftOut(f"it cannot be put here: {posed.detail}", (question.card,)))
    return Paper(terms, tuple(asked), (*found.left_out, *undrawn))


def needs_posing(kind: str) -> bool:
    """Tell whether something is drawn or looked up before a card of this kind can be put."""
    return kind in RUN_IT


def shaky(study: "Study", at: datetime) -> set[str]:
    """Return the cards to cram: those in today's drill, forgotten lately, and leeches."""
    today = study.calendar.day_of(at)
    since = today - timedelta(days=FORGOTTEN_DAYS)
    drilled = {card for card, one in study.store.standings().items() if one.drill_on == today}
    lapsed = {
        brief.card for brief in study.store.briefs() if brief.grade < _LAPSE_BELOW and brief.day >= since
    }
    leeches = {card for card, marks in study.store.marks().items() if marks.leech}
    return drilled | lapsed | leeches


def kinds_named(words: Sequence[str]) -> tuple[str, ...]:
    """Return the kinds that `words`, each a kind or several with commas, name. Raises StudykitError."""
    named = [name for word in words for name in _split(word)]
    for name in named:
        if name not in KINDS:
            meant = closest(name, KINDS)
            hint = f" (did you mean {meant}?)" if meant else ""
            raise StudykitError(f"there is no kind {name}{hint}; the kinds are {', '.join(KINDS)}")
    return tuple(kind for kind in KINDS if kind in named)


def _split(word: str) -> Iterator[str]:
    return (name.strip() for name in word.split(",") if name.strip())


def _source(study: "Study", card_id: str, card: Card, deck: "DeckEntry") -> str:
    """Return where a card comes from: the article's lines if it names them, else its place in the deck."""
    lines = card.source.lines if card.source is not None else None
    if deck.article is None or lines is None:
        return study.place_of(card_id)
    first, last = lines
    return f"{shown(deck.article)}:{first}" + (f"-{last}" if last != first else "")
