"""Make the pictures of the documentation: the real program, the shipped decks, real runs.

    python scripts/screenshots.py docs

Each picture is the program at one card, in a home of its own, after some keys. `make screenshots` does it.
"""

import argparse
import asyncio
import random
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual.pilot import Pilot

from studykit.scheduling.sm2 import Grade
from studykit.study import Study
from studykit.tui.app import StudyApp

if TYPE_CHECKING:
    from studykit.library.cards import Implement, Repair
    from studykit.tui.screens.review import ReviewScreen
    from studykit.tui.widgets.answer_field import AnswerField

REPOSITORY = Path(__file__).parent.parent
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SEED = 3

Step = Callable[[Pilot[None], Study], Awaitable[None]]


@dataclass(frozen=True)
class Picture:
    """One picture."""

    name: str
    card: str | None
    """The card to be at; None: the list of decks."""
    steps: tuple[Step, ...] = ()
    size: tuple[int, int] = (100, 30)
    theme: str = "studykit"


def press(*keys: str) -> Step:
    """Press keys."""

    async def step(pilot: Pilot[None], _study: Study) -> None:
        await pilot.press(*keys)

    return step


async def settled(pilot: Pilot[None], _study: Study) -> None:
    """Wait until nothing runs."""
    await pilot.app.workers.wait_for_complete()
    await pilot.pause(0.5)


async def at_home(pilot: Pilot[None], _study: Study) -> None:
    """Go to the list of decks."""
    cast("StudyApp", pilot.app).show_home()
    await settled(pilot, _study)


def write_wrong_answer(name: str) -> Step:
    """Put one of the card's listed wrong answers into the editor."""

    async def step(pilot: Pilot[None], study: Study) -> None:
        screen = cast("ReviewScreen", pilot.app.screen)
        card = cast("Implement | Repair", study.card(screen.card_id))
        editor = cast("AnswerField", screen.query_one("#field"))
        editor.clear()
        editor.begin_with(card.wrong[name])

    return step


PICTURES = (
    Picture(
        "review",
        "transformer/rope/write_apply_rope",
        (settled, write_wrong_answer("sine_with_the_other_sign"), press("ctrl+r"), settled),
        size=(168, 46),
    ),
    Picture("home", None, (at_home,), size=(100, 26)),
    Picture(
        "browser",
        None,
        (at_home, press("b"), settled, press("down", "down", "space", "down"), settled),
        size=(168, 40),
    ),
    Picture("statistics", None, (at_home, press("s"), settled), size=(168, 56)),
    Picture("map", None, (at_home, press("m"), settled, press("down", "down")), theme="studykit-light"),
    Picture("answer", "transformer/rope/why_a_rotation", (press("space"),)),
    Picture("choice", "python/mutability/assignment_binds", (press("2"),), theme="studykit-light"),
    Picture("predict", "python/mutability/alias_program", (press("1", "ctrl+r"), settled)),
    Picture("help", "python/mutability/assignment_binds", (press("question_mark"),), size=(100, 36)),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", help="only these")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for picture in PICTURES:
        if not arguments.names or picture.name in arguments.names:
            path = arguments.folder / f"{picture.name}.svg"
            path.write_text(asyncio.run(taken(picture)), encoding="utf8")
            print(path)


async def taken(picture: Picture) -> str:
    """Return the picture as SVG."""
    with (
        tempfile.TemporaryDirectory() as home,
        Study.open(NOW, home=Path(home), folder=REPOSITORY) as study,
    ):
        prepare(study, picture)
        app = StudyApp(study, at=lambda: NOW, seeds=lambda: SEED)
        async with app.run_test(size=picture.size) as pilot:
            app.theme = picture.theme
            await pilot.pause()
            for step in picture.steps:
                await step(pilot, study)
            await pilot.pause()
            return app.export_screenshot(title="studykit review")


def prepare(study: Study, picture: Picture) -> None:
    """Make `picture.card` the one that is due; or, for the screens beside the review, study for a year."""
    cards = list(study.library.entries())
    if picture.card is None:
        study_for_a_year(study)
        return
    study.answer(picture.card, Grade.GOOD, NOW - timedelta(days=100))
    for card in cards:
        if card != picture.card:
            study.suspend(card, NOW)


def study_for_a_year(study: Study) -> None:
    """Answer some of what is due on most days, mostly well."""
    study.change("new_per_day", "3")
    rng = random.Random(5)
    for ago in range(330, -1, -1):
        at = NOW - timedelta(days=ago, hours=1)
        if ago and rng.random() < 0.25:
            continue
        for item in study.session(at).queue[: rng.randint(2, 14)]:
            grade = Grade(rng.choice((1, 3, 4, 4, 4, 4, 5)))
            study.answer(item.card, grade, at, duration_ms=rng.randrange(3_000, 90_000))


if __name__ == "__main__":
    main()
