"""How the main screens look, small and large, dark and light, compared with files.

`make snapshots` writes the files anew: look at the difference, and at `build/snapshots/*.svg`, before you
commit it.
"""

import os
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from looks import Look, contrast, diff, look_of, picture, unreadable
from rich.cells import cell_len

from studykit.quiz.drawing import pool
from studykit.quiz.paper import Terms
from studykit.running.exercises import Posed
from studykit.running.verdicts import Result, Verdict
from studykit.scheduling.sm2 import Grade
from studykit.tui.quiz import QuizApp

SNAPSHOTS = Path(__file__).parent.parent / "fixtures" / "tui" / "snapshots"
GALLERY = Path(__file__).parent.parent / "fixtures" / "tui" / "gallery"
WRITE = os.environ.get("STUDYKIT_SNAPSHOTS") == "write"
PICTURES = Path(__file__).parents[2] / "build" / "snapshots"
SIZES = [(80, 24), (200, 60)]
AA = 4.5
"""The contrast that WCAG 2 asks of text."""

WRONG = Result(
    Verdict.WRONG,
    seed=3,
    ms=12.5,
    detail="2 of 20 inputs give the right value.",
    expected="[0.0, 1.0, -0.7071067811865476, 0.7071067811865475]",
    got="[0.0, -1.0, 0.7071067811865476, 0.7071067811865475]",
    failing_input="x = [1.0, 0.0, 0.5, -0.5]\nangle = 1.5707963267948966",
    stdout="a = 1.0\nb = 0.0\n",
)
ANSWER = """def turn(x: list[float], angle: float) -> list[float]:
    even, odd = x[0::2], x[1::2]
    # the sign of the sine: 旋转方向
    return [a * math.cos(angle) + b * math.sin(angle) for a, b in zip(even, odd)]
"""

Steps = Callable[..., Awaitable[None]]


@dataclass(frozen=True)
class Scene:
    """A screen, and how to get there."""

    steps: Steps
    card: str | None = None
    """The only card that is due; None: what a term of study has left."""


def keys(*pressed: str) -> Steps:
    """Press keys, and wait for what they begin."""

    async def steps(desk):
        for key in pressed:
            await desk.press(key)
            await desk.settle()

    return steps


def from_home(*pressed: str) -> Steps:
    """Go to the list of decks, and press keys there."""

    async def steps(desk):
        desk.app.show_home()
        await desk.settle()
        await keys(*pressed)(desk)

    return steps


async def wrong_code(desk):
    """Hand in an answer that is wrong, and read why."""
    desk.runner.results = [WRONG]
    field = desk.app.screen.query_one("#field")
    field.take(ANSWER)
    await keys("ctrl+r")(desk)


async def to_the_end(desk):
    """Answer until nothing is left."""
    for key in ("space", "1", "space", "3"):
        desk.clock.forward(seconds=9)
        await desk.press(key)


SCENES = {
    "welcome": Scene(from_home(), "nothing was ever studied"),
    "home": Scene(from_home()),
    "review-asked": Scene(keys(), "attention/rope/why_relative"),
    "review-basic": Scene(keys("space"), "attention/rope/why_relative"),
    "review-choice": Scene(keys("1", "3", "enter"), "attention/rope/what_is_turned"),
    "review-code": Scene(wrong_code, "attention/rope/write_turn"),
    "review-chinese": Scene(keys("space"), "python/mutability/tuple"),
    "summary": Scene(to_the_end, "attention/rope/why_relative"),
    "browser": Scene(from_home("b", "down", "space", "down", "down")),
    "nothing-found": Scene(from_home("b", "slash", "x", "y", "z")),
    "statistics": Scene(from_home("s")),
    "map": Scene(from_home("m", "down", "down")),
    "settings": Scene(from_home("comma", "down", "down")),
    "help": Scene(from_home("question_mark")),
    "card-info": Scene(keys("i"), "attention/rope/why_relative"),
    "article": Scene(keys("a"), "attention/rope/why_relative"),
    "quiz": Scene(keys("1")),
    "quiz-result": Scene(keys("1", "enter", "escape", "f", "enter")),
}


@pytest.fixture
def desk(make_desk, tmp_path, monkeypatch):
    """Return a desk at a library of its own, in a folder that is shown by a short name."""
    shutil.copytree(GALLERY, tmp_path / "library")
    monkeypatch.chdir(tmp_path)
    desk = make_desk(tmp_path / "library")
    desk.study.trusts = lambda _root: True
    monkeypatch.setattr(desk.runner, "pose", posed)
    return desk


def posed(exercise, seed):
    """Put a card as it is written."""
    start = "def turn(x: list[float], angle: float) -> list[float]:\n    ...\n"
    code = exercise.card.code if exercise.card.kind == "predict" else start
    return Posed(seed, exercise.card.front, code, {})


