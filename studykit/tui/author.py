"""The terminal program in which an author chooses among the drafts of an article."""

from typing import ClassVar

from textual import constants
from textual.app import App
from textual.binding import Binding, BindingType
from textual.notifications import SeverityLevel

from studykit.authoring.choosing import Choosing
from studykit.authoring.workshop import Work
from studykit.config import Settings
from studykit.tui.screens.author import AuthorScreen
from studykit.tui.screens.notice import NoticeScreen
from studykit.tui.text.clean import clean
from studykit.tui.theme import DARK, OWN


class AuthorApp(App[Work]):
    """Gives what was written; None if nothing was."""

    TITLE = "studykit author"
    CSS_PATH: ClassVar[list[str]] = ["studykit.tcss", "places.tcss", "author.tcss"]  # type: ignore[assignment]  # as Textual reads it
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+q", "leave", show=False, priority=True)]

    def __init__(self, choosing: Choosing, settings: Settings) -> None:
        super().__init__()
        self.choosing = choosing
        for theme in OWN:
            self.register_theme(theme)
        self.theme = settings.theme if settings.theme in self.available_themes else DARK.name
        self.animation_level = "none" if settings.reduced_motion else constants.TEXTUAL_ANIMATIONS

    def on_mount(self) -> None:
        """Begin."""
        self.push_screen(AuthorScreen(self, self.choosing))

    def action_leave(self) -> None:
        """Leave as `q` does, from wherever one is; a question on screen is answered first."""
        if isinstance(self.screen, AuthorScreen):
            self.screen.action_quit()

    def tell(self, title: str, text: str) -> None:
        """Show a message that must not be missed."""
        self.push_screen(NoticeScreen(title, text))

    def say(self, text: str, *, severity: SeverityLevel = "information") -> None:
        """Show a message for a moment."""
        self.notify(clean(text), severity=severity, markup=False)
