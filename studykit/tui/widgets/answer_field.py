"""What every field for an answer has in common; importing it loads no editor."""

from textual.message import Message
from textual.widget import Widget


class AnswerField(Widget):
    """Something the learner types an answer into: a line or an editor."""

    FIELD_ID = "field"

    class HandedIn(Message):
        """The answer is complete."""

    class Edited(Message):
        """The text changed."""

    @property
    def answer(self) -> str:
        """What was typed."""
        raise NotImplementedError

    @property
    def cursor_row(self) -> int:
        """The screen row of the cursor."""
        raise NotImplementedError

    def clear(self) -> object:
        """Take the text away."""
        raise NotImplementedError

    def begin_with(self, text: str) -> None:
        """Put `text` into a field in which nothing was typed yet."""
        raise NotImplementedError

    def take(self, text: str) -> None:
        """Put `text` in place of what is there."""
        raise NotImplementedError
