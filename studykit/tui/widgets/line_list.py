"""A list with one line per option, whose line under the cursor can be read in every theme."""

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widgets import OptionList


class LineList(OptionList, inherit_bindings=False):
    """Options of one line each; enter, left and right are the screen's."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "cursor_up", "Up", show=False),
        Binding("down,j", "cursor_down", "Down", show=False),
        Binding("home,g", "first", "First", show=False),
        Binding("end,G", "last", "Last", show=False),
        Binding("pageup", "page_up", "Page up", show=False),
        Binding("pagedown", "page_down", "Page down", show=False),
    ]

    def render_line(self, y: int) -> Strip:
        """Return a line; the one under the cursor in one colour, since what is muted would be lost there."""
        strip = super().render_line(y)
        if self.has_focus and self.scroll_offset.y + y == self.highlighted:
            colour = self.get_visual_style("option-list--option", "option-list--option-highlighted")
            one = Style(color=colour.rich_style.color)
            return Strip(Segment.apply_style(strip, post_style=one), strip.cell_length)
        return strip
