"""The options of a choice card."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from studykit.tui.text.blocks import Block, Flow
from studykit.tui.text.markdown import blocks_of
from studykit.tui.text.palette import ACCENT, RIGHT, WRONG
from studykit.tui.widgets.prose import Prose


class Options(Vertical, can_focus=True):
    """Options to tick: by number, by mouse, or with the arrow keys and space."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("space", "tick", "Tick", show=False),
        Binding("enter", "check", "check", key_display="enter"),
    ]

    cursor = reactive(0)

    class Decided(Message):
        """The learner's choice is made."""

        def __init__(self, picked: frozenset[int]) -> None:
            self.picked = picked
            super().__init__()

    class Empty(Message):
        """The learner asked to check, but nothing is ticked."""

    def __init__(self, options: Sequence[tuple[str, bool]]) -> None:
        super().__init__(id="options")
        self._options = tuple(options)
        self._many = sum(right for _, right in options) > 1
        self._judged = False
        self.picked: frozenset[int] = frozenset()

    @property
    def many(self) -> bool:
        """Whether several options are right."""
        return self._many

    def compose(self) -> ComposeResult:
        """Show one line or more per option."""
        for index in range(len(self._options)):
            yield _OptionText(index, self._lines(index))
        note = "Several are right: tick them all, then press enter." if self._many else "One is right."
        yield Static(note, id="options-note", markup=False)

    def pick(self, index: int) -> None:
        """Tick or untick option `index`; where only one is right, that is the answer."""
        if self._judged or not 0 <= index < len(self._options):
            return
        self.cursor = index
        if self._many:
            self.picked = self.picked ^ {index}
            self._redraw()
        else:
            self.picked = frozenset((index,))
            self.post_message(self.Decided(self.picked))

    def tick(self, picked: frozenset[int]) -> None:
        """Tick what was ticked before."""
        self.picked = picked
        self._redraw()

    def judge(self) -> bool:
        """Show which options are right; return whether the ticked ones are."""
        self._judged = True
        self.can_focus = False
        self.query_one("#options-note").display = False
        self._redraw()
        return self.picked == {i for i, (_, right) in enumerate(self._options) if right}

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        self.cursor = (self.cursor + step) % len(self._options)

    def action_tick(self) -> None:
        """Tick the option under the cursor."""
        self.pick(self.cursor)

    def action_check(self) -> None:
        """Check what is ticked; where only one is right, the option under the cursor."""
        if not self._many:
            self.pick(self.cursor)
        elif self.picked:
            self.post_message(self.Decided(self.picked))
        else:
            self.post_message(self.Empty())

    def watch_cursor(self) -> None:
        """Draw the cursor where it is now."""
        if self.is_mounted:
            self._redraw()
            self.query(_OptionText)[self.cursor].scroll_visible(animate=False)

    def _redraw(self) -> None:
        for index, text in enumerate(self.query(_OptionText)):
            text.show(self._lines(index))

    def _lines(self, index: int) -> list[Block]:
        mark = self._mark(index)
        first, *rest = blocks_of(self._options[index][0]) or (Flow(Content("")),)
        if not isinstance(first, Flow):
            first, rest = Flow(Content("")), [first, *rest]
        space = Content(" " * mark.cell_length)
        return [Flow(first.content, mark, space, gap=False), *rest]

    def _mark(self, index: int) -> Content:
        picked = index in self.picked
        box = ("☑" if picked else "☐") if self._many else ("●" if picked else "○")
        here = not self._judged and index == self.cursor
        mark = Content.assemble(("▸ " if here else "  ", ACCENT), (f"{index + 1} ", "bold"), f"{box} ")
        if not self._judged:
            return mark
        if self._options[index][1]:
            return mark + Content.styled("✓ ", RIGHT)
        return mark + (Content.styled("✗ ", WRONG) if picked else "  ")


class _OptionText(Prose):
    def __init__(self, index: int, lines: Sequence[Block]) -> None:
        super().__init__(lines)
        self._index = index

    def on_click(self, event: events.Click) -> None:
        """Tick by mouse."""
        event.stop()
        options = self.parent
        if isinstance(options, Options):
            options.pick(self._index)
