"""The list of keys, and messages that must not be missed."""

import re
from importlib import import_module

import pytest

from studykit.errors import StudykitError
from studykit.tui.all_keys import SECTIONS
from studykit.tui.app import StudyApp
from studykit.tui.screens.help import HelpScreen
from studykit.tui.screens.home import HomeScreen
from studykit.tui.screens.notice import NoticeScreen
from studykit.tui.screens.review import ReviewScreen
from studykit.tui.widgets.prose import Prose


@pytest.mark.parametrize("key", ["question_mark", "f1"])
async def test_every_key_is_listed_from_every_screen(desk, key):
    async with desk.open():
        await desk.press(key)
        assert isinstance(desk.app.screen, HelpScreen)
        await desk.press("escape", "escape", key)
        assert isinstance(desk.app.screen, HelpScreen)


@pytest.mark.parametrize("key", ["escape", "q", "question_mark", "f1", "enter", "space"])
async def test_any_likely_key_closes_it(desk, key):
    async with desk.open():
        await desk.press("question_mark", key)
        assert isinstance(desk.app.screen, ReviewScreen)
        assert desk.current == "demo/counting/what"


async def test_it_scrolls(desk):
    async with desk.open():
        await desk.press("question_mark", "end")
        assert "Everywhere" in desk.text


async def test_f1_works_while_typing(desk):
    async with desk.open("counting"):
        for card in ("what", "last", "order"):
            desk.study.suspend(f"demo/counting/{card}", desk.clock())
        await desk.press("escape", "enter", "f1")
        assert isinstance(desk.app.screen, HelpScreen)


async def test_it_knows_the_keys_of_the_setting(make_desk, school):
    desk = make_desk(school, grades="six")
    async with desk.open():
        await desk.press("question_mark")
        assert "0 … 5" in desk.text
        assert "Blackout" in desk.text


async def test_every_binding_of_the_review_is_in_the_help(desk):
    async with desk.open(size=(120, 100)):
        await desk.press("question_mark")
        text = desk.text
        for key in (
            "space",
            "h",
            "u",
            "-",
            "!",
            "f",
            "escape",
            "q",
            "ctrl+r",
            "ctrl+s",
            "i",
            "a",
            "s",
            "p",
            "e",
            "ctrl+e",
            "tab",
            "enter",
            "left",
        ):
            assert f" {key}" in text, key


async def test_an_answer_that_cannot_be_saved_is_told_and_the_card_stays(desk, monkeypatch):
    def fail(*_args, **_more):
        raise StudykitError("the disk is full [bold]really[/bold]. Make room, then try again.")

    async with desk.open():
        await desk.press("space")
        with monkeypatch.context() as patched:
            patched.setattr(desk.study, "answer", fail)
            await desk.press("3")
        assert isinstance(desk.app.screen, NoticeScreen)
        assert "The answer was not saved" in desk.text
        assert "the disk is full [bold]really[/bold]." in desk.text
        await desk.press("enter")
        assert desk.current == "demo/counting/what"
        await desk.press("3")
        assert desk.current == "demo/counting/last"
    assert desk.log("demo/counting/what") == [4, 4]


@pytest.mark.parametrize(
    ("key", "method"), [("minus", "bury"), ("exclamation_mark", "suspend"), ("u", "undo")]
)
async def test_every_other_step_that_fails_is_told(desk, monkeypatch, key, method):
    def fail(*_args, **_more):
        raise StudykitError("the database is read-only")

    monkeypatch.setattr(desk.study, method, fail)
    async with desk.open():
        await desk.press(key)
        assert isinstance(desk.app.screen, NoticeScreen)
        assert "the database is read-only" in desk.text
        await desk.press("escape")
        assert desk.current == "demo/counting/what"


async def test_a_flag_that_fails_is_told(desk, monkeypatch):
    def fail(*_args, **_more):
        raise StudykitError("the database is read-only")

    monkeypatch.setattr(type(desk.study.store), "flag", fail)
    async with desk.open():
        await desk.press("f")
        assert isinstance(desk.app.screen, NoticeScreen)


async def test_a_plan_that_fails_is_told(desk, monkeypatch):
    def fail(*_args, **_more):
        raise StudykitError("the database is corrupt")

    async with desk.open():
        await desk.press("escape")
        assert isinstance(desk.app.screen, HomeScreen)
        monkeypatch.setattr(desk.study, "session", fail)
        await desk.press("enter")
        assert "the database is corrupt" in desk.text


