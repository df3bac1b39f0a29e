"""The line at the bottom that says which keys do something now."""

from typing import TYPE_CHECKING

from textual.content import Content
from textual.style import Style
from textual.widgets import Static

from studykit.tui.text.palette import KEY

if TYPE_CHECKING:
    from textual.screen import Screen

_GAP = "   "
_LAST = "help"


class KeyLine(Static):
    """Keys and what they do, clickable; those at the end give way when the line is full."""

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__("", markup=False, id="key-line")
        self.auto_links = False  # no underlines

    def on_mount(self) -> None:
        """Follow the screen's bindings."""
        self.screen.bindings_updated_signal.subscribe(self, self._follow)
        self._follow(self.screen)

    def on_resize(self) -> None:
        """Fit the keys into the new width."""
        self._follow(self.screen)

    def _follow(self, screen: "Screen[object]") -> None:
        if screen is not self.screen or not self.size.width:
            return
        keys: dict[str, Content] = {}
        for node, binding, enabled, _ in screen.active_bindings.values():
            if binding.show and enabled and binding.description and binding.action not in keys:
                shown = Content.styled(self.app.get_key_display(binding), KEY) + f" {binding.description}"
                if node is screen:
                    shown = shown.stylize(Style.from_meta({"@click": f"screen.{binding.action}"}))
                keys[binding.action] = shown
        last = keys.pop(_LAST, Content(""))
        self.update(_fitted(list(keys.values()), last, self.content_size.width))


def _fitted(keys: list[Content], last: Content, width: int) -> Content:
    while keys and sum(len(key) + len(_GAP) for key in keys) + len(last) > width:
        keys.pop()
    return Content(_GAP).join([*keys, last])
