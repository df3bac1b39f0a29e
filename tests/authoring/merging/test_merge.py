"""Merging: hand edits stay, the article's changes come, nothing is lost, nothing moves without a cause."""

from dataclasses import replace
from typing import Any

import pytest

from studykit.authoring.candidates import Reason
from studykit.authoring.merge import Existing, merge


@pytest.fixture
def two(bench: Any) -> Any:
    return bench.drafted(
        bench.candidate("mutex", "A mutex is a lock that one thread holds at a time.", lines=(3, 3)),
        bench.candidate("semaphore", "A semaphore is a counter that threads wait on.", lines=(5, 6)),
    )


def with_card(draft: Any, number: int, **changes: Any) -> Any:
    cards = list(draft.cards)
    cards[number] = replace(cards[number], **changes)
    return replace(draft, cards=tuple(cards))


def with_back(draft: Any, number: int, text: str) -> Any:
    fields = {**draft.cards[number].fields, "back": text}
    return with_card(draft, number, fields=fields, quote=text)


# The first time


def test_a_new_deck_has_the_schema_line_and_blocks_for_long_texts(bench: Any) -> None:
    draft = bench.drafted(
        bench.candidate("mutex", front="What is a mutex?", back="A lock.\n\nOne holds it.", lines=(3, 4)),
        bench.candidate("swap", kind="predict", front="What does this print?", code="a = 1\nprint(a)"),
    )
    text = bench.first(draft).text
    assert text.startswith(
        "# yaml-language-server: $schema=../deck.schema.json\n"
        "title: T\n"
        "article: a.md\n"
        "cards:\n"
        "  - id: mutex\n"
        "    kind: basic\n"
        "    front: What is a mutex?\n"
        "    back: |\n"
        "      A lock.\n"
        "\n"
        "      One holds it.\n"
        "    source: {lines: [3, 4], section: One, quote: A mutex is what the article says of it.}\n"
        "\n"
        "  - id: swap\n"
        "    kind: predict\n"
        "    front: What does this print?\n"
        "    code: |\n"
        "      a = 1\n"
        "      print(a)\n"
    )
    assert "\nauthored:\n  mutex: {kind: basic, rule: definitions, key: mutex, " in text


def test_authoring_again_changes_not_a_byte(bench: Any, two: Any) -> None:
    merged = bench.first(two)
    assert bench.again(two, merged.text).text == merged.text
    assert merged.ids == ("mutex", "semaphore")


# Three ways


def test_what_was_not_edited_follows_the_article(bench: Any, two: Any) -> None:
    merged = bench.again(
        with_back(two, 0, "A mutex is a lock that a single thread holds at a time."), bench.first(two).text
    )
    assert bench.card(merged, "mutex").back == "A mutex is a lock that a single thread holds at a time."
    assert bench.changes(merged) == {"mutex": ["updated"], "semaphore": ["same"]}


def test_what_was_edited_stays_while_the_article_does(bench: Any, two: Any) -> None:
    text = bench.first(two).text.replace("front: What is mutex?", "front: Say what a mutex is.  # mine")
    merged = bench.again(two, text)
    assert merged.text == text


def test_where_both_changed_mine_stays_and_the_articles_is_proposed(bench: Any, two: Any) -> None:
    text = bench.first(two).text.replace("back: A mutex is a lock", "back: My words, a lock")
    changed = with_back(two, 0, "A mutex is a lock of one owner at a time.")
    merged = bench.again(changed, text)
    card = bench.card(merged, "mutex")
    assert card.back == "My words, a lock that one thread holds at a time."
    assert card.proposed == {"back": "A mutex is a lock of one owner at a time."}
    assert bench.changes(merged)["mutex"] == ["proposed"]
    assert card.revision == 1


