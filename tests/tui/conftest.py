"""The review program at a desk of its own: real library and store, a temporary home, a clock set by hand."""

import shlex
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Static

from studykit.config import Settings
from studykit.library.index import Root, open_library
from studykit.running.exercises import Exercise, Posed
from studykit.running.verdicts import Result, Verdict
from studykit.scheduling.sm2 import Grade
from studykit.store.store import Store
from studykit.study import Study
from studykit.tui.app import StudyApp
from studykit.tui.screens.review import ReviewScreen

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class Clock:
    """Shows the moment it is set to."""

    now: datetime = MORNING

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **amount: float) -> None:
        self.now += timedelta(**amount)


@dataclass
class FakeRunner:
    """Runs nothing; answers as it was told to, and remembers what it was asked."""

    results: list[Result] = field(default_factory=list)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    posed: int = 0
    cancelled: int = 0
    closed: bool = False
    gate: Callable[[], object] | None = None
    """Called before a result is given: a test can hold it there."""

    def warm(self, *, torch: bool) -> None:
        pass

    def pose(self, _exercise: Exercise, seed: int) -> Posed:
        self.posed += 1
        if self.gate is not None:
            self.gate()
        return Posed(
            seed, "What is 20 + 22?", "def add(a: int, b: int) -> int:\n    ...\n", {"a": 20, "b": 22}
        )

    def judge(self, exercise: Exercise, answer: str | None, _seed: int) -> Result:
        self.asked.append((exercise.card_id, answer))
        if self.gate is not None:
            self.gate()
        if answer is None:
            return Result(Verdict.PASS, stdout="5\n", expected="42")
        return self.results.pop(0) if self.results else Result(Verdict.PASS, expected="42", got="42")

    def cancel(self) -> None:
        self.cancelled += 1

    def close(self) -> None:
        self.closed = True


class Desk:
    """Opens the program on a study, again and again if need be."""

    def __init__(self, home: Path, roots: Sequence[Path], settings: Settings) -> None:
        self.home = home
        self.clock = Clock()
        self.runner = FakeRunner()
        library = open_library([Root(root, "extra") for root in roots], home / "cache")
        home.mkdir(parents=True, exist_ok=True)
        store = Store.open(f"sqlite:///{home / 'studykit.db'}")
        self.study = Study(library, store, settings, home)
        self.study.runner = lambda _device="auto": self.runner  # type: ignore[method-assign,assignment,return-value]

    def open(
        self, *decks: str, size: tuple[int, int] = (80, 24), seed: int = 7
    ) -> AbstractAsyncContextManager[Pilot[None]]:
        """Open the program."""
        self.app = StudyApp(self.study, self.study.library.decks_matching(decks), self.clock, lambda: seed)
        return self.run(size)

    @asynccontextmanager
    async def run(self, size: tuple[int, int]) -> AsyncIterator[Pilot[None]]:
        """Run what is in `app`."""
        async with self.app.run_test(size=size, notifications=True) as pilot:
            self.pilot = pilot
            await pilot.pause()
            yield pilot

    async def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            await self.pilot.press(key)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type a text."""
        names = {"\n": "enter", " ": "space"}
        await self.press(*(names.get(character, character) for character in text))

    async def settle(self) -> None:
        """Wait until nothing runs any more."""
        await self.app.workers.wait_for_complete()
        await self.pilot.pause()

    async def wait_until(self, condition: Callable[[], bool]) -> None:
        """Let the program go on until `condition` holds."""
        while not condition():
            await self.pilot.pause(0.01)

    @property
    def text(self) -> str:
        """What is on screen."""
        compositor = self.app.screen._compositor
        return "\n".join(strip.text.rstrip() for strip in compositor.render_strips())

    @property
    def keys(self) -> str:
        """The key line."""
        return str(self.app.screen.query_one("#key-line", Static).content)

    @property
    def said(self) -> list[str]:
        """What was said in passing."""
        return [notice.message for notice in self.app._notifications]

    @property
    def current(self) -> str | None:
        """The card on screen."""
        screen = self.app.screen
        return screen._trial.card_id if isinstance(screen, ReviewScreen) and screen._trial else None

    def answer(self, card: str, grade: int, days_ago: int = 0) -> None:
        """Answer a card without the screen."""
        self.study.answer(card, Grade(grade), self.clock() - timedelta(days=days_ago))

    def log(self, card: str) -> list[int]:
        """The grades given to `card`, oldest first."""
        return [int(row.grade) for row in self.study.store.history(card)]


MakeDesk = Callable[..., Desk]


@pytest.fixture
def make_desk(home: Path) -> Iterator[MakeDesk]:
    """Return a function that sets up a desk from library roots and settings."""
    desks: list[Desk] = []

    def make(*roots: Path, folder: Path = home, **settings: Any) -> Desk:
        desks.append(Desk(folder, roots, Settings(**{"timezone": "UTC", **settings})))
        return desks[-1]

    yield make
    for desk in desks:
        desk.study.close()


@pytest.fixture
def desk(make_desk: MakeDesk, school: Path) -> Desk:
    """Return a desk at which one card was answered long ago: the program opens with a card."""
    desk = make_desk(school)
    desk.answer("demo/counting/what", 4, days_ago=100)
    return desk


@pytest.fixture
def unruly() -> Path:
    """Return a library root with texts that try to be more than text."""
    return Path(__file__).parent.parent / "fixtures" / "tui" / "unruly"


@pytest.fixture
def editor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """An editor that does what a piece of Python says to `path`."""
    monkeypatch.setattr(App, "suspend", lambda _: nullcontext())
    monkeypatch.delenv("VISUAL", raising=False)

    def make(program: str) -> None:
        script = tmp_path / "editor.py"
        script.write_text(f"import sys, pathlib\npath = pathlib.Path(sys.argv[-1])\n{program}\n")
        monkeypatch.setenv("EDITOR", shlex.join([sys.executable, str(script)]))

    return make
