"""Texts that try to be more than text, sizes, themes, and Chinese."""

import pytest
from rich.cells import cell_len

from studykit.scheduling.sm2 import Grade
from studykit.tui.screens.review import ReviewScreen
from studykit.tui.widgets.prose import Prose

SIZES = [(80, 24), (200, 60)]
THEMES = ["studykit", "studykit-light", "nord", "ansi-dark"]


def meta_actions(desk):
    """What a click anywhere outside the key line would do."""
    actions = set()
    for widget in desk.app.screen.query("#sheet *"):
        for strip in widget.render_lines(widget.size.region):
            actions.update(
                segment.style.meta["@click"]
                for segment in strip
                if segment.style and "@click" in segment.style.meta
            )
    return actions


@pytest.fixture
def rough(make_desk, unruly):
    """A desk with unruly texts, of which only the named card is left."""

    def make(card, **settings):
        desk = make_desk(unruly, **settings)
        for other in desk.study.library.entries():
            if other != card:
                desk.study.suspend(other, desk.clock())
        return desk

    return make


@pytest.mark.parametrize("size", SIZES)
async def test_markup_is_shown_as_text(rough, size):
    desk = rough("rough/hostile/markup")
    async with desk.open("hostile", size=size):
        text = " ".join(desk.text.split())
        assert (
            "[bold]not bold[/bold] [@click=app.quit]click[/] [link=file:///etc/passwd]x[/link] [[ ]] [/]"
            in text
        )
        assert "[@click=app.quit]Hostile[/]" in text
        await desk.press("space")
        assert "[red]still text[/red] {{x}} [bold]x[/bold]" in desk.text
        assert meta_actions(desk) == set()


async def test_a_click_on_hostile_text_does_nothing(rough):
    desk = rough("rough/hostile/markup")
    async with desk.open("hostile") as pilot:
        for x in range(2, 70, 4):
            await pilot.click(offset=(x, 2))
        assert desk.app.is_running
        assert desk.current == "rough/hostile/markup"


async def test_escape_sequences_are_made_visible(rough):
    desk = rough("rough/hostile/escapes")
    async with desk.open("hostile"):
        await desk.press("space")
        text = desk.text
        for control in [*map(chr, range(32)), *map(chr, range(0x7F, 0xA0)), "\u202e", "\u202c", "\U000e0041"]:
            assert control == "\n" or control not in text, hex(ord(control))
        assert "bell ␇ clear ␛[2J␛[H title ␛]0;owned␇" in " ".join(text.split())
        assert "override ⟨U+202E⟩evil⟨U+202C⟩, entity ⟨U+202E⟩ zerowidth, tag ⟨U+E0041⟩." in " ".join(
            text.split()
        )


async def test_links_and_html_are_text_without_action(rough):
    desk = rough("rough/hostile/links")
    async with desk.open("hostile"):
        text = " ".join(desk.text.split())
        assert "<b onclick='x()'>b</b>" in text
        assert "[image: alt (../../etc/passwd)]" in text
        assert "https://example.org" in text
        assert meta_actions(desk) == set()
        await desk.press("space")
        assert max(cell_len(line) for line in desk.text.splitlines()) <= 80
        assert "iiiiiijjjjjjjjjj" in desk.text.replace("\n", "").replace(" ", "")


async def test_options_are_text(rough):
    desk = rough("rough/hostile/options")
    async with desk.open("hostile"):
        assert "Which is [b]right[/b]?" in desk.text
        assert "[red]this[/red]" in desk.text
        assert "[@click=app.quit]that[/]" in desk.text
        assert "␛[31mthose" in desk.text
        assert meta_actions(desk) == set()


async def test_hints_and_accepted_answers_are_text(rough):
    desk = rough("rough/hostile/word")
    async with desk.open("hostile"):
        await desk.press("f2")
        assert "[reverse]between[/reverse] brackets" in desk.text
        await desk.type("[y]")
        await desk.press("enter")
        assert "expected  [x]" in desk.text


async def test_hostile_titles_in_the_list_of_decks(make_desk, unruly):
    desk = make_desk(unruly)
    async with desk.open():
        assert "[@click=app.quit]Hostile[/] ␛[31mtitle" in desk.text
        assert "Rough [bold]texts[/bold]" in desk.text


@pytest.mark.parametrize("size", SIZES)
async def test_chinese_wraps_between_characters_and_never_begins_with_a_full_stop(rough, size):
    desk = rough("rough/chinese/wrap")
    async with desk.open("chinese", size=size):
        await desk.press("space")
        lines = [line.strip() for line in desk.text.splitlines()]
        assert max(cell_len(line) for line in desk.text.splitlines()) <= size[0]
        assert lines[2].startswith("RoPE 旋转位置编码把查询和键")
        assert not any(line.startswith(tuple("，。？！；：）")) for line in lines)
        assert "a is b" in desk.text
        assert "同一个对象" in desk.text


