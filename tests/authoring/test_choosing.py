"""Choices among drafts: what comes of them is what an author would have done to the deck by hand."""

from dataclasses import replace
from pathlib import Path

import pytest

from studykit.authoring.card_text import differences, read_card, text_of
from studykit.authoring.choosing import Choices, Choosing, Offer, card_of, summary
from studykit.authoring.place import Place
from studykit.authoring.workshop import Work, prepare
from studykit.errors import StudykitError
from studykit.library.cards import Basic, Card

ARTICLE = """\
# Locks

A **mutex** is a lock that at most one thread holds at a time.

A **semaphore** is a counter that threads decrement before they enter and increment when they leave.

It is **known** that this is so.
"""
OTHER = "A **semaphore** is a number of free places that threads take before they enter and give back later."
WAS = "A **monitor** is an object whose methods only one thread runs at a time, since it holds a lock."
NOTHING = Choices()
NOW = "A **monitor lock** is an object whose operations one thread runs at any moment, since it owns a lock."


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path, "os", "locks")
    place.deck.parent.mkdir(parents=True)
    return place


def author(place: Place, text: str = ARTICLE) -> Choosing:
    place.article.write_text(text, encoding="utf8")
    work = prepare(place.article, place, None)
    assert isinstance(work, Work)
    return Choosing(work)


def written(place: Place, choosing: Choosing, choices: Choices = NOTHING) -> str:
    choosing.finished(choices).write()
    return place.deck.read_text(encoding="utf8")


def offer(choosing: Choosing, name: str, choices: Choices = NOTHING) -> Offer:
    return next(one for one in choosing.cards(choices) if one.id == name)


def front(one: Offer, text: str) -> Card:
    assert isinstance(one.card, Basic)
    return replace(one.card, front=text)


def left(choosing: Choosing, words: str, choices: Choices = NOTHING) -> Offer:
    return next(one for one in choosing.left_out(choices) if one.candidate and words in one.candidate.quote)


def ids(choosing: Choosing, choices: Choices = NOTHING) -> list[str]:
    return [one.id for one in choosing.cards(choices)]


def number(one: Offer) -> int:
    assert isinstance(one.key, int)
    return one.key


def test_deciding_nothing_writes_what_the_merge_writes(place: Place) -> None:
    choosing = author(place)
    assert ids(choosing) == ["mutex", "semaphore"]
    assert written(place, choosing) == choosing.work.merged.text  # type: ignore[union-attr]


def test_a_dropped_card_stays_deleted(place: Place) -> None:
    choosing = author(place)
    choices = Choices().drop(offer(choosing, "mutex").key)
    text = written(place, choosing, choices)
    assert "- id: mutex" not in text
    assert "  mutex: {kind: basic" in text
    later = author(place)
    assert ids(later) == ["semaphore"]
    assert later.work.files == {}
    assert left(later, "mutex").reason == "deleted before"


def test_a_card_deleted_before_comes_back_under_its_name(place: Place) -> None:
    choosing = author(place)
    written(place, choosing, Choices().drop(offer(choosing, "mutex").key))
    later = author(place)
    choices = later.rescue(Choices(), number(left(later, "mutex")))
    assert ids(later, choices) == ["mutex", "semaphore"]
    assert "  - id: mutex\n" in written(place, later, choices)
    assert author(place).work.files == {}


def test_an_edit_is_the_authors_and_survives_the_articles_change(place: Place) -> None:
    choosing = author(place)
    one = offer(choosing, "semaphore")
    assert "front: What counts?" in written(
        place, choosing, Choices().edit(one.key, front(one, "What counts?"))
    )
    later = author(place, ARTICLE.replace(ARTICLE.splitlines()[4], OTHER))
    again = offer(later, "semaphore")
    assert isinstance(again.card, Basic)
    assert again.card.front == "What counts?"
    assert "free places" in str(again.card.back)
    assert {change.what for change in again.changes} >= {"updated"}


def test_dropping_all_cards_of_a_new_deck_writes_nothing(place: Place) -> None:
    choosing = author(place)
    choices = Choices()
    for one in choosing.cards(choices):
        choices = choices.drop(one.key)
    work = choosing.finished(choices)
    assert (work.merged, work.files) == (None, {})


def test_a_deck_that_is_there_keeps_a_card(place: Place) -> None:
    written(place, author(place))
    later = author(place)
    choices = Choices().drop("mutex").drop("semaphore")
    with pytest.raises(StudykitError, match="A deck needs a card"):
        later.finished(choices)


def test_comments_stay_when_a_card_is_dropped_and_one_edited(place: Place) -> None:
    text = written(place, author(place))
    place.deck.write_text(text.replace("  - id: semaphore\n", "  # mine\n  - id: semaphore # this\n"))
    later = author(place)
    one = offer(later, "semaphore")
    choices = Choices().drop("mutex").edit(one.key, front(one, "What counts?"))
    result = written(place, later, choices)
    assert "cards:\n  # mine\n  - id: semaphore # this\n" in result
    assert "front: What counts?" in result


