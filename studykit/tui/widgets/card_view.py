"""One card on screen: what is asked, where the answer goes, what came of it."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.containers import Container, Vertical, VerticalScroll
from textual.widget import Widget

from studykit.library.cards import Card, Choice, Compute, Implement, Predict, Repair, Typed
from studykit.tui import faces
from studykit.tui.text.blocks import Block
from studykit.tui.widgets.answer_field import AnswerField
from studykit.tui.widgets.prose import Prose

if TYPE_CHECKING:
    from studykit.running.runner import Posed
    from studykit.running.verdicts import Result
    from studykit.tui.runs import Failure
    from studykit.tui.widgets.options import Options
    from studykit.tui.widgets.verdict_pane import VerdictPane


_VERDICT_LINES = 8


class CardView(VerticalScroll, can_focus=False):
    """Shows one card from question to answer; a new card is a new view."""

    def __init__(
        self, card: Card, languages: faces.Languages, seed: int, above: Sequence[Block] = ()
    ) -> None:
        super().__init__(classes=f"kind-{card.kind}")
        self._card = card
        self._languages = languages
        self._seed = seed
        self._above = above

    def compose(self) -> ComposeResult:
        """Show what the kind of card needs, and nothing else."""
        with Vertical(id="sheet"):
            if self._above:
                yield Prose(self._above, id="above")
            yield Prose(faces.question(self._card, self._languages), id="question")
            if self._card.hint is not None:
                yield Prose(id="hint")
            yield from self._work()
            yield Prose(id="answer")

    def _work(self) -> Iterator[Widget]:
        match self._card:
            case Choice():
                from studykit.tui.widgets.options import Options

                yield Options(faces.options(self._card, self._languages, self._seed))
            case Typed():
                yield self._answer_line()
                yield Prose(id="difference")
            case Compute():
                yield Container(self._answer_line(), self._verdict_pane(), id="work")
            case Predict() | Implement() | Repair():
                yield Container(self._editor(), self._verdict_pane(), id="work")

    def _answer_line(self) -> Widget:
        from studykit.tui.widgets.answer_line import AnswerLine

        return AnswerLine(faces.placeholder(self._card))

    def _editor(self) -> Widget:
        from studykit.tui.widgets.code_editor import CodeEditor

        python = isinstance(self._card, Implement | Repair)
        start = self._card.broken if isinstance(self._card, Repair) else ""
        return CodeEditor(start, python=python, placeholder=faces.placeholder(self._card))

    def _verdict_pane(self) -> "VerdictPane":
        from studykit.tui.widgets.verdict_pane import VerdictPane

        return VerdictPane(id="verdict")

    @property
    def field(self) -> Widget | None:
        """Where the learner types, if anywhere."""
        return next(iter(self.query(f"#{AnswerField.FIELD_ID}")), None)

    @property
    def options(self) -> "Options":
        """What can be ticked."""
        from studykit.tui.widgets.options import Options

        return self.query_one(Options)

    def judge_options(self) -> None:
        """Show which options are right, if there are any."""
        if isinstance(self._card, Choice):
            self.options.judge()

    @property
    def typed(self) -> str:
        """What the learner typed."""
        field = self.field
        return field.answer if isinstance(field, AnswerField) else ""

    @property
    def verdict(self) -> "VerdictPane":
        """Where the result of a run is shown."""
        from studykit.tui.widgets.verdict_pane import VerdictPane

        return self.query_one(VerdictPane)

    def focus_field(self) -> None:
        """Let the learner type, or tick."""
        self.screen.set_focus(self.field or next(iter(self.query("#options")), None))

    def pose(self, posed: "Posed") -> None:
        """Fill in what was drawn."""
        self.query_one("#question", Prose).show(faces.question(self._card, self._languages, posed))
        field = self.field
        if isinstance(field, AnswerField) and isinstance(self._card, Implement):
            field.begin_with(posed.code or "")

    def resume(self, draft: str) -> None:
        """Put a draft into the field."""
        if isinstance(field := self.field, AnswerField):
            field.take(draft)

    def show_picture(self, outcome: "dict[str, Any] | Result | Failure") -> None:
        """Show what a snippet drew, or why it could not."""
        from studykit.tui.pictures import picture_blocks

        self._picture(picture_blocks(outcome))

    def stop_spinning(self) -> None:
        """Take away the sign that something runs."""
        for verdict in self.query("#verdict").results():
            verdict.display = False
        for picture in self.query("#picture"):
            picture.remove()

    def spin_picture(self, tick: int, seconds: float) -> None:
        """Show that a picture is being drawn."""
        from studykit.tui.text.blocks import Flow
        from studykit.tui.text.spinner import spinning

        self._picture([Flow(spinning(tick, seconds, "drawing", still=self.app.animation_level == "none"))])

    def _picture(self, blocks: Sequence[Block]) -> None:
        picture = next(iter(self.query("#picture").results(Prose)), None)
        if picture is None:
            picture = Prose(id="picture")
            self.query_one("#sheet").mount(picture)
        picture.show(blocks)
        self.call_after_refresh(self._bring_into_sight, picture, self.size.height)

    def show_hint(self) -> None:
        """Show the hint."""
        hint = self.query_one("#hint", Prose)
        hint.show(faces.hint(self._card, self._languages))
        hint.display = True

    def show_answer(self, solution: str | None = None) -> None:
        """Show the answer below the question and leave the answer field as it is."""
        if self._card.kind == "cloze":
            self.query_one("#question", Prose).show(faces.question(self._card, self._languages, shown=True))
        if (field := self.field) is not None:
            field.disabled = True
        self._reveal(faces.answer(self._card, self._languages, solution))

    def show_solution(self, solution: str) -> None:
        """Show the solution while the learner goes on trying."""
        self._reveal(faces.solution_blocks(self._card, solution))

    def _reveal(self, blocks: Sequence[Block]) -> None:
        answer = self.query_one("#answer", Prose)
        answer.show(blocks)
        answer.display = bool(blocks)

    def bring_answer_into_sight(self) -> None:
        """Show as much of the answer as there is room for."""
        self._bring_into_sight(self.query_one("#answer", Prose), self.size.height)

    def bring_verdict_into_sight(self) -> None:
        """Show the beginning of the verdict."""
        self._bring_into_sight(self.verdict, _VERDICT_LINES)

    def _bring_into_sight(self, widget: Widget, lines: int) -> None:
        """Scroll until `lines` lines of `widget` can be seen: no further, and not past its beginning."""
        height = widget.outer_size.height
        top, bottom = max(widget.region.y, self.region.y), self.region.bottom
        if widget.region.y < self.region.y or bottom - top < min(height, lines):
            self.scroll_to_widget(widget, animate=False, top=height > self.size.height)

    def on_answer_field_edited(self) -> None:
        """Keep the line that is typed in sight, also when the verdict below was scrolled to."""
        field = self.field
        y = field.cursor_row - self.region.y if isinstance(field, AnswerField) else 0
        if not 0 <= y < self.container_size.height - 1:
            self.scroll_relative(y=y - self.container_size.height // 2, animate=False)

    def show_difference(self, blocks: Sequence[Block]) -> None:
        """Show where a typed answer is wrong."""
        difference = self.query_one("#difference", Prose)
        difference.show(blocks)
        difference.display = bool(blocks)

    def scroll_code(self, columns: int) -> None:
        """Scroll every wide piece of code sideways."""
        for prose in self.query(Prose):
            prose.scroll_code(columns)