def test_a_proposal_taken_over_is_settled(bench: Any, two: Any) -> None:
    text = bench.first(two).text.replace("back: A mutex is a lock", "back: My words, a lock")
    changed = with_back(two, 0, "A mutex is a lock of one owner at a time.")
    text = bench.again(changed, text).text
    taken = text.replace(
        "back: My words, a lock that one thread holds at a time.",
        "back: A mutex is a lock of one owner at a time.",
    )
    settled = bench.again(changed, taken)
    assert bench.card(settled, "mutex").proposed == {}
    assert "proposed" not in settled.text
    # From here on it is the article's again.
    later = bench.again(with_back(two, 0, "A mutex is a lock of one owner only."), settled.text)
    assert bench.card(later, "mutex").back == "A mutex is a lock of one owner only."


def test_a_proposal_that_was_deleted_is_not_made_again(bench: Any, two: Any) -> None:
    text = bench.first(two).text.replace("back: A mutex is a lock", "back: My words, a lock")
    changed = with_back(two, 0, "A mutex is a lock of one owner at a time.")
    text = bench.again(changed, text).text
    start = text.index("    proposed:")
    text = text[:start] + text[text.index("\n", start) + 1 :]
    merged = bench.again(changed, text)
    assert merged.text == text
    newer = bench.again(with_back(two, 0, "A mutex is a lock of one owner, always."), text)
    assert bench.card(newer, "mutex").proposed == {"back": "A mutex is a lock of one owner, always."}


def test_a_proposal_goes_when_the_article_goes_back(bench: Any, two: Any) -> None:
    text = bench.first(two).text.replace("back: A mutex is a lock", "back: My words, a lock")
    proposed = bench.again(with_back(two, 0, "A mutex is a lock of one owner at a time."), text).text
    merged = bench.again(two, proposed)
    assert bench.card(merged, "mutex").proposed == {}
    assert bench.card(merged, "mutex").back.startswith("My words")


def test_a_translation_beside_the_text_stays_while_the_text_follows(bench: Any, two: Any) -> None:
    text = bench.first(two).text.replace(
        "front: What is mutex?", "front:\n      zh: 什么是互斥锁？\n      en: What is mutex?"
    )
    changed = with_card(two, 0, fields={**two.cards[0].fields, "front": "What is a mutex?"})
    merged = bench.again(changed, text)
    assert bench.card(merged, "mutex").front == {"zh": "什么是互斥锁？", "en": "What is a mutex?"}


def test_a_field_that_was_taken_out_stays_out(bench: Any) -> None:
    draft = bench.drafted(bench.candidate("mutex", front="F?", back="A lock.", hint="Think of a door."))
    text = bench.first(draft).text.replace("    hint: Think of a door.\n", "")
    assert bench.again(draft, text).text == text


def test_own_fields_comments_and_order_survive_an_update(bench: Any, two: Any) -> None:
    text = bench.first(two).text.replace(
        "    kind: basic\n    front: What is mutex?\n",
        "    # my favourite\n    front: What is mutex?   # short\n    kind: basic\n    tags: [locks]\n",
    )
    merged = bench.again(with_back(two, 0, "A mutex is a lock that a single thread holds at a time."), text)
    assert (
        "    # my favourite\n    front: What is mutex?   # short\n    kind: basic\n    tags: [locks]\n"
        in merged.text
    )
    assert bench.card(merged, "mutex").back == "A mutex is a lock that a single thread holds at a time."


# Where it comes from


def test_lines_and_sections_follow_and_corrections_move_along(bench: Any, two: Any) -> None:
    text = bench.first(two).text.replace("lines: [3, 3]", "lines: [2, 4]", 1)
    moved = with_card(with_card(two, 0, lines=(13, 13), section="Two"), 1, lines=(15, 16), section="Two")
    merged = bench.again(moved, text)
    assert bench.card(merged, "mutex").source.lines == (12, 14)
    assert bench.card(merged, "semaphore").source.lines == (15, 16)
    assert bench.card(merged, "mutex").source.section == "Two"
    assert bench.changes(merged)["mutex"] == ["moved"]


