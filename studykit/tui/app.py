"""The terminal program: which screen is shown, and what all screens share."""

import gc
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from textual import constants
from textual.app import App
from textual.binding import Binding, BindingType
from textual.notifications import SeverityLevel
from textual.screen import Screen

from studykit.errors import StudykitError
from studykit.tui.ending import end_in_order
from studykit.tui.grades import name_of
from studykit.tui.screens.review import ReviewScreen
from studykit.tui.sitting import Clock, Sitting
from studykit.tui.text.clean import clean
from studykit.tui.theme import DARK, OWN

if TYPE_CHECKING:
    from textual.command import Provider

    from studykit.store.records import Undone
    from studykit.study import Study
    from studykit.tui.runs import Runs
    from studykit.tui.screens.place import Place

_LARGEST_SEED = 2**31
_SETTLED_AFTER = 0.3
"""Seconds after which the first screen is painted."""


_GIVE_WAY = 0.0005
"""Seconds after which a thread that counts or searches lets the screen go on; Python's own 5 ms are felt."""


def _now() -> datetime:
    return datetime.now().astimezone()


def _new_seed() -> int:
    return random.randrange(_LARGEST_SEED)


def _offers() -> type["Provider"]:
    """Return what the command palette offers; loaded when it is first opened."""
    from studykit.tui.offers import Offers

    return Offers


