"""A walk through what was wrong in a quiz: the question, both answers, why, and where it comes from."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content

from studykit.library.cards import Cloze, Implement, Repair, text_in
from studykit.quiz.marking import Marked
from studykit.quiz.report import details
from studykit.tui.screens.place import COMMON, Place
from studykit.tui.screens.quiz_result import MARKS
from studykit.tui.text.blocks import Block, Flow, Rule
from studykit.tui.text.clean import clean, clean_line
from studykit.tui.text.markdown import blocks_of, code_block
from studykit.tui.text.palette import MUTED
from studykit.tui.widgets.key_line import KeyLine
from studykit.tui.widgets.prose import Prose
from studykit.tui.widgets.top_line import TopLine

if TYPE_CHECKING:
    from studykit.tui.app import StudyApp

_CODE = ("your answer", "expected", "failing input", "traceback")


class QuizWalkScreen(Place):
    """Shows one answer at a time."""

    KEYS = "Quiz"
    AUTO_FOCUS = ""
    DEFAULT_CSS = "QuizWalkScreen .page { scrollbar-size-vertical: 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n,enter,space", "go(1)", "next", key_display="n"),
        Binding("b", "go(-1)", "back"),
        Binding("a", "article", "article"),
        Binding("s", "snippet", "snippet"),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("left", "scroll_code(-8)", show=False),
        Binding("right", "scroll_code(8)", show=False),
        *COMMON,
    ]

    def __init__(self, desk: "StudyApp", marked: Sequence[Marked]) -> None:
        super().__init__(desk)
        self._marked = marked
        self._at = 0

    def compose(self) -> ComposeResult:
        """Make room for one answer."""
        yield TopLine()
        with VerticalScroll(can_focus=False, classes="page"), Vertical(id="summary"):
            yield Prose(id="told")
        yield KeyLine()

    def on_mount(self) -> None:
        """Show the first."""
        self._show()

    @property
    def current(self) -> Marked:
        """The answer on screen."""
        return self._marked[self._at]

    def _show(self) -> None:
        one = self.current
        words, style = MARKS[one.mark]
        place = Content.assemble(
            (words, style), "  ", (clean_line(one.put.topic), "bold"), (f"  {one.put.question.kind}", MUTED)
        )
        progress = Content.styled(f"{self._at + 1} of {len(self._marked)}", MUTED)
        self.query_one(TopLine).show(place, progress)
        self.query_one("#told", Prose).show(self._blocks(one))
        self.query_one(VerticalScroll).scroll_home(animate=False)
        self.refresh_bindings()

    def _blocks(self, one: Marked) -> list[Block]:
        blocks: list[Block] = [*self._question(one), Rule()]
        for name, text in details(one):
            blocks.append(Flow(Content.styled(name, f"bold {MUTED}")))
            if name == "why" or (name != "source" and one.put.question.kind == "choice"):
                blocks.extend(blocks_of(text))
            elif name in _CODE:
                coding = isinstance(one.put.card, Implement | Repair) and name in ("your answer", "expected")
                blocks.append(code_block(text, "python" if coding else "", gap=False))
            else:
                blocks.append(Flow(Content(clean(text)), gap=False))
        return blocks

    def _question(self, one: Marked) -> list[Block]:
        if isinstance(one.put.card, Cloze):
            return [*blocks_of(text_in(one.put.card.text, self.study.settings.language), "shown")]
        wording = one.put.wording
        options = "\n".join(f"{i}. {' '.join(text.split())}" for i, text in enumerate(wording.options, 1))
        code = [code_block(wording.code)] if wording.code else []
        return [*blocks_of(wording.text), *code, *blocks_of(options)]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say whether a key does something now."""
        deck = self.study.library.decks()[self.current.put.question.deck]
        match action:
            case "go":
                return 0 <= self._at + int(str(parameters[0])) < len(self._marked)
            case "article":
                return deck.article is not None
            case "snippet":
                return self.study.library.snippet_path(self.current.put.question.card) is not None
        return True

    def action_go(self, step: int) -> None:
        """Go to the next answer, or the one before."""
        self._at += step
        self._show()

    def action_leave(self) -> None:
        """Go back to the result."""
        self.desk.pop_screen()

    def action_article(self) -> None:
        """Open the article where the card comes from."""
        from studykit.tui.screens.article import ArticleScreen

        self.desk.push_screen(ArticleScreen(self.desk, self.current.put.question.card))

    def action_snippet(self) -> None:
        """Open the code that the card is about."""
        from studykit.tui.screens.snippet import SnippetScreen

        self.desk.push_screen(SnippetScreen(self.desk, self.current.put.question.card))

    def action_scroll(self, direction: int) -> None:
        """Scroll by a line."""
        self.query_one(VerticalScroll).scroll_relative(y=direction, animate=False)

    def action_page(self, direction: int) -> None:
        """Scroll by a page."""
        page = self.query_one(VerticalScroll)
        page.scroll_relative(y=direction * max(1, page.size.height - 1), animate=False)

    def action_scroll_code(self, columns: int) -> None:
        """Scroll wide code sideways."""
        self.query_one("#told", Prose).scroll_code(columns)
