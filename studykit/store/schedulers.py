"""Schedulers by name, as the log writes them down."""

from collections.abc import Callable
from datetime import date

from studykit.errors import StudykitError
from studykit.scheduling import sm2
from studykit.scheduling.sm2 import Grade, Memory

Scheduler = Callable[[Memory | None, Grade, date], Memory]


def scheduler_named(name: str) -> Scheduler:
    """Return the scheduler called `name`."""
    if name != "sm2":
        raise StudykitError(f"there is no scheduler {name!r}: choose sm2")
    return sm2.review
