"""The buttons for grading, each with what it leads to."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from studykit.scheduling.sm2 import Grade
from studykit.tui.grades import GradeKey
from studykit.tui.text.palette import MUTED


class GradeBar(Vertical):
    """One button per grade; the proposed one is marked."""

    class Graded(Message):
        """A grade was clicked."""

        def __init__(self, grade: Grade) -> None:
            self.grade = grade
            super().__init__()

    def __init__(self, keys: Sequence[GradeKey]) -> None:
        super().__init__(id="grade-bar")
        self._keys = tuple(keys)

    def compose(self) -> ComposeResult:
        """Show why a grade is proposed, then the buttons."""
        yield Static("", id="reason", markup=False)
        with Horizontal(id="grades"):
            for key in self._keys:
                yield _GradeButton(key)

    def show(self, outcomes: Mapping[Grade, str], proposed: Grade | None, reason: str) -> None:
        """Show what each grade leads to, and which one is proposed for what reason."""
        self.query_one("#reason", Static).update(Content(reason))
        self.query_one("#reason").display = bool(reason)
        for button in self.query(_GradeButton):
            button.show(outcomes.get(button.key.grade, ""), proposed=button.key.grade == proposed)
        self.display = True


class _GradeButton(Static):
    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, key: GradeKey) -> None:
        super().__init__("", markup=False, classes=f"grade-{key.name.lower()}")
        self.key = key

    def show(self, outcome: str, *, proposed: bool) -> None:
        self.set_class(proposed, "-proposed")
        name = Content.assemble((self.key.key, "bold"), " ", (self.key.name, "bold" if proposed else ""))
        if proposed:
            name = Content("▸ ") + name + " ◂"
        self.update(Content("\n").join([name, Content.styled(outcome, MUTED)]))

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.post_message(GradeBar.Graded(self.key.grade))
