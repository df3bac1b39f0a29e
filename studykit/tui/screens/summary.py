"""What was done in this sitting, and what comes next."""

from collections import Counter
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen

from studykit.tui.grades import duration_text, grade_keys
from studykit.tui.outlook import day_text, left_text, outlook
from studykit.tui.sitting import Sitting
from studykit.tui.text.blocks import Block, Flow
from studykit.tui.text.palette import BAR, RIGHT
from studykit.tui.widgets.key_line import KeyLine
from studykit.tui.widgets.prose import Prose
from studykit.tui.widgets.top_line import TopLine

if TYPE_CHECKING:
    from studykit.tui.app import StudyApp

_WIDEST_BAR = 30


class SummaryScreen(Screen[None]):
    """Shown after the last card."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space,escape", "home", "home", key_display="enter"),
        Binding("u", "undo", "undo"),
        Binding("q", "quit", "quit"),
        Binding("question_mark,f1", "help", "help", key_display="?"),
    ]

    def __init__(self, desk: "StudyApp", sitting: Sitting) -> None:
        super().__init__()
        self._desk = desk
        self._sitting = sitting

    def compose(self) -> ComposeResult:
        """Show it."""
        yield TopLine()
        with VerticalScroll(can_focus=False), Vertical(id="summary"):
            yield Prose(self._blocks())
        yield KeyLine()

    def on_mount(self) -> None:
        """Say what this is."""
        self.query_one(TopLine).show(Content.styled("Done", RIGHT), Content(""))

    def _blocks(self) -> list[Block]:
        given = self._sitting.given
        seconds = sum(answer.seconds for answer in given)
        cards = len({answer.card for answer in given})
        head = f"{_count(len(given), 'answer')} to {_count(cards, 'card')} in {duration_text(seconds)}"
        return [
            Flow(Content.styled("That was all for now.", "bold")),
            Flow(Content(head)),
            *self._grades(),
            *self._next(),
        ]

    def _grades(self) -> list[Block]:
        counts = Counter(answer.grade for answer in self._sitting.given)
        most = max(counts.values(), default=1)
        rows = [
            (key.name, counts[key.grade])
            for key in grade_keys(self._sitting.study.settings.grades)
            if counts[key.grade]
        ]
        return [
            Flow(
                Content.assemble(
                    f"{name:<10}",
                    (f"{count:>4}  ", "bold"),
                    ("━" * max(1, _WIDEST_BAR * count // most), BAR),
                ),
                gap=i == 0,
            )
            for i, (name, count) in enumerate(rows)
        ]

    def _next(self) -> list[Block]:
        ahead = outlook(self._sitting.study, self._desk.clock())
        tomorrow = left_text(ahead.tomorrow) or "nothing"
        lines = [Flow(Content.assemble("Tomorrow  ", (tomorrow, "bold")))]
        if ahead.next_due is not None:
            day = day_text(ahead.next_due, ahead.today)
            lines.append(Flow(Content.assemble("Next due  ", (day, "bold")), gap=False))
        return [*lines]

    def action_home(self) -> None:
        """Go to the list of decks."""
        self._desk.show_home()

    async def action_undo(self) -> None:
        """Take back the last step and return to its card."""
        self._desk.undo(self._sitting)

    def action_quit(self) -> None:
        """Leave."""
        self._desk.exit()

    def action_help(self) -> None:
        """Show every key."""
        self._desk.show_help()


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
