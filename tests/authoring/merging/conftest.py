"""Candidates and drafts made by hand, and the deck that comes of them."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from studykit.authoring.candidates import Candidate, Reason, Rejected
from studykit.authoring.draft import Draft
from studykit.authoring.merge import Change, Existing, Merged, merge
from studykit.library.deck import parse_deck

if TYPE_CHECKING:
    from studykit.library.cards import Card


def candidate(
    key: str,
    quote: str | None = None,
    *,
    kind: str = "basic",
    section: str | None = "One",
    lines: tuple[int, int] = (1, 1),
    **fields: Any,
) -> Candidate:
    quote = f"A {key} is what the article says of it." if quote is None else quote
    fields = fields or {"front": f"What is {key}?", "back": quote}
    return Candidate(
        rule="definitions",
        kind=kind,
        fields=fields,
        lines=lines,
        section=section,
        quote=quote,
        key=key,
        name=key,
        answer=str(fields.get("back", "")),
    )


def drafted(*cards: Candidate, rejected: Sequence[tuple[Candidate, Reason]] = (), **more: Any) -> Draft:
    values: dict[str, Any] = {"title": "T", "language": "en", "mismatches": (), "snippet": None, "notes": ()}
    return Draft(cards=cards, rejected=tuple(Rejected(*one) for one in rejected), **{**values, **more})


def existing(text: str) -> Existing:
    parsed = parse_deck(text, "d.yaml")
    assert parsed.deck is not None
    assert parsed.problems == ()
    return Existing(text, parsed.deck)


def first(draft: Draft) -> Merged:
    return merge(draft, None, article="a.md")


def again(draft: Draft, text: str) -> Merged:
    """Merge into the deck `text`; doing it twice must change nothing more."""
    merged = merge(draft, existing(text), article="a.md")
    assert parse_deck(merged.text, "d.yaml").problems == ()
    once_more = merge(draft, existing(merged.text), article="a.md")
    assert once_more.text == merged.text
    return merged


def card(merged: Merged, name: str) -> Any:
    found: Card = next(card for card in merged.deck.cards if card.id == name)
    return found


def changes(merged: Merged) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for change in merged.changes:
        assert isinstance(change, Change)
        found.setdefault(change.id, []).append(change.what)
    return found


@pytest.fixture(scope="session")
def bench() -> Any:
    """Return all of the above by name: test folders are no packages."""
    return SimpleNamespace(
        candidate=candidate,
        drafted=drafted,
        existing=existing,
        first=first,
        again=again,
        card=card,
        changes=changes,
    )
