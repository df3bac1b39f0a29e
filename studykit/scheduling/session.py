"""What comes next: the learner's day as a queue, a pure state machine.

`plan` makes the queue of a day: due reviews first (longest due first), then new cards up to the day's
limit, each after its prerequisites, then drill, the cards that were graded below 4 today and come back
until they are known. `Session.answered` tells how the queue goes on. Everything here is a value; nothing
reads a clock or a disk.

Decisions that the learner may notice:

- A drill that is not finished on its day lapses: the card comes again when it is due, a day later at the
  soonest.
- A card whose answer has changed since it was answered is due at once.
- A card that cannot be introduced (suspended, buried, beyond the limit) holds back the cards that require
  it. One that has been seen holds back nothing, even if it was suspended since.
- The limits of a day count what was answered earlier that day, in this session or another. Drill is not
  limited.
- Siblings are kept apart within reviews, within the new cards of one deck and within drill; a review never
  moves behind a new card, nor a deck's new cards among those of the deck that comes before it.
"""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from heapq import heappop, heappush
from itertools import groupby
from operator import attrgetter

from studykit.scheduling.sm2 import Grade, Memory
from studykit.scheduling.spacing import Place, spread


class State(StrEnum):
    """Why a card is in the queue."""

    NEW = "new"
    REVIEW = "review"
    DRILL = "drill"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A card of the chosen decks, as far as planning needs it."""

    card: str
    deck: str
    position: int
    """Place in the library; among cards that are equal otherwise, the lower comes first."""

    requires: tuple[str, ...] = ()
    """Cards to be seen before this one. They must exist: a card that nobody has can never be seen."""

    group: str | None = None
    """What siblings share: cards that give each other's answer away."""

    revision: int = 1
    """Raised when the card's answer has changed."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand with a card that has been seen."""

    memory: Memory
    drill_on: date | None = None
    """The day on which the card waits to be drilled; any other day it does not."""

    suspended: bool = False
    buried_until: date | None = None
    """The first day on which the card may be shown again."""

    revision: int = 1
    """The revision of the card that was answered last."""

    def for_revision(self, revision: int, today: date) -> "Standing":
        """Return how things stand with this revision of the card."""
        due = self.due_for(revision, today)
        return self if due == self.memory.due else replace(self, memory=replace(self.memory, due=due))

    def due_for(self, revision: int, today: date) -> date:
        """Return the day on which the card is due: a new answer is due at once, to be learnt anew."""
        return min(self.memory.due, today) if revision > self.revision else self.memory.due


@dataclass(frozen=True, slots=True)
class Marks:
    """What the learner said about a card that has not been seen yet."""

    suspended: bool = False
    buried_until: date | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a day may bring."""

    new: int = 20
    reviews: int = 200
    per_deck: Mapping[str, tuple[int | None, int | None]] = field(default_factory=dict)
    """New and review limits of a deck (`transformer/rope`), or of a track (`transformer`) as a whole.

    They hold on top of the limits for everything; `None` is no limit.
    """


@dataclass(frozen=True, slots=True)
class Done:
    """What was answered earlier today, by deck: cards introduced, and reviews. Drill does not count."""

    new: Mapping[str, int] = field(default_factory=dict)
    reviews: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    """A card's place in the queue."""

    card: str
    deck: str
    state: State
    due: date
    """The day it is due: in the past for a late review, today for new cards and drill."""

    group: str | None = None
    after: tuple[str, ...] = ()
    """The cards of this queue that must be introduced before this one."""

    changed: bool = False
    """Its answer has changed since the learner gave one: the article changed."""


@dataclass(frozen=True, slots=True)
class Session:
    """The cards still to come today. Every step returns another session; this one stays as it is."""

    queue: tuple[Item, ...]
    today: date

    @property
    def current(self) -> Item | None:
        """The card to show now; `None` when the day's work is done."""
        return self.queue[0] if self.queue else None

    @property
    def remaining(self) -> Mapping[State, int]:
        """How many cards are left, by state; every state is listed."""
        counts = Counter(item.state for item in self.queue)
        return {state: counts[state] for state in State}

    def answered(self, grade: Grade) -> "Session":
        """Go on after an answer: graded below 4, the card comes back at the end, as drill, until it is known.

        A card is at the end when everything else in the queue comes before it, siblings aside: these are
        kept apart in the drill, too.
        """
        item, *rest = self._queue_with_current()
        if grade >= Grade.GOOD:
            return replace(self, queue=tuple(rest))
        again = replace(item, state=State.DRILL, due=self.today, after=(), changed=False)
        return replace(self, queue=_drill_spaced((*rest, again), previous=item.group))

    def skip(self) -> "Session":
        """Go on without an answer: the current card leaves this session as if it had never been in it."""
        return self.without(self._queue_with_current()[0].card)

    def without(self, card: str) -> "Session":
        """Leave `card` out of this session, and with a new card also those that must come after it."""
        unseen: set[str] = set()
        kept = []
        for item in self.queue:
            if item.card != card and unseen.isdisjoint(item.after):
                kept.append(item)
            elif item.state is State.NEW:
                unseen.add(item.card)
        return replace(self, queue=tuple(kept))

    def first(self, card: str) -> "Session":
        """Make `card` the current one, if it is in the queue: the card whose answer was just taken back."""
        chosen = [item for item in self.queue if item.card == card]
        return replace(self, queue=(*chosen, *(item for item in self.queue if item.card != card)))

    def _queue_with_current(self) -> tuple[Item, ...]:
        if not self.queue:
            raise LookupError("the session is over: there is no current card")
        return self.queue


