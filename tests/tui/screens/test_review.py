"""The review by its keys: what is on screen, and what is in the store."""

from datetime import date

from studykit.tui.screens.home import HomeScreen
from studykit.tui.screens.review import ReviewScreen
from studykit.tui.screens.summary import SummaryScreen

COUNTING = ("demo/counting/what", "demo/counting/last", "demo/counting/order", "demo/counting/dozen")


async def test_it_opens_with_the_first_card_due(desk):
    async with desk.open():
        assert isinstance(desk.app.screen, ReviewScreen)
        assert desk.current == "demo/counting/what"
        assert "What is counting?" in desk.text
        assert "Matching things" not in desk.text


async def test_space_shows_the_answer_and_what_each_grade_leads_to(desk):
    async with desk.open():
        await desk.press("space")
        assert "Matching things with the numbers one, two, three." in desk.text
        assert "1 Again" in desk.text
        assert "6 d" in desk.text


async def test_enter_shows_the_answer_too(desk):
    async with desk.open():
        await desk.press("enter")
        assert "Matching things" in desk.text


async def test_the_four_keys_give_wozniaks_grades(make_desk, school):
    for key, grade in (("1", 1), ("2", 3), ("3", 4), ("4", 5)):
        desk = make_desk(school)
        before = desk.log(COUNTING[0])
        if not before:
            desk.answer(COUNTING[0], 4, days_ago=100)
            before = [4]
        async with desk.open():
            await desk.press("space", key)
        assert desk.log(COUNTING[0]) == [*before, grade]
        desk.study.undo(desk.clock())


async def test_six_keys_by_setting(make_desk, school):
    desk = make_desk(school, grades="six")
    desk.answer(COUNTING[0], 4, days_ago=100)
    async with desk.open():
        await desk.press("space")
        assert "0 Blackout" in desk.text
        assert "5 Easy" in desk.text
        await desk.press("2")
    assert desk.log(COUNTING[0]) == [4, 2]


async def test_no_number_grades_before_the_answer_is_shown(desk):
    async with desk.open():
        await desk.press("3", "enter", "9", "5")
        assert desk.current == COUNTING[0]
    assert desk.log(COUNTING[0]) == [4]


async def test_an_answer_is_stored_before_the_next_card_shows(desk):
    async with desk.open():
        await desk.press("space", "3")
        assert desk.current == COUNTING[1]
        record = desk.study.store.records([COUNTING[0]])[COUNTING[0]]
        assert record.memory.due == date(2026, 3, 8)


async def test_seconds_on_screen_are_logged(desk):
    async with desk.open():
        desk.clock.forward(seconds=12)
        await desk.press("space", "3")
    assert desk.study.store.history(COUNTING[0])[-1].duration_ms == 12_000


async def test_a_clock_that_goes_backward_logs_no_negative_time(desk):
    async with desk.open():
        desk.clock.forward(seconds=-500)
        await desk.press("space", "3")
    assert desk.study.store.history(COUNTING[0])[-1].duration_ms == 0


async def test_a_click_on_a_button_grades(desk):
    async with desk.open() as pilot:
        await desk.press("space")
        await pilot.click(".grade-hard")
        await pilot.pause()
    assert desk.log(COUNTING[0]) == [4, 3]


async def test_the_key_line_can_be_clicked(desk):
    async with desk.open() as pilot:
        row = desk.text.splitlines()[-1]
        await pilot.click(offset=(row.index("suspend"), 23))
        await pilot.pause()
        assert desk.current == COUNTING[1]
    assert desk.study.store.marks()[COUNTING[0]].suspended


async def test_a_cloze_hides_its_gap_and_reveals_it_in_place(desk):
    async with desk.open():
        await desk.press("space", "3")
        assert "The last number matched is the [a word] of the collection." in desk.text
        await desk.press("space")
        assert "The last number matched is the cardinality of the collection." in desk.text


async def test_a_choice_is_picked_by_number_and_proposes_a_grade(desk):
    async with desk.open():
        await desk.press("space", "3", "space", "3")
        assert desk.current == COUNTING[2]
        number = right_option(desk)
        desk.clock.forward(seconds=20)
        await desk.press(str(number))
        assert "Good: Right the first time." in desk.text
        assert "▸ 3 Good ◂" in desk.text
        await desk.press("enter")
    assert desk.log(COUNTING[2]) == [4]


async def test_a_wrong_choice_shows_what_is_right_and_can_be_overruled(desk):
    async with desk.open():
        await desk.press("space", "3", "space", "3")
        right = right_option(desk)
        await desk.press(str(right % 3 + 1))
        assert "✗" in desk.text
        assert f"{right} ○ ✓ No, any order" in desk.text
        assert "Again: Your answer was wrong." in desk.text
        await desk.press("2")
    row = desk.study.store.history(COUNTING[2])[-1]
    assert (row.grade, row.proposed) == (3, 1)
    assert row.evidence["attempts"] == 1
    assert row.seed == 7


