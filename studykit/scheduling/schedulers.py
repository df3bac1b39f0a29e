"""The schedulers by name. Each is a pure function of what is remembered, the grade and the day."""

from collections.abc import Callable, Mapping
from datetime import date
from importlib import import_module
from typing import cast

from studykit.errors import StudykitError
from studykit.scheduling.sm2 import Grade, Memory

Scheduler = Callable[[Memory | None, Grade, date], Memory]
"""`None` is a card never seen."""

SCHEDULERS: Mapping[str, str] = {
    "sm2": "studykit.scheduling.sm2:review",
    "fsrs": "studykit.scheduling.fsrs:review",
}
"""Where each scheduler is; the module is imported when it is asked for, with the packages it needs."""


def get_scheduler(name: str) -> Scheduler:
    """Return the scheduler called `name`."""
    if name not in SCHEDULERS:
        raise StudykitError(f"unknown scheduler {name!r}; there are {', '.join(map(repr, SCHEDULERS))}")
    module, _, function = SCHEDULERS[name].partition(":")
    return cast("Scheduler", getattr(import_module(module), function))


def preview(memory: Memory | None, today: date, scheduler: str) -> dict[Grade, Memory]:
    """Return what each grade would make of `memory`, worst grade first."""
    review = get_scheduler(scheduler)
    return {grade: review(memory, grade, today) for grade in Grade}
