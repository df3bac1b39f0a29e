"""The drafts of an article, one beside its lines: kept, edited, dropped, and in the end written together."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.screen import Screen

from studykit.authoring.choosing import Choosing, Key, Offer, summary
from studykit.errors import StudykitError
from studykit.tui import offered
from studykit.tui.drafting import Walk
from studykit.tui.screens.confirm import ConfirmScreen
from studykit.tui.text.clean import clean_line
from studykit.tui.text.markdown import blocks_of
from studykit.tui.text.palette import CAUTION, HEADING, MUTED
from studykit.tui.widgets.article_pane import ArticlePane
from studykit.tui.widgets.key_line import KeyLine
from studykit.tui.widgets.prose import Prose
from studykit.tui.widgets.top_line import TopLine, bar
from studykit.wording import shown

if TYPE_CHECKING:
    from studykit.library.cards import Card
    from studykit.tui.author import AuthorApp

NO_CARDS = """\
**The article gives no card.** Press `r` to see what was left out, and why; what you rescue becomes a card.
"""
NOTHING_LEFT_OUT = """\
**Nothing was left out.** Press `escape` to go back to the cards.
"""
_PANES = ("", "-draft-alone", "-article-alone")
_HEADER = (
    "# {id}: one card, as it stands in the deck. Save and close to take it over; comments are not kept.\n"
)


class AuthorScreen(Screen[None]):
    """The article on one side, a card on the other."""

    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012 - as Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("k,enter", "keep", "keep", key_display="k"),
        Binding("k,enter", "rescue", "rescue", key_display="k"),
        Binding("s", "part", "another card"),
        Binding("s", "join", "the same card"),
        Binding("t", "take", "take over"),
        Binding("d", "drop", "drop"),
        Binding("e", "edit", "edit"),
        Binding("n,right_square_bracket", "go(1)", "next", key_display="n"),
        Binding("p,left_square_bracket", "go(-1)", "back", key_display="p"),
        Binding("w", "write", "write"),
        Binding("r", "left_out", "left out"),
        Binding("escape,r", "cards", "the cards", key_display="escape"),
        Binding("u", "undo", "undo"),
        Binding("a", "everything", "all"),
        Binding("tab", "panes", show=False),
        Binding("q,escape", "quit", "quit", key_display="q"),
        Binding("E,ctrl+e", "open_editor", show=False),
        Binding("up", "scroll('draft', -1)", show=False),
        Binding("down", "scroll('draft', 1)", show=False),
        Binding("space,pagedown", "page('draft', 1)", show=False),
        Binding("pageup", "page('draft', -1)", show=False),
        Binding("ctrl+up", "page('article', -1)", show=False),
        Binding("ctrl+down", "page('article', 1)", show=False),
        Binding("left", "scroll_code(-8)", show=False),
        Binding("right", "scroll_code(8)", show=False),
        Binding("home", "far(-1)", show=False),
        Binding("end", "far(1)", show=False),
        Binding("question_mark,f1", "help", "help", key_display="?"),
    ]

    def __init__(self, desk: "AuthorApp", choosing: Choosing) -> None:
        super().__init__()
        self._desk = desk
        self.walk = Walk(choosing)
        self._panes = 0
        self._unread: dict[Key, str] = {}
        """What came back from an editor and was no card yet."""

    # ---- showing

    def compose(self) -> ComposeResult:
        """Show the first card."""
        yield TopLine()
        with Container(id="drafts"):
            yield ArticlePane(self.walk.choosing.work.article.source)
            with VerticalScroll(id="draft", can_focus=False):
                yield Prose()
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin."""
        self._show()

    def _show(self) -> None:
        offer, walk = self.walk.current, self.walk
        self._tell_place()
        pane = self.query_one("#draft", VerticalScroll)
        if offer is None:
            pane.query_one(Prose).show(blocks_of(NOTHING_LEFT_OUT if walk.left_out else NO_CARDS))
        else:
            draft = walk.choosing.work.draft
            head = offered.head(offer, walk.choices)
            pane.query_one(Prose).show([*head, *offered.body(offer, draft.language, draft.mismatches)])
        pane.scroll_home(animate=False)
        self.query_one(ArticlePane).light(offer.lines if offer else None)
        self.refresh_bindings()

    def _tell_place(self) -> None:
        walk = self.walk
        title = Content.assemble(
            (clean_line(walk.choosing.work.place.id), HEADING),
            ("  left out" if walk.left_out else "", CAUTION),
        )
        counts = [f"{count} {what}" for what, count in walk.counts.items()]
        number = f"{walk.number} of {len(walk.offers)}" if walk.offers else "none"
        told = Content.styled(" · ".join([number, *counts]), MUTED)
        if not walk.left_out:
            keys = {offer.key for offer in walk.offers}
            done = len(keys & (walk.choices.kept | walk.choices.dropped))
            told = bar(done, len(keys)) + "  " + told
        self.query_one(TopLine).show(title, told)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Say whether a key does something now."""
        offer, left_out = self.walk.current, self.walk.left_out
        apart = offer is not None and offer.id in self.walk.choices.apart and offer.before is not None
        rules = {
            "keep": offer is not None and not left_out,
            "drop": offer is not None and not left_out,
            "edit": offer is not None and not left_out,
            "open_editor": offer is not None and not left_out,
            "rescue": offer is not None and left_out,
            "part": not left_out and offer is not None and offer.likeness is not None,
            "join": not left_out and apart,
            "take": not left_out and offer is not None and bool(offer.card and offer.card.proposed),
            "left_out": not left_out,
            "cards": left_out,
            "quit": True,
            "everything": not left_out and bool(self.walk.choosing.work.existing),
            "undo": self.walk.decided,
        }
        return rules.get(action, True)

    # ---- going

    def action_go(self, steps: int) -> None:
        """Go to the next or the one before."""
        if self.walk.go(steps):
            self._show()
        elif self.walk.offers:
            self._desk.say("That is the last. w writes." if steps > 0 else "That is the first.")

    def action_far(self, direction: int) -> None:
        """Go to the first or the last."""
        if self.walk.go(direction * len(self.walk.offers)):
            self._show()

    def action_left_out(self) -> None:
        """Choose from what was left out what to look at."""
        from studykit.tui.screens.author_left_out import LeftOutScreen

        offers = self.walk.choosing.left_out(self.walk.choices)
        if not offers:
            self._desk.say("Nothing was left out.")
            return
        current = self.walk.current
        self._desk.push_screen(
            LeftOutScreen(offers, current.lines if current else None), self._look_at_left_out
        )

    def _look_at_left_out(self, key: Key | None) -> None:
        if key is not None:
            self.walk.look(left_out=True)
            self.walk.show(key)
            self._show()

    def action_cards(self) -> None:
        """Go back to the cards."""
        self.walk.look(left_out=False)
        self._show()

    def action_everything(self) -> None:
        """Show also the cards that are as they were, or only what has changed."""
        self.walk.toggle_everything()
        self._desk.say("All cards." if self.walk.everything else "Only what has changed.")
        self._show()

    def action_panes(self) -> None:
        """Show both, the card alone, the article alone."""
        self._panes = (self._panes + 1) % len(_PANES)
        for number, name in enumerate(_PANES):
            if name:
                self.set_class(number == self._panes, name)
        offer = self.walk.current
        self.call_after_refresh(self.query_one(ArticlePane).light, offer.lines if offer else None)

    def _pane(self, name: str) -> VerticalScroll:
        pane = self.query_one(f"#{name}", VerticalScroll)
        return (
            pane
            if pane.display
            else self.query_one("#article" if name == "draft" else "#draft", VerticalScroll)
        )

    def action_scroll(self, name: str, direction: int) -> None:
        """Scroll by a line."""
        pane = self._pane(name)
        (pane.scroll_down if direction > 0 else pane.scroll_up)(animate=False)

    def action_page(self, name: str, direction: int) -> None:
        """Scroll by a page."""
        pane = self._pane(name)
        (pane.scroll_page_down if direction > 0 else pane.scroll_page_up)(animate=False)

    def action_scroll_code(self, columns: int) -> None:
        """Scroll wide code sideways."""
        for prose in self.query(Prose):
            prose.scroll_code(columns)

    # ---- deciding

    def _require(self) -> Offer:
        offer = self.walk.current
        if offer is None:
            raise RuntimeError("there is no card here")
        return offer

    def action_keep(self) -> None:
        """Keep the card, and go on."""
        self.walk.decide(self.walk.choices.keep(self._require().key))
        self._go_on()

    def action_drop(self) -> None:
        """Drop the card, and go on; it will not come back by itself."""
        offer = self._require()
        self.walk.decide(self.walk.choices.drop(offer.key))
        if self.walk.current is not None and self.walk.current.key == offer.key:
            self._go_on()
        else:  # what was rescued is left out again
            self._show()

    def _go_on(self) -> None:
        if not self.walk.go(1):
            self._desk.say("That was the last. w writes.")
        self._show()

    def action_part(self) -> None:
        """Let the card be another one than the article's, which becomes a new card."""
        offer = self._require()
        self.walk.decide(self.walk.choices.part(offer.id))
        self._desk.say(f"{offer.id} is set apart: it retires, and the article's card is new.")
        self._show()

    def action_join(self) -> None:
        """Let the card be the same as the article's after all."""
        self.walk.decide(self.walk.choices.part(self._require().id))
        self._show()

    def action_rescue(self) -> None:
        """Make a card of what was left out."""
        key = self._require().key
        if not isinstance(key, int):
            return
        try:
            choices = self.walk.choosing.rescue(self.walk.choices, key)
        except StudykitError as error:
            self._desk.tell("It was not rescued", str(error))
            return
        self.walk.decide(choices)
        self._desk.say("Rescued: it is among the cards now.")
        self._show()

    def action_take(self) -> None:
        """Take the article's words in place of one's own."""
        from studykit.authoring.card_text import with_proposals

        offer = self._require()
        if offer.card is not None:
            language = self.walk.choosing.work.draft.language
            self._edited(offer.key, with_proposals(offer.card, language))

    def action_undo(self) -> None:
        """Take the last decision back."""
        if self.walk.undo():
            self._show()

    # ---- editing

    def action_edit(self) -> None:
        """Edit the texts of the card."""
        from studykit.tui.screens.author_edit import EditScreen

        offer = self._require()
        if offer.card is not None:
            language = self.walk.choosing.work.draft.language
            screen = EditScreen(offer.card, language, self._others(offer))
            self._desk.push_screen(screen, lambda card: self._come_back(offer.key, card))

    def _others(self, offer: Offer) -> list[str]:
        merged = self.walk.choosing.merge(self.walk.choices).merged
        return [card.id for card in merged.deck.cards if card.id != offer.id] if merged else []

    def _come_back(self, key: Key, card: "Card | bool | None") -> None:
        if card is True:
            self.action_open_editor()
        elif card is not None and not isinstance(card, bool):
            self._edited(key, card)

    def _edited(self, key: Key, card: "Card") -> None:
        self.walk.decide(self.walk.choices.edit(key, card))
        self._show()

    def action_open_editor(self) -> None:
        """Edit the whole card in one's own editor."""
        from studykit.authoring.card_text import read_card, text_of
        from studykit.tui import external

        offer = self._require()
        if offer.card is None:
            return
        text = self._unread.get(offer.key) or _HEADER.format(id=offer.id) + text_of(offer.card)
        try:
            came = external.edited(self._desk, text, f"{offer.id}.yaml")
        except StudykitError as error:
            self._desk.tell("The editor changed nothing", str(error))
            return
        try:
            card = read_card(came, self._others(offer))
            if card.id != offer.id:
                raise StudykitError(f"the id stays: id: {offer.id}")
        except StudykitError as error:
            self._unread[offer.key] = came
            self._desk.tell("This is no valid card yet", f"{error}\n\nE opens it again, as you left it.")
            return
        self._unread.pop(offer.key, None)
        if card != offer.card:
            self._edited(offer.key, card)

    # ---- ending

    def action_write(self) -> None:
        """Say what would be written, and write it."""
        walk = self.walk
        try:
            work = walk.choosing.finished(walk.choices)
            told = list(summary(walk.choosing, walk.choices))
        except StudykitError as error:
            self._desk.tell("No valid deck comes of this", str(error))
            return
        if not work.files:
            text = "No card is left." if work.merged is None else "All is as it was."
            question = ConfirmScreen("There is nothing to write", text, "leave", "go on")
        else:
            files = "\n".join(f"  {shown(path)}" for path in work.files)
            question = ConfirmScreen(
                f"Write {work.place.id}?", "\n".join([*told, "", files]), "write", "go on"
            )
        self._desk.push_screen(question, self._write)

    def _write(self, agreed: bool | None) -> None:
        if not agreed:
            return
        try:
            work = self.walk.choosing.finished(self.walk.choices)
            work.write()
        except StudykitError as error:
            self._desk.tell("Nothing was written", f"{error}\n\nWhat you decided is still here.")
            return
        self._desk.exit(work)

    def action_quit(self) -> None:
        """Leave without writing anything."""
        if not self.walk.decided:
            self._desk.exit()
            return
        text = "What you decided is forgotten, and the deck stays as it is."
        self._desk.push_screen(
            ConfirmScreen("Leave without writing?", text, "leave", "go on"),
            self._leave,
        )

    def _leave(self, agreed: bool | None) -> None:
        if agreed:
            self._desk.exit()

    def action_help(self) -> None:
        """Show every key."""
        from studykit.tui.screens.author_help import blocks
        from studykit.tui.screens.whole_card import WholeCardScreen

        self._desk.push_screen(WholeCardScreen(blocks()))
