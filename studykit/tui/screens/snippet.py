"""The code that a card is about."""

import ast
from collections.abc import Sequence
from pathlib import Path

from studykit.errors import StudykitError
from studykit.library.cards import Card
from studykit.tui.screens.article import ReadingScreen, text_of
from studykit.tui.text.blocks import Block
from studykit.wording import shown


class SnippetScreen(ReadingScreen):
    """The snippet of a card, with the function that the card is about lit."""

    @property
    def heading(self) -> tuple[str, str]:
        """The function, and the file."""
        return function_of(self.study.card(self.card_id)) or self._path.stem, shown(self._path)

    @property
    def _path(self) -> Path:
        snippet = self.study.library.snippet_path(self.card_id)
        if snippet is None:
            raise StudykitError("this card has no snippet")
        return snippet

    def read(self) -> Sequence[Block]:
        """Return the snippet."""
        from studykit.tui.text.margin import listing

        source = text_of(self._path)
        return listing(source, lines_of(source, function_of(self.study.card(self.card_id))))


def function_of(card: Card) -> str:
    """Return the name of the function that a card runs, or that draws for it; `""` if there is none."""
    function: str | None = getattr(card, "function", None)
    draw: str | None = getattr(card, "draw", None)
    return function or (f"sample_{draw}" if draw else "")


def lines_of(source: str, function: str) -> tuple[int, int] | None:
    """Return the first and last line of a function or class, decorators included."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return None
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef) and node.name == function:
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            return first, node.end_lineno or first
    return None
