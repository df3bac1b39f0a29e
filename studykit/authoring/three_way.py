"""One card and its candidate, field by field: the article's change, the author's change, or both."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from studykit.authoring.candidates import Candidate
from studykit.authoring.change import answer_of, is_material
from studykit.authoring.deck_file import Place, own
from studykit.authoring.likeness import quote_of
from studykit.library.cards import Authored, Card, fields_set

LONGEST_QUOTE = 300
_QUOTE = "source.quote"


@dataclass(slots=True)
class Result:
    """What becomes of a card."""

    entry: Authored
    places: dict[Place, object]
    """What its fields are to be; None: nothing at all."""

    said: list[tuple[str, str]] = field(default_factory=list)
    """(what, detail) for the summary."""


def three_way(card: Card, entry: Authored, candidate: Candidate, language: str) -> Result:
    """Merge `candidate` into `card`, which was drafted as `entry` says."""
    new: Mapping[str, object] = candidate.fields
    drafted = {name: sign for name, sign in entry.fields.items() if name != _QUOTE}
    places: dict[Place, object] = {}
    fields, offered, proposed = {}, {}, dict(card.proposed)
    for name in dict.fromkeys((*new, *drafted)):
        place, mine = own(card, name, language)
        base, now, is_mine = drafted.get(name, ""), digest(new.get(name)), digest(mine)
        if is_mine in (base, now):
            fields[name] = now
            proposed.pop(name, None)
            if is_mine != now:
                places[place] = new.get(name)
            continue
        fields[name] = base
        if now == base:
            proposed.pop(name, None)
            continue
        offered[name] = now
        if now != entry.offered.get(name) and new.get(name) is not None:
            proposed[name] = _proposal(new[name])
    told = [".".join(place) for place in places]
    said = [("updated", ", ".join(told))] if told else []
    if proposed != card.proposed:
        places[("proposed",)] = proposed or None
        if added := [name for name in proposed if proposed[name] != card.proposed.get(name)]:
            said.append(("proposed", ", ".join(added)))
    if is_material(*_answers(card, places, language)):
        places[("revision",)] = card.revision + 1
        said.append(("revised", "the answer has changed: learners see it again"))
    places |= source_places(card, entry, candidate)
    if candidate.section != entry.section:
        said.append(
            ("moved", f"{entry.section or 'the beginning'} -> {candidate.section or 'the beginning'}")
        )
    fields[_QUOTE] = digest(quote_shown(candidate))
    kept = {name: sign for name, sign in fields.items() if sign}
    return Result(replace(entry_of(candidate), fields=kept, offered=offered), places, said or [("same", "")])


def entry_of(candidate: Candidate) -> Authored:
    """Return what is kept of a candidate that became a card as it is."""
    fields = {name: digest(value) for name, value in candidate.fields.items()}
    return Authored(
        kind=candidate.kind,  # type: ignore[arg-type]  # a rule names a kind of card
        key=candidate.key,
        rule=candidate.rule,
        quote=quote_of(candidate.quote),
        section=candidate.section,
        lines=candidate.lines,
        fields={**fields, _QUOTE: digest(quote_shown(candidate))},
    )


def source_places(
    card: Card, entry: Authored, candidate: Candidate, *, words: bool = True
) -> dict[Place, object]:
    """Return what is to change in where the card says it comes from; corrections made by hand move along."""
    source = card.source
    if source is None:
        return {}
    places = moved_lines(card, entry, candidate.lines)
    if source.section == entry.section != candidate.section:
        places[("source", "section")] = candidate.section
    shown = quote_shown(candidate)
    drafted = source.quote is not None and digest(source.quote) == entry.fields.get(_QUOTE)
    if words and drafted and source.quote != shown:
        places[("source", "quote")] = shown
    return places


def moved_lines(card: Card, entry: Authored, now: tuple[int, int]) -> dict[Place, object]:
    """Return what is to change in the card's lines when what it was drafted from stands at `now`."""
    mine = card.source.lines if card.source is not None else None
    lines = _moved(mine, entry.lines, now)
    return {} if lines is None or lines == mine else {("source", "lines"): list(lines)}


def quote_shown(candidate: Candidate) -> str:
    """Return the words of the article as a card shows them."""
    text = " ".join(candidate.quote.split())
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE].rstrip()} …"


def digest(value: object) -> str:
    """Return a short name for what a field says; empty for nothing."""
    if value is None:
        return ""
    text = json.dumps(_canonical(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode("utf8", "surrogatepass"), digest_size=5).hexdigest()


def _canonical(value: object) -> Any:
    match value:
        case str():
            return value.rstrip()
        case Mapping():
            return {str(name): _canonical(part) for name, part in value.items()}
        case tuple() | list():
            return [_canonical(part) for part in value]
    return value


def _proposal(value: object) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _answers(card: Card, places: Mapping[Place, object], language: str) -> tuple[str, str]:
    old = {name: own(card, name, language)[1] for name, _ in fields_set(card)}
    new = old | {place[0]: value for place, value in places.items() if place[0] != "proposed"}
    return answer_of(card.kind, old), answer_of(card.kind, new)


def _moved(
    mine: tuple[int, int] | None, was: tuple[int, int] | None, now: tuple[int, int]
) -> tuple[int, int] | None:
    if mine is None or was is None:
        return mine
    first, last = now[0] + mine[0] - was[0], now[1] + mine[1] - was[1]
    return (first, last) if 1 <= first <= last else now
