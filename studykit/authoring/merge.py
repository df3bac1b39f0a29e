"""A draft and the deck that is there: one deck again, in which nobody's work is lost.

Cards are found again by `matching`. Of a card, each field is merged by itself: what was not edited by hand
follows the article; what was stays, and the article's new text lies beside it as `proposed`. What the article
has no more is retired, what comes back is revived, what the author deleted stays deleted. Cards that were
never drafted are nobody's business here.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from studykit.authoring.candidates import Candidate, Reason
from studykit.authoring.deck_file import Applied, Changes, Insertion, applied, created, own
from studykit.authoring.draft import Draft
from studykit.authoring.ids import new_id
from studykit.authoring.likeness import normalised
from studykit.authoring.matching import Known, Match, matched
from studykit.authoring.standing import Standing
from studykit.authoring.three_way import (
    digest,
    entry_of,
    moved_lines,
    quote_shown,
    source_places,
    three_way,
)
from studykit.library.cards import Authored, Card, Deck

SOUND = frozenset({Reason.CROWDED, Reason.OVERLAP, Reason.WEAK})
"""A card that exists already follows such a candidate, though no new card would be made of it."""

_TRIES = 5


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a card."""

    id: str
    what: str
    """`new`, `same`, `moved`, `updated`, `revised`, `proposed`, `retired`, `revived`, `deleted before`,
    `kept`, `review`, `asked already`, `invalid`."""

    detail: str = ""


class NothingLeftError(ValueError):
    """No candidate makes a valid card, and there is no deck yet."""


@dataclass(frozen=True, slots=True)
class Existing:
    """The deck as it is."""

    text: str
    deck: Deck


@dataclass(frozen=True, slots=True)
class Merged:
    """The deck as it will be."""

    text: str
    deck: Deck
    changes: tuple[Change, ...]
    ids: tuple[str | None, ...]
    """The card of each of the draft's cards; None where there is none: deleted before, or asked by hand."""

    of: Mapping[int, str] = field(default_factory=dict)
    """The card of each candidate that has one; the draft's cards count first, then what was rejected."""

    doubtful: Mapping[str, float] = field(default_factory=dict)
    """Cards that were found again by likeness alone, each with how alike."""


def merge(
    draft: Draft,
    existing: Existing | None,
    *,
    article: str,
    path: str = "the deck",
    drafted: Mapping[str, str] | None = None,
    source: Sequence[str] = (),
    apart: Collection[str] = (),
) -> Merged:
    """Return the deck of `draft`, which grew out of `existing` if there is one; pure and deterministic.

    `article` is the name of the article's file beside the deck, `drafted` the digests of what was written
    beside it, `source` the article's lines: a card whose words still stand there is not retired. Cards that
    are `apart` are none of the candidates, by the author's word; of what he deleted, it may come back.
    """
    unfit: dict[int, str] = {}
    for _ in range(_TRIES):
        merging = _Merging(draft, existing, article, dict(drafted or {}), unfit, source, apart)
        result = merging.run(path)
        found = {number: result.faulty[name] for number, name in merging.of.items() if name in result.faulty}
        if not found.keys() - unfit.keys():
            break
        unfit |= found
    if existing is None and not merging.todo.cards:
        raise NothingLeftError("; ".join(dict.fromkeys(unfit.values())))
    if result.deck is None or result.problems:
        raise ValueError("\n".join(map(str, result.problems)))
    return Merged(
        result.text, result.deck, tuple(merging.changes), tuple(merging.ids), merging.of, merging.doubtful
    )


