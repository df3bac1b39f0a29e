"""What can be done to a card and looked at from it, by its keys."""

import shlex
import shutil
import sys
from contextlib import nullcontext
from datetime import timedelta

import pytest
from textual.app import App

from studykit.scheduling.sm2 import Grade
from studykit.store.records import Role
from studykit.tui.screens.article import ArticleScreen
from studykit.tui.screens.review import ReviewScreen
from studykit.tui.screens.snippet import SnippetScreen

WHAT, LAST, ORDER, DOZEN = (f"demo/counting/{name}" for name in ("what", "last", "order", "dozen"))
SUM = "demo/adding/sum"


@pytest.fixture
def own(make_desk, school, tmp_path):
    """A desk with a copy of the library, which may be written."""
    root = tmp_path / "own"
    shutil.copytree(school, root)
    desk = make_desk(root)
    desk.answer(WHAT, 4, days_ago=100)
    desk.deck = root / "decks" / "demo" / "counting.yaml"
    return desk


@pytest.fixture
def editor(monkeypatch, tmp_path):
    """An editor that does what a piece of Python says to `path`, and notes how it was called."""
    monkeypatch.setattr(App, "suspend", lambda _: nullcontext())
    monkeypatch.delenv("VISUAL", raising=False)

    def make(program):
        script = tmp_path / "editor.py"
        script.write_text(f"import sys, pathlib\npath = pathlib.Path(sys.argv[-1])\n{program}\n")
        monkeypatch.setenv("EDITOR", shlex.join([sys.executable, str(script)]))

    return make


def replacing(old, new):
    return f"path.write_text(path.read_text('utf8').replace({old!r}, {new!r}), 'utf8')"


def words(desk):
    return " ".join(desk.text.replace("│", " ").split())


# ---- edit


async def test_an_edited_card_is_shown_at_once_and_its_schedule_stays(own, editor):
    editor(replacing("What is counting?", "What does counting mean?"))
    before = own.study.store.records()[WHAT]
    async with own.open():
        await own.press("e")
        assert own.current == WHAT
        assert "What does counting mean?" in own.text
    assert own.study.store.records()[WHAT] == before


async def test_an_answer_that_is_shown_stays_shown_after_editing(own, editor):
    editor(replacing("Matching things with the numbers", "Matching objects with the numbers"))
    async with own.open():
        await own.press("space", "e")
        assert "Matching objects" in own.text
        assert "1 Again" in own.text
        await own.press("3")
    assert own.log(WHAT) == [4, 4]


async def test_what_was_typed_survives_editing(own, editor):
    editor(replacing("How many are a dozen?", "How many make a dozen?"))
    for card in (WHAT, LAST, ORDER):
        own.answer(card, 4)
    async with own.open("counting"):
        assert own.current == DOZEN
        await own.type("tw")
        await own.press("escape", "e")
        assert "How many make a dozen?" in own.text
        assert own.app.screen.query_one("#field").value == "tw"


async def test_a_broken_edit_is_reported_with_its_place_and_the_card_stays(own, editor):
    editor(replacing("kind: basic", "kind: basics"))
    async with own.open():
        await own.press("e")
        assert "The card stays as it was" in own.text
        assert "counting.yaml:6:" in words(own).replace(" ", "")
        await own.press("escape")
        assert "What is counting?" in own.text
        await own.press("space", "3")
        assert own.current == LAST


async def test_an_edit_that_breaks_the_yaml_can_be_mended(own, editor):
    whole = own.deck.read_text("utf8")
    async with own.open():
        editor("path.write_text('cards: [', 'utf8')")
        await own.press("e")
        assert "The card stays as it was" in own.text
        editor(f"path.write_text({whole.replace('is counting', 'is it to count')!r}, 'utf8')")
        await own.press("escape", "e")
        assert "What is it to count?" in own.text


async def test_a_card_renamed_in_the_editor_keeps_its_history(own, editor):
    editor(
        replacing("  - id: what\n", "  - id: meaning\n    was: [what]\n")
        + "\n"
        + replacing("[what]}", "[meaning]}")
    )
    text = own.deck.read_text("utf8").replace("requires: [what]", "requires: []")
    own.deck.write_text(text, "utf8")
    own.study.reread(own.clock())
    async with own.open():
        await own.press("e")
        assert own.current == "demo/counting/meaning"
    assert own.log("demo/counting/meaning") == [4]


