"""One line for a short answer."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from studykit.tui.widgets.answer_field import AnswerField


class AnswerLine(Input, AnswerField):
    """Takes a word or a number; enter hands it in."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "submit", "check", key_display="enter")]

    def __init__(self, placeholder: str) -> None:
        super().__init__(placeholder=placeholder, id=self.FIELD_ID, classes="line", select_on_focus=False)

    def on_mount(self) -> None:
        """Keep still where the learner wants that."""
        self.cursor_blink = self.app.animation_level != "none"

    @property
    def answer(self) -> str:
        """What was typed."""
        return self.value

    @property
    def cursor_row(self) -> int:
        """The screen row of the line."""
        return self.region.y + 1

    def begin_with(self, text: str) -> None:
        """Put `text` into the line if nothing was typed yet."""
        self.value = self.value or text

    def take(self, text: str) -> None:
        """Put `text` in place of what is there."""
        self.value = " ".join(text.split())
        self.cursor_position = len(self.value)

    def on_input_changed(self, message: Input.Changed) -> None:
        """Say that something was typed."""
        message.stop()
        self.post_message(self.Edited())

    async def action_submit(self) -> None:
        """Hand the answer in."""
        self.post_message(self.HandedIn())