@dataclass
class _Merging:
    draft: Draft
    existing: Existing | None
    article: str
    drafted: dict[str, str]
    unfit: Mapping[int, str]
    """Candidates that would make no valid card, and why."""

    source: Sequence[str] = ()
    apart: Collection[str] = ()

    changes: list[Change] = field(default_factory=list)
    ids: list[str | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        rejected = self.draft.rejected
        self.candidates = [*self.draft.cards, *(one.candidate for one in rejected)]
        self.reasons = [*(None for _ in self.draft.cards), *(one.reason for one in rejected)]
        self.deck = self.existing.deck if self.existing else None
        self.cards = {card.id: card for card in self.deck.cards} if self.deck else {}
        self.authored = _under_present_ids(self.deck) if self.deck else {}
        self.todo = Changes(authored=dict(self.authored))
        self.of: dict[int, str] = {}
        """The card of each candidate that has one."""

        self.doubtful: dict[str, float] = {}

    def run(self, path: str) -> Applied:
        self._adopt()
        for name in self.apart:
            if name not in self.cards:
                self.authored.pop(name, None)
                self.todo.authored.pop(name, None)
        known = [
            Known(name, e.kind, e.rule, e.key, e.quote, e.section)
            for name, e in self.authored.items()
            if name not in self.apart
        ]
        matches = [match for match in matched(known, self.candidates) if not self._is_too_weak(match)]
        self.of |= {match.candidate: match.id for match in matches}
        for match in matches:
            self._follow(match)
        for name in self.authored.keys() - {match.id for match in matches}:
            self._retire(name)
        self._introduce()
        self.ids = [self._present(number) for number in range(len(self.draft.cards))]
        return self._applied(path)

    def _is_too_weak(self, match: Match) -> bool:
        """Tell whether nothing but a doubtful likeness to what is no card itself would bring a card back."""
        return match.doubtful and self.authored[match.id].gone and self.reasons[match.candidate] is not None

    def _adopt(self) -> None:
        """Take up cards that are exactly what the article gives, though the deck does not say so."""
        loose = [card for card in self.cards.values() if card.id not in self.authored]
        for candidate in self.draft.cards:
            card = next((card for card in loose if _is_draft(card, candidate, self.draft.language)), None)
            if card is not None:
                loose.remove(card)
                self.authored[card.id] = self.todo.authored[card.id] = entry_of(candidate)

    def _follow(self, match: Match) -> None:
        """Let the card follow its candidate."""
        entry, candidate, card = (
            self.authored[match.id],
            self.candidates[match.candidate],
            self.cards.get(match.id),
        )
        reason = self.reasons[match.candidate]
        if card is None:
            if reason is None:
                self.todo.authored[match.id] = replace(entry_of(candidate), fields=entry.fields)
                self._say(match.id, "deleted before", candidate.name)
            return
        if match.candidate in self.unfit or not (reason is None or reason in SOUND):
            self._keep(match, entry, candidate, card)
            return
        if match.doubtful:
            self.doubtful[match.id] = match.similarity
            self._say(match.id, "review", _doubt(match, entry, candidate))
        result = three_way(card, entry, candidate, self.draft.language)
        if entry.gone and card.retired:
            result.places[("retired",)] = None
            self._say(match.id, "revived")
        if result.places:
            self.todo.fields[match.id] = result.places
        self.todo.authored[match.id] = result.entry
        for what, detail in result.said:
            self._say(match.id, what, detail)

    def _keep(self, match: Match, entry: Authored, candidate: Candidate, card: Card) -> None:
        """Leave the card as it is: the article still has the words, but they give no card any more."""
        if entry.gone:
            return
        places = source_places(card, entry, candidate, words=False)
        if places:
            self.todo.fields[match.id] = places
        self.todo.authored[match.id] = replace(entry, lines=candidate.lines, section=candidate.section)
        why = self.unfit.get(match.candidate) or str(self.reasons[match.candidate])
        self._say(match.id, "kept" if match.similarity == 1 else "review", f"kept as it is ({why})")

    def _retire(self, name: str) -> None:
        entry, card = self.authored[name], self.cards.get(name)
        if card is None or entry.gone:
            return
        if stands := self._standing.find(entry.quote):
            if places := moved_lines(card, entry, stands.lines):
                self.todo.fields[name] = places
            self.todo.authored[name] = replace(entry, lines=stands.lines)
            what = "kept" if stands.similarity == 1 else "review"
            self._say(name, what, "its words still stand there, but give no card any more")
            return
        self.todo.authored[name] = replace(entry, gone=True)
        if not card.retired:
            self.todo.fields[name] = {("retired",): True}
            self._say(name, "retired", entry.quote[:80])

    @cached_property
    def _standing(self) -> Standing:
        return Standing(self.source)

    def _introduce(self) -> None:
        """Make cards of what the deck does not have, each behind what comes before it in the article."""
        taken = {*self.cards, *self.authored, *(old for card in self.cards.values() for old in card.was)}
        asked = {_question(card, self.draft.language) for card in self.cards.values()}
        before = self._first_place()
        for number, candidate in enumerate(self.draft.cards):
            if number in self.of:
                before = self.of[number] if self.of[number] in self.cards else before
                continue
            if number in self.unfit:
                self._say(candidate.name, "invalid", self.unfit[number])
                continue
            if (candidate.kind, normalised(candidate.front)) in asked:
                self._say(candidate.name, "asked already", candidate.front)
                continue
            name = self.of[number] = new_id(candidate.name, candidate.rule, taken)
            taken.add(name)
            self.todo.cards.append(Insertion(card_fields(name, candidate), before))
            self.todo.authored[name] = entry_of(candidate)
            self._say(name, "new", candidate.front)

    def _first_place(self) -> str | None:
        """Return the card behind which the article begins: what the author put first stays first."""
        order = list(self.cards)
        places = [
            order.index(name)
            for number, name in self.of.items()
            if name in self.cards and number < len(self.draft.cards)
        ]
        return order[min(places) - 1] if places and min(places) > 0 else None

    def _present(self, number: int) -> str | None:
        name = self.of.get(number)
        gone = name in self.authored and name not in self.cards
        return None if gone else name

    def _say(self, name: str, what: str, detail: str = "") -> None:
        self.changes.append(Change(name, what, " ".join(detail.split())))

    def _applied(self, path: str) -> Applied:
        if self.existing is None or self.deck is None:
            if self.drafted:
                self.todo.head["drafted"] = self.drafted
            return created({"title": self.draft.title, "article": self.article}, self.todo, path)
        drafted = {**self.deck.drafted, **self.drafted}
        if drafted != self.deck.drafted:
            self.todo.head["drafted"] = drafted
        if self.deck.article is None:
            self.todo.head["article"] = self.article
        if not (
            self.todo.fields or self.todo.cards or self.todo.head or self.todo.authored != self.deck.authored
        ):
            return Applied(self.existing.text, self.deck)
        return applied(self.existing.text, self.deck, self.todo, path)


def _under_present_ids(deck: Deck) -> dict[str, Authored]:
    """Return what is kept of each draft, by the present ids of cards that were renamed since."""
    present = {card.id for card in deck.cards}
    renamed = {
        old: card.id
        for card in deck.cards
        for old in card.was
        if old in deck.authored and old not in present and card.id not in deck.authored
    }
    return {renamed.get(name, name): entry for name, entry in deck.authored.items()}


def _is_draft(card: Card, candidate: Candidate, language: str) -> bool:
    return card.kind == candidate.kind and all(
        digest(own(card, name, language)[1]) == digest(value) for name, value in candidate.fields.items()
    )


def _question(card: Card, language: str) -> tuple[str, str]:
    name = "text" if card.kind == "cloze" else "front"
    return card.kind, normalised(str(own(card, name, language)[1] or ""))


def card_fields(name: str, candidate: Candidate) -> dict[str, object]:
    """Return the fields of the card that is made of a candidate."""
    source: dict[str, object] = {"lines": list(candidate.lines)}
    if candidate.section:
        source["section"] = candidate.section
    source["quote"] = quote_shown(candidate)
    return {"id": name, "kind": candidate.kind, **candidate.fields, "source": source}


def _doubt(match: Match, entry: Authored, candidate: Candidate) -> str:
    return (
        f"{match.similarity:.2f} alike. Was: {entry.quote[:120]} | Now: {normalised(candidate.quote)[:120]}"
    )