class StudyApp(App[None]):
    """Reviews what is due in `study`, of `decks` or of all.

    Opens with the first card when something is due; with the list of decks when nothing is, and at the very
    first start, which it explains. Every answer is saved before the next card is shown.
    """

    TITLE = "studykit"
    CSS_PATH = "studykit.tcss"
    COMMANDS: ClassVar[set[type["Provider"] | Callable[[], type["Provider"]]]] = {_offers}
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+q", "quit", show=False, priority=True)]

    def __init__(
        self,
        study: "Study",
        decks: Sequence[str] = (),
        at: Clock = _now,
        seeds: Callable[[], int] = _new_seed,
    ) -> None:
        super().__init__()
        self.study = study
        self.clock = at
        self._said = ""
        self.cards_changed = False
        """Cards were suspended, reset … beside the review, whose queue is therefore out of date."""

        self.new_seed = seeds
        self._decks = () if len(decks) == len(study.library.decks()) else tuple(decks)
        # Planned before the screen is taken over: what is wrong is then said by the command line.
        self._first = Sitting(study, self._decks, at)
        for theme in OWN:
            self.register_theme(theme)
        self.settle_looks()

    def settle_looks(self) -> None:
        """Look and move as the settings say."""
        settings = self.study.settings
        self.theme = settings.theme if settings.theme in self.available_themes else DARK.name
        self.animation_level = "none" if settings.reduced_motion else constants.TEXTUAL_ANIMATIONS

    @cached_property
    def runs(self) -> "Runs":
        """What runs code; loaded when a card needs it."""
        from studykit.tui.runs import Runs

        return Runs(self.study)

    def get_default_screen(self) -> Screen[Any]:
        """Return the first screen."""
        if self._first.current is None or (not self._decks and self._is_first_start()):
            return self._home()
        return ReviewScreen(self, self._first)

    def _is_first_start(self) -> bool:
        return not self.study.store.standings()

    def _home(self) -> Screen[Any]:
        from studykit.tui.screens.home import HomeScreen

        return HomeScreen(self)

    def on_mount(self) -> None:
        """Say what the learner should know, and settle down."""
        sys.setswitchinterval(_GIVE_WAY)
        end_in_order(self)
        self.set_timer(_SETTLED_AFTER, self._settle)

    def _settle(self) -> None:
        """Look for garbage again, but never among what the start made: that stays."""
        gc.freeze()
        gc.enable()
        theme = self.study.settings.theme
        if theme not in self.available_themes:
            self.say(f"There is no theme {theme}: see `studykit config`.", severity="warning")
        if self.study.store.warning:
            self.say(self.study.store.warning, severity="warning")

    def on_unmount(self) -> None:
        """End what runs code."""
        if "runs" in self.__dict__:
            self.runs.close()

    @contextmanager
    def telling(self, title: str) -> Iterator[None]:
        """Show a fault of the environment as a message instead of ending the program."""
        try:
            yield
        except StudykitError as error:
            self.tell(title, str(error))

    def start(self, decks: Sequence[str] = ()) -> None:
        """Begin a sitting."""
        sitting = self._plan(decks)
        if sitting is None:
            return
        if sitting.current is None:
            self.say("Nothing is due there today.")
        else:
            self._show(ReviewScreen(self, sitting))

    def _plan(self, decks: Sequence[str]) -> Sitting | None:
        try:
            return Sitting(self.study, decks, self.clock)
        except StudykitError as error:
            self.tell("Your data cannot be read", str(error))
            return None

    def undo(self, sitting: Sitting | None = None) -> None:
        """Take back the last step from a screen without a card, and go to the card it was about."""
        sitting = sitting or self._plan(())
        if sitting is None:
            return
        try:
            undone = sitting.undo()
        except StudykitError as error:
            self.tell("Nothing was taken back", str(error))
            return
        if undone is None:
            self.say("There is nothing to undo.")
            return
        self.say_undone(undone)
        if sitting.current is not None:
            self._show(ReviewScreen(self, sitting, returning=True))

    def show_home(self) -> None:
        """Go to the list of decks."""
        self._show(self._home())

    def show_summary(self, sitting: Sitting) -> None:
        """Show what was done; after nothing, the list of decks."""
        from studykit.tui.screens.summary import SummaryScreen

        self._show(SummaryScreen(self, sitting) if sitting.given else self._home())

    def show_browser(self, query: str = "") -> None:
        """Go to the list of cards."""
        from studykit.tui.screens.browser import BrowserScreen

        self._go_to(BrowserScreen(self, query))

    def show_map(self) -> None:
        """Go to the map of what builds on what."""
        from studykit.tui.screens.concept_map import ConceptMapScreen

        self._go_to(ConceptMapScreen(self))

    def show_quiz(self, decks: Sequence[str] = ()) -> None:
        """Begin a quiz on decks or tracks, or on all."""
        from studykit.tui.quiz import Rounds, drawn

        with self.telling("There is no quiz"):
            self._show(Rounds(self, self._show).question(drawn(self.study, decks, self.new_seed())))

    def leave_quiz(self) -> None:
        """Go on after a quiz."""
        self.show_home()

    def show_statistics(self) -> None:
        """Go to the statistics."""
        from studykit.tui.screens.statistics import StatisticsScreen

        self._go_to(StatisticsScreen(self))

    def choose_theme(self, theme: str) -> None:
        """Look different, now and at the next start."""
        with self.telling("The theme was not saved"):
            self.study.change("theme", theme)
            self.settle_looks()

    def show_settings(self) -> None:
        """Go to the settings."""
        from studykit.tui.screens.settings import SettingsScreen

        self._go_to(SettingsScreen(self))

    def show_article(self, card_id: str) -> None:
        """Open the article at the lines of a card."""
        from studykit.tui.screens.article import ArticleScreen

        self._go_to(ArticleScreen(self, card_id))

    def show_snippet(self, card_id: str) -> None:
        """Open the code that a card is about."""
        from studykit.tui.screens.snippet import SnippetScreen

        self._go_to(SnippetScreen(self, card_id))

    def show_card_info(self, card_id: str) -> None:
        """Show everything that is known of a card."""
        from studykit.tui.screens.card_info import CardInfoScreen

        self._go_to(CardInfoScreen(self, card_id))

    def _go_to(self, place: "Place") -> None:
        """Show a screen from which `leave` comes back; one place follows another instead of covering it."""
        from studykit.tui.screens.place import Place

        if isinstance(self.screen, Place):
            self.switch_screen(place)
        else:
            self.push_screen(place)

    def leave(self) -> None:
        """Go back from a place; a review whose cards have been changed meanwhile is planned anew."""
        self.pop_screen()
        if self.cards_changed and isinstance(self.screen, ReviewScreen):
            self.show_home()
        self.cards_changed = False

    def _show(self, screen: Screen[Any]) -> None:
        """Show a screen instead of the current one; the first one stays below, because Textual needs it."""
        if len(self.screen_stack) == 1:
            self.push_screen(screen)
        else:
            self.switch_screen(screen)

    def show_help(self) -> None:
        """Show every key."""
        from studykit.tui.screens.help import HelpScreen

        first = getattr(self.screen, "KEYS", "")
        self.push_screen(HelpScreen(self.study.settings.grades, first))

    def tell(self, title: str, text: str) -> None:
        """Show a message that must not be missed."""
        from studykit.tui.screens.notice import NoticeScreen

        self.push_screen(NoticeScreen(title, text))

    def say_undone(self, undone: "Undone") -> None:
        """Say what was taken back."""
        what = str(undone.role)
        if undone.grade is not None:
            what = f"the grade {name_of(undone.grade, self.study.settings.grades)}"
        others = f" and {undone.count - 1} other cards" if undone.count > 1 else ""
        self.say(f"Took back {what}: {undone.card}{others}")

    def say(self, text: str, *, severity: SeverityLevel = "information") -> None:
        """Show a message for a moment, the same one only once."""
        if text == self._said:
            self.clear_notifications()
        self._said = text
        self.notify(clean(text), severity=severity, markup=False)
