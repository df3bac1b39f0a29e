"""A list of cards in columns; it may be very long: only the lines in sight are made."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual
from textual.widgets import Static

from studykit.tui.browsing import COLUMNS, Column, Line, Order
from studykit.tui.text.clean import clean_line
from studykit.tui.text.palette import CAUTION, KEY, MUTED, RIGHT

_TICK = "✓ "
_GAP = 1
_STATE_STYLES = {
    "due": RIGHT,
    "changed": RIGHT,
    "retired": MUTED,
    "suspended": CAUTION,
    "buried": CAUTION,
    "learned": MUTED,
}


class CardTable(ScrollView, can_focus=True):
    """Lines with a cursor; space ticks."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home,g", "end(-1)", "First", show=False),
        Binding("end,G", "end(1)", "Last", show=False),
        Binding("space", "tick", "tick"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"card-table--cursor", "card-table--blurred"}

    cursor = reactive(0)

    class Moved(Message):
        """The cursor is on another card."""

    class Ticked(Message):
        """Another set of cards is ticked."""

    def __init__(self) -> None:
        super().__init__(id="cards")
        self.lines: list[Line] = []
        self.ticked: set[str] = set()

    def on_unmount(self) -> None:
        """Let go of the cards at once, not when Python next looks for garbage."""
        self.lines = []

    @property
    def current(self) -> Line | None:
        """The card under the cursor."""
        return self.lines[self.cursor] if self.cursor < len(self.lines) else None

    @property
    def chosen(self) -> list[str]:
        """The ticked cards, in the order of the list; if there are none, the one under the cursor."""
        if self.ticked:
            return [line.card for line in self.lines if line.card in self.ticked]
        return [] if self.current is None else [self.current.card]

    def show(self, lines: Sequence[Line]) -> None:
        """Replace the lines; the cursor stays with its card if that is still there."""
        current = self.current
        self.lines = list(lines)
        if self.ticked:
            self.ticked &= {line.card for line in lines}
        self.virtual_size = Size(0, len(self.lines))
        same = (i for i, line in enumerate(self.lines) if current is not None and line.card == current.card)
        self.set_reactive(CardTable.cursor, next(same, 0))
        self._bring_cursor_into_sight()
        self.refresh()
        self.post_message(self.Moved())

    def tick_all(self) -> None:
        """Tick every card; if all are ticked, none."""
        everything = {line.card for line in self.lines}
        self.ticked = set() if self.ticked >= everything else everything
        self._ticks_changed()

    def untick(self) -> None:
        """Tick no card."""
        self.ticked = set()
        self._ticks_changed()

    def _ticks_changed(self) -> None:
        self.refresh()
        self.post_message(self.Ticked())

    # ---- moving

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor on a line."""
        return max(0, min(cursor, len(self.lines) - 1))

    def watch_cursor(self) -> None:
        """Follow the cursor."""
        self._bring_cursor_into_sight()
        self.refresh()
        self.post_message(self.Moved())

    def _bring_cursor_into_sight(self) -> None:
        line = Region(0, self.cursor, 1, 1)
        self.scroll_to_region(line, animate=False, force=True, immediate=True, x_axis=False)

    def action_move(self, step: int) -> None:
        """Move the cursor by a line."""
        self.cursor += step

    def action_page(self, direction: int) -> None:
        """Move the cursor by a page."""
        self.cursor += direction * max(1, self.size.height - 1)

    def action_end(self, direction: int) -> None:
        """Move the cursor to the first or last line."""
        self.cursor = 0 if direction < 0 else len(self.lines) - 1

    def action_tick(self) -> None:
        """Tick the card under the cursor, or take its tick away, and go on to the next."""
        if self.current is not None:
            self.ticked ^= {self.current.card}
            self._ticks_changed()
            self.cursor += 1

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; on the first two cells it ticks."""
        line = self.scroll_offset.y + event.y
        if line < len(self.lines):
            self.cursor = line
            if event.x < len(_TICK):
                self.ticked ^= {self.lines[line].card}
                self._ticks_changed()

    # ---- drawing

    def render_line(self, y: int) -> Strip:
        """Return one line of the screen."""
        index, width = self.scroll_offset.y + y, self.scrollable_content_region.width
        if index >= len(self.lines):
            return Strip.blank(width, self.visual_style.rich_style)
        line, style = self.lines[index], self.visual_style
        content = _line(line, width, ticked=line.card in self.ticked)
        if index == self.cursor:
            content = Content(content.plain)  # what is muted elsewhere could not be read here
            style = self.get_visual_style("card-table--cursor" if self.has_focus else "card-table--blurred")
        return Visual.to_strips(self, content, width, 1, style, pad=True)[0]

    def on_focus(self) -> None:
        """Show the cursor as the place where keys act."""
        self.refresh()

    def on_blur(self) -> None:
        """Show that they act elsewhere."""
        self.refresh()


