"""The settings screen: every key, validation, and that a change is saved and seen at once."""

from dataclasses import fields

import pytest
from textual.color import Color
from textual.widgets import Input, OptionList

from studykit.config import Settings, load_settings
from studykit.tui.preferences import PREFERENCES
from studykit.tui.screens.choose import ChooseScreen
from studykit.tui.screens.help import HelpScreen
from studykit.tui.screens.home import HomeScreen
from studykit.tui.screens.notice import NoticeScreen
from studykit.tui.screens.settings import SettingsScreen
from studykit.tui.theme import OWN


@pytest.fixture
def settings(desk):
    """Return a function that goes to a setting and presses keys there."""

    async def at(key, *keys):
        if not isinstance(desk.app.screen, SettingsScreen):
            await desk.press("escape", "comma")
        rows = desk.app.screen.query_one(OptionList)
        rows.highlighted = rows.get_option_index(key)
        await desk.pilot.pause()
        await desk.press(*keys)

    return at


def saved(desk):
    return load_settings(desk.home)


def test_every_setting_has_an_explanation():
    explained = {one.key for one in PREFERENCES}
    assert explained == {field.name for field in fields(Settings)} - {"per_deck"}
    assert all(len(one.explanation) > 30 for one in PREFERENCES)


async def test_comma_opens_it_from_home_and_escape_goes_back(desk):
    async with desk.open():
        await desk.press("escape", "comma")
        assert isinstance(desk.app.screen, SettingsScreen)
        assert "New cards a day" in desk.text
        assert "How many cards a day may bring that you have never seen." in desk.text
        await desk.press("escape")
        assert isinstance(desk.app.screen, HomeScreen)


async def test_a_number_is_typed_saved_and_used_at_once(desk, settings):
    async with desk.open():
        await settings("new_per_day", "enter", "backspace", "backspace", "3", "enter")
        assert saved(desk).new_per_day == 3
        assert desk.said == ["Saved."]
        assert "• 3" in desk.text
        await desk.press("escape")
        assert "1 due · 3 new" in desk.text


@pytest.mark.parametrize(
    ("key", "typed", "said"),
    [
        ("new_per_day", "-1", "✗ new_per_day is -1; it must be a whole number from 0 to 100,000"),
        ("rollover", "24", "✗ rollover is 24; it must be a whole number from 0 to 23"),
        ("timezone", "Mars", "✗ timezone is 'Mars'; it must be a time zone like Europe/Berlin"),
    ],
)
async def test_what_is_not_allowed_is_said_and_nothing_saved(desk, settings, key, typed, said):
    async with desk.open():
        await settings(key, "enter")
        desk.app.screen.query_one(Input).value = typed
        await desk.press("enter")
        assert said in desk.text
        assert isinstance(desk.app.screen.focused, Input)
        await desk.press("escape")
        assert isinstance(desk.app.screen.focused, OptionList)
        assert said not in desk.text
    assert not (desk.home / "config.toml").exists()


async def test_languages_are_typed_as_a_list(desk, settings):
    async with desk.open():
        await settings("language", "enter")
        desk.app.screen.query_one(Input).value = "zh, en"
        await desk.press("enter")
        assert saved(desk).language == ("zh", "en")
        await desk.press("escape")
        assert "数数" in desk.text


async def test_escape_leaves_a_field_without_a_change(desk, settings):
    async with desk.open():
        await settings("new_per_day", "enter", "9", "escape")
        assert isinstance(desk.app.screen, SettingsScreen)
        assert saved(desk).new_per_day == 20
        await desk.press("escape")
        assert isinstance(desk.app.screen, HomeScreen)


@pytest.mark.parametrize("key", ["enter", "space", "left", "right"])
async def test_one_of_two_values_is_changed_with_one_key(desk, settings, key):
    async with desk.open():
        await settings("suspend_leeches", key)
        assert saved(desk).suspend_leeches is True
        assert desk.study.settings.suspend_leeches is True
        await desk.press(key)
        assert saved(desk).suspend_leeches is False


@pytest.mark.parametrize("key", ["backspace", "delete"])
async def test_a_setting_goes_back_to_its_default(desk, settings, key):
    async with desk.open():
        await settings("grades", "enter")
        assert saved(desk).grades == "six"
        await desk.press(key)
        assert saved(desk).grades == "four"
        assert "grades" not in (desk.home / "config.toml").read_text()