# Left out


def test_what_was_left_out_says_why_and_can_be_rescued(place: Place) -> None:
    choosing = author(place)
    one = left(choosing, "known")
    assert one.reason == "weak"
    choices = choosing.rescue(Choices(), number(one))
    assert len(choosing.cards(choices)) == 3
    assert one.key not in [other.key for other in choosing.left_out(choices)]
    assert one.key in choices.kept
    written(place, choosing, choices)
    later = author(place)
    assert len(later.cards(Choices())) == 3
    assert later.work.files == {}
    assert len(choosing.cards(choices.drop(one.key))) == 2


def test_what_gives_no_card_says_so(place: Place) -> None:
    place.deck.write_text(
        "title: t\ncards:\n  - {id: mine, kind: basic, front: 'Locks: What is a mutex?', back: x}\n"
    )
    choosing = author(place)
    assert ids(choosing) == ["semaphore"]
    one = next(one for one in choosing.left_out(NOTHING) if one.reason == "asked already")
    with pytest.raises(StudykitError, match="The deck asks this already"):
        choosing.rescue(NOTHING, number(one))


def test_an_article_whose_only_card_cannot_be_written_gives_none(place: Place) -> None:
    choosing = author(place, "# Locks\n\nA **mutex** is a lock that \x1b[2J at most one thread holds.\n")
    assert choosing.cards(NOTHING) == []
    assert choosing.work.files == {}
    assert "no valid card came of what was found: " in choosing.work.notes[0]
    assert left(choosing, "mutex").reason in ("invalid", "same place asked better")


def test_a_candidate_shows_the_card_it_would_be(place: Place) -> None:
    candidate = left(author(place), "known").candidate
    assert candidate is not None
    card = card_of(candidate)
    assert card is not None
    assert card.kind == candidate.kind


# Pairs that are alike, and cards that are gone


def test_a_borderline_pair_is_one_card_or_two(place: Place) -> None:
    written(place, author(place, f"# Locks\n\n{WAS}\n"))
    later = author(place, f"# Locks\n\n{NOW}\n")
    [one] = later.cards(Choices())
    assert (one.id, one.key) == ("monitor", "monitor")
    assert one.likeness is not None
    assert 0.6 <= one.likeness < 0.75
    parted = Choices().part("monitor")
    assert ids(later, parted) == ["monitor_lock", "monitor"]
    assert offer(later, "monitor", parted).card.retired  # type: ignore[union-attr]
    assert later.cards(parted.part("monitor"))[0].id == "monitor"
    written(place, later, parted)
    again = author(place, f"# Locks\n\n{NOW}\n")
    assert again.work.files == {}


def test_a_retired_card_can_stay_in_use(place: Place) -> None:
    written(place, author(place, f"{ARTICLE}\n{WAS}\n"))
    later = author(place)
    one = offer(later, "monitor")
    assert one.card is not None
    assert one.card.retired
    assert one.candidate is None
    assert "retired: true" in later.finished(Choices()).merged.text  # type: ignore[union-attr]
    assert "retired: true" not in written(place, later, Choices().keep("monitor"))
    assert author(place).work.files == {}


def test_the_summary_counts_what_was_decided_and_what_was_not(place: Place) -> None:
    choosing = author(place)
    one = offer(choosing, "semaphore")
    choices = Choices().drop(offer(choosing, "mutex").key).edit(one.key, front(one, "What counts?"))
    assert list(summary(choosing, choices)) == ["1 card", "1 new, 1 dropped, 1 edited"]
    assert list(summary(choosing, Choices())) == [
        "2 cards",
        "2 new",
        "2 not decided: as the article has them",
    ]


# Texts of cards


def test_a_card_is_read_as_it_was_written(place: Place) -> None:
    card = offer(author(place), "mutex").card
    assert card is not None
    assert text_of(card).startswith("id: mutex\nkind: basic\nfront: ")
    assert read_card(text_of(card)) == card
    assert differences(card, card) == {}


def test_a_card_that_is_wrong_names_the_line() -> None:
    with pytest.raises(StudykitError, match=r"\nline 3: kind basic has no `frnt`"):
        read_card("id: a\nkind: basic\nfrnt: x\nback: y\n")


def test_other_cards_of_the_deck_may_be_named() -> None:
    card = read_card("id: a\nkind: basic\nfront: x\nback: y\nrequires: [b]\n", ["a2", "b"])
    assert card.requires == ("b",)


def test_only_the_language_that_was_edited_changes() -> None:
    old = Basic(id="a", front={"en": "x", "zh": "y"}, back="b", hint="h")
    new = replace(old, front={"en": "z", "zh": "y"}, hint=None)
    assert differences(old, new) == {("front", "en"): "z", ("hint",): None}
