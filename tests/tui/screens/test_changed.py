"""A card whose answer changed says so on screen, and a retired one does not come at all."""

from pathlib import Path

DECK = """\
title: T
cards:
  - {{id: a, kind: basic, front: Why?, back: Because, revision: {revision}}}
  - {{id: b, kind: basic, front: Gone, back: Gone, retired: true}}
"""


def write(root: Path, revision: int) -> Path:
    path = root / "decks" / "t" / "d.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(DECK.format(revision=revision), encoding="utf8")
    return root


async def test_the_card_says_that_the_article_changed_until_it_is_answered(make_desk, tmp_path):
    desk = make_desk(write(tmp_path / "root", revision=2))
    desk.study.store.answer("t/d/a", 4, day=desk.clock().date(), at=desk.clock(), revision=1)
    async with desk.open("t/d"):
        assert "the article changed" in desk.text
        await desk.press("space", "2")
        assert desk.current == "t/d/a"
        assert "the article changed" not in desk.text
        assert "again today" in desk.text
    assert desk.log("t/d/a") == [4, 3]


async def test_a_retired_card_never_comes_and_does_not_count(make_desk, tmp_path):
    desk = make_desk(write(tmp_path / "root", revision=1))
    async with desk.open("t/d"):
        assert "0 of 1" in desk.text
        await desk.press("enter")
        assert desk.current == "t/d/a"
        await desk.press("space", "3")
        assert desk.current is None
