"""The widgets of textual-image, loaded without asking the terminal and writing through Textual."""

import io
import sys
from functools import lru_cache
from typing import Any

from textual.app import App
from textual.widget import Widget

from studykit.tui.graphics.drawing import Drawn
from studykit.tui.graphics.terminal import Cell, cell, protocol


def picture(app: App[Any], drawn: Drawn) -> Widget:
    """Return a widget that shows a picture."""
    kinds = load(cell())
    _write_through(app)
    widget: Widget = kinds[protocol()](str(drawn.path), classes="picture")
    widget.styles.width = drawn.columns
    widget.styles.height = drawn.rows
    return widget


@lru_cache(maxsize=1)
def load(size: Cell) -> dict[str, Any]:
    """Import the widgets.

    The import asks the terminal what it can do and how large its characters are, and waits for answers that
    Textual's own reader would take. It asks nothing where the output is no terminal, and takes a size it has.
    """
    output = sys.__stdout__
    setattr(sys, "__stdout__", io.StringIO())  # noqa: B010 - typed as constant
    try:
        from textual_image import _terminal

        setattr(_terminal.get_cell_size, "_result", _terminal.CellSize(*size))  # noqa: B010 - its own memory
        from textual_image.widget import SixelImage, TGPImage
    finally:
        setattr(sys, "__stdout__", output)  # noqa: B010
    return {"kitty": TGPImage, "sixel": SixelImage}


def _write_through(app: App[Any]) -> None:
    """Let pictures for kitty go the way of everything else on screen, so that they never cut into a frame."""
    from textual_image.renderable import tgp

    def send(*, payload: str | None = None, **keys: int | str | None) -> None:
        head = ",".join(f"{key}={value}" for key, value in keys.items() if value is not None)
        if app._driver is not None:
            app._driver.write(f"\x1b_G{head}{f';{payload}' if payload else ''}\x1b\\")

    tgp._send_tgp_message = send