def test_a_quote_corrected_by_hand_stays(bench: Any, two: Any) -> None:
    text = bench.first(two).text.replace("quote: A mutex is", "quote: (sic) A mutex is")
    merged = bench.again(with_back(two, 0, "A mutex is a lock that a single thread holds at a time."), text)
    assert bench.card(merged, "mutex").source.quote.startswith("(sic)")


# Answers that changed


@pytest.mark.parametrize(
    ("old", "new", "revised"),
    [
        ("A head has 12 rows of weights.", "A head has 16 rows of weights.", True),
        ("It is symmetric in both arguments.", "It is not symmetric in both arguments.", True),
        ("KL 散度是对称的度量。", "KL 散度不是对称的度量。", True),
        ("The loss is $a + b$ in all cases.", "The loss is $a - b$ in all cases.", True),
        ("A lock that one thread holds.", "A counter of things in a shop.", True),
        ("A lock that one thred holds.", "A lock that one thread holds.", False),
        ("A lock that one thread holds", "A lock that one thread holds.", False),
        ("注意力是一种加权方法。", "注意力是一种加权的方法。", False),
        ("The loss is $a+b$ here.", "The loss is $a + b$ here.", False),
    ],
)
def test_a_material_change_raises_the_revision(
    bench: Any, two: Any, old: str, new: str, revised: bool
) -> None:
    before = with_card(two, 0, fields={"front": "F?", "back": old}, quote=old)
    after = with_card(two, 0, fields={"front": "F?", "back": new}, quote=new)
    merged = bench.again(after, bench.first(before).text)
    assert bench.card(merged, "mutex").back == new
    assert bench.card(merged, "mutex").revision == (2 if revised else 1)


def test_another_question_for_the_same_answer_asks_nobody_again(bench: Any, two: Any) -> None:
    changed = with_card(two, 0, fields={**two.cards[0].fields, "front": "Entirely other words?"})
    assert bench.card(bench.again(changed, bench.first(two).text), "mutex").revision == 1


def test_a_cloze_is_revised_by_what_it_hides(bench: Any) -> None:
    def draft(text: str) -> Any:
        return bench.drafted(bench.candidate("x", "Python lists grow by an eighth.", kind="cloze", text=text))

    first = bench.first(draft("Lists grow by {{an eighth}}.")).text
    same = bench.again(draft("Python lists grow by {{an eighth}}."), first)
    assert same.deck.cards[0].revision == 1
    assert bench.again(draft("Python lists grow by {{a quarter}}."), same.text).deck.cards[0].revision == 2


# Gone and back


def test_what_the_article_has_no_more_is_retired_and_comes_back(bench: Any, two: Any) -> None:
    text = bench.first(two).text
    less = replace(two, cards=two.cards[:1])
    retired = bench.again(less, text)
    assert bench.card(retired, "semaphore").retired
    assert bench.changes(retired)["semaphore"] == ["retired"]
    revived = bench.again(two, retired.text)
    assert revived.text == text
    assert bench.changes(revived)["semaphore"] == ["revived", "same"]


def test_a_card_taken_out_of_retirement_by_hand_stays(bench: Any, two: Any) -> None:
    less = replace(two, cards=two.cards[:1])
    text = bench.again(less, bench.first(two).text).text.replace("    retired: true\n", "")
    assert bench.again(less, text).text == text


def test_a_card_retired_by_hand_stays_retired(bench: Any, two: Any) -> None:
    text = bench.first(two).text.replace("    kind: basic\n", "    kind: basic\n    retired: true\n", 1)
    assert bench.again(two, text).text == text


def test_an_edited_card_that_is_gone_is_retired_with_its_edits(bench: Any, two: Any) -> None:
    text = bench.first(two).text.replace("back: A semaphore is", "back: Mine, a semaphore is")
    merged = bench.again(replace(two, cards=two.cards[:1]), text)
    assert bench.card(merged, "semaphore").retired
    assert bench.card(merged, "semaphore").back.startswith("Mine")


