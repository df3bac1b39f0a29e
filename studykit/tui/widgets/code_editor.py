"""Where the learner writes code, or what code prints."""

from rich.cells import cell_len
from textual import events
from textual.widgets import TextArea
from textual.widgets.text_area import Selection

from studykit.tui.widgets.answer_field import AnswerField

_INDENT = 4
_BORDER = 2
_TO_FILL = "..."
_SYNTAX = {
    "comment": "",  # muted
    "string": "text-success",
    "string.documentation": "text-success",
    "number": "text-warning",
    "float": "text-warning",
    "boolean": "text-warning",
    "constant.builtin": "text-warning",
    "keyword": "text-primary",
    "keyword.function": "text-primary",
    "keyword.return": "text-primary",
    "keyword.operator": "text-primary",
    "conditional": "text-primary",
    "repeat": "text-primary",
    "include": "text-primary",
    "exception": "text-primary",
    "function": "text-accent",
    "method": "text-accent",
    "type": "text-secondary",
    "type.builtin": "text-secondary",
    "function.builtin": "text-secondary",
    "class": "text-accent",
}
_BOLD = ("keyword", "conditional", "repeat", "include", "exception")


class CodeEditor(TextArea, AnswerField):
    """An editor that keeps indentation; `python` sets colours and line numbers."""

    def __init__(self, text: str = "", *, python: bool, placeholder: str = "") -> None:
        super().__init__(
            text,
            language="python" if python else None,
            soft_wrap=not python,
            tab_behavior="indent",
            show_line_numbers=python,
            placeholder=placeholder,
            id=self.FIELD_ID,
            classes="editor",
        )
        self._python = python

    def on_mount(self) -> None:
        """Take the colours of the app's theme, and keep still where the learner wants that."""
        self.cursor_blink = self.app.animation_level != "none"
        self._fit()
        if self._python:
            self.app.theme_changed_signal.subscribe(self, lambda _: self._take_colours())
            self._take_colours()

    @property
    def answer(self) -> str:
        """What was typed."""
        return self.text

    @property
    def cursor_row(self) -> int:
        """The screen row of the cursor."""
        return self.cursor_screen_offset.y

    def begin_with(self, text: str) -> None:
        """Put `text` into the editor if nothing was typed yet."""
        if not self.text.strip():
            self.load_text(text)
            self._select_what_is_to_fill()

    def take(self, text: str) -> None:
        """Put `text` in place of what is there; undo brings the old one back."""
        self.replace(text, (0, 0), self.document.end, maintain_selection_offset=False)

    def _select_what_is_to_fill(self) -> None:
        """Select the last `...`, so that typing replaces it."""
        for row in reversed(range(self.document.line_count)):
            line = self.document.get_line(row)
            if line.endswith(_TO_FILL):
                self.selection = Selection((row, len(line) - len(_TO_FILL)), (row, len(line)))
                return
        self.move_cursor(self.document.end)

    def on_text_area_changed(self, message: TextArea.Changed) -> None:
        """Grow with the text; `max-height` ends it."""
        message.stop()
        self._fit()
        self.post_message(self.Edited())

    def _fit(self) -> None:
        lines = self.document.lines
        room = self.size.width - self.gutter_width - 1
        wide = not self.soft_wrap and room > 0 and any(cell_len(line) > room for line in lines)
        self.styles.height = len(lines) + _BORDER + wide  # a bar for scrolling sideways takes a line

    def on_resize(self) -> None:
        """Fit the height to the new width."""
        self._fit()

    def _take_colours(self) -> None:
        from rich.style import Style
        from textual._text_area_theme import TextAreaTheme
        from textual.color import Color

        variables = self.app.theme_variables
        foreground, background = Color.parse(variables["foreground"]), Color.parse(variables["background"])
        muted = foreground.blend(background, 0.28)
        styles = {
            token: Style(
                color=(Color.parse(variables[name]) if name else muted).rich_color,
                bold=token.startswith(_BOLD) or None,
            )
            for token, name in _SYNTAX.items()
        }
        name = f"studykit-{self.app.theme}"
        self.register_theme(TextAreaTheme(name, syntax_styles=styles))
        self.theme = name

    def on_key(self, event: events.Key) -> None:
        """Keep indentation; leave escape to the screen, which takes the focus away."""
        match event.key:
            case "escape":
                event.prevent_default()  # Textual's own editor would move the focus on
            case "enter" if not self.read_only:
                event.stop()
                event.prevent_default()
                self._type("\n" + self._indentation())
            case "shift+tab" if not self.read_only:
                event.stop()
                event.prevent_default()
                self._outdent()

    def action_delete_left(self) -> None:
        """Delete a character, or a whole step of indentation."""
        row, column = self.cursor_location
        before = self.document.get_line(row)[:column]
        if self.selection.is_empty and before and not before.strip(" "):
            self.delete(
                (row, (column - 1) // _INDENT * _INDENT), (row, column), maintain_selection_offset=False
            )
        else:
            super().action_delete_left()

    def _type(self, text: str) -> None:
        start, end = self.selection
        self._replace_via_keyboard(text, start, end)

    def _indentation(self) -> str:
        row, column = min(self.selection.start, self.selection.end)
        before = self.document.get_line(row)[:column]
        depth = len(before) - len(before.lstrip(" "))
        opens_block = self._python and before.split("#")[0].rstrip().endswith(":")
        return " " * (depth + _INDENT * opens_block)

    def _outdent(self) -> None:
        first, last = sorted((self.selection.start[0], self.selection.end[0]))
        for row in range(first, last + 1):
            line = self.document.get_line(row)
            excess = min(len(line) - len(line.lstrip(" ")), _INDENT)
            self.delete((row, 0), (row, excess))
