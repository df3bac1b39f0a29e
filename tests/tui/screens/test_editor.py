"""The learner's own editor and his drafts: what comes back, and what stays when something goes wrong."""

import json
import sys

import pytest
from textual import events

from studykit.running.verdicts import Result, Verdict

SUM, WRITE, DOZEN = "demo/adding/sum", "demo/adding/write_add", "demo/counting/dozen"
WRONG = Result(Verdict.WRONG, detail="One of 5 cases differs.", expected="42", got="41")


@pytest.fixture
def writing(desk):
    """A desk at which a function is to be written."""
    desk.answer(SUM, 4)
    for card in ("print_add", "mend_add"):
        desk.study.suspend(f"demo/adding/{card}", desk.clock())
    return desk


@pytest.fixture
async def implementing(writing):
    """At a card that asks for a function."""
    async with writing.open("adding"):
        await writing.settle()
        assert writing.current == WRITE
        yield writing


def field(desk):
    return desk.app.screen.query_one("#field")


async def test_ctrl_e_opens_the_code_and_takes_it_back(implementing, editor):
    editor("path.write_text(path.read_text().replace('...', 'return a + b  # 注意'))")
    await implementing.press("ctrl+e")
    assert field(implementing).text == "def add(a: int, b: int) -> int:\n    return a + b  # 注意\n"
    assert implementing.app.screen.focused is field(implementing)
    await implementing.press("ctrl+z")
    assert "..." in field(implementing).text


async def test_the_file_is_named_after_the_card_so_that_editors_know_python(implementing, editor):
    editor("path.write_text(path.name)")
    await implementing.press("ctrl+e")
    assert field(implementing).text == "write_add.py"


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("path.write_text('')", "came back empty"),
        ("path.write_text('x'); sys.exit(3)", "ended with 3"),
        ("path.unlink()", "is gone"),
        ("path.write_bytes(b'\\xff\\xfe')", "not UTF-8"),
        ("path.write_text('x' * 2_000_000)", "larger than 1 MB"),
    ],
)
async def test_an_editor_that_fails_changes_nothing(implementing, editor, program, said):
    editor(program)
    before = field(implementing).text
    await implementing.press("ctrl+e")
    assert "The editor changed nothing" in implementing.text
    assert said in plain(implementing)
    await implementing.press("escape")
    assert field(implementing).text == before


async def test_a_missing_editor_is_named(implementing, editor, monkeypatch):
    editor("")
    monkeypatch.setenv("EDITOR", "no-such-editor --fast")
    await implementing.press("ctrl+e")
    await implementing.settle()
    assert "no-such-editor is not installed" in plain(implementing)


async def test_where_there_is_no_terminal_it_says_so(implementing, monkeypatch):
    monkeypatch.setenv("EDITOR", sys.executable)
    await implementing.press("ctrl+e")
    assert "cannot be opened from here" in plain(implementing)


@pytest.mark.parametrize("keys", [["ctrl+q"], ["escape", "q"], ["escape", "escape"]])
async def test_a_draft_survives_leaving(writing, keys):
    async with writing.open("adding"):
        await writing.settle()
        await writing.type("return a")
        text = field(writing).text
        await writing.press(*keys)
    async with writing.open("adding", seed=99):
        await writing.settle()
        assert field(writing).text == text
        assert writing.app.screen._trial.attempt.seed == 7


async def test_a_draft_survives_a_crash(implementing):
    await implementing.type("return 5")
    await implementing.wait_until(lambda: kept(implementing, WRITE) is not None)
    assert kept(implementing, WRITE)["text"].endswith("return 5\n")


async def test_a_draft_is_gone_once_the_card_is_graded_and_undo_does_not_bring_it_back(implementing):
    await implementing.type("return a + b")
    await implementing.press("ctrl+r")
    await implementing.settle()
    await implementing.press("enter")
    assert len(implementing.log(WRITE)) == 1
    assert kept(implementing, WRITE) is None
    await implementing.press("u")
    await implementing.settle()
    assert implementing.current == WRITE
    assert "return a + b" not in field(implementing).text