def without(text: str, name: str) -> str:
    start = text.index(f"  - id: {name}\n")
    end = text.find("  - id: ", start + 1)
    return text[:start] + text[end if end > 0 else text.index("\n# Kept by") :]


def test_a_deleted_card_stays_deleted(bench: Any, two: Any) -> None:
    text = without(bench.first(two).text, "mutex")
    merged = bench.again(two, text)
    assert [card.id for card in merged.deck.cards] == ["semaphore"]
    assert merged.ids == (None, "semaphore")
    assert merged.text == text
    changed = bench.again(with_back(two, 0, "A mutex is a lock of one thread at any time."), merged.text)
    assert [card.id for card in changed.deck.cards] == ["semaphore"]
    gone = bench.again(replace(two, cards=two.cards[1:]), changed.text)
    assert [card.id for card in bench.again(two, gone.text).deck.cards] == ["semaphore"]


def test_cards_of_ones_own_are_left_alone(bench: Any, two: Any) -> None:
    own = "  - id: mine\n    kind: typed\n    front: What?\n    accept: [this]\n\n"
    text = bench.first(two).text.replace("cards:\n", f"cards:\n{own}")
    merged = bench.again(with_back(two, 1, "A semaphore is a counter that many threads wait on."), text)
    assert own in merged.text
    assert bench.changes(merged).keys() == {"mutex", "semaphore"}


def test_a_card_renamed_with_was_keeps_its_bond_to_the_article(bench: Any, two: Any) -> None:
    text = bench.first(two).text.replace("- id: mutex\n", "- id: lock\n    was: [mutex]\n")
    merged = bench.again(with_back(two, 0, "A mutex is a lock that a single thread holds at a time."), text)
    assert bench.card(merged, "lock").back == "A mutex is a lock that a single thread holds at a time."
    assert merged.ids == ("lock", "semaphore")
    assert "mutex" not in merged.deck.authored


def test_a_deck_that_lost_its_notes_takes_its_cards_up_again(bench: Any, two: Any) -> None:
    text = bench.first(two).text
    lost = text[: text.index("\n# Kept by")]
    merged = bench.again(two, lost)
    assert merged.text == text
    assert [card.id for card in merged.deck.cards] == ["mutex", "semaphore"]


def test_what_is_asked_by_hand_already_is_not_asked_twice(bench: Any, two: Any) -> None:
    text = "title: Mine\ncards:\n  - {id: m, kind: basic, front: What is Mutex, back: Something better.}\n"
    merged = bench.again(two, text)
    assert [card.id for card in merged.deck.cards] == ["semaphore", "m"] or [
        card.id for card in merged.deck.cards
    ] == ["m", "semaphore"]
    assert merged.ids[0] is None
    assert ["asked already"] in bench.changes(merged).values()


# New cards


def test_new_cards_come_behind_what_precedes_them_in_the_article(bench: Any, two: Any) -> None:
    new = bench.candidate("barrier", "A barrier is where all threads wait for each other.", lines=(4, 4))
    very_first = bench.candidate("thread", "A thread is a path through a program.", lines=(1, 1))
    draft = replace(two, cards=(very_first, two.cards[0], new, two.cards[1]))
    merged = bench.again(draft, bench.first(two).text)
    assert [card.id for card in merged.deck.cards] == ["thread", "mutex", "barrier", "semaphore"]


def test_cards_moved_by_hand_stay_where_they_are(bench: Any, two: Any) -> None:
    text = bench.first(two).text
    start, end = text.index("  - id: mutex"), text.index("  - id: semaphore")
    kept = text.index("\n# Kept by")
    text = text[:start] + text[end:kept] + "\n" + text[start : end - 1] + text[kept:]
    assert bench.again(two, text).text == text


