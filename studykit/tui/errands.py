"""Work that takes a while, beside a screen that never waits for it."""

from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from textual.screen import Screen

if TYPE_CHECKING:
    from textual.timer import Timer

T = TypeVar("T")
Tick = Callable[[int, float], None]

_SECONDS_PER_TICK = 0.1


class Errands:
    """Runs one thing at a time in a thread; one that was cancelled is never heard of again."""

    def __init__(self, screen: Screen[Any]) -> None:
        self._screen = screen
        self._number = 0
        self._timer: Timer | None = None

    @property
    def busy(self) -> bool:
        """Whether something runs."""
        return self._timer is not None

    def start(self, work: Callable[[], T], done: Callable[[T], None], tick: Tick) -> None:
        """Run `work` in a thread; call `tick` while it runs, and `done` with its result."""
        self.cancel()
        number = self._number
        began = monotonic()
        ticks = iter(range(1_000_000_000))
        self._timer = self._screen.set_interval(
            _SECONDS_PER_TICK, lambda: tick(next(ticks), monotonic() - began)
        )
        self._screen.run_worker(lambda: self._work(number, work, done), thread=True, group="errands")
        tick(next(ticks), 0.0)

    def cancel(self) -> None:
        """Forget what runs."""
        self._number += 1
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _work(self, number: int, work: Callable[[], T], done: Callable[[T], None]) -> None:
        result = work()
        if number == self._number:
            self._screen.app.call_from_thread(self._finish, number, result, done)

    def _finish(self, number: int, result: T, done: Callable[[T], None]) -> None:
        if number == self._number and self._screen.is_attached:
            self.cancel()
            done(result)