def _drill_spaced(queue: Sequence[Item], previous: str | None) -> tuple[Item, ...]:
    """Keep siblings apart in the drill that ends the queue; `previous` is the group of the card before it."""
    begin = len(queue)
    while begin and queue[begin - 1].state is State.DRILL:
        begin -= 1
    ahead, drill = queue[:begin], queue[begin:]
    return (*ahead, *_spaced([drill], ahead[-1].group if ahead else previous))


def _spaced(blocks: Sequence[Sequence[Item]], previous: str | None = None) -> Iterator[Item]:
    items = {item.card: item for block in blocks for item in block}
    places = [[Place(item.card, item.group, item.after) for item in block] for block in blocks]
    return (items[card] for card in spread(places, previous))


def plan(
    candidates: Iterable[Candidate],
    standings: Mapping[str, Standing],
    marks: Mapping[str, Marks],
    today: date,
    limits: Limits,
    done: Done,
) -> Session:
    """Return the session of the day `today`.

    `candidates` are the cards of the chosen decks, each once; `standings` are those of all cards, so that
    what was seen elsewhere counts as seen. `marks` matter for cards without a standing.
    """
    reviews: list[tuple[date, int, str, Candidate]] = []
    drill: list[tuple[int, str, Candidate]] = []
    unseen: list[tuple[int, str, Candidate]] = []
    for candidate in candidates:
        card, position = candidate.card, candidate.position
        standing = standings.get(card)
        if _away(marks.get(card) if standing is None else standing, today):
            continue
        if standing is None:
            unseen.append((position, card, candidate))
        elif (due := standing.due_for(candidate.revision, today)) <= today:
            reviews.append((due, position, card, candidate))
        elif standing.drill_on == today:
            drill.append((position, card, candidate))
    introduced = _introduced(sorted(unseen), standings, _Budget.of_new(limits, done), today)
    blocks = [
        list(_reviewed(sorted(reviews), _Budget.of_reviews(limits, done))),
        # A deck's new cards stay together: the next deck may build on the whole of this one.
        *(list(cards) for _, cards in groupby(introduced, key=attrgetter("deck"))),
        [_item(candidate, State.DRILL, today) for _, _, candidate in sorted(drill)],
    ]
    changed = {entry[2] for entry in reviews if entry[3].revision > standings[entry[2]].revision}
    return Session(tuple(_marked(_spaced(blocks), changed)), today)


def _marked(items: Iterable[Item], changed: Container[str]) -> Iterator[Item]:
    return (replace(item, changed=True) if item.card in changed else item for item in items)


def _away(marks: Marks | Standing | None, today: date) -> bool:
    if marks is None:
        return False
    return marks.suspended or (marks.buried_until is not None and today < marks.buried_until)


class _Budget:
    """How many cards the day may still bring: of all decks, of a track, of a deck."""

    def __init__(self, limits: Mapping[str, int | None], done: Mapping[str, int]) -> None:
        self._left = {
            name: limit - sum(count for deck, count in done.items() if name in _names(deck))
            for name, limit in limits.items()
            if limit is not None
        }

    @classmethod
    def of_new(cls, limits: Limits, done: Done) -> "_Budget":
        return cls(
            {_EVERYTHING: limits.new} | {name: new for name, (new, _) in limits.per_deck.items()}, done.new
        )

    @classmethod
    def of_reviews(cls, limits: Limits, done: Done) -> "_Budget":
        per_deck = {name: reviews for name, (_, reviews) in limits.per_deck.items()}
        return cls({_EVERYTHING: limits.reviews} | per_deck, done.reviews)

    @property
    def spent(self) -> bool:
        """Whether no card of any deck fits in."""
        return self._left[_EVERYTHING] <= 0

    def take(self, deck: str) -> bool:
        """Make room for one card of `deck`, if there is any."""
        names = self._left.keys() & _names(deck)
        if any(self._left[name] <= 0 for name in names):
            return False
        for name in names:
            self._left[name] -= 1
        return True


_EVERYTHING = ""


def _names(deck: str) -> set[str]:
    """Return what a limit that holds for `deck` may be filed under."""
    return {_EVERYTHING, deck.partition("/")[0], deck}


def _item(candidate: Candidate, state: State, due: date, after: tuple[str, ...] = ()) -> Item:
    return Item(candidate.card, candidate.deck, state, due, candidate.group, after)


def _reviewed(reviews: Iterable[tuple[date, int, str, Candidate]], budget: _Budget) -> Iterator[Item]:
    for due, _, _, candidate in reviews:
        if budget.spent:
            return
        if budget.take(candidate.deck):
            yield _item(candidate, State.REVIEW, due)


def _introduced(
    unseen: Iterable[tuple[int, str, Candidate]], seen: Container[str], budget: _Budget, today: date
) -> Iterator[Item]:
    """Yield the new cards that fit in, each as early as its prerequisites, seen or before it, let it.

    Cards that require one another in a circle never get in.
    """
    waiting: dict[str, list[tuple[int, str, Candidate]]] = {}
    released: list[tuple[int, str, Candidate]] = []
    planned: set[str] = set()
    source = iter(unseen)
    # A released card stood before everything that is still in the source.
    while not budget.spent and (entry := heappop(released) if released else next(source, None)):
        _, card, candidate = entry
        after = tuple(required for required in candidate.requires if required not in seen)
        missing = next((required for required in after if required not in planned), None)
        if missing is not None:
            waiting.setdefault(missing, []).append(entry)
        elif budget.take(candidate.deck):
            yield _item(candidate, State.NEW, today, after)
            planned.add(card)
            for freed in waiting.pop(card, ()):
                heappush(released, freed)
