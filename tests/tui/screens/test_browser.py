"""The browser: every key, live results, and steps about many cards."""

import pytest
from textual.widgets import Input

from studykit.errors import StudykitError
from studykit.tui.screens.browser import BrowserScreen
from studykit.tui.screens.help import HelpScreen
from studykit.tui.screens.home import HomeScreen
from studykit.tui.screens.notice import NoticeScreen
from studykit.tui.screens.review import ReviewScreen
from studykit.tui.screens.whole_card import WholeCardScreen
from studykit.tui.widgets.card_table import CardTable

COUNTING = ["what", "last", "order", "dozen"]
ADDING = ["sum", "write_add", "mend_add", "print_add"]


@pytest.fixture
def browse(desk):
    """Return a function that presses keys in the browser and waits for what they start."""

    async def press(*keys):
        for key in keys:
            await desk.press(key)
            await desk.settle()
            await desk.pilot.pause(0.08)
            await desk.settle()

    return press


def listed(desk):
    return [line.card.rpartition("/")[2] for line in desk.app.screen.query_one(CardTable).lines]


def marks(desk):
    return {card.rpartition("/")[2]: one for card, one in desk.study.store.marks().items()}


async def test_b_opens_it_from_home_and_escape_goes_back(desk, browse):
    async with desk.open():
        await browse("escape", "b")
        assert isinstance(desk.app.screen, BrowserScreen)
        assert listed(desk) == [*COUNTING, *ADDING]
        assert "8 of 8" in desk.text
        await browse("escape")
        assert isinstance(desk.app.screen, HomeScreen)


async def test_results_follow_what_is_typed(desk, browse):
    async with desk.open():
        await browse("escape", "b", "slash", *"kind:typed")
        assert listed(desk) == ["dozen"]
        await browse("backspace")
        assert listed(desk) == ["dozen"]
        assert "there is no kind type; choose one of" in desk.text
        await browse(*["backspace"] * 9, *"is:due")
        assert listed(desk) == ["what"]
        assert "1 of 8" in desk.text


async def test_enter_and_escape_lead_from_the_search_to_the_list(desk, browse):
    async with desk.open():
        await browse("escape", "b", "slash")
        assert isinstance(desk.app.screen.focused, Input)
        await browse("enter")
        assert isinstance(desk.app.screen.focused, CardTable)
        await browse("slash", "escape")
        assert isinstance(desk.app.screen.focused, CardTable)
        assert isinstance(desk.app.screen, BrowserScreen)


async def test_letters_typed_in_the_search_are_no_commands(desk, browse):
    async with desk.open():
        await browse("escape", "b", "slash", *"!fdruaso")
        assert desk.app.screen.query_one(Input).value == "!fdruaso"
    assert desk.study.store.marks() == {}


async def test_nothing_found_says_what_may_be_searched(desk, browse):
    async with desk.open():
        await browse("escape", "b", "slash", *"zzz", "escape")
        assert "No card matches." in desk.text
        assert "Press / to change the search." in desk.text
        await browse("enter", "space", "a", "f", "exclamation_mark", "s", "p")
    assert desk.study.store.marks() == {}


async def test_no_cards_at_all_says_where_they_are_looked_for(make_desk, tmp_path):
    desk = make_desk(tmp_path)
    async with desk.open():
        await desk.press("b")
        await desk.settle()
        await desk.settle()
        assert "There are no cards yet." in desk.text


async def test_the_card_under_the_cursor_is_shown(desk, browse):
    async with desk.open(size=(80, 40)):
        await browse("escape", "b")
        assert "What is counting?" in desk.text
        assert "Matching things with the numbers" in desk.text
        assert "due since" in desk.text
        await browse("down", "down")
        assert "Does the order in which things are counted" in desk.text
        assert "✓ No, any order gives the same number" in desk.text
        await browse("p")
        assert "Does the order" not in desk.text
        await browse("p")
        assert "Does the order" in desk.text


async def test_a_card_that_cannot_be_read_says_so(desk, browse, monkeypatch):
    def gone(card_id):
        raise StudykitError(f"{card_id} is gone")

    async with desk.open():
        await browse("escape")
        monkeypatch.setattr(desk.study, "card", gone)
        await browse("b")
        assert "demo/counting/what is gone" in desk.text


