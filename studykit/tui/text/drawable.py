"""Blocks that can be shown as a picture, and the room that is kept for one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from textual.content import EMPTY_CONTENT, Content

from studykit.tui.text.blocks import Block


@dataclass(frozen=True, slots=True)
class Formula:
    """A display formula: as text until there is a picture of it."""

    latex: str
    content: Content
    before: Content = EMPTY_CONTENT
    gap: bool = True
    scrolls: bool = True
    fill: str = ""

    def lines(self, width: int) -> list[Content]:  # noqa: ARG002 - its shape does not depend on the width
        """Return the formula as text."""
        return [self.before + line for line in self.content.split("\n", allow_blank=True)]


@dataclass(frozen=True, slots=True)
class Image:
    """An image that stands alone: its description until there is a picture of it."""

    source: str
    text: Block
    before: Content = EMPTY_CONTENT
    scrolls: bool = False
    fill: str = ""

    @property
    def gap(self) -> bool:
        """As the text has it."""
        return self.text.gap

    def lines(self, width: int) -> list[Content]:
        """Return what is said of the image."""
        return self.text.lines(width)


@dataclass(frozen=True, slots=True)
class Room:
    """Empty lines over which a picture lies; below it stands `caption`."""

    columns: int
    rows: int
    before: Content = EMPTY_CONTENT
    caption: Block | None = None
    gap: bool = True
    scrolls: bool = False
    fill: str = ""

    def lines(self, width: int) -> list[Content]:
        """Return the empty lines."""
        empty = [self.before] * self.rows
        return [*empty, *self.caption.lines(width)] if self.caption else empty


@runtime_checkable
class _Wrapped(Protocol):
    @property
    def block(self) -> Block: ...
    def around(self, block: Block) -> Block:
        """Return the same wrapping around another block."""


def drawable(block: Block) -> Formula | Image | None:
    """Return what can be drawn of a block, in a margin or not."""
    inner = block.block if isinstance(block, _Wrapped) else block
    return inner if isinstance(inner, Formula | Image) else None


def with_room(blocks: Sequence[Block], place: int, room: Room) -> list[Block]:
    """Return `blocks` with `room` in place of one of them."""
    old = blocks[place]
    new = old.around(room) if isinstance(old, _Wrapped) else room
    return [*blocks[:place], new, *blocks[place + 1 :]]