async def test_a_card_deleted_in_the_editor_is_left_out(own, editor):
    lines = own.deck.read_text("utf8").splitlines(keepends=True)
    start = next(i for i, line in enumerate(lines) if "id: last" in line)
    end = next(i for i, line in enumerate(lines) if "id: order" in line)
    editor(f"path.write_text({''.join(lines[:start] + lines[end:])!r}, 'utf8')")
    async with own.open():
        await own.press("space", "3")
        assert own.current == LAST
        await own.press("e")
        assert own.current == ORDER
        assert any("gone from its deck" in said for said in own.said)


async def test_nothing_changed_is_said(own, editor):
    editor("")
    async with own.open():
        await own.press("e")
        assert own.said[-1] == "Nothing was changed."


async def test_the_editor_opens_at_the_cards_line(own, monkeypatch):
    called = []
    monkeypatch.setenv("EDITOR", "vim")
    monkeypatch.setattr("studykit.tui.external.shutil.which", lambda name: name)
    monkeypatch.setattr("studykit.tui.external.run", lambda _, words: called.append(words))
    async with own.open():
        await own.press("space", "3", "e")
    assert called == [["vim", "+10", str(own.deck)]]
    assert "id: last" in own.deck.read_text("utf8").splitlines()[9]


async def test_a_deck_inside_the_package_is_not_edited_and_says_what_to_do(own, editor, monkeypatch):
    editor(replacing("counting", "x"))
    monkeypatch.setattr("studykit.tui.editing.studykit.__file__", str(own.deck.parents[2] / "__init__.py"))
    before = own.deck.read_text("utf8")
    async with own.open():
        await own.press("e")
        assert "came with studykit" in words(own)
        assert "copy the deck and its snippet" in words(own)
    assert own.deck.read_text("utf8") == before


async def test_a_deck_that_may_not_be_written_says_so(own, editor, monkeypatch):
    editor("")
    monkeypatch.setattr("os.access", lambda *_: False)
    async with own.open():
        await own.press("e")
        assert "may not be written" in words(own)


# ---- article, snippet, info, picture


async def test_a_opens_the_article_with_the_lines_of_the_card_lit(desk):
    async with desk.open():
        await desk.press("a")
        await desk.settle()
        assert isinstance(desk.app.screen, ArticleScreen)
        assert "counting.md · lines 3–3" in desk.text
        lit = [line for line in desk.text.splitlines() if "▌" in line]
        assert len(lit) >= 1
        await desk.press("escape")
        assert isinstance(desk.app.screen, ReviewScreen)
        assert desk.current == WHAT


async def test_looking_up_a_card_one_grades_oneself_counts_nothing(desk):
    async with desk.open():
        await desk.press("a", "escape")
        assert not any("it counts as" in said for said in desk.said)
        assert not desk.app.screen._trial.attempt.hint_used


async def test_reading_the_article_before_answering_counts_as_a_hint(desk):
    async with desk.open():
        await desk.press("space", "3", "space", "3")
        assert desk.current == ORDER
        await desk.press("a", "escape")
        assert any("it counts as a hint" in said for said in desk.said)
        assert desk.app.screen._trial.attempt.hint_used


async def test_s_opens_the_snippet_at_the_function_and_counts_as_the_solution(desk):
    desk.study.suspend("demo/adding/mend_add", desk.clock())
    async with desk.open("adding"):
        await desk.settle()
        await desk.press("escape", "s")
        await desk.settle()
        assert isinstance(desk.app.screen, SnippetScreen)
        lit = [line for line in desk.text.splitlines() if "▌" in line]
        assert "def add(a: int, b: int)" in lit[0]
        assert any("return a + b" in line for line in lit)
        await desk.press("escape")
        assert desk.app.screen._trial.attempt.solution_seen
        assert any("it counts as seeing the solution" in said for said in desk.said)