async def test_a_choice_is_picked_with_the_cursor(desk):
    async with desk.open():
        await desk.press("space", "3", "space", "3")
        await desk.press(*["down"] * (right_option(desk) - 1), "enter")
        assert "Right the first time" in desk.text


async def test_a_choice_is_picked_by_mouse(desk):
    async with desk.open() as pilot:
        await desk.press("space", "3", "space", "3")
        line = next(i for i, text in enumerate(desk.text.splitlines()) if "No, any order" in text)
        await pilot.click(offset=(12, line))
        await pilot.pause()
        assert "Right the first time" in desk.text


async def test_options_are_shuffled_by_the_seed(desk):
    orders = set()
    for seed in range(12):
        async with desk.open(seed=seed):
            await desk.press("space", "3", "space", "3")
            orders.add(right_option(desk))
            await desk.press("u", "u")
    assert orders == {1, 2, 3}


async def test_several_right_options_are_ticked_and_checked(make_desk, unruly):
    desk = make_desk(unruly)
    async with desk.open("many"):
        assert "Several are right" in desk.text
        await desk.press("enter")
        assert any("Tick what is right first" in said for said in desk.said)
        lines = desk.text.splitlines()
        for answer in ("2", "4"):
            line = next(text for text in lines if text.rstrip().endswith(f"☐ {answer}"))
            number = line.strip("▸ ").split()[0]
            await desk.press(number) if number != "10" else await desk.press("up", "space")
        await desk.press("enter")
        assert "Right the first time" in desk.text


async def test_a_typed_answer_is_judged_by_enter(desk):
    async with desk.open("counting"):
        await to_the_typed_card(desk)
        await desk.type("Twelve")
        desk.clock.forward(seconds=30)
        await desk.press("enter")
        assert "Good: Right the first time." in desk.text
        await desk.press("enter")
    assert desk.log(COUNTING[3]) == [4]


async def test_a_wrong_typed_answer_shows_the_difference_without_colour(desk):
    async with desk.open("counting"):
        await to_the_typed_card(desk)
        await desk.type("twelfe")
        await desk.press("enter")
        lines = desk.text.splitlines()
        yours = next(i for i, line in enumerate(lines) if "yours" in line)
        assert lines[yours].index("f") == lines[yours + 1].index("^")
        assert "expected" in lines[yours + 2]
        assert lines[yours + 2].index("v") == lines[yours + 3].index("^")
        assert "Again: Your answer was wrong." in desk.text


async def test_nothing_typed_is_no_answer(desk):
    async with desk.open("counting"):
        await to_the_typed_card(desk)
        await desk.press("enter")
        assert any("Type an answer first" in said for said in desk.said)
        assert "Again" not in desk.text


async def test_letters_are_typed_and_do_not_act(desk):
    async with desk.open("counting"):
        await to_the_typed_card(desk)
        await desk.type("uhqsf-!?1 i")
        field = desk.app.screen.query_one("#field")
        assert field.value == "uhqsf-!?1 i"
        assert "undo" not in desk.keys
        assert "leave the field" in desk.keys


async def test_escape_leaves_the_field_and_tab_returns(desk):
    async with desk.open("counting"):
        await to_the_typed_card(desk)
        await desk.press("escape")
        assert desk.app.screen.focused is None
        assert "undo" in desk.keys
        await desk.press("tab")
        await desk.type("12")
        assert desk.app.screen.query_one("#field").value == "12"


async def test_giving_up_shows_the_answer_and_proposes_again(desk):
    async with desk.open("counting"):
        await to_the_typed_card(desk)
        await desk.press("escape", "space")
        assert "12" in desk.text
        assert "▸ 1 Again ◂" in desk.text
        assert "You gave up" in desk.text
        await desk.press("enter")
    assert desk.log(COUNTING[3]) == [1]


async def test_the_summary_comes_after_the_last_card(desk):
    async with desk.open("counting"):
        await to_the_typed_card(desk)
        await desk.type("12")
        desk.clock.forward(seconds=30)
        await desk.press("enter", "enter")
        assert isinstance(desk.app.screen, SummaryScreen)
        assert "4 answers to 4 cards in 30 s" in desk.text


async def test_a_card_graded_below_good_comes_back_the_same_day(desk):
    async with desk.open("counting"):
        await desk.press("space", "2")
        await desk.press("space", "3")
        assert "1 again today" in desk.text
        await desk.press(str(right_option(desk)), "enter")
        await desk.type("12")
        await desk.press("enter", "enter")
        assert desk.current == COUNTING[0]
        assert "again today" in desk.text
        await desk.press("space")
        assert "↻ today" in desk.text
        buttons = desk.text.splitlines()[-2].split("  ")
        assert [text.strip() for text in buttons if text.strip()] == ["↻ today", "↻ today", "6 d", "6 d"]
        await desk.press("3")
        assert isinstance(desk.app.screen, SummaryScreen)
    assert desk.log(COUNTING[0]) == [4, 3, 4]