async def test_leaving_and_coming_back_is_no_way_around_the_evidence(writing):
    writing.runner.results = [WRONG]
    async with writing.open("adding"):
        await writing.settle()
        await writing.type("return a")
        await writing.press("ctrl+r")
        await writing.settle()
        await writing.press("ctrl+s")
        await writing.settle()
    async with writing.open("adding"):
        await writing.settle()
        await writing.press("ctrl+r")
        await writing.settle()
        assert "Again: Right, after seeing the solution." in writing.text
        await writing.press("enter")
    evidence = writing.study.store.history(WRITE)[-1].evidence
    assert (evidence["attempts"], evidence["solution_seen"]) == (2, True)


async def test_a_typed_answer_is_a_draft_too_and_burying_keeps_it(desk):
    desk.study.suspend("demo/counting/order", desk.clock())
    desk.answer("demo/counting/what", 4)
    desk.answer("demo/counting/last", 4)
    async with desk.open("counting"):
        assert desk.current == DOZEN
        await desk.type("十二 tw")
        await desk.press("escape", "minus")
    assert kept(desk, DOZEN)["text"] == "十二 tw"
    desk.clock.forward(days=1)
    async with desk.open("counting"):
        while desk.current != DOZEN:
            await desk.press("space", "3")
        assert field(desk).value == "十二 tw"
        await desk.press("backspace")
        assert field(desk).value == "十二 t"


async def test_nothing_typed_leaves_no_file(writing):
    async with writing.open("adding"):
        await writing.settle()
    assert not (writing.home / "drafts").exists()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"text": 5, "seed": 1}', '{"text": "x", "seed": true}'])
async def test_a_draft_that_cannot_be_read_is_none(desk, content):
    folder = desk.home / "drafts"
    folder.mkdir()
    (folder / "demo%2Fadding%2Fsum.json").write_text(content)
    desk.study.suspend("demo/adding/mend_add", desk.clock())
    async with desk.open("adding"):
        await desk.settle()
        assert desk.current == SUM
        assert field(desk).value == ""


async def test_drafts_that_cannot_be_written_are_said_once_and_stop_nothing(implementing):
    (implementing.home / "drafts").write_text("in the way")
    await implementing.type("return a")
    await implementing.wait_until(lambda: any("draft cannot be kept" in said for said in implementing.said))
    await implementing.press("ctrl+r")
    await implementing.settle()
    assert "✓ Right" in implementing.text
    assert sum("draft cannot be kept" in said for said in implementing.said) == 1


async def test_composed_text_is_pasted_and_typed_at_its_width(implementing):
    editor = field(implementing)
    editor.load_text("")
    implementing.app.post_message(events.Paste("# 注意力👍"))
    await implementing.pilot.pause()
    await implementing.press("机", "é")
    assert editor.text == "# 注意力👍机é"
    assert editor.cursor_location == (0, 8)
    gutter = editor.gutter_width
    assert editor.cursor_screen_offset.x - editor.content_region.x - gutter == 2 + 6 + 2 + 2 + 1
    await implementing.press("left", "left", "backspace")
    assert editor.text == "# 注意力机é"


async def test_composed_text_in_a_line_keeps_the_cursor_behind_it(desk):
    desk.study.suspend("demo/adding/mend_add", desk.clock())
    async with desk.open("adding"):
        await desk.settle()
        desk.app.post_message(events.Paste("四十二"))
        await desk.pilot.pause()
        line = field(desk)
        assert line.value == "四十二"
        assert line.cursor_screen_offset.x - line.content_region.x == 6 + 1  # behind the last


async def test_the_bracket_that_belongs_to_the_cursors_is_lit(implementing):
    editor = field(implementing)
    editor.load_text("f((a), b)")
    editor.move_cursor((0, 1))
    assert editor.matching_bracket_location == (0, 8)
    editor.move_cursor((0, 2))
    assert editor.matching_bracket_location == (0, 4)
    assert editor.match_cursor_bracket


async def test_a_paste_is_one_step_of_undo(implementing):
    editor = field(implementing)
    editor.load_text("")
    implementing.app.post_message(events.Paste("x = 1\ny = 2"))
    await implementing.pilot.pause()
    assert editor.text == "x = 1\ny = 2"
    await implementing.press("ctrl+z")
    assert editor.text == ""


def plain(desk):
    return " ".join(desk.text.replace("│", " ").split())


def kept(desk, card):
    path = desk.home / "drafts" / f"{card.replace('/', '%2F')}.json"
    return json.loads(path.read_text()) if path.exists() else None