async def test_a_deck_without_a_snippet_or_article_says_so(desk):
    desk.study.suspend("demo/adding/mend_add", desk.clock())
    async with desk.open():
        await desk.press("s")
        assert desk.said[-1] == "This deck has no snippet."
        await desk.press("p")
        assert desk.said[-1] == "This deck has no snippet that could draw."
    async with desk.open("adding"):
        await desk.settle()
        await desk.press("escape", "a")
        assert desk.said[-1] == "This deck has no article."


async def test_i_shows_what_happened_at_each_answer(desk):
    evidence = {"attempts": 2, "passed": True, "hint_used": True}
    at = desk.clock() - timedelta(days=30)
    desk.study.answer(WHAT, Grade.HARD, at, proposed=Grade.GOOD, evidence=evidence, duration_ms=8000)
    async with desk.open(size=(100, 60)):
        await desk.press("i")
        await desk.settle()
        assert "2026-01-31 review Hard 8 s" in words(desk)
        assert "2 attempts, passed, hint, proposed Good" in words(desk)


async def test_card_info_of_a_card_that_was_answered(desk):
    desk.answer(WHAT, 1, days_ago=40)
    async with desk.open(size=(100, 60)):
        await desk.press("i")
        await desk.settle()
        text = words(desk)
        assert "sm2: every 1 d · ease 2.50 · 0 passed in a row" in text
        assert "Answers (2)" in text
        assert "an approximation: SM-2 has no such curve" in text
        assert "2025-11-22 new Good" in text
        assert "lapses 1 of a leech's 8" in text
        assert "article lines 3–3, Counting" in text
        assert "counting.yaml:" in text
        assert "Again in 1 d" in text
        await desk.press("i")
        assert desk.current == WHAT


async def test_card_info_of_a_new_card(desk):
    async with desk.open(size=(100, 40)):
        await desk.press("space", "3", "i")
        await desk.settle()
        assert "new: never answered" in desk.text
        assert "None yet." in desk.text


async def test_card_info_under_fsrs_names_its_model(make_desk, school):
    desk = make_desk(school, scheduler="fsrs")
    desk.answer(WHAT, 4, days_ago=10)
    async with desk.open(size=(100, 60)):
        await desk.press("i")
        await desk.settle()
        assert "by FSRS-6's curve of its stability" in words(desk)
        assert "stability 2.3 d · difficulty" in words(desk)


async def test_p_draws_what_the_snippet_has_to_show(desk, monkeypatch):
    drawn = {"loss": [3.0, 2.0, 1.5], "map": [[0.0, 1.0], [1.0, 0.0]]}
    monkeypatch.setattr("studykit.tui.runs.Runs.picture", lambda *_: drawn)
    desk.study.suspend("demo/adding/mend_add", desk.clock())
    async with desk.open("adding", size=(100, 50)):
        await desk.settle()
        await desk.press("escape", "p")
        await desk.settle()
        assert "loss" in desk.text
        assert "2 × 2" in desk.text
        assert "cancel" not in desk.keys


async def test_a_snippet_that_draws_nothing_says_so(desk):
    desk.study.suspend("demo/adding/mend_add", desk.clock())
    async with desk.open("adding"):
        await desk.settle()
        await desk.press("escape", "p")
        await desk.settle()
        assert "The snippet of this card draws nothing." in desk.text


# ---- undo of each


@pytest.mark.parametrize("key", ["minus", "exclamation_mark"])
async def test_what_puts_a_card_away_is_undone_as_one_step(desk, key):
    async with desk.open():
        await desk.press(key)
        assert desk.current == LAST
        await desk.press("u")
        assert desk.current == WHAT
    marks = desk.study.store.marks().get(WHAT)
    assert marks is None or not (marks.suspended or marks.buried_until)


async def test_a_suspended_card_comes_back_through_the_browser(desk):
    async with desk.open():
        await desk.press("exclamation_mark")
        assert any("u brings it back" in said for said in desk.said)
    assert desk.study.search(["is:suspended"], desk.clock()) == [WHAT]
    desk.study.take(Role.UNSUSPEND, [WHAT], desk.clock())
    async with desk.open():
        assert desk.current == WHAT
