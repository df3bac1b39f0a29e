"""What a quiz came to: the score, by topic and by kind, and what was wrong."""

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen

from studykit.quiz.marking import Mark
from studykit.quiz.report import headline, left_out_lines
from studykit.quiz.score import Outcome, Tally
from studykit.tui.grades import duration_text
from studykit.tui.text.blocks import Block, Flow
from studykit.tui.text.clean import clean_line
from studykit.tui.text.palette import BAR, CAUTION, HEADING, MUTED, RIGHT, WRONG
from studykit.tui.widgets.key_line import KeyLine
from studykit.tui.widgets.prose import Prose
from studykit.tui.widgets.top_line import TopLine

if TYPE_CHECKING:
    from studykit.tui.app import StudyApp

_WIDEST_BAR = 20
_WIDEST_NAME = 40

MARKS = {
    Mark.RIGHT: ("✓ right", RIGHT),
    Mark.WRONG: ("✗ wrong", WRONG),
    Mark.BLANK: ("· no answer", WRONG),
    Mark.UNMARKED: ("! not marked", CAUTION),
}


class QuizResultScreen(Screen[None]):
    """Shown when the paper is marked."""

    KEYS = "Quiz"
    AUTO_FOCUS = ""
    DEFAULT_CSS = "QuizResultScreen .page { scrollbar-size-vertical: 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,w,space", "walk", "look at what was wrong", key_display="enter"),
        Binding("r", "again", "ask those again"),
        Binding("q,escape", "leave", "leave"),
        Binding("question_mark,f1", "help", "help", key_display="?"),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
    ]

    def __init__(self, desk: "StudyApp", outcome: Outcome, again: Callable[[], None] | None) -> None:
        super().__init__()
        self._desk = desk
        self._outcome = outcome
        self._again = again

    def compose(self) -> ComposeResult:
        """Show it."""
        yield TopLine()
        with VerticalScroll(can_focus=False, classes="page"), Vertical(id="summary"):
            yield Prose(self._blocks())
        yield KeyLine()

    def on_mount(self) -> None:
        """Say what this is."""
        seconds = self._outcome.seconds
        time = "" if seconds is None else duration_text(seconds)
        self.query_one(TopLine).show(Content.styled("Result", RIGHT), Content.styled(time, MUTED))

    def _blocks(self) -> list[Block]:
        outcome = self._outcome
        return [
            Flow(Content.styled(headline(outcome), "bold")),
            *_bars("By topic", outcome.topics),
            *_bars("By kind", outcome.kinds),
            *self._questions(),
            *(Flow(Content.styled(f"left out: {line}", MUTED)) for line in left_out_lines(outcome.left_out)),
        ]

    def _questions(self) -> list[Block]:
        lines = [
            Content.assemble(
                f"{one.put.question.number:>3}  ", (f"{MARKS[one.mark][0]:<13}", MARKS[one.mark][1])
            )
            + clean_line(one.put.question.card)
            for one in self._outcome.marked
        ]
        head = Flow(Content.styled("Questions", HEADING))
        return [head, *(Flow(line, gap=False) for line in lines)]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Say whether a key does something now."""
        if action == "again":
            return self._again is not None
        return bool(self._to_look_at) if action == "walk" else True

    @property
    def _to_look_at(self) -> bool:
        return bool(self._outcome.missed or self._outcome.unmarked)

    def action_walk(self) -> None:
        """Look at one wrong answer after the other."""
        from studykit.tui.screens.quiz_walk import QuizWalkScreen

        self._desk.push_screen(QuizWalkScreen(self._desk, (*self._outcome.missed, *self._outcome.unmarked)))

    def action_again(self) -> None:
        """Ask what was wrong once more, with other numbers."""
        if self._again is not None:
            self._again()

    def action_leave(self) -> None:
        """Leave the quiz."""
        self._desk.leave_quiz()

    def action_help(self) -> None:
        """Show every key."""
        self._desk.show_help()

    def action_scroll(self, direction: int) -> None:
        """Scroll by a line."""
        self.query_one(VerticalScroll).scroll_relative(y=direction, animate=False)

    def action_page(self, direction: int) -> None:
        """Scroll by a page."""
        page = self.query_one(VerticalScroll)
        page.scroll_relative(y=direction * max(1, page.size.height - 1), animate=False)


def _bars(title: str, tallies: tuple[Tally, ...]) -> list[Block]:
    width = max((len(clean_line(one.title)) for one in tallies), default=0)
    width = min(width, _WIDEST_NAME)
    return [
        Flow(Content.styled(title, HEADING)),
        *(Flow(_bar(one, width), gap=False) for one in tallies),
    ]


def _bar(tally: Tally, width: int) -> Content:
    name = Content(clean_line(tally.title)).truncate(width, ellipsis=True)
    filled = round(_WIDEST_BAR * tally.right / tally.of) if tally.of else 0
    score = f"{tally.right} of {tally.of}" if tally.of else "not marked"
    return Content.assemble(
        name.pad_right(max(0, width - name.cell_length)),
        (f"  {score:<11}", "bold"),
        ("━" * filled, BAR),
        ("╌" * (_WIDEST_BAR - filled), MUTED),
    )