async def test_what_the_store_warns_of_is_said(desk):
    desk.study.store.warning = "today's backup could not be made: the disk is full"
    async with desk.open():
        await desk.wait_until(lambda: bool(desk.said))
        assert desk.said == ["today's backup could not be made: the disk is full"]


async def test_a_long_message_scrolls(desk):
    async with desk.open():
        desk.app.tell("Long", "\n".join(map(str, range(100))))
        await desk.pilot.pause()
        assert desk.app.screen.query_one(".box").max_scroll_y > 0
        await desk.press("enter")
        assert isinstance(desk.app.screen, ReviewScreen)


@pytest.mark.parametrize("method", ["preview", "counts"])
async def test_data_that_cannot_be_read_is_told(desk, monkeypatch, method):
    def fail(*_args, **_more):
        raise StudykitError("the database is corrupt")

    monkeypatch.setattr(desk.study, method, fail)
    async with desk.open():
        await desk.press("space" if method == "preview" else "escape")
        assert isinstance(desk.app.screen, NoticeScreen)
        assert "the database is corrupt" in desk.text
        await desk.press("enter")
        assert desk.app.is_running


def test_a_first_plan_that_fails_is_left_to_the_command_line(desk, monkeypatch):
    def fail(*_args, **_more):
        raise StudykitError("the database is corrupt")

    monkeypatch.setattr(desk.study, "session", fail)
    with pytest.raises(StudykitError, match="the database is corrupt"):
        StudyApp(desk.study, at=desk.clock)


async def test_a_card_that_vanished_is_left_out_with_a_word(desk, monkeypatch):
    card = desk.study.card

    def gone(card_id):
        if card_id == "demo/counting/last":
            raise StudykitError("there is no card demo/counting/last")
        return card(card_id)

    monkeypatch.setattr(desk.study, "card", gone)
    async with desk.open():
        await desk.press("space", "3")
        assert desk.current == "demo/counting/order"
        assert any("demo/counting/last was left out" in said for said in desk.said)
    assert desk.log("demo/counting/last") == []


async def test_when_every_card_vanished_the_list_of_decks_is_shown(desk, monkeypatch):
    def gone(card_id):
        raise StudykitError(f"there is no card {card_id}")

    monkeypatch.setattr(desk.study, "card", gone)
    async with desk.open("counting"):
        assert isinstance(desk.app.screen, HomeScreen)


SHOWN = {
    "exclamation_mark": "!",
    "minus": "-",
    "slash": "/",
    "comma": ",",
    "question_mark": "?",
    "f1": "F1",
}
SCREENS = {
    "Decks": ("home.HomeScreen", "deck_list.DeckList"),
    "Cards": ("browser.BrowserScreen", "card_table.CardTable"),
    "Quiz": ("quiz.QuizScreen", "quiz_result.QuizResultScreen", "quiz_walk.QuizWalkScreen"),
    "Statistics": ("statistics.StatisticsScreen",),
    "Concept map": ("concept_map.ConceptMapScreen", "line_list.LineList"),
    "Settings": ("settings.SettingsScreen", "line_list.LineList"),
}


def bound(name):
    """Return the keys that a class of the program binds."""
    module, _, what = name.partition(".")
    room = "screens" if what.endswith("Screen") else "widgets"
    bindings = getattr(import_module(f"studykit.tui.{room}.{module}"), what).BINDINGS
    return {key for binding in bindings for key in binding.key.split(",")}


@pytest.mark.parametrize("section", SCREENS)
def test_every_key_of_every_screen_is_in_the_help(section):
    told = dict(SECTIONS)
    words = " ".join(f"{key} {what}" for one in (section, "Everywhere") for key, what in told[one])
    words = words.replace("page up", "pageup").replace("page down", "pagedown")
    words = words.replace("1 … 9", " ".join("123456789"))
    for name in SCREENS[section]:
        for key in bound(name):
            shown = SHOWN.get(key, key)
            assert re.search(rf"(?<![\w+]){re.escape(shown)}(?![\w])", words), (section, key)


def first_section(desk):
    return desk.app.screen.query_one(Prose).plain.splitlines()[0]


@pytest.mark.parametrize(
    ("key", "section"), [("b", "Cards"), ("s", "Statistics"), ("m", "Concept map"), ("comma", "Settings")]
)
async def test_the_help_begins_with_the_screen_one_is_on(desk, key, section):
    async with desk.open():
        await desk.press("escape", "question_mark")
        assert first_section(desk) == "Decks"
        await desk.press("escape", key)
        await desk.settle()
        await desk.press("f1")
        assert first_section(desk) == section
