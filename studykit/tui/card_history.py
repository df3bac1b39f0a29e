"""Everything that is known of one card, as blocks: standing, what comes next, every answer, how it fades."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from textual.content import Content

from studykit.library.cards import Card, text_in
from studykit.scheduling.forgetting import is_modelled, retrievability
from studykit.scheduling.sm2 import Grade, Memory
from studykit.tui.grades import duration_text, grade_keys, interval_text, name_of
from studykit.tui.outlook import day_text
from studykit.tui.text.blocks import Block, Flow
from studykit.tui.text.clean import clean_line
from studykit.tui.text.drawing import Plot
from studykit.tui.text.palette import CAUTION, HEADING, MUTED, STRONG

if TYPE_CHECKING:
    from studykit.store.records import LogRow, Marks, Record
    from studykit.study import Study

_LABEL = 12
_ANSWER = 50
"""How wide the columns of an answer are before what happened."""

_POINTS = 24
_CURVE_HEIGHT = 9
_LEAST_AHEAD = 7


@dataclass(frozen=True, slots=True)
class Known:
    """What the store and the library know of a card."""

    card_id: str
    card: Card
    record: "Record | None"
    marks: "Marks"
    history: Sequence["LogRow"]
    outcomes: dict[Grade, Memory]
    place: str
    today: date
    scheme: str
    scheduler: str
    language: tuple[str, ...]
    title: str
    sources: tuple[str, ...] = ()


def known(study: "Study", card_id: str, now: datetime) -> Known:
    """Look everything up."""
    from studykit.store.records import UNMARKED

    deck = study.library.decks()[card_id.rpartition("/")[0]]
    return Known(
        card_id=card_id,
        card=study.card(card_id),
        record=study.store.records([card_id]).get(card_id),
        marks=study.store.marks().get(card_id, UNMARKED),
        history=study.store.history(card_id),
        outcomes=study.preview(card_id, now),
        place=study.place_of(card_id),
        today=study.calendar.day_of(now),
        scheme=study.settings.grades,
        scheduler=study.scheduler_of(card_id),
        language=study.settings.language,
        title=text_in(deck.title, study.settings.language),
    )


def info(one: Known) -> list[Block]:
    """Return all of it."""
    return [*_standing(one), *_next(one), *_fading(one), *_past(one), *_origin(one)]


def _heading(text: str) -> Flow:
    return Flow(Content.styled(text, HEADING))


def _row(label: str, text: str | Content) -> Flow:
    head = Content.styled(f"{label:<{_LABEL}}", MUTED)
    return Flow(Content(text) if isinstance(text, str) else text, head, Content(" " * _LABEL), gap=False)


# ---- how it stands


def _standing(one: Known) -> Iterator[Block]:
    yield Flow(Content.assemble((clean_line(one.card_id), HEADING), f"  {one.card.kind}"))
    yield _row("now", _state(one))
    if one.record is not None:
        yield _row("memory", _memory(one.record))
        lapses = f"{one.record.lapses} of a leech's 8" if one.record.lapses else "none"
        yield _row("lapses", lapses if one.record.lapses < 8 else str(one.record.lapses))
    marks = _marks(one.marks, one.today)
    if marks:
        yield _row("marks", Content.styled(", ".join(marks), CAUTION))


def _state(one: Known) -> str:
    if one.record is None:
        return "new: never answered"
    if one.record.drill_on == one.today:
        return "again today: the last answer was below Good"
    due = one.record.memory.due
    if due > one.today:
        return f"due {day_text(due, one.today)}, in {interval_text((due - one.today).days)}"
    late = (one.today - due).days
    return "due today" if not late else f"due since {due}, {interval_text(late)} ago"


def _memory(record: "Record") -> str:
    memory = record.memory
    parts = [f"{record.scheduler}: every {interval_text(memory.interval)}"]
    if memory.stability is not None:
        parts.append(f"stability {memory.stability:.1f} d")
        parts.append(f"difficulty {memory.difficulty:.1f} of 10")
    else:
        parts.append(f"ease {memory.ease / 100:.2f}")
    parts.append(f"{memory.repetitions} passed in a row")
    return " · ".join(parts)


def _marks(marks: "Marks", today: date) -> list[str]:
    found = []
    if marks.suspended:
        found.append("suspended (bring it back: browse is:suspended, or `studykit unsuspend`)")
    if marks.buried_until is not None and today < marks.buried_until:
        found.append(f"buried until {marks.buried_until}")
    if marks.flagged:
        found.append("flagged")
    if marks.leech:
        found.append("a leech: it keeps slipping")
    return found


# ---- what comes next


def _next(one: Known) -> Iterator[Block]:
    yield _heading("Next")
    drill = one.record is not None and one.record.drill_on == one.today
    if drill or (one.record is not None and one.record.memory.due > one.today):
        what = "Answers today are repetition" if drill else "Answered today, it would be early"
        yield Flow(Content.styled(f"{what}: logged, and nothing moves.", MUTED), gap=False)
        return
    for key in grade_keys(one.scheme):
        memory = one.outcomes[key.grade]
        days = (memory.due - one.today).days
        again = "  and again today" if key.grade < Grade.GOOD else ""
        yield _row(key.name, f"in {interval_text(days):<8} {memory.due:%a %d %b %Y}{again}")


# ---- how it fades


def _fading(one: Known) -> Iterator[Block]:
    curve = _curve(one)
    if not curve or one.record is None:
        return
    start = curve[0][0]
    memory = one.record.memory
    since = (one.today - memory.due).days + memory.interval
    now = retrievability(memory, since)
    yield _heading("Forgetting")
    end = one.today + timedelta(days=_ahead(memory))
    first = one.today + timedelta(days=round(start))
    yield Plot(
        {"": curve},
        height=_CURVE_HEIGHT,
        x_ends=(f"{first}", f"{end}"),
        y_range=(min(0.5, min(y for _, y in curve)), 1.0),
    )
    how = (
        "by FSRS-6's curve of its stability"
        if is_modelled(memory)
        else "an approximation: SM-2 has no such curve; taken as 90% on the day it is due"
    )
    yield Flow(
        Content.assemble("The chance that you know it: ", (f"{now:.0%} now", STRONG), (f" ({how})", MUTED)),
        gap=False,
    )


def _curve(one: Known) -> list[tuple[float, float]]:
    """Return the chance over the days from today: a tooth for each answer that moved the card."""
    moved = [
        (row.day, row.after.memory) for row in one.history if row.role in ("new", "review") and row.after
    ]
    if not moved or one.record is None:
        return []
    moved[-1] = (moved[-1][0], one.record.memory)
    points: list[tuple[float, float]] = []
    for i, (day, memory) in enumerate(moved):
        until = moved[i + 1][0] if i + 1 < len(moved) else one.today + timedelta(days=_ahead(memory))
        days = max(0, (until - day).days)
        offset = (day - one.today).days
        for step in range(_POINTS + 1):
            t = days * step / _POINTS
            points.append((offset + t, retrievability(memory, t)))
    return points


def _ahead(memory: Memory) -> int:
    return max(_LEAST_AHEAD, memory.interval)


# ---- what was


def _past(one: Known) -> Iterator[Block]:
    rows = one.history
    yield _heading(f"Answers ({len(rows)})" if rows else "Answers")
    if not rows:
        yield Flow(Content.styled("None yet.", MUTED), gap=False)
        return
    times = [row.duration_ms for row in rows if row.duration_ms is not None]
    if times:
        total = duration_text(sum(times) / 1000)
        yield Flow(Content.styled(f"first on {rows[0].day} · {total} in all", MUTED), gap=False)
    head = f"{'day':<11}{'as':<8}{'grade':<9}{'time':>8}{'then every':>12}  what happened"
    yield Flow(Content.styled(head, MUTED), gap=False)
    for row in reversed(rows):
        happened = Content(_evidence(row, one))
        yield Flow(happened, Content(_answer(row, one)), Content(" " * _ANSWER), gap=False)


def _answer(row: "LogRow", one: Known) -> str:
    after = row.after
    took = "" if row.duration_ms is None else duration_text(row.duration_ms / 1000)
    then = "" if after is None else interval_text(after.memory.interval)
    grade = name_of(row.grade, one.scheme)
    return f"{row.day!s:<11}{row.role:<8}{grade:<9}{took:>8}{then:>12}  "


def _evidence(row: "LogRow", one: Known) -> str:
    evidence = row.evidence or {}
    attempts = evidence.get("attempts")
    parts = (
        [f"{attempts} attempt{'' if attempts == 1 else 's'}"]
        if isinstance(attempts, int) and attempts
        else []
    )
    names = {"passed": "passed", "hint_used": "hint", "solution_seen": "solution seen", "gave_up": "gave up"}
    parts += [name for key, name in names.items() if evidence.get(key)]
    if row.proposed is not None and row.proposed != row.grade:
        parts.append(f"proposed {name_of(row.proposed, one.scheme)}")
    return ", ".join(parts)


# ---- where it is from


def _origin(one: Known) -> Iterator[Block]:
    yield _heading("From")
    yield _row("deck", clean_line(one.title))
    yield _row("written in", clean_line(one.place))
    source: Any = one.card.source
    if source is not None and source.lines:
        section = f", {clean_line(source.section)}" if source.section else ""
        yield _row("article", f"lines {source.lines[0]}–{source.lines[1]}{section}")
    if one.card.tags:
        yield _row("tags", clean_line(", ".join(one.card.tags)))
    for requirement in one.card.requires:
        yield _row("requires", clean_line(requirement))
    if one.card.was:
        yield _row("was", clean_line(", ".join(one.card.was)))
