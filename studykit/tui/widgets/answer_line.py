"""One line for a short answer."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input


class AnswerLine(Input):
    """Takes a word or a number; enter hands it in."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "submit", "check", key_display="enter")]

    def __init__(self, placeholder: str) -> None:
        super().__init__(placeholder=placeholder, id="answer-line", select_on_focus=False)
