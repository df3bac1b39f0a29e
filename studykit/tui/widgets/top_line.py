"""The line at the top: where one is, and how much is left."""

from textual.content import Content
from textual.widgets import Static

from studykit.tui.text.palette import BAR, MUTED

_BAR = 8


class TopLine(Static):
    """A title on the left, progress on the right."""

    def __init__(self) -> None:
        super().__init__("", markup=False, id="top-line")
        self._title = Content("")
        self._progress = Content("")

    def show(self, title: Content, progress: Content) -> None:
        """Replace both."""
        self._title, self._progress = title, progress
        self._draw()

    def on_resize(self) -> None:
        """Keep the right side at the right."""
        self._draw()

    def _draw(self) -> None:
        width = self.content_size.width
        if width <= 0:
            return
        # A long path on the right must not hide where one is, nor a long title how much is left.
        least = min(self._title.cell_length, width // 2)
        progress = self._progress.truncate(max(width - least - 2, 0), ellipsis=True)
        title = self._title.truncate(max(width - progress.cell_length - 2, 0), ellipsis=True)
        space = max(1, width - title.cell_length - progress.cell_length)
        self.update((title + " " * space + progress).truncate(width))


def bar(done: int, total: int) -> Content:
    """Return a small progress bar; its shape says it without colour."""
    filled = round(_BAR * done / total) if total else _BAR
    return Content.assemble(("━" * filled, BAR), ("╌" * (_BAR - filled), MUTED))
