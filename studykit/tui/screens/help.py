"""Every key."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from studykit.tui.all_keys import SECTIONS, Section
from studykit.tui.grades import AGAIN_TODAY, Scheme, grade_keys
from studykit.tui.text.blocks import Block, Flow
from studykit.tui.text.palette import HEADING, KEY
from studykit.tui.widgets.prose import Prose

_KEY_WIDTH = 20


class HelpScreen(ModalScreen[None]):
    """Lists the keys of every screen."""

    AUTO_FOCUS = "VerticalScroll"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,enter,space", "dismiss", "close", show=False)
    ]

    def __init__(self, scheme: Scheme, first: str = "") -> None:
        super().__init__()
        self._scheme: Scheme = scheme
        self._first = first
        """The section to begin with: that of the screen below."""

    def compose(self) -> ComposeResult:
        """Show them in a box that scrolls."""
        with Vertical(classes="box -wide"):
            yield Static(Content.styled("Keys", HEADING), classes="box-title", markup=False)
            with VerticalScroll():
                yield Prose(self._lines())
            yield Static(Content.assemble(("escape", KEY), " close"), classes="box-keys", markup=False)

    def _lines(self) -> list[Block]:
        sections: list[Section] = [("Grading", self._grading()), *SECTIONS]
        sections.sort(key=lambda section: section[0] != self._first)
        return [line for title, keys in sections for line in _section(title, keys)]

    def _grading(self) -> tuple[tuple[str, str], ...]:
        keys = grade_keys(self._scheme)
        names = ", ".join(key.name for key in keys)
        return (
            (f"{keys[0].key} … {keys[-1].key}", names),
            ("enter", "take the proposed grade (cards that grade themselves)"),
            (AGAIN_TODAY, "on a button: the card comes back in this sitting, until you grade it Good"),
        )


def _section(title: str, keys: tuple[tuple[str, str], ...]) -> list[Block]:
    rest = Content(" " * (_KEY_WIDTH + 2))
    rows = [
        Flow(Content(what), Content.styled(f"  {key:<{_KEY_WIDTH}}", KEY), rest, gap=False)
        for key, what in keys
    ]
    return [Flow(Content.styled(title, HEADING)), *rows]
