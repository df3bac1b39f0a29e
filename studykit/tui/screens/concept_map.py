"""The concept map: which deck builds on which, and how well each is known."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from studykit.library.cards import text_in
from studykit.library.concepts import Branch, tree
from studykit.tui.screens.place import COMMON, Fetch, Place
from studykit.tui.text.blocks import Block, Flow
from studykit.tui.text.clean import clean_line
from studykit.tui.text.markdown import blocks_of
from studykit.tui.text.palette import BAR, CAUTION, HEADING, MUTED, RIGHT, STRONG
from studykit.tui.widgets.deck_list import Row
from studykit.tui.widgets.key_line import KeyLine
from studykit.tui.widgets.line_list import LineList
from studykit.tui.widgets.prose import Prose
from studykit.tui.widgets.top_line import TopLine

if TYPE_CHECKING:
    from studykit.study import Counts
    from studykit.tui.app import StudyApp

_BAR = 10
_SIZES = (_BAR + 2, 5, 11)
_STYLES = {"solid": RIGHT, "learned": RIGHT, "begun": CAUTION, "ready": BAR, "later": MUTED}

LEGEND = "█ mature (21 days or more)   ▒ learned   · new"
NO_DECKS = """\
**There are no decks yet**, so nothing builds on anything. A deck names what it builds on with
`requires: [track/topic]`.
"""


class ConceptMapScreen(Place):
    """The decks as a tree; one line explains the deck under the cursor."""

    KEYS = "Concept map"
    AUTO_FOCUS = "LineList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "study", "study", key_display="enter"),
        Binding("b", "browse", "its cards"),
        Binding("left", "fold", "fold", key_display="←"),
        Binding("right", "unfold", "unfold", key_display="→"),
        Binding("space", "fold_or_unfold", "fold or unfold", show=False),
        *COMMON,
    ]

    def __init__(self, desk: "StudyApp") -> None:
        super().__init__(desk)
        self._counts: Mapping[str, Counts] = {}
        self._branches: list[Branch] = []
        self._visible: list[Branch] = []
        self._folded: set[str] = set()
        self._counting = Fetch[dict[str, "Counts"]](self, self._counted, "Your data cannot be read")

    def compose(self) -> ComposeResult:
        """Make room for the tree and for a word about a deck."""
        yield TopLine()
        with Container(classes="page"), Vertical(id="map"):
            yield LineList(markup=False)
            yield Static(Content.styled(LEGEND, MUTED), id="legend", markup=False)
            with VerticalScroll(id="about", can_focus=False):
                yield Prose()
        yield KeyLine()

    def on_mount(self) -> None:
        """Count, and build the tree."""
        self._head("counting …")
        now = self.desk.clock()
        self._counting.start(lambda: self.study.counts(now))

    def _head(self, note: str) -> None:
        self.query_one(TopLine).show(Content.styled("Concept map", HEADING), Content.styled(note, MUTED))

    def _counted(self, counts: "dict[str, Counts]") -> None:
        self._counts = counts
        self._branches = tree(self.study.library.decks())
        learned = sum(count.learned == count.total for count in counts.values())
        self._head(f"{learned} of {len(counts)} decks learned")
        self._fill(0)
        if not counts:
            self.query_one("#about Prose", Prose).show(blocks_of(NO_DECKS))

    def _fill(self, at: int) -> None:
        self._visible = [
            branch for branch in self._branches if not any(deck in self._folded for deck in branch.path)
        ]
        rows = self.query_one(LineList)
        rows.set_options([Option(self._row(branch)) for branch in self._visible])
        rows.display = self.query_one("#legend").display = bool(self._visible)
        if self._visible:
            rows.highlighted = min(at, len(self._visible) - 1)
        self.refresh_bindings()

    # ---- lines

    def _row(self, branch: Branch) -> Row:
        title = self._title_of(branch.deck)
        if branch.reference:
            home = self.study.library.decks()[branch.deck].requires[0]
            return Row(f"{_guides(branch)}↗ {title} (below {self._title_of(home)})", MUTED, tuple)
        folded = "+ " if branch.deck in self._folded and branch.children else ""
        return Row(
            f"{_guides(branch)}{folded}{title}",
            "" if branch.path else STRONG,
            partial(self._cells, branch.deck),
            _SIZES,
        )

    def _cells(self, deck: str) -> Sequence[Content]:
        count, state = self._counts[deck], self.state(deck)
        return [
            _knowledge(count),
            Content.styled(f"{100 * count.learned // count.total}%" if count.total else "·", MUTED),
            Content.styled(state, _STYLES[state]),
        ]

    def state(self, deck: str) -> str:
        """Return in one word how far the learner is with a deck."""
        count = self._counts[deck]
        if count.total and count.mature == count.total:
            return "solid"
        if count.learned == count.total:
            return "learned"
        if count.learned:
            return "begun"
        return "later" if self._missing(deck) else "ready"

    def _missing(self, deck: str) -> list[str]:
        """Return the prerequisites that are not learned yet."""
        needed = self.study.library.decks()[deck].requires
        return [one for one in needed if self._counts[one].learned < self._counts[one].total]

    def _title_of(self, deck: str) -> str:
        return clean_line(text_in(self.study.library.decks()[deck].title, self.study.settings.language))

    @on(OptionList.OptionHighlighted)
    def _explain(self, message: OptionList.OptionHighlighted) -> None:
        message.stop()
        branch = self.current
        if branch is not None:
            self.query_one("#about Prose", Prose).show(self._about(branch.deck))
        self.refresh_bindings()

    def _about(self, deck: str) -> list[Block]:
        entry, count = self.study.library.decks()[deck], self._counts[deck]
        head = Content.assemble((self._title_of(deck), HEADING), (f"  {deck}", MUTED))
        numbers = (
            f"{count.total} cards: {count.mature} mature, {count.learned - count.mature} learned, "
            f"{count.new} new; {count.due} due"
        )
        blocks: list[Block] = [Flow(head), Flow(Content(numbers), gap=False)]
        above = [self._title_of(one) for one in entry.requires]
        below = [
            self._title_of(one) for one, other in self.study.library.decks().items() if deck in other.requires
        ]
        missing = [self._title_of(one) for one in self._missing(deck)]
        for label, titles in (("builds on", above), ("not learned yet", missing), ("leads to", below)):
            if titles:
                text = Content.assemble((f"{label}  ", MUTED), " · ".join(titles))
                blocks.append(Flow(text, gap=False))
        return blocks

    # ---- keys

    @property
    def current(self) -> Branch | None:
        """The branch under the cursor."""
        at = self.query_one(LineList).highlighted
        return self._visible[at] if at is not None and at < len(self._visible) else None

    @on(OptionList.OptionSelected)
    def _selected(self, message: OptionList.OptionSelected) -> None:
        message.stop()
        self.action_study()

    def action_study(self) -> None:
        """Study the deck under the cursor; from a reference, go to where it stands."""
        branch = self.current
        if branch is None:
            return
        if branch.reference:
            self._go_to(branch.deck)
        else:
            self.desk.start((branch.deck,))

    def action_browse(self) -> None:
        """Go to the cards of the deck under the cursor."""
        if self.current is not None:
            self.desk.show_browser(f"deck:{self.current.deck} ")

    def action_fold(self) -> None:
        """Fold what stands below; if there is nothing, go to the deck above."""
        branch = self.current
        if branch is None:
            return
        if branch.children and branch.deck not in self._folded:
            self._folded.add(branch.deck)
            self._fill(self._visible.index(branch))
        elif branch.path:
            self._go_to(branch.path[-1])

    def action_unfold(self) -> None:
        """Unfold what stands below, or go there; from a reference, go to where the deck stands."""
        branch = self.current
        if branch is None:
            return
        at = self._visible.index(branch)
        if branch.reference:
            self._go_to(branch.deck)
        elif branch.deck in self._folded:
            self._folded.discard(branch.deck)
            self._fill(at)
        elif branch.children:
            self.query_one(LineList).highlighted = at + 1

    def action_fold_or_unfold(self) -> None:
        """Fold what stands below, or unfold it."""
        branch = self.current
        if branch is not None and branch.children:
            self._folded ^= {branch.deck}
            self._fill(self._visible.index(branch))

    def _go_to(self, deck: str) -> None:
        home = next(one for one in self._branches if one.deck == deck and not one.reference)
        self._folded -= set(home.path)
        self._fill(0)
        self.query_one(LineList).highlighted = self._visible.index(home)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Say whether a key does something now."""
        needs_deck = action in ("study", "browse", "fold", "unfold", "fold_or_unfold")
        return not needs_deck or (self.is_mounted and self.current is not None)


def _guides(branch: Branch) -> str:
    if not branch.path:
        return ""
    above = "".join("   " if last else "│  " for last in branch.last[:-1])
    return above + ("└─ " if branch.last[-1] else "├─ ")


def _knowledge(count: "Counts") -> Content:
    total = count.total or 1
    mature = _BAR * count.mature // total
    # Whatever was seen shows, and a bar is full only when everything was.
    learned = max(min(count.learned, 1), _BAR * count.learned // total) - mature
    learned = max(0, learned)
    return Content.assemble(
        ("█" * mature, RIGHT), ("▒" * learned, BAR), ("·" * (_BAR - mature - learned), MUTED)
    )