@pytest.mark.parametrize(
    ("keys", "card"),
    [
        (["down"], "last"),
        (["j", "j", "k"], "last"),
        (["end"], "print_add"),
        (["G", "g"], "what"),
        (["end", "home"], "what"),
        (["pagedown"], "print_add"),
        (["end", "pageup"], "what"),
        (["down", "up", "up"], "what"),
    ],
)
async def test_the_cursor_moves(desk, browse, keys, card):
    async with desk.open(size=(80, 30)):
        await browse("escape", "b", *keys)
        assert desk.app.screen.query_one(CardTable).current.card.endswith(f"/{card}")


@pytest.mark.parametrize(
    ("key", "is_so"),
    [
        ("exclamation_mark", lambda one: one.suspended),
        ("minus", lambda one: one.buried_until is not None),
        ("f", lambda one: one.flagged),
    ],
)
async def test_a_mark_goes_on_all_ticked_cards_and_off_again(desk, browse, key, is_so):
    async with desk.open():
        await browse("escape", "b", "space", "space", key)
        assert [name for name, one in marks(desk).items() if is_so(one)] == ["last", "what"]
        assert "2 ticked · 8 of 8" in desk.text
        assert desk.said[-1].endswith(": 2 cards (u takes it back)")
        await browse(key)
        assert marks(desk) == {}
        assert desk.said[-1].endswith(": 2 cards (u takes it back)")


async def test_where_only_some_are_marked_all_become_so(desk, browse):
    desk.study.suspend("demo/counting/last", desk.clock())
    async with desk.open():
        await browse("escape", "b", "a", "exclamation_mark")
        assert {name for name, one in marks(desk).items() if one.suspended} == {*COUNTING, *ADDING}
        assert desk.said[-1] == "Suspended: 7 cards (u takes it back)"


async def test_without_ticks_it_is_about_the_card_under_the_cursor(desk, browse):
    async with desk.open():
        await browse("escape", "b", "down", "f")
        assert desk.said[-1] == "Flagged: demo/counting/last (u takes it back)"
        assert "⚑" in desk.text


async def test_reset_makes_cards_new_and_undo_takes_it_back_as_one(desk, browse):
    desk.answer("demo/counting/last", 4)
    async with desk.open():
        await browse("escape", "b", "a", "r")
        assert desk.study.store.records() == {}
        assert desk.said[-1] == "New again: 2 cards (u takes it back)"
        await browse("r")
        assert desk.said[-1] == "They are new already."
        await browse("u")
        assert len(desk.study.store.records()) == 2
        assert desk.said[-1].startswith("Took back reset: demo/counting/")
        assert desk.said[-1].endswith(" and 1 other cards")
        assert " due " in desk.text


async def test_due_now_brings_seen_cards_to_today(desk, browse):
    desk.answer("demo/counting/last", 4)
    async with desk.open():
        await browse("escape", "b", "down", "d")
        assert desk.study.store.records()["demo/counting/last"].memory.due == desk.clock().date()
        await browse("down", "d")
        assert desk.said[-1] == "New cards cannot be due, and the others are due already."


async def test_all_are_ticked_and_unticked(desk, browse):
    async with desk.open():
        await browse("escape", "b", "a")
        assert "8 ticked · 8 of 8" in desk.text
        await browse("a")
        assert "ticked" not in desk.text
        await browse("space", "up", "space")
        assert "ticked" not in desk.text


async def test_escape_unticks_before_it_leaves(desk, browse):
    async with desk.open():
        await browse("escape", "b", "space", "escape")
        assert isinstance(desk.app.screen, BrowserScreen)
        assert "ticked" not in desk.text
        await browse("escape")
        assert isinstance(desk.app.screen, HomeScreen)


async def test_the_list_is_sorted_by_key_and_turned_round(desk, browse):
    async with desk.open():
        await browse("escape", "b", "s")
        assert listed(desk) == sorted(ADDING) + sorted(COUNTING)
        assert "card▴" in desk.text
        await browse("o")
        assert listed(desk) == sorted(COUNTING)[::-1] + sorted(ADDING)[::-1]
        assert "card▾" in desk.text
        await browse("s", "s", "s")
        assert listed(desk)[0] == "what"
        assert "due▴" in desk.text


async def test_a_click_on_a_columns_name_sorts(desk, browse):
    async with desk.open() as pilot:
        await browse("escape", "b")
        await pilot.click("#card-header", offset=(4, 0))
        await desk.settle()
        assert "card▴" in desk.text


