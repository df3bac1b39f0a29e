"""What an author decides about a draft, card by card, before anything is written.

`Choices` are a value, so that a decision can be taken back. `Choosing` says what they come to: first the
merge, of a draft with what was rescued and without what was set apart; then, on its result, what an author
would do to the deck by hand. So the next merge takes edits for edits and deleted cards for deleted ones.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TypeAlias

from studykit.authoring.candidates import Candidate
from studykit.authoring.card_text import differences, read_card, written
from studykit.authoring.deck_file import Changes, applied
from studykit.authoring.draft import Draft
from studykit.authoring.merge import Change, Existing, Merged, card_fields, merge
from studykit.authoring.workshop import Work, again
from studykit.errors import StudykitError
from studykit.library.cards import Authored, Card
from studykit.wording import shown

Key: TypeAlias = str | int
"""A card of the deck that was there: its id. Else the number of a candidate: the draft's cards count first,
then what was rejected."""

UNCHANGED = frozenset({"same", "moved"})


@dataclass(frozen=True, slots=True)
class Choices:
    """What was decided so far."""

    kept: frozenset[Key] = frozenset()
    dropped: frozenset[Key] = frozenset()
    edited: Mapping[Key, Card] = field(default_factory=dict)
    apart: frozenset[str] = frozenset()
    """Cards that are not what the merge takes them for; deleted ones that may come back."""

    rescued: frozenset[int] = frozenset()

    def keep(self, key: Key) -> "Choices":
        """Keep a card; one that is retired stays in use."""
        return replace(self, kept=self.kept | {key}, dropped=self.dropped - {key})

    def drop(self, key: Key) -> "Choices":
        """Delete a card; one that was rescued is left out again."""
        kept = self.kept - {key}
        if key in self.rescued:
            return replace(self, kept=kept, rescued=self.rescued - {key})
        return replace(self, kept=kept, dropped=self.dropped | {key})

    def edit(self, key: Key, card: Card) -> "Choices":
        """Let a card say something else."""
        edited = replace(self, edited={**self.edited, key: card})
        return edited.keep(key)

    def part(self, card: str) -> "Choices":
        """Set a card apart from what the article has now, or take that back."""
        edited = {key: value for key, value in self.edited.items() if key != card}
        return replace(self, apart=self.apart ^ {card}, kept=self.kept - {card}, edited=edited)


@dataclass(frozen=True, slots=True)
class Offer:
    """A card as it would be written, or a candidate that gives none."""

    key: Key
    id: str
    card: Card | None
    """None: it gives none; `card_of` its candidate is what it would be."""

    merged: Card | None
    """The card without the author's edit."""

    before: Card | None
    """The card in the deck that is there."""

    changes: tuple[Change, ...]
    candidate: Candidate | None
    """What the article has now."""

    entry: Authored | None
    """What the card was drafted from before."""

    lines: tuple[int, int] | None
    """Where its words stand; None: they stand no more."""

    likeness: float | None = None
    """How alike the two are, where that is all that makes them one."""

    reason: str = ""
    """Why it gives no card."""

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to decide."""
        return any(change.what not in UNCHANGED for change in self.changes)


class Choosing:
    """A draft, its deck, and what comes of choices."""

    def __init__(self, work: Work) -> None:
        self.work = work
        rejected = work.draft.rejected
        self._candidates = [*work.draft.cards, *(one.candidate for one in rejected)]
        self._numbers = {id(candidate): number for number, candidate in enumerate(self._candidates)}
        self._reasons = [*("" for _ in work.draft.cards), *(str(one.reason) for one in rejected)]
        self._existing = {card.id: card for card in work.existing.deck.cards} if work.existing else {}
        self._authored = work.existing.deck.authored if work.existing else {}
        self._merge = lru_cache(maxsize=8)(self._merged)

    # What there is to decide

    def cards(self, choices: Choices) -> list[Offer]:
        """Return the cards that the article has or had, in its order; what it has no more comes last."""
        merged = self.merge(choices).merged
        if merged is None:
            return []
        number = {name: self._number(choices, n) for n, name in merged.of.items()}
        offers = [
            self._offer(card, merged, number.get(card.id), choices)
            for card in merged.deck.cards
            if card.id in merged.deck.authored
        ]
        return sorted(offers, key=lambda offer: (offer.candidate is None, offer.lines or (0, 0)))

    def _offer(self, card: Card, merged: Merged, number: int | None, choices: Choices) -> Offer:
        candidate = None if number is None else self._candidates[number]
        entry = merged.deck.authored[card.id]
        key: Key = card.id if card.id in self._existing or number is None else number
        edited = choices.edited.get(key)
        source = card.source.lines if card.source is not None else None
        return Offer(
            key=key,
            id=card.id,
            card=card if edited is None else replace(edited, id=card.id),
            merged=card,
            before=self._existing.get(card.id),
            changes=tuple(change for change in merged.changes if change.id == card.id),
            candidate=candidate,
            entry=self._authored.get(card.id),
            lines=candidate.lines if candidate else None if entry.gone else source or entry.lines,
            likeness=merged.doubtful.get(card.id),
        )

    def left_out(self, choices: Choices) -> list[Offer]:
        """Return the candidates that give no card, each with the reason."""
        merged = self.merge(choices).merged
        present = {card.id for card in merged.deck.cards} if merged else set()
        given = (
            {self._number(choices, n) for n, name in merged.of.items() if name in present} if merged else ()
        )
        numbers = [number for number in range(len(self._candidates)) if number not in given]
        offers = [self._left(number, merged) for number in numbers]
        return sorted(offers, key=lambda offer: offer.lines or (0, 0))

    def _left(self, number: int, merged: Merged | None) -> Offer:
        candidate = self._candidates[number]
        changes = merged.changes if merged else ()
        told = [c for c in changes if c.id == candidate.name and c.what in ("asked already", "invalid")]
        reason = self._reasons[number] or (
            told[0].what if told else "deleted before" if merged else "invalid"
        )
        return Offer(
            key=number,
            id=candidate.name,
            card=None,
            merged=None,
            before=None,
            changes=(),
            candidate=candidate,
            entry=None,
            lines=candidate.lines,
            reason=reason,
        )

    # What comes of it

    def merge(self, choices: Choices) -> Work:
        """Return what would be written without the edits."""
        return self._merge(choices.rescued, choices.apart)

    def _merged(self, rescued: frozenset[int], apart: frozenset[str]) -> Work:
        if not rescued and not apart:
            return self.work
        return again(self.work, self._draft(rescued), apart)

    def _draft(self, rescued: frozenset[int]) -> Draft:
        draft = self.work.draft
        first = len(draft.cards)
        cards = [*draft.cards, *(self._candidates[number] for number in sorted(rescued))]
        return replace(
            draft,
            cards=tuple(sorted(cards, key=lambda candidate: candidate.lines)),
            rejected=tuple(one for n, one in enumerate(draft.rejected, first) if n not in rescued),
        )

    def _number(self, choices: Choices, place: int) -> int:
        """Return the number of a candidate that stands at `place` in the draft that was merged."""
        draft = self.merge(choices).draft
        first = len(draft.cards)
        candidate = draft.cards[place] if place < first else draft.rejected[place - first].candidate
        return self._numbers[id(candidate)]

    def rescue(self, choices: Choices, number: int) -> Choices:
        """Make a card of a candidate that gave none. Raises StudykitError if that cannot be."""
        if number >= len(self.work.draft.cards):
            found = replace(choices, rescued=choices.rescued | {number})
        else:
            found = replace(choices, apart=choices.apart | self._deleted(number))
        offers = self.cards(found)
        if any(offer.candidate is self._candidates[number] for offer in offers):
            key = next(offer.key for offer in offers if offer.candidate is self._candidates[number])
            return found.keep(key)
        raise StudykitError(self._refusal(found, self._candidates[number]))

    def _deleted(self, number: int) -> frozenset[str]:
        """Return the card, deleted before, of one of the draft's candidates."""
        of = self.work.merged.of if self.work.merged else {}
        return frozenset({of[number]} if number in of else ())

    def _refusal(self, choices: Choices, candidate: Candidate) -> str:
        merged = self.merge(choices).merged
        for change in merged.changes if merged else ():
            if change.id == candidate.name and change.what == "asked already":
                return "The deck asks this already."
            if change.id == candidate.name and change.what == "invalid":
                return f"No valid card comes of it: {change.detail}"
        return "No card can be made of it: its code does not run, or its words give no card."

    def finished(self, choices: Choices) -> Work:
        """Return what is to be written. Raises StudykitError if no valid deck comes of the choices."""
        work = self.merge(choices)
        merged = work.merged
        if merged is None:
            return work
        changes, said = Changes(authored=dict(merged.deck.authored)), dict[str, str]()
        for offer in self.cards(choices):
            if what := _by_hand(offer, choices, changes):
                said[offer.id] = what
        if not said:
            return work
        if changes.removed >= {card.id for card in merged.deck.cards}:
            if work.existing is not None:
                raise StudykitError("A deck needs a card: keep one, or delete the deck's file.")
            return replace(work, merged=None, files={}, seen={})
        path = shown(work.place.deck)
        result = applied(merged.text, merged.deck, changes, path)
        if result.deck is None or result.problems:
            raise StudykitError("\n".join(map(str, result.problems)))
        pairs = zip(work.draft.cards, merged.ids, strict=True)
        left = [(card, name) for card, name in pairs if name not in changes.removed]
        told = tuple(c for c in merged.changes if c.id not in changes.removed)
        told += tuple(Change(name, what) for name, what in said.items())
        text = self._settled(work, Existing(result.text, result.deck)).encode("utf8")
        files = {name: data for name, data in work.files.items() if name != work.place.deck}
        if work.existing is None or text != work.existing.text.encode("utf8"):
            files[work.place.deck] = text
        ids = tuple(name for _, name in left)
        final = replace(
            merged, text=text.decode("utf8"), deck=result.deck, changes=told, ids=ids, of={}, doubtful={}
        )
        draft = replace(work.draft, cards=tuple(card for card, _ in left))
        return replace(work, draft=draft, merged=final, files=files)

    def _settled(self, work: Work, by_hand: Existing) -> str:
        """Return the deck as authoring it once more would leave it: the next time, nothing is to do."""
        return merge(
            work.draft,
            by_hand,
            article=by_hand.deck.article or work.place.article.name,
            path=shown(work.place.deck),
            drafted=by_hand.deck.drafted,
            source=work.article.source,
        ).text


