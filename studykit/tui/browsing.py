"""What the browser shows of each card, and in which order. Knows nothing of screens."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from studykit.tui.grades import interval_text

if TYPE_CHECKING:
    from studykit.store.records import Marks, Record
    from studykit.study import Study

_WORD = re.compile(r'-?"[^"]*"?|\S+')

FLAG = "⚑"
LEECH = "♦"


@dataclass(frozen=True, slots=True)
class Line:
    """One card."""

    card: str
    kind: str
    position: int
    """Its place in the library."""

    record: "Record | None"
    """What is remembered of it; None if it was never seen."""

    marks: "Marks"
    today: date
    revision: int = 1
    """Of the card as it is written now; higher than the record's where its answer has changed."""

    retired: bool = False

    @property
    def state(self) -> str:
        """What to say of it in one word."""
        if self.retired:
            return "retired"
        if self.marks.suspended:
            return "suspended"
        if self.marks.buried_until is not None and self.today < self.marks.buried_until:
            return "buried"
        if self.record is None:
            return "new"
        if self.revision > self.record.revision:
            return "changed"
        return "due" if self.record.memory.due <= self.today else "learned"

    @property
    def signs(self) -> str:
        """Its flag and its being a leech, as signs."""
        return (FLAG if self.marks.flagged else "") + (LEECH if self.marks.leech else "")


_STATES = ("due", "changed", "new", "learned", "buried", "suspended", "retired")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the list: how wide, what it shows, and what it is sorted by (None comes last)."""

    name: str
    width: int
    show: Callable[[Line], str]
    key: Callable[[Line], Any]
    align: Literal["left", "right"] = "left"
    from_width: int = 0
    """Shown when the list has this many cells or more."""


def _memory(name: str) -> Callable[[Line], Any]:
    return lambda line: None if line.record is None else getattr(line.record.memory, name)


def _text(value: object) -> str:
    return "" if value is None else str(value)


COLUMNS = (
    Column("card", 0, lambda line: line.card, lambda line: line.card),
    Column("kind", 9, lambda line: line.kind, lambda line: line.kind),
    Column("state", 9, lambda line: line.state, lambda line: _STATES.index(line.state)),
    Column("", 2, lambda line: line.signs, lambda line: line.signs or None),
    Column("due", 10, lambda line: _text(_memory("due")(line)), _memory("due")),
    Column(
        "every",
        7,
        lambda line: "" if line.record is None else interval_text(line.record.memory.interval),
        _memory("interval"),
        "right",
    ),
    Column(
        "ease",
        4,
        lambda line: "" if line.record is None else f"{line.record.memory.ease / 100:.1f}",
        _memory("ease"),
        "right",
        from_width=88,
    ),
    Column(
        "lapses",
        6,
        lambda line: "" if line.record is None else str(line.record.lapses or "·"),
        lambda line: None if line.record is None else line.record.lapses,
        "right",
    ),
)
"""The first takes the room that is left."""

SORTABLE = ("library", *(column.name for column in COLUMNS if column.name))
"""What the list can be sorted by; `library` is the order of study."""


@dataclass(frozen=True, slots=True)
class Order:
    """How the list is sorted."""

    by: str = "library"
    reverse: bool = False

    def next(self) -> "Order":
        """Return the order by the following column."""
        return Order(SORTABLE[(SORTABLE.index(self.by) + 1) % len(SORTABLE)])

    def by_column(self, name: str) -> "Order":
        """Return the order by a column; the other way round if it is sorted by that one already."""
        return Order(name, not self.reverse) if name == self.by else Order(name)

    def sorted(self, lines: Iterable[Line]) -> list[Line]:
        """Return `lines` in this order; those that have nothing to sort by come last either way."""
        listed = sorted(lines, key=lambda line: line.position)
        if self.by == "library":
            return listed[::-1] if self.reverse else listed
        key = next(column.key for column in COLUMNS if column.name == self.by)
        some = [line for line in listed if key(line) is not None]
        none = [line for line in listed if key(line) is None]
        return [*sorted(some, key=key, reverse=self.reverse), *none]


def words_of(query: str) -> list[str]:
    """Return the words of a query; quotes keep spaces together, also while the second is not typed yet."""
    found = (match.group().replace('"', "") for match in _WORD.finditer(query))
    return [word for word in found if word not in ("", "-")]


def lines_of(study: "Study", now: datetime) -> dict[str, Line]:
    """Return all cards of the library."""
    from studykit.store.records import UNMARKED

    today = study.calendar.day_of(now)
    records, marks = study.store.records(), study.store.marks()
    return {
        card: Line(
            card,
            entry.kind,
            entry.position,
            records.get(card),
            marks.get(card, UNMARKED),
            today,
            entry.revision,
            entry.retired,
        )
        for card, entry in study.library.entries().items()
    }


def renewed(
    study: "Study", lines: Mapping[str, Line], cards: Sequence[str], now: datetime
) -> dict[str, Line]:
    """Return the lines of `cards`, of which something has changed."""
    today = study.calendar.day_of(now)
    return {
        card: replace(lines[card], record=record, marks=marks, today=today)
        for card, (record, marks) in study.store.look(cards).items()
    }