def study_for_a_term(desk):
    """Answer what is due on most days, with a lapse now and then; some is due again, and some still new."""
    decks = ("attention", "python/names")
    for ago in range(120, 30, -1):
        at = desk.clock() - timedelta(days=ago)
        if ago % 5 == 0:
            continue
        for number, item in enumerate(desk.study.session(at, decks).queue[: 2 + ago % 3]):
            grade = 1 if (ago * 7 + number * 3) % 11 == 0 else 3 if (ago + number) % 6 == 0 else 4
            desk.study.answer(item.card, Grade(grade), at, duration_ms=4_000 + 1_500 * ((ago + number) % 9))


def only(desk, card):
    """Leave one card that is due."""
    for days in (107, 106, 100):
        desk.answer(card, 4 if days != 106 else 3, days_ago=days)
    for other in desk.study.library.entries():
        if other != card:
            desk.study.suspend(other, desk.clock())


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SCENES)
async def test_the_screen_looks_as_it_did(desk, name, size):
    scene = SCENES[name]
    if scene.card is None:
        study_for_a_term(desk)
    elif scene.card in desk.study.library.entries():
        only(desk, scene.card)
    async with opened(desk, name, size):
        await desk.settle()
        await scene.steps(desk)
        title = f"{name}-{size[0]}x{size[1]}"
        dark, light = [await seen(desk, theme, title) for theme in ("studykit", "studykit-light")]
        faint = [unreadable(in_front(desk.app.screen, look), AA) for look in (dark, light)]
    compare(SNAPSHOTS / f"{title}.txt", picture(dark, light))
    assert faint == [set(), set()]
    assert max(map(cell_len, dark.lines)) <= size[0]


def in_front(screen, look):
    """Return the part of a look that is not behind a box."""
    boxes = screen.query(".box") if screen.is_modal else ()
    return look.part(boxes.first().region) if boxes else look


def opened(desk, name, size):
    """Open the review, or a quiz."""
    if not name.startswith("quiz"):
        return desk.open(size=size)
    study, terms = desk.study, Terms(5, 4, (), ())
    desk.app = QuizApp(study, pool(study, (), ()), terms, minutes=20, at=desk.clock)
    return desk.run(size)


async def seen(desk, theme, name) -> Look:
    """Return the screen in a theme."""
    desk.app.theme = theme
    await desk.settle()
    desk.app.clear_notifications()
    await desk.pilot.pause()
    if WRITE:
        PICTURES.mkdir(parents=True, exist_ok=True)
        (PICTURES / f"{name}-{theme}.svg").write_text(desk.app.export_screenshot(), encoding="utf8")
    return look_of(desk.app)


def compare(path, now):
    """Compare a picture with its file, or write that."""
    if WRITE:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(now, encoding="utf8")
        return
    assert path.exists(), f"there is no {path.name} yet: `make snapshots` writes it"
    before = path.read_text(encoding="utf8")
    assert now == before, f"{path.name}: if this is meant, run `make snapshots`\n{diff(before, now)}"


def test_every_file_belongs_to_a_screen():
    expected = {f"{name}-{width}x{height}.txt" for name in SCENES for width, height in SIZES}
    assert {path.name for path in SNAPSHOTS.iterdir()} == expected


# ---- the pictures themselves


PLAIN, BOLD = "#ffffff on #000000", "bold #ffffff on #000000"


def look(*lines, first=PLAIN):
    """Return a look of four columns, of which the first line may be in another style."""
    return Look(lines, ((first,) * 4, *((PLAIN,) * 4 for _ in lines[1:])))


def test_a_picture_holds_the_text_once_and_the_styles_as_runs():
    striped = Look(("a b", "数"), ((PLAIN, BOLD, BOLD, PLAIN), (PLAIN,) * 4))
    assert picture(striped, striped).splitlines() == [
        "a b",
        "数",
        "",
        "---- styles: dark, light",
        f"a  {PLAIN:<36}  {PLAIN}",
        f"b  {BOLD:<36}  {BOLD}",
        "",
        "---- cells",
        "1: a1 b2 a",
        "2: a",
    ]


def test_a_difference_tells_what_changed_in_words_and_in_style():
    before, after = look("one", "two"), look("one", "too", first=BOLD)
    changed = diff(picture(before, before), picture(after, after)).splitlines()
    assert [line for line in changed if line[0] in "+-"][2:] == [
        "-two",
        "+too",
        f"-a  {PLAIN:<36}  {PLAIN}",
        f"+a  {BOLD:<36}  {BOLD}",
        f"+b  {PLAIN:<36}  {PLAIN}",
        "-1-2: a",
        "+1: a",
        "+2: b",
    ]


def test_a_theme_may_change_colours_alone():
    with pytest.raises(AssertionError, match="-one\n\\+two"):
        picture(look("one"), look("two"))


def test_contrast_is_that_of_the_guidelines():
    assert contrast("#ffffff on #000000") == pytest.approx(21.0)
    assert contrast("bold #777777 on #ffffff") == pytest.approx(4.48, abs=0.01)


def test_words_that_cannot_be_read_are_found():
    faint = "#777777 on #ffffff"
    assert unreadable(look("数 x", "──", first=faint), 4.5) == {f"'数 x' is {faint}: 4.48"}
    assert unreadable(look("── ", "x", first=faint), 4.5) == set()