async def test_undo_returns_to_the_card_and_to_the_memory_it_had(desk):
    before = desk.study.store.records()
    async with desk.open():
        await desk.press("space", "1")
        await desk.press("u")
        assert desk.current == COUNTING[0]
        assert any("Took back the grade Again: demo/counting/what" in said for said in desk.said)
    assert desk.study.store.records() == before
    assert desk.log(COUNTING[0]) == [4]


async def test_undo_takes_back_any_number_of_steps(desk):
    async with desk.open("counting"):
        await desk.press("space", "3", "space", "3", "minus")
        assert desk.current == COUNTING[3]
        await desk.press("escape", "u")
        assert desk.current == COUNTING[2]
        await desk.press("u")
        assert desk.current == COUNTING[1]
        await desk.press("u")
        assert desk.current == COUNTING[0]
        await desk.press("u")
        assert desk.current == COUNTING[0]
        await desk.press("u")
        assert desk.said[-1] == "There is nothing to undo."


async def test_undo_works_across_a_restart_and_returns_to_that_card(desk):
    async with desk.open():
        await desk.press("space", "3", "space", "3")
    async with desk.open():
        assert desk.current == COUNTING[2]
        await desk.press("u")
        assert desk.current == COUNTING[1]
        await desk.press("u")
        assert desk.current == COUNTING[0]
    assert desk.log(COUNTING[1]) == []


async def test_bury_puts_off_until_tomorrow(desk):
    async with desk.open():
        await desk.press("minus")
        assert desk.current == COUNTING[1]
    assert desk.study.store.marks()[COUNTING[0]].buried_until == date(2026, 3, 3)
    async with desk.open():
        assert desk.current == COUNTING[1]
    desk.clock.forward(days=1)
    async with desk.open():
        assert desk.current == COUNTING[0]


async def test_suspend_puts_away(desk):
    async with desk.open():
        await desk.press("exclamation_mark")
        assert desk.current == COUNTING[1]
    assert desk.study.store.marks()[COUNTING[0]].suspended


async def test_flag_marks_and_takes_the_mark_away(desk):
    async with desk.open():
        await desk.press("f")
        assert desk.study.store.marks()[COUNTING[0]].flagged
        assert desk.current == COUNTING[0]
        await desk.press("f")
        assert not desk.study.store.records()[COUNTING[0]].flagged
        await desk.press("u")
        assert desk.study.store.records()[COUNTING[0]].flagged


async def test_escape_goes_home_and_enter_comes_back_to_the_same_card(desk):
    async with desk.open():
        await desk.press("space", "3", "escape")
        assert isinstance(desk.app.screen, HomeScreen)
        await desk.press("enter")
        assert desk.current == COUNTING[1]


async def test_q_quits_and_keeps_everything(desk):
    async with desk.open():
        await desk.press("space", "3", "q")
        assert not desk.app.is_running
    assert desk.log(COUNTING[0]) == [4, 4]


async def test_a_deck_on_the_command_line_is_the_only_one(desk):
    async with desk.open("adding"):
        assert desk.current is None or desk.current.startswith("demo/adding/")


def right_option(desk):
    line = next(text for text in desk.text.splitlines() if "No, any order" in text)
    return int(line.strip("▸ ").split()[0])


async def to_the_typed_card(desk):
    await desk.press("space", "3", "space", "3")
    await desk.press(str(right_option(desk)), "enter")
    assert desk.current == COUNTING[3]


async def test_undo_after_undo_is_not_typed_into_the_field_it_returned_to(desk):
    for card in COUNTING[:3]:
        desk.answer(card, 4)
    async with desk.open():
        await desk.type("12\n")
        await desk.press("enter")
        await desk.settle()
        await desk.press("escape", "u")
        assert desk.current == COUNTING[3]
        await desk.press("u")
        assert desk.current == COUNTING[2]


async def test_undo_from_the_list_of_decks_goes_on_as_well(desk):
    for card in COUNTING:
        desk.answer(card, 4)
    async with desk.open():
        await desk.settle()
        await desk.press("escape", "escape", "u")
        assert desk.current == COUNTING[3]
        await desk.press("u")
        assert desk.current == COUNTING[2]


async def test_the_same_message_is_shown_once(desk):
    async with desk.open():
        for _ in range(3):
            desk.app.say("Saved.")
            await desk.pilot.pause()
        assert desk.said == ["Saved."]
