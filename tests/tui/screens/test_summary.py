"""What a sitting ends with."""

import pytest

from studykit.tui.screens.home import HomeScreen
from studykit.tui.screens.summary import SummaryScreen


@pytest.fixture
async def finished(make_desk, school):
    """A sitting of one review and its drill, just done; one card waits for the day after tomorrow."""
    desk = make_desk(school, new_per_day=0)
    desk.answer("demo/counting/what", 4, days_ago=100)
    desk.answer("demo/counting/last", 4, days_ago=6)
    desk.answer("demo/counting/last", 4, days_ago=5)
    async with desk.open():
        desk.clock.forward(minutes=2)
        await desk.press("space", "1")
        desk.clock.forward(minutes=1)
        await desk.press("space", "3")
        yield desk


async def test_grades_time_and_what_comes_are_shown(finished):
    assert isinstance(finished.app.screen, SummaryScreen)
    assert "2 answers to 1 card in 3 min" in finished.text
    assert "Again        1" in finished.text
    assert "Good         1" in finished.text
    assert "Tomorrow  2 due" in finished.text
    assert "Next due  tomorrow" in finished.text


@pytest.mark.parametrize("key", ["enter", "space", "escape"])
async def test_it_leads_home(finished, key):
    await finished.press(key)
    assert isinstance(finished.app.screen, HomeScreen)


async def test_undo_returns_to_the_last_card(finished):
    await finished.press("u")
    assert finished.current == "demo/counting/what"
    assert finished.log("demo/counting/what") == [4, 1]
    await finished.press("space")
    assert "↻ today" in finished.text
    await finished.press("3")
    assert isinstance(finished.app.screen, SummaryScreen)
    assert "2 answers to 1 card" in finished.text


async def test_q_quits(finished):
    await finished.press("q")
    assert not finished.app.is_running