async def test_chinese_gaps(rough):
    desk = rough("rough/chinese/gap")
    async with desk.open("chinese"):
        assert "列表是[可变还是不可变]的，元组是[…]的。" in desk.text
        await desk.press("space")
        assert "列表是可变的，元组是不可变的。" in desk.text


async def test_full_width_letters_are_the_same_answer(rough):
    desk = rough("rough/chinese/answer")
    async with desk.open("chinese"):
        await desk.type("ＩＤ")
        await desk.press("enter")
        assert "Right the first time" in desk.text


async def test_text_is_at_most_100_columns_wide_and_centred(rough):
    desk = rough("rough/chinese/wrap")
    async with desk.open("chinese", size=(200, 60)):
        question = desk.app.screen.query_one("#question", Prose)
        assert question.size.width <= 100
        left, right = question.region.x, 200 - question.region.right
        assert abs(left - right) <= 2


async def test_wide_code_is_scrolled_with_the_arrow_keys(rough):
    desk = rough("rough/many/wide")
    async with desk.open("many"):
        await desk.press("space")
        assert "999999" not in desk.text
        assert "›" in desk.text
        await desk.press(*["right"] * 8)
        assert "8888888888 + 999999" in desk.text
        assert "‹" in desk.text
        await desk.press(*["left"] * 8)
        assert "total = 1111111111" in desk.text


async def test_a_long_answer_is_shown_from_its_beginning_and_scrolls(rough):
    desk = rough("rough/many/long")
    async with desk.open("many"):
        await desk.press("space")
        assert "• 1" in desk.text
        assert "the end" not in desk.text
        await desk.press("space", "space")
        assert "the end" in desk.text
        await desk.press("pageup", "pageup", "up", "down", "pagedown")
        await desk.press("3")
    assert desk.log("rough/many/long") == [4]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES)
async def test_a_whole_sitting_in_every_look(make_desk, school, size, theme):
    desk = make_desk(school, theme=theme)
    desk.answer("demo/counting/what", 4, days_ago=100)
    async with desk.open("counting", size=size):
        assert desk.app.theme == theme
        await desk.press("space", "3", "space", "3", "1", "enter")
        await desk.type("12")
        await desk.press("enter", "enter", "question_mark", "escape")
    assert desk.study.store.records()["demo/counting/dozen"]


async def test_an_unknown_theme_falls_back_to_ours(make_desk, school):
    desk = make_desk(school, theme="no-such-theme")
    async with desk.open():
        assert desk.app.theme == "studykit"
        await desk.wait_until(lambda: bool(desk.said))
        assert desk.said == ["There is no theme no-such-theme: see `studykit config`."]


async def test_resizing_keeps_the_card_the_answer_and_what_was_typed(desk):
    async with desk.open("counting", size=(200, 60)) as pilot:
        await desk.press("space", "3", "space")
        await pilot.resize_terminal(60, 16)
        await pilot.pause()
        assert "cardinality" in desk.text
        assert "3 Good" in desk.text
        await desk.press("3", "1", "enter")
        await desk.type("twel")
        await pilot.resize_terminal(120, 40)
        await desk.type("ve")
        assert desk.app.screen.query_one("#field").value == "twelve"


@pytest.mark.parametrize("size", [(20, 6), (1, 1), (40, 3)])
async def test_a_tiny_terminal_is_no_crash(desk, size):
    async with desk.open(size=size):
        await desk.press("space", "3", "space", "3", "escape", "question_mark", "escape")
        assert desk.app.is_running


async def test_grades_are_told_apart_without_colour(desk):
    async with desk.open("counting"):
        await desk.press("space", "3", "space", "3", "1")
        assert "▸" in desk.text
        assert "◂" in desk.text
        assert "✓" in desk.text


async def test_every_answer_of_every_state_is_possible(desk):
    for grade in Grade:
        desk.study.answer("demo/counting/what", grade, desk.clock())
    async with desk.open():
        assert isinstance(desk.app.screen, ReviewScreen)


@pytest.mark.parametrize("theme", [*THEMES, "ansi-light"])
async def test_code_is_edited_in_every_look(desk, theme):
    for card in ("sum", "print_add"):
        desk.study.suspend(f"demo/adding/{card}", desk.clock())
    async with desk.open("adding"):
        desk.app.theme = theme
        await desk.press("x")
        assert desk.app.screen.query_one("#field").text.startswith("x") or "x" in desk.text