def test_ids_of_deleted_and_renamed_cards_are_not_given_again(bench: Any, two: Any) -> None:
    text = without(bench.first(two).text, "mutex").replace(
        "- id: semaphore\n", "- id: semaphore\n    was: [sem]\n"
    )
    fresh = bench.candidate("barrier", "A barrier is where threads wait for each other.")
    other = bench.candidate("k", "Something else entirely stands here now.")
    draft = replace(two, cards=(*two.cards, replace(fresh, name="mutex"), replace(other, name="sem")))
    merged = bench.again(draft, text)
    assert merged.ids == (None, "semaphore", "mutex_definition", "sem_definition")


# What the gate says now


@pytest.mark.parametrize("reason", [Reason.CROWDED, Reason.NOT_RUN, Reason.DIFFERS, Reason.DUPLICATE])
def test_a_card_whose_words_still_stand_there_is_not_retired(bench: Any, two: Any, reason: Reason) -> None:
    text = bench.first(two).text
    less = bench.drafted(two.cards[0], rejected=[(two.cards[1], reason)])
    merged = bench.again(less, text)
    assert merged.text == text


def test_what_was_left_out_makes_no_new_card_and_revives_none(bench: Any, two: Any) -> None:
    one = replace(two, cards=two.cards[:1])
    left_out = bench.drafted(two.cards[0], rejected=[(two.cards[1], Reason.MARKUP)])
    assert bench.first(left_out).text == bench.first(one).text
    retired = bench.again(one, bench.first(two).text)
    assert bench.again(left_out, retired.text).text == retired.text


def test_a_card_that_would_not_be_valid_is_left_out_and_said(bench: Any, two: Any) -> None:
    broken = bench.candidate("gap", "No gap here.", kind="cloze", text="No gap here.")
    merged = bench.first(replace(two, cards=(broken, *two.cards)))
    assert merged.ids == (None, "mutex", "semaphore")
    assert bench.changes(merged)["gap"] == ["invalid"]


def test_an_update_that_would_not_be_valid_leaves_the_card_as_it_is(bench: Any) -> None:
    def draft(text: str) -> Any:
        return bench.drafted(
            bench.candidate("x", "Lists grow by an eighth.", kind="cloze", text=text), bench.candidate("y")
        )

    text = bench.first(draft("Lists grow by {{an eighth}}.")).text
    merged = merge(draft("Lists grow by an eighth."), bench.existing(text), article="a.md")
    assert merged.deck.cards[0].text == "Lists grow by {{an eighth}}."


def test_a_deck_that_shares_text_by_anchors_is_refused_rather_than_spoilt(bench: Any, two: Any) -> None:
    from studykit.errors import StudykitError

    text = (
        bench.first(two)
        .text.replace("back: A mutex", "back: &b A mutex")
        .replace("back: A semaphore is a counter that threads wait on.", "back: *b")
    )
    with pytest.raises(StudykitError, match=r"cannot be changed in place"):
        merge(with_back(two, 0, "A mutex is other."), bench.existing(text), article="a.md")


def test_the_title_and_the_article_named_by_hand_stay(bench: Any, two: Any) -> None:
    text = bench.first(two).text.replace("title: T", "title: {en: Locks, zh: 锁}")
    merged = merge(replace(two, title="Other"), Existing(text, bench.existing(text).deck), article="b.md")
    assert merged.text == text


def test_digests_of_files_are_kept_at_the_end(bench: Any, two: Any) -> None:
    merged = merge(two, None, article="a.md", drafted={"a.py": "a1b2x"})
    assert merged.deck.drafted == {"a.py": "a1b2x"}
    newer = merge(two, bench.existing(merged.text), article="a.md", drafted={"a.py": "b1b2x"})
    assert newer.deck.drafted == {"a.py": "b1b2x"}
    assert newer.text == merged.text.replace("a1b2x", "b1b2x")
