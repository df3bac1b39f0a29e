"""What the screens beside the review share: they open on top of it, and escape goes back."""

from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import Screen

from studykit.errors import StudykitError

if TYPE_CHECKING:
    from collections.abc import Callable

    from studykit.study import Study
    from studykit.tui.app import StudyApp

T = TypeVar("T")

COMMON: tuple[BindingType, ...] = (
    Binding("escape", "leave", "back"),
    Binding("q", "quit", "quit"),
    Binding("question_mark,f1", "help", "help", key_display="?"),
)
"""Keys of every place; they stand last in the key line."""


class DeskScreen(Screen[None]):
    """A screen of the program."""

    KEYS: ClassVar[str] = ""
    """The section of the help that tells its keys."""

    def __init__(self, desk: "StudyApp") -> None:
        super().__init__()
        self.desk = desk

    @property
    def study(self) -> "Study":
        """The learner's data."""
        return self.desk.study

    def action_quit(self) -> None:
        """Leave the program; everything is saved already."""
        self.desk.exit()

    def action_help(self) -> None:
        """Show every key."""
        self.desk.show_help()


class Place(DeskScreen):
    """A screen that one goes to and comes back from."""

    CSS_PATH = "../places.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012 - as Textual declares it

    @property
    def is_typing(self) -> bool:
        """Whether letters go into a field."""
        from textual.widgets import Input  # the list of decks, which opens first, has none

        return isinstance(self.focused, Input)

    def on_descendant_focus(self) -> None:
        """Say which keys act now."""
        self.refresh_bindings()

    def action_leave(self) -> None:
        """Go back to where one came from."""
        self.desk.leave()


class Fetch(Generic[T]):
    """Gets something in a thread, so that the screen never waits; only the last request is heard of.

    One thread at a time: a request made while another is under way waits for it, and is forgotten when a
    later one comes. Searches that overtake one another as someone types would read the same cards at once,
    and each thread keeps memory of its own.
    """

    def __init__(self, place: DeskScreen, done: "Callable[[T], None]", title: str) -> None:
        self._place = place
        self._done = done
        self._title = title
        self._number = 0
        self._waiting: Callable[[], T] | None = None
        self._busy = False
        self._turn = Lock()

    def start(self, work: "Callable[[], T]") -> None:
        """Begin, as soon as what is under way has ended; its result is forgotten."""
        with self._turn:
            self._number += 1
            self._waiting = work
            if self._busy:
                return
            self._busy = True
        self._place.run_worker(self._serve, thread=True, group="fetch")

    def _serve(self) -> None:
        while (request := self._take()) is not None:
            self._work(*request)

    def _take(self) -> "tuple[int, Callable[[], T]] | None":
        """Return the request that waits; None ends the thread."""
        with self._turn:
            work, self._waiting = self._waiting, None
            self._busy = work is not None
            return None if work is None else (self._number, work)

    def _work(self, number: int, work: "Callable[[], T]") -> None:
        try:
            result = work()
        except StudykitError as error:
            self._hand_over(number, partial(self._place.desk.tell, self._title, str(error)))
        else:
            self._hand_over(number, partial(self._done, result))

    def _hand_over(self, number: int, call: "Callable[[], object]") -> None:
        if number == self._number and self._place.is_running:
            self._place.app.call_from_thread(self._finish, number, call)

    def _finish(self, number: int, call: "Callable[[], object]") -> None:
        if number == self._number and self._place.is_attached:
            call()
