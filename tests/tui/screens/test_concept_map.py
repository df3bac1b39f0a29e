"""The concept map: what it draws of decks that build on one another, and every key."""

from datetime import timedelta

import pytest
from textual.widgets import Input, OptionList

from studykit.errors import StudykitError
from studykit.tui.screens.browser import BrowserScreen
from studykit.tui.screens.concept_map import ConceptMapScreen
from studykit.tui.screens.help import HelpScreen
from studykit.tui.screens.home import HomeScreen
from studykit.tui.screens.notice import NoticeScreen
from studykit.tui.screens.review import ReviewScreen

DECKS = {
    "vectors": "",
    "attention": "vectors",
    "rope": "attention",
    "graphs": "",
    "trees": "graphs vectors",
}


@pytest.fixture
def maths(tmp_path):
    """Return a library in which `trees` builds on two decks; each deck has two cards."""
    root = tmp_path / "maths"
    for name, needed in DECKS.items():
        path = root / "decks" / "maths" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        requires = ", ".join(f"maths/{one}" for one in needed.split())
        cards = "".join(f"  - {{id: c{n}, kind: basic, front: F, back: B}}\n" for n in (1, 2))
        path.write_text(f"title: {name.title()}\nrequires: [{requires}]\ncards:\n{cards}")
    track = "title: Maths\ntopics: [vectors, attention, rope, graphs, trees]\n"
    (root / "decks" / "maths" / "_track.yaml").write_text(track)
    return root


@pytest.fixture
def desk(make_desk, maths):
    return make_desk(maths)


@pytest.fixture
def opened(desk):
    """Return a function that opens the map from home and presses keys there."""

    async def press(*keys):
        if not isinstance(desk.app.screen, ConceptMapScreen):
            await desk.press("m")
            await desk.settle()
        await desk.press(*keys)

    return press


def lines(desk):
    """The titles on screen, with their guides."""
    return [one.rstrip() for one in (line[2:50] for line in desk.text.splitlines()[2:12]) if one.strip()]


def under(desk):
    return desk.app.screen.current.deck.removeprefix("maths/")


async def test_decks_are_drawn_as_a_tree_with_references(desk, opened):
    async with desk.open():
        await opened()
        assert isinstance(desk.app.screen, ConceptMapScreen)
        shown = "\n".join(desk.text.splitlines())
        for line in (
            "  Vectors ",
            "  ├─ Attention ",
            "  │  └─ Rope ",
            "  └─ ↗ Trees (below Graphs)",
            "  Graphs ",
            "  └─ Trees ",
        ):
            assert any(one.startswith(line) for one in shown.splitlines()), (line, shown)
        await desk.press("escape")
        assert isinstance(desk.app.screen, HomeScreen)


async def test_it_says_how_well_each_deck_is_known(desk, opened):
    def answered(deck, card, ago):
        desk.answer(f"maths/{deck}/{card}", 5, days_ago=ago)

    for card in ("c1", "c2"):
        for ago in (40, 39, 33, 16):
            answered("vectors", card, ago)
    answered("attention", "c1", 1)
    async with desk.open():
        desk.app.show_map()
        await desk.settle()
        await desk.pilot.pause()
        rows = [line for line in desk.text.splitlines() if "%" in line and "↗" not in line]
        by_title = {title: line for line in rows for title in DECKS if f"{title.title()} " in line}
        assert "██████████ 100%" in by_title["vectors"]
        assert by_title["vectors"].split()[-1] == "solid"
        assert "▒▒▒▒▒·····  50%" in by_title["attention"]
        assert by_title["attention"].split()[-1] == "begun"
        assert "··········   0%" in by_title["rope"]
        assert {"solid", "begun", "later", "ready"} <= {row.split()[-1] for row in rows}
        assert "1 of 5 decks learned" in desk.text
        assert "2 cards: 2 mature, 0 learned, 0 new; 0 due" in desk.text
        assert "leads to  Attention · Trees" in desk.text


async def test_a_deck_says_what_is_missing_before_it(desk, opened):
    async with desk.open():
        await opened("down", "down")
        assert under(desk) == "rope"
        assert "builds on  Attention" in desk.text
        assert "not learned yet  Attention" in desk.text


