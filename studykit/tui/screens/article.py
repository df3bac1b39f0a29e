"""Reading beside a card: the article at the lines it comes from, and the snippet at its function."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content

from studykit.errors import StudykitError
from studykit.library.cards import Card, text_in
from studykit.tui.screens.place import COMMON, Fetch, Place
from studykit.tui.text.blocks import Block
from studykit.tui.text.clean import clean_line
from studykit.tui.text.palette import MUTED
from studykit.tui.widgets.key_line import KeyLine
from studykit.tui.widgets.prose import Prose
from studykit.tui.widgets.top_line import TopLine
from studykit.wording import shown

if TYPE_CHECKING:
    from studykit.tui.app import StudyApp

_LARGEST = 400_000
_ABOVE = 3
"""Lines that stay in sight above what is lit."""

_KEYS: list[BindingType] = [
    Binding("space,pagedown", "page(1)", "on", key_display="space"),
    Binding("n", "next_lit", "to the card's lines"),
    Binding("pageup", "page(-1)", show=False),
    Binding("down", "line(1)", show=False),
    Binding("up", "line(-1)", show=False),
    Binding("home", "end(-1)", show=False),
    Binding("end", "end(1)", show=False),
    Binding("left", "scroll_code(-8)", show=False),
    Binding("right", "scroll_code(8)", show=False),
]


class ReadingScreen(Place):
    """A text that scrolls, part of it lit; it is read and laid out in a thread."""

    BINDINGS: ClassVar[list[BindingType]] = [*_KEYS, *COMMON]

    def __init__(self, desk: "StudyApp", card_id: str) -> None:
        super().__init__(desk)
        self.card_id = card_id
        self._blocks: Sequence[Block] = ()
        self._fetch = Fetch(self, self._show, "It cannot be read")

    def compose(self) -> ComposeResult:
        """Show where one is, then the text."""
        yield TopLine()
        with VerticalScroll(classes="reading", can_focus=False), Container(classes="reading-sheet"):
            yield Prose(id="reading")
        yield KeyLine()

    def on_mount(self) -> None:
        """Get the text."""
        title, where = self.heading
        self.query_one(TopLine).show(
            Content.styled(clean_line(title), "bold"), Content.styled(clean_line(where), MUTED)
        )
        self._fetch.start(self.read)

    @property
    def picture_folder(self) -> Path | None:
        """Where the images of the deck lie."""
        return self.study.library.decks()[self.card_id.rpartition("/")[0]].path.parent

    @property
    def heading(self) -> tuple[str, str]:
        """What is read, and where it lies."""
        raise NotImplementedError

    def read(self) -> Sequence[Block]:
        """Return the text. Raises StudykitError."""
        raise NotImplementedError

    def _show(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks
        self.query_one("#reading", Prose).show(blocks)
        self.call_after_refresh(self.action_next_lit)

    @property
    def _scroll(self) -> VerticalScroll:
        return self.query_one(".reading", VerticalScroll)

    def action_next_lit(self) -> None:
        """Go to the lines of the card."""
        from studykit.tui.text.margin import lit_blocks

        prose = self.query_one("#reading", Prose)
        for block in lit_blocks(self._blocks):
            self._scroll.scroll_to(y=max(0, prose.row_of(block) + 1 - _ABOVE), animate=False)
            return

    def action_page(self, direction: int) -> None:
        """Scroll by a page."""
        scroll = self._scroll.scroll_page_down if direction > 0 else self._scroll.scroll_page_up
        scroll(animate=False)

    def action_line(self, direction: int) -> None:
        """Scroll by a line."""
        scroll = self._scroll.scroll_down if direction > 0 else self._scroll.scroll_up
        scroll(animate=False)

    def action_end(self, direction: int) -> None:
        """Scroll to the beginning or the end."""
        scroll = self._scroll.scroll_end if direction > 0 else self._scroll.scroll_home
        scroll(animate=False)

    def action_scroll_code(self, columns: int) -> None:
        """Scroll wide code and tables sideways."""
        self.query_one("#reading", Prose).scroll_code(columns)


class ArticleScreen(ReadingScreen):
    """The article of a card's deck, with the lines the card comes from lit."""

    @property
    def heading(self) -> tuple[str, str]:
        """The deck's title, and the article's lines."""
        deck = self.study.library.decks()[self.card_id.rpartition("/")[0]]
        lines = _lines_of(self.study.card(self.card_id))
        where = f" · lines {lines[0]}–{lines[1]}" if lines else ""
        return text_in(deck.title, self.study.settings.language), f"{shown(self._path)}{where}"

    @property
    def _path(self) -> Path:
        article = self.study.library.decks()[self.card_id.rpartition("/")[0]].article
        if article is None:
            raise StudykitError("this deck has no article")
        return article

    def read(self) -> Sequence[Block]:
        """Return the article."""
        from studykit.tui.text.margin import article_blocks

        return article_blocks(text_of(self._path), _lines_of(self.study.card(self.card_id)))


def _lines_of(card: Card) -> tuple[int, int] | None:
    return card.source.lines if card.source else None


def text_of(path: Path) -> str:
    """Return a text file's content. Raises StudykitError."""
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST).decode("utf-8-sig", errors="replace")
    except OSError as error:
        raise StudykitError(f"{path} cannot be read: {error.strerror}") from error