class TableHeader(Static):
    """The names of the columns; a click sorts."""

    ALLOW_SELECT = False

    class Clicked(Message):
        """A column's name was clicked."""

        def __init__(self, column: str) -> None:
            self.column = column
            super().__init__()

    def __init__(self) -> None:
        super().__init__("", markup=False, id="card-header")
        self._order = Order()

    def show(self, order: Order) -> None:
        """Say how the list is sorted."""
        self._order = order
        self._draw()

    def on_resize(self) -> None:
        """Stay above the columns."""
        self._draw()

    def _draw(self) -> None:
        cells = [
            _cell(Content.styled(self._title(column), KEY if self._sorts(column) else MUTED), column, width)
            for column, width in columns(self.content_size.width)
        ]
        self.update(Content(" " * len(_TICK)) + Content(" " * _GAP).join(cells))

    def _sorts(self, column: Column) -> bool:
        return bool(column.name) and column.name == self._order.by

    def _title(self, column: Column) -> str:
        if not self._sorts(column):
            return column.name
        arrow = "▾" if self._order.reverse else "▴"
        return arrow + column.name if column.align == "right" else column.name + arrow

    def on_click(self, event: events.Click) -> None:
        """Sort by the column under the mouse."""
        x = len(_TICK)
        for column, width in columns(self.content_size.width):
            x += width + _GAP
            if event.x < x:
                if column.name:
                    self.post_message(self.Clicked(column.name))
                return


def columns(width: int) -> list[tuple[Column, int]]:
    """Return the columns that `width` has room for, and how wide each is."""
    shown = [column for column in COLUMNS if column.from_width <= width]
    taken = len(_TICK) + sum(column.width for column in shown) + _GAP * (len(shown) - 1)
    return [(column, column.width or max(8, width - taken)) for column in shown]


def _line(line: Line, width: int, *, ticked: bool) -> Content:
    cells = [_cell(_shown(line, column), column, size) for column, size in columns(width)]
    tick = Content.styled(_TICK, RIGHT) if ticked else Content(" " * len(_TICK))
    return (tick + Content(" " * _GAP).join(cells)).truncate(width)


def _shown(line: Line, column: Column) -> Content:
    text = clean_line(column.show(line))
    match column.name:
        case "state":
            return Content.styled(text, _STATE_STYLES.get(text, ""))
        case "":
            return Content.styled(text, CAUTION)
        case "kind":
            return Content.styled(text, MUTED)
    return Content(text)


def _short_id(card: str, width: int) -> str:
    """Return an id without its track; if that is too long still, its end, which says most."""
    short = card.partition("/")[2]
    return short if cell_len(short) <= width else "…" + short[-(width - 1) :]


def _cell(content: Content, column: Column, width: int) -> Content:
    if content.cell_length > width and column is COLUMNS[0]:
        content = Content(_short_id(content.plain, width))
    content = content.truncate(width, ellipsis=True)
    space = width - content.cell_length
    return content.pad_left(space) if column.align == "right" else content.pad_right(space)
