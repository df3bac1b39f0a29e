"""A card whose words still stand in the article is not retired, whatever the rules make of them."""

from typing import Any

import pytest

from studykit.authoring.likeness import quote_of
from studykit.authoring.merge import merge
from studykit.authoring.standing import Standing

ARTICLE = """\
# Locks

A mutex is a lock that one thread
holds at a time. It is not free.

信号量是一种计数器。线程在进入之前把它减一。
""".splitlines()


@pytest.mark.parametrize(
    ("quote", "lines"),
    [
        ("A mutex is a lock that one thread holds at a time.", (3, 4)),
        ("A *mutex* is a lock, that one thraed holds at a time", (3, 4)),
        ("信号量是一种计数器。", (6, 6)),
        ("信号量是一种计数器。线程在进入之前把它减一。", (6, 6)),
        ("It is not free.", (4, 4)),
        ("It is free.", None),
        ("A mutex is a lock that 2 threads hold at a time.", None),
        ("A semaphore counts threads.", None),
        ("", None),
    ],
)
def test_words_are_found_where_they_stand(quote: str, lines: tuple[int, int] | None) -> None:
    found = Standing(ARTICLE).find(quote_of(quote))
    assert (found.lines if found else None) == lines


def test_a_card_of_words_that_still_stand_is_kept_and_moves_along(bench: Any) -> None:
    draft = bench.drafted(
        bench.candidate("mutex", "A mutex is a lock that one thread holds at a time.", lines=(1, 2)),
        bench.candidate("other"),
    )
    text = bench.first(draft).text
    less = bench.drafted(draft.cards[1])
    kept = merge(less, bench.existing(text), article="a.md", source=ARTICLE)
    assert not bench.card(kept, "mutex").retired
    assert bench.card(kept, "mutex").source.lines == (3, 4)
    assert bench.changes(kept)["mutex"] == ["kept"]
    again = merge(less, bench.existing(kept.text), article="a.md", source=ARTICLE)
    assert again.text == kept.text
    gone = merge(less, bench.existing(kept.text), article="a.md", source=["Nothing of it."])
    assert bench.card(gone, "mutex").retired


def test_a_long_article_is_searched_in_a_moment() -> None:
    import time

    lines = [f"Sentence {n} says that thing {n % 7} holds for number {n}." for n in range(20_000)]
    standing = Standing(lines)
    begun = time.perf_counter()
    assert standing.find(quote_of("Quite another claim, about kernels and their strides.")) is None
    assert time.perf_counter() - begun < 5
