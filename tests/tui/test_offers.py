"""The command palette: what it offers, and that choosing does it."""

from textual.command import CommandPalette
from textual.widgets import Input, OptionList

from studykit.config import load_settings
from studykit.tui.screens.browser import BrowserScreen
from studykit.tui.screens.concept_map import ConceptMapScreen
from studykit.tui.screens.help import HelpScreen
from studykit.tui.screens.home import HomeScreen
from studykit.tui.screens.quiz import QuizScreen
from studykit.tui.screens.review import ReviewScreen
from studykit.tui.screens.settings import SettingsScreen
from studykit.tui.screens.statistics import StatisticsScreen


async def palette(desk, query=""):
    """Open the palette and type; return what it offers."""
    await desk.press("ctrl+p")
    assert isinstance(desk.app.screen, CommandPalette)
    if query:
        desk.app.screen.query_one(Input).value = query
    await desk.pilot.pause(0.4)
    options = desk.app.screen.query_one(OptionList)
    return [str(options.get_option_at_index(i).prompt).split("\n")[0] for i in range(options.option_count)]


async def choose(desk, query):
    await palette(desk, query)
    await desk.press("enter")
    await desk.pilot.pause()
    if isinstance(desk.app.screen, CommandPalette):
        await desk.press("enter")
    await desk.settle()


async def test_it_offers_the_keys_of_the_screen_and_the_other_screens(desk):
    async with desk.open():
        offered = await palette(desk)
        assert {"Show answer", "Bury", "Suspend", "Flag", "Statistics", "Settings", "Browse cards"} <= set(
            offered
        )
        await desk.press("escape")
        assert isinstance(desk.app.screen, ReviewScreen)


async def test_every_screen_is_reached_by_name(desk):
    async with desk.open():
        for query, screen in (
            ("statistics", StatisticsScreen),
            ("browse cards", BrowserScreen),
            ("concept map", ConceptMapScreen),
            ("settings", SettingsScreen),
        ):
            await choose(desk, query)
            assert isinstance(desk.app.screen, screen), query
        await desk.press("escape")
        assert isinstance(desk.app.screen, ReviewScreen)
        await choose(desk, "all keys")
        assert isinstance(desk.app.screen, HelpScreen)
        await desk.press("escape")
        await choose(desk, "decks")
        assert isinstance(desk.app.screen, HomeScreen)


async def test_an_action_of_the_screen_is_done(desk):
    async with desk.open():
        await choose(desk, "flag")
        assert desk.said == ["Flagged."]


async def test_decks_are_studied_and_browsed_by_title(desk):
    async with desk.open():
        assert "Study Adding" in await palette(desk, "adding")
        await desk.press("escape")
        await choose(desk, "cards of adding")
        assert isinstance(desk.app.screen, BrowserScreen)
        assert desk.app.screen.query_one(Input).value == "deck:demo/adding "


async def test_a_quiz_is_found_by_name(desk):
    async with desk.open():
        await choose(desk, "quiz on counting")
        assert isinstance(desk.app.screen, QuizScreen)
        assert {one.deck for one in desk.app.screen._exam.questions} == {"demo/counting"}
        await desk.press("escape")
        assert "Quiz on all decks" in await palette(desk, "quiz on all")


async def test_a_theme_is_chosen_by_name_and_kept(desk):
    async with desk.open():
        await choose(desk, "theme studykit-contrast-light")
        assert desk.app.theme == "studykit-contrast-light"
    assert load_settings(desk.home).theme == "studykit-contrast-light"


async def test_titles_are_text(make_desk, unruly):
    desk = make_desk(unruly)
    async with desk.open():
        offered = await palette(desk, "hostile")
        assert "Study [@click=app.quit]Hostile[/] ␛[31mtitle" in " ".join(offered)


async def test_nothing_of_it_is_loaded_before_it_is_opened(desk):
    import subprocess
    import sys

    code = (
        "import sys, studykit.tui.app; print(*sorted(m for m in sys.modules if m.startswith('studykit.tui')))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    for late in (
        "offers",
        "charts",
        "browsing",
        "preferences",
        "preview",
        "all_keys",
        "screens.browser",
        "screens.statistics",
        "screens.settings",
        "screens.concept_map",
        "screens.home",
        "screens.place",
    ):
        assert f"studykit.tui.{late}" not in loaded