def _by_hand(offer: Offer, choices: Choices, changes: Changes) -> str:
    """Add to `changes` what the author decided about a card; return what that is."""
    card, merged = offer.card, offer.merged
    if offer.key in choices.dropped:
        changes.removed.add(offer.id)
        return "dropped"
    if card is None or merged is None:
        return ""
    places = differences(merged, card)
    if offer.key in choices.kept and merged.retired:
        places[("retired",)] = None
    if not places:
        return ""
    changes.fields[offer.id] = places
    return "kept in use" if places == {("retired",): None} else "edited"


def card_of(candidate: Candidate) -> Card | None:
    """Return the card that would be made of a candidate; None if it is no valid one."""
    try:
        return read_card(written(card_fields("card", candidate)))
    except StudykitError:
        return None


def summary(choosing: Choosing, choices: Choices) -> Iterator[str]:
    """Yield, line by line, what writing would do."""
    from collections import Counter

    work = choosing.finished(choices)
    offers = [offer for offer in choosing.cards(choices) if offer.key not in choices.dropped]
    used = [offer for offer in offers if offer.card and not _is_retired(offer, choices)]
    yield f"{len(used)} card{'' if len(used) == 1 else 's'}"
    counts = Counter(change.what for change in (work.merged.changes if work.merged else ()))
    counts.pop("same", None)
    if counts:
        yield ", ".join(f"{count} {what}" for what, count in counts.most_common())
    if choices.rescued:
        yield f"{len(choices.rescued)} rescued"
    seen = choices.kept | choices.dropped
    open_ones = sum(offer.is_changed and offer.key not in seen for offer in offers)
    if open_ones:
        yield f"{open_ones} not decided: as the article has them"


def _is_retired(offer: Offer, choices: Choices) -> bool:
    return bool(offer.card and offer.card.retired and offer.key not in choices.kept)
