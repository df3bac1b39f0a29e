"""The list of decks: what it counts, what it starts, what it says when there is nothing."""

import pytest

from studykit.tui.screens.home import HomeScreen
from studykit.tui.screens.review import ReviewScreen
from studykit.tui.widgets.deck_list import DeckList


@pytest.fixture
def fresh(make_desk, school):
    """A desk at which nothing was ever answered."""
    return make_desk(school)


async def test_the_first_start_explains_itself(fresh):
    async with fresh.open():
        assert isinstance(fresh.app.screen, HomeScreen)
        assert "Welcome." in fresh.text
        assert "Press enter to meet your first cards." in fresh.text
        assert "enter start" in fresh.keys


@pytest.mark.parametrize("key", ["enter", "space"])
async def test_the_start_key_starts_with_all_decks(fresh, key):
    async with fresh.open():
        await fresh.press(key)
        assert fresh.current == "demo/counting/what"


async def test_a_named_deck_starts_at_once_even_the_first_time(fresh):
    async with fresh.open("counting"):
        assert fresh.current == "demo/counting/what"


async def test_decks_are_listed_by_track_with_their_counts(desk):
    desk.answer("demo/counting/last", 2)
    async with desk.open():
        await desk.press("escape")
        lines = {line.split("  ")[0].strip(): line.split() for line in desk.text.splitlines() if line.strip()}
        text = desk.text
        assert "Demonstration" in text
        counting = next(line.split() for line in text.splitlines() if line.strip().startswith("Counting"))
        assert counting == ["Counting", "1", "2", "1", "2", "of", "4"], lines
        everything = next(line.split() for line in text.splitlines() if "All decks" in line)
        assert everything == ["All", "decks", "1", "6", "1", "2", "of", "8"]
        assert "1 due · 6 new · 1 again today" in text


async def test_one_deck_is_started_with_the_cursor(fresh):
    async with fresh.open():
        titles = [str(fresh.app.screen.query_one(DeckList).get_option_at_index(i).id) for i in range(4)]
        assert titles == ["*", "demo", "demo/counting", "demo/adding"]
        await fresh.press("down", "down", "enter")
        assert fresh.current == "demo/counting/what"
        assert {item.deck for item in fresh.app.screen._sitting.session.queue} == {"demo/counting"}


async def test_a_track_is_started_with_the_cursor_and_j_and_k_move_it(fresh):
    async with fresh.open():
        await fresh.press("j", "j", "k", "space")
        assert isinstance(fresh.app.screen, ReviewScreen)


async def test_a_deck_with_nothing_due_says_so(desk):
    for card in ("what", "last", "order", "dozen"):
        desk.answer(f"demo/counting/{card}", 4)
    async with desk.open():
        await desk.press("escape", "escape")
        await desk.press("down", "down", "enter")
        assert isinstance(desk.app.screen, HomeScreen)
        assert desk.said[-1] == "Nothing is due there today."


async def test_when_all_is_done_it_says_what_comes_next(make_desk, school):
    desk = make_desk(school, new_per_day=0)
    desk.answer("demo/counting/what", 4)
    async with desk.open():
        assert isinstance(desk.app.screen, HomeScreen)
        assert "Done for today. Tomorrow: 1 due." in desk.text


async def test_when_tomorrow_is_free_it_names_the_day(make_desk, school):
    desk = make_desk(school, new_per_day=0)
    desk.answer("demo/counting/what", 4, days_ago=1)
    desk.answer("demo/counting/what", 4)
    async with desk.open():
        assert "Done for today. Next card: Sunday, 08 March 2026." in desk.text


async def test_no_decks_at_all_says_where_they_are_looked_for(make_desk, tmp_path):
    desk = make_desk(tmp_path)
    async with desk.open():
        assert "There are no decks yet." in desk.text
        assert "decks/TRACK/TOPIC.yaml" in desk.text
        await desk.press("enter", "q")
        assert not desk.app.is_running


async def test_problems_in_the_decks_are_mentioned(make_desk, school, tmp_path):
    deck = tmp_path / "decks" / "bad" / "broken.yaml"
    deck.parent.mkdir(parents=True)
    deck.write_text("title: Broken\ncards:\n  - {id: x, kind: basic}\n")
    desk = make_desk(school, tmp_path)
    desk.answer("demo/counting/what", 4)
    async with desk.open():
        await desk.press("escape")
        assert "`studykit doctor`" not in desk.text
        assert "in the decks: studykit doctor says where." in desk.text


async def test_undo_from_here_returns_to_the_card(desk):
    async with desk.open():
        await desk.press("space", "3", "escape", "u")
        assert desk.current == "demo/counting/what"
    assert desk.log("demo/counting/what") == [4]


async def test_undo_with_nothing_to_undo_says_so(fresh):
    async with fresh.open():
        await fresh.press("u")
        assert fresh.said == ["There is nothing to undo."]


async def test_counts_are_fresh_after_coming_back(desk):
    async with desk.open():
        await desk.press("space", "3", "escape")
        assert next(line for line in desk.text.splitlines() if "All decks" in line).split()[2] == "·"


async def test_q_quits(fresh):
    async with fresh.open():
        await fresh.press("q")
        assert not fresh.app.is_running


async def test_titles_in_the_learners_language(make_desk, school):
    desk = make_desk(school, language=("zh", "en"))
    async with desk.open():
        assert "数数" in desk.text


async def test_it_shows_the_streak_and_what_is_coming(desk):
    for ago in (2, 1):
        desk.answer("demo/counting/last", 4, days_ago=ago)
    async with desk.open(size=(80, 24)):
        await desk.press("escape")
        assert "2 days in a row · next 30 days █····█" in desk.text
        assert " 2 due" in desk.text


async def test_a_tall_screen_shows_the_coming_days_as_a_plot(desk):
    async with desk.open(size=(80, 50)) as pilot:
        await desk.press("escape")
        assert "Studied 0 days in a row" in desk.text
        assert "Forecast  1 today, 1 in 7 days, 1 in 30" in desk.text
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert "Forecast" not in desk.text
        assert "0 days in a row" in desk.text


async def test_a_large_library_is_counted_beside_the_screen(desk, monkeypatch):
    monkeypatch.setattr("studykit.tui.screens.home._AT_ONCE", 0)
    async with desk.open():
        await desk.press("escape")
        await desk.settle()
        assert "1 due · 7 new" in desk.text
        assert "All decks" in desk.text


async def test_the_cursor_stays_where_it_was_after_another_screen(desk):
    async with desk.open():
        await desk.press("escape", "down", "down", "comma", "escape")
        decks = desk.app.screen.query_one(DeckList)
        assert decks.highlighted == 2
