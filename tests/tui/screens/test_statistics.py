"""The statistics screen: what it shows of a log that is written out, and every key."""

import pytest

from studykit.errors import StudykitError
from studykit.scheduling.sm2 import Grade
from studykit.tui.screens.help import HelpScreen
from studykit.tui.screens.home import HomeScreen
from studykit.tui.screens.notice import NoticeScreen
from studykit.tui.screens.statistics import StatisticsScreen

TALL = (100, 90)


@pytest.fixture
def shown(desk):
    """Return a function that opens the screen from home and presses keys there."""

    async def press(*keys):
        if not isinstance(desk.app.screen, StatisticsScreen):
            await desk.press("escape", "s")
            await desk.settle()
        for key in keys:
            await desk.press(key)
            await desk.settle()

    return press


def answer(desk, card, grade, days_ago, seconds=30):
    from datetime import timedelta

    at = desk.clock() - timedelta(days=days_ago)
    desk.study.answer(f"demo/{card}", Grade(grade), at, duration_ms=1000 * seconds)


def line(desk, start):
    return next(one.split() for one in desk.text.splitlines() if one.strip().startswith(start))


async def test_s_opens_it_from_home_and_escape_goes_back(desk, shown):
    async with desk.open():
        await shown()
        assert isinstance(desk.app.screen, StatisticsScreen)
        await desk.press("escape")
        assert isinstance(desk.app.screen, HomeScreen)


async def test_a_log_is_shown_with_its_numbers(desk, shown):
    answer(desk, "counting/last", 4, 40)
    answer(desk, "counting/last", 4, 39, seconds=90)
    answer(desk, "counting/last", 1, 33)
    answer(desk, "counting/order", 5, 1)
    answer(desk, "adding/sum", 3, 0, seconds=600)
    desk.study.suspend("demo/adding/mend_add", desk.clock())
    async with desk.open("demo", size=TALL):
        desk.app.show_statistics()
        await desk.pilot.pause()
        await desk.settle()
        text = desk.text
        assert "6 answers on 6 days in 13 min" in text
        assert "4 of 8 cards seen: 0 mature, 4 young; 1 suspended" in text
        assert "Streak: 2 days, the longest 2" in text
        assert line(desk, "1 d")[-3:] == ["100%", "of", "1"]
        assert line(desk, "2–6 d")[-3:] == ["0%!", "of", "1"]
        assert "7–20 d  none yet" in text
        assert line(desk, "all time") == ["all", "time", "50%", "of", "2", "·", "50%", "of", "2"]
        assert line(desk, "year")[1:4] == ["50%", "of", "2"]
        assert line(desk, "today")[1:] == ["·", "·", "·"]
        assert line(desk, "cloze") == ["cloze", "1", "·", "2", "·", "67%"]
        assert line(desk, "choice") == ["choice", "·", "·", "·", "1", "100%"]
        assert "compute 10 min · cloze 2 min" in text
        assert line(desk, "demo/counting/last") == ["demo/counting/last", "1", "2", "2.5"]
        assert "Forecast" in text


async def test_the_year_is_drawn_with_shapes(desk, shown):
    for ago, count in ((3, 4), (2, 3), (1, 2), (0, 1)):
        for _ in range(count):
            answer(desk, "counting/last", 4, ago)
    async with desk.open(size=(80, 40)):
        await shown()
        monday = next(one for one in desk.text.splitlines() if one.strip().startswith("Mon"))
        assert monday.rstrip()[-1] == "░"
        assert "· none   ░ 1   ▒ 2   ▓ 3   █ 4   answers a day" in desk.text


async def test_left_and_right_go_through_the_years(desk, shown):
    answer(desk, "counting/last", 4, 500)
    async with desk.open(size=TALL):
        await shown()
        assert "the last year" in desk.text
        assert "year before" in desk.keys
        assert "year after" not in desk.keys
        await desk.press("left")
        assert "the year up to 03 March 2025" in desk.text
        assert "year before" not in desk.keys
        await desk.press("left", "right")
        assert "the last year" in desk.text
        await desk.press("right")
        assert "the last year" in desk.text


async def test_t_counts_one_track_alone(make_desk, school, unruly):
    desk = make_desk(school, unruly)
    desk.answer("demo/counting/what", 4, days_ago=3)
    async with desk.open():
        desk.app.show_home()
        await desk.press("s")
        await desk.settle()
        assert "Statistics  all decks" in desk.text
        for key, said in (
            ("t", "1 answer on"),
            ("t", "Nothing of this track was answered yet."),
            ("T", "1 answer on"),
        ):
            await desk.press(key)
            await desk.settle()
            assert said in desk.text
        await desk.press("T")
        await desk.settle()
        assert "all decks" in desk.text


async def test_with_one_track_there_is_nothing_to_choose(desk, shown):
    async with desk.open():
        await shown("t", "T")
        assert "track" not in desk.keys
        assert "all decks" in desk.text


async def test_the_page_scrolls(desk, shown):
    async with desk.open():
        await shown()
        page = desk.app.screen.query_one("#statistics")
        for key, moved in (("j", 1), ("k", 0), ("down", 1), ("up", 0)):
            await desk.press(key)
            assert page.scroll_y == moved
        for key in ("space", "pagedown", "end"):
            before = page.scroll_y
            await desk.press(key)
            await desk.pilot.pause(0.3)
            assert page.scroll_y > before or page.scroll_y == page.max_scroll_y
        await desk.press("home")


async def test_before_the_first_answer_it_says_what_will_be_here(make_desk, school):
    desk = make_desk(school)
    async with desk.open():
        await desk.press("s")
        await desk.settle()
        assert "No answers yet." in desk.text
        assert "Press escape, then enter, to answer the first cards." in desk.text


async def test_data_that_cannot_be_read_is_told(desk, shown, monkeypatch):
    def fail(*_args, **_more):
        raise StudykitError("the database is corrupt")

    monkeypatch.setattr(desk.study, "statistics", fail)
    async with desk.open():
        await shown()
        assert isinstance(desk.app.screen, NoticeScreen)
        assert "the database is corrupt" in desk.text


async def test_leaving_while_it_counts_is_no_fault(desk):
    async with desk.open():
        await desk.press("escape", "s", "escape")
        await desk.settle()
        assert isinstance(desk.app.screen, HomeScreen)


async def test_q_quits_and_question_mark_helps(desk, shown):
    async with desk.open():
        await shown("question_mark")
        assert isinstance(desk.app.screen, HelpScreen)
        await desk.press("escape", "q")
        assert not desk.app.is_running


@pytest.mark.parametrize("size", [(80, 24), (200, 60), (40, 10), (20, 6), (1, 1)])
@pytest.mark.parametrize("grades", ["four", "six"])
async def test_it_opens_at_every_size(make_desk, school, size, grades):
    desk = make_desk(school, grades=grades)
    for ago in (90, 30, 3):
        answer(desk, "counting/last", 4, ago)
    async with desk.open(size=size):
        desk.app.show_statistics()
        await desk.settle()
        await desk.pilot.pause()
        assert isinstance(desk.app.screen, StatisticsScreen)