async def test_a_click_moves_the_cursor_and_ticks_at_the_left(desk, browse):
    async with desk.open() as pilot:
        await browse("escape", "b")
        await pilot.click("#cards", offset=(20, 2))
        assert desk.app.screen.query_one(CardTable).cursor == 2
        await pilot.click("#cards", offset=(1, 1))
        assert desk.app.screen.query_one(CardTable).ticked == {"demo/counting/last"}


async def test_enter_shows_the_whole_card_with_its_answers(desk, browse):
    desk.answer("demo/counting/what", 2)
    async with desk.open(size=(100, 50)):
        await browse("escape", "b", "enter")
        assert isinstance(desk.app.screen, WholeCardScreen)
        assert "What is counting?" in desk.text
        assert "Answers" in desk.text
        assert "Again" in desk.text
        assert "Good" in desk.text
        await browse("space", "left", "right", "escape")
        assert isinstance(desk.app.screen, BrowserScreen)
        await browse("down", "enter")
        assert "Never answered." in desk.text


@pytest.mark.parametrize("key", ["escape", "q", "enter"])
async def test_the_whole_card_is_closed(desk, browse, key):
    async with desk.open():
        await browse("escape", "b", "enter", key)
        assert isinstance(desk.app.screen, BrowserScreen)


async def test_the_preview_scrolls(make_desk, unruly):
    desk = make_desk(unruly)
    async with desk.open():
        await desk.press("b")
        await desk.settle()
        await desk.settle()
        desk.app.screen.query_one(Input).value = "rough/many/long"
        await desk.pilot.pause(0.2)
        await desk.settle()
        await desk.pilot.pause(0.1)
        await desk.press("ctrl+down")
        assert desk.app.screen.query_one("#preview").scroll_y > 0
        await desk.press("ctrl+up")
        assert desk.app.screen.query_one("#preview").scroll_y == 0


async def test_a_review_below_is_planned_anew_when_its_cards_were_changed(desk, browse):
    async with desk.open():
        desk.app.show_browser()
        await desk.settle()
        await browse("escape")
        assert isinstance(desk.app.screen, ReviewScreen)
        desk.app.show_browser()
        await desk.settle()
        await browse("exclamation_mark", "escape")
        assert isinstance(desk.app.screen, HomeScreen)


async def test_home_counts_again_afterwards(desk, browse):
    async with desk.open():
        await browse("escape", "b", "r", "escape")
        assert "0 of 8" in desk.text


async def test_what_cannot_be_saved_is_told(desk, browse, monkeypatch):
    def fail(*_args, **_more):
        raise StudykitError("the database is read-only")

    monkeypatch.setattr(desk.study, "take", fail)
    async with desk.open():
        await browse("escape", "b", "f")
        assert isinstance(desk.app.screen, NoticeScreen)
        assert "the database is read-only" in desk.text


async def test_q_quits_and_f1_helps(desk, browse):
    async with desk.open():
        await browse("escape", "b", "f1")
        assert isinstance(desk.app.screen, HelpScreen)
        await browse("escape", "question_mark")
        assert isinstance(desk.app.screen, HelpScreen)
        await browse("escape", "q")
        assert not desk.app.is_running


@pytest.mark.parametrize("size", [(80, 24), (200, 60), (20, 6), (1, 1)])
@pytest.mark.parametrize("theme", ["studykit", "studykit-light"])
async def test_it_opens_in_every_look(desk, browse, size, theme):
    async with desk.open(size=size):
        desk.app.theme = theme
        await browse("escape", "b", "down", "space", "s")
        assert isinstance(desk.app.screen, BrowserScreen)


async def test_hostile_texts_are_text(make_desk, unruly):
    desk = make_desk(unruly)
    async with desk.open(size=(80, 40)):
        await desk.press("b")
        await desk.settle()
        await desk.settle()
        desk.app.screen.query_one(Input).value = "hostile/markup"
        await desk.pilot.pause(0.3)
        await desk.settle()
        await desk.pilot.pause(0.1)
        assert "[bold]not bold[/bold] [@click=app.quit]click[/]" in " ".join(desk.text.split())


async def test_wide_code_of_the_whole_card_is_scrolled_with_the_arrow_keys(make_desk, unruly):
    desk = make_desk(unruly)
    async with desk.open():
        desk.app.show_browser("deck:rough/many 8888888888")
        await desk.settle()
        await desk.press("enter", *["right"] * 8)
        assert "8888888888 + 999999" in desk.text
        await desk.press(*["left"] * 8)
        assert "total = 1111111111" in desk.text
