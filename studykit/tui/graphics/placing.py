"""Drawing what can be drawn of a text, in a thread, and laying the pictures over the room kept for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual.color import Color

from studykit import config
from studykit.tui.graphics.drawing import Drawn, Studio
from studykit.tui.graphics.terminal import cell
from studykit.tui.graphics.widgets import load
from studykit.tui.text.blocks import Block
from studykit.tui.text.drawable import Formula, Image, Room, drawable, with_room

if TYPE_CHECKING:
    from studykit.tui.widgets.prose import Prose

_MARGIN = 2


@dataclass(frozen=True, slots=True)
class Hung:
    """A text with room for its pictures: which block each lies over."""

    blocks: Sequence[Block]
    pictures: Sequence[tuple[int, Drawn]]


def hang(prose: "Prose", blocks: Sequence[Block], number: int) -> None:
    """Draw what `blocks` hold and hand it to `prose.hung`; returns at once."""
    width = prose.content_size.width
    colour = Color.parse(prose.app.theme_variables["foreground"]).hex6
    folder: Path | None = getattr(prose.screen, "picture_folder", None)
    studio = Studio(config.cache(config.home()) / "pictures", cell())

    def work() -> None:
        found = drawn_of(studio, blocks, colour, width, folder)
        load(studio.cell)  # here, where it keeps nobody waiting
        if prose.is_running:
            prose.app.call_from_thread(prose.hung, number, found)

    prose.run_worker(work, thread=True, group="pictures")


def drawn_of(studio: Studio, blocks: Sequence[Block], colour: str, width: int, folder: Path | None) -> Hung:
    """Return the blocks with room for what could be drawn."""
    result = list(blocks)
    pictures = []
    for place, block in enumerate(blocks):
        inner = drawable(block)
        if inner is None:
            continue
        room = width - inner.before.cell_length - (_MARGIN if inner is not block else 0)
        drawn = _drawn(studio, inner, colour, room, folder)
        if drawn is not None:
            caption = inner.text if isinstance(inner, Image) else None
            kept = Room(drawn.columns, drawn.rows, inner.before, caption, inner.gap)
            result = with_room(result, place, kept)
            pictures.append((place, drawn))
    return Hung(tuple(result), tuple(pictures))


def _drawn(
    studio: Studio, block: Formula | Image, colour: str, room: int, folder: Path | None
) -> Drawn | None:
    if room < 1:
        return None
    try:
        if isinstance(block, Formula):
            return studio.formula(block.latex, colour, room)
        path = inside(folder, block.source)
        return None if path is None else studio.image(path, room)
    except OSError:  # no cache can be written: then it stays text
        return None


def inside(folder: Path | None, source: str) -> Path | None:
    """Return the file that a deck means by `source`, if it lies beside the deck: never one from elsewhere."""
    if folder is None or not source or ":" in source:
        return None
    from urllib.parse import unquote

    try:
        path = (folder / unquote(source)).resolve()
        return path if path.is_relative_to(folder.resolve()) and path.is_file() else None
    except (OSError, ValueError, RuntimeError):
        return None