async def test_a_theme_is_chosen_from_a_list_and_seen_at_once(desk, settings):
    async with desk.open():
        await settings("theme", "enter")
        assert isinstance(desk.app.screen, ChooseScreen)
        await desk.press("down")
        assert desk.app.theme == "studykit-contrast"
        await desk.press("escape")
        assert desk.app.theme == "studykit"
        assert saved(desk).theme == "studykit"
        await desk.press("enter", "j", "j", "k", "enter")
        assert desk.app.theme == saved(desk).theme == "studykit-contrast"


async def test_themes_are_stepped_through_too(desk, settings):
    async with desk.open():
        await settings("theme", "left")
        assert desk.app.theme == saved(desk).theme == "solarized-light"
        await desk.press("right")
        assert desk.app.theme == "studykit"


async def test_reduced_motion_stops_what_moves_by_itself(desk, settings):
    async with desk.open():
        assert desk.app.animation_level == "full"
        await settings("reduced_motion", "enter")
        assert desk.app.animation_level == "none"
        await desk.press("escape", "b")
        assert desk.app.screen.query_one(Input).cursor_blink is False


async def test_a_deck_gets_settings_of_its_own(desk, settings):
    async with desk.open():
        await settings("decks", "enter")
        desk.app.screen.query_one(Input).value = "counting new_per_day 1"
        await desk.press("enter")
        assert saved(desk).per_deck["demo/counting"].new_per_day == 1
        assert "demo/counting: new cards a day" in desk.text
        await settings("decks.demo/counting.new_per_day", "backspace")
        assert saved(desk).per_deck["demo/counting"].new_per_day is None
        await settings("decks", "enter")
        desk.app.screen.query_one(Input).value = "demo scheduler = fsrs"
        await desk.press("enter")
        assert saved(desk).per_deck["demo"].scheduler == "fsrs"
        assert desk.study.scheduler_of("demo/counting/what") == "fsrs"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("contuing new_per_day 1", "there is no deck or track contuing (did you mean counting?)"),
        ("counting", "write demo/counting, then one of new_per_day, reviews_per_day, scheduler"),
        ("counting grades six", "then one of new_per_day, reviews_per_day, scheduler"),
        ("counting new_per_day many", "decks.demo/counting.new_per_day is 'many'"),
    ],
)
async def test_what_no_deck_can_have_is_said(desk, settings, typed, said):
    async with desk.open(size=(120, 40)):
        await settings("decks", "enter")
        desk.app.screen.query_one(Input).value = typed
        await desk.press("enter")
        assert said in desk.text
        await desk.press("escape", "delete")
    assert not (desk.home / "config.toml").exists()


async def test_an_empty_line_about_a_deck_changes_nothing(desk, settings):
    async with desk.open():
        await settings("decks", "enter", "enter")
        assert isinstance(desk.app.screen.focused, OptionList)


async def test_settings_that_cannot_be_written_are_told_where_one_is(desk, settings):
    desk.home.joinpath("config.toml").mkdir()
    async with desk.open():
        await settings("new_per_day", "enter", "1", "enter")
        assert "cannot read the settings" in " ".join(desk.text.split())
        assert not isinstance(desk.app.screen, NoticeScreen)


async def test_letters_are_typed_into_the_field_and_keys_act_elsewhere(desk, settings):
    async with desk.open():
        await settings("timezone", "enter", "q", "j")
        assert desk.app.screen.query_one(Input).value == "UTCqj" or desk.app.is_running
        await desk.press("escape", "j", "k", "f1")
        assert isinstance(desk.app.screen, HelpScreen)
        await desk.press("escape", "q")
        assert not desk.app.is_running


@pytest.mark.parametrize("size", [(80, 24), (200, 60), (20, 6), (1, 1)])
async def test_it_opens_at_every_size(desk, settings, size):
    async with desk.open(size=size):
        await settings("theme", "enter", "escape")
        assert isinstance(desk.app.screen, SettingsScreen)


def contrast(one, other):
    """The ratio of the WCAG between two colours."""

    def luminance(text):
        parts = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
            for part in Color.parse(text).normalized
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", OWN, ids=lambda theme: theme.name)
def test_every_colour_of_our_themes_can_be_read(theme):
    least = 7.0 if "contrast" in theme.name else 4.5
    for name in ("foreground", "primary", "secondary", "accent", "warning", "error", "success"):
        for ground in (theme.background, theme.surface, theme.panel):
            assert contrast(getattr(theme, name), ground) >= least, (name, ground)
    cursor = theme.variables["block-cursor-background"], theme.variables["block-cursor-foreground"]
    assert contrast(*cursor) >= least