async def test_enter_studies_the_deck_and_from_a_reference_goes_to_it(desk, opened):
    async with desk.open():
        await opened("j", "j", "j")
        assert desk.app.screen.current.reference
        await desk.press("enter")
        assert not desk.app.screen.current.reference
        assert under(desk) == "trees"
        await desk.press("k", "enter")
        assert isinstance(desk.app.screen, ReviewScreen)
        assert desk.current == "maths/graphs/c1"


async def test_left_folds_and_goes_up_and_right_unfolds_and_goes_down(desk, opened):
    async with desk.open():
        await opened("left")
        assert "+ Vectors" in desk.text
        assert "Rope" not in desk.text
        await desk.press("right")
        assert "Rope" in desk.text
        await desk.press("right")
        assert under(desk) == "attention"
        await desk.press("right", "right")
        assert under(desk) == "rope"
        await desk.press("left")
        assert under(desk) == "attention"
        await desk.press("left", "left", "left")
        assert under(desk) == "vectors"
        assert "Attention" not in lines(desk)


async def test_right_on_a_reference_goes_to_the_deck_and_unfolds_it(desk, opened):
    async with desk.open():
        await opened("end", "left", "left", "home", "down", "down", "down")
        assert desk.app.screen.current.reference
        await desk.press("right")
        assert under(desk) == "trees"
        assert not desk.app.screen.current.reference


async def test_space_folds_and_unfolds(desk, opened):
    async with desk.open():
        await opened("space")
        assert "+ Vectors" in desk.text
        await desk.press("space")
        assert "+ Vectors" not in desk.text
        await desk.press("end", "space")
        assert under(desk) == "trees"


async def test_b_opens_the_cards_of_the_deck(desk, opened):
    async with desk.open():
        await opened("down", "b")
        await desk.settle()
        assert isinstance(desk.app.screen, BrowserScreen)
        assert desk.app.screen.query_one(Input).value == "deck:maths/attention "
        await desk.press("escape")
        assert isinstance(desk.app.screen, HomeScreen)


async def test_decks_that_require_one_another_are_shown_too(make_desk, tmp_path):
    folder = tmp_path / "decks" / "t"
    folder.mkdir(parents=True)
    for one, other in (("a", "b"), ("b", "a")):
        folder.joinpath(f"{one}.yaml").write_text(
            f"title: Deck {one}\nrequires: [t/{other}]\ncards: [{{id: c, kind: basic, front: F, back: B}}]\n"
        )
    desk = make_desk(tmp_path)
    async with desk.open():
        await desk.press("m")
        await desk.settle()
        assert "Deck a" in desk.text
        assert "Deck b" in desk.text


async def test_without_decks_it_says_how_to_name_what_a_deck_builds_on(make_desk, tmp_path):
    desk = make_desk(tmp_path / "nothing")
    async with desk.open():
        await desk.press("m")
        await desk.settle()
        assert "There are no decks yet" in desk.text
        await desk.press("enter", "left", "right", "space", "b")
        assert isinstance(desk.app.screen, ConceptMapScreen)
        assert desk.app.screen.query_one(OptionList).display is False


async def test_data_that_cannot_be_read_is_told(desk, opened, monkeypatch):
    def fail(*_args, **_more):
        raise StudykitError("the database is corrupt")

    async with desk.open():
        monkeypatch.setattr(desk.study, "counts", fail)
        await opened()
        assert isinstance(desk.app.screen, NoticeScreen)


async def test_q_quits_and_question_mark_helps(desk, opened):
    async with desk.open():
        await opened("question_mark")
        assert isinstance(desk.app.screen, HelpScreen)
        await desk.press("escape", "q")
        assert not desk.app.is_running


@pytest.mark.parametrize("size", [(80, 24), (200, 60), (20, 6), (1, 1)])
@pytest.mark.parametrize("theme", ["studykit", "studykit-contrast-light"])
async def test_it_opens_in_every_look(desk, opened, size, theme):
    desk.clock.now += timedelta(days=1)
    async with desk.open(size=size):
        desk.app.theme = theme
        await opened("down", "left", "right")
        assert isinstance(desk.app.screen, ConceptMapScreen)
