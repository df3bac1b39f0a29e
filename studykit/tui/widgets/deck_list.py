"""The decks by track, each with how far one is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from textual.content import Content
from textual.css.styles import RulesMap
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual
from textual.widgets.option_list import Option

from studykit.library.cards import text_in
from studykit.tui.text.clean import clean_line
from studykit.tui.text.palette import BAR, CAUTION, HEADING, MUTED, RIGHT, STRONG
from studykit.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from studykit.study import Counts, Study

ALL = "*"
"""The id of the line that stands for every deck."""

_COLUMNS = (("due", 6), ("new", 6), ("drill", 7), ("learned", 12))


@dataclass(frozen=True, eq=False)
class Row(Visual):
    """One line: a title, and numbers at the right edge whatever the width. Made when it comes into sight."""

    title: str
    style: str
    cells: Callable[[], Sequence[Content]]
    sizes: Sequence[int] = tuple(size for _, size in _COLUMNS)

    def render_strips(
        self, width: int, height: int | None, style: Style, options: RenderOptions
    ) -> list[Strip]:
        """Return the line as Textual draws it."""
        return self.line(width).render_strips(width, height, style, options)

    def line(self, width: int) -> Content:
        """Return the line as text."""
        cells = [
            cell.pad_left(max(0, size - cell.cell_length))
            for cell, size in zip(self.cells(), self.sizes, strict=False)
        ]
        numbers = Content("").join(cells)
        room = max(0, width - numbers.cell_length - 1)
        title = Content.styled(self.title, self.style).truncate(room, ellipsis=True)
        return title.pad_right(room - title.cell_length + 1) + numbers

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:  # noqa: ARG002
        """Take all there is."""
        return container_width

    def get_height(self, rules: RulesMap, width: int) -> int:  # noqa: ARG002
        """One line."""
        return 1


def header() -> Row:
    """Return the line above the numbers."""
    return Row("  deck", MUTED, lambda: [Content.styled(name, MUTED) for name, _ in _COLUMNS])


class DeckList(LineList):
    """One line for all decks together, then the decks under the names of their tracks."""

    def fill(self, study: "Study", counts: "Mapping[str, Counts]") -> None:
        """Show the decks of `study`."""
        languages = study.settings.language
        options = [Option(Row("All decks", STRONG, partial(_cells, tuple(counts.values()))), ALL)]
        for track, deck_ids in _by_track(study).items():
            named = study.library.tracks().get(track)
            title = clean_line(text_in(named.title, languages)) if named else track
            cells = partial(_cells, [counts[deck] for deck in deck_ids]) if len(deck_ids) > 1 else tuple
            options.append(Option(Row(title, HEADING, cells), track))
            for deck in deck_ids:
                title = clean_line(text_in(study.library.decks()[deck].title, languages))
                options.append(Option(Row(f"  {title}", "", partial(_cells, [counts[deck]])), deck))
        self.clear_options()
        self.add_options(options)
        self.highlighted = 0


def _by_track(study: "Study") -> dict[str, list[str]]:
    """Group the decks, which come in the order of their prerequisites, by track."""
    tracks: dict[str, list[str]] = {track: [] for track in study.library.tracks()}
    for deck_id, deck in study.library.decks().items():
        tracks.setdefault(deck.track, []).append(deck_id)
    return {track: decks for track, decks in tracks.items() if decks}


def _cells(counts: "Sequence[Counts]") -> list[Content]:
    due, new, drill, learned, total = (
        sum(getattr(count, name) for count in counts) for name in ("due", "new", "drill", "learned", "total")
    )
    return [
        Content.styled(str(due) if due else "·", RIGHT if due else MUTED),
        Content.styled(str(new) if new else "·", BAR if new else MUTED),
        Content.styled(str(drill) if drill else "·", CAUTION if drill else MUTED),
        Content.styled(f"{learned} of {total}", MUTED),
    ]
