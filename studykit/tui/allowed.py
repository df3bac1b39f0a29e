"""Which actions of the review do something now: the one place where that is decided."""

from collections.abc import Callable
from dataclasses import dataclass

from studykit.tui.trial import Trial


@dataclass(frozen=True, slots=True)
class Now:
    """What decides it."""

    trial: Trial
    typing: bool

    @property
    def asking(self) -> bool:
        """The answer is not on screen yet."""
        return not self.trial.attempt.shown

    @property
    def free(self) -> bool:
        """No letter is typed anywhere, and nothing runs."""
        return not self.typing and not self.trial.busy


_RULES: dict[str, Callable[[Now], bool]] = {
    "show_answer": lambda now: now.asking and not now.trial.machine_graded,
    "give_up": lambda now: now.asking and now.free and now.trial.machine_graded,
    "accept": lambda now: not now.asking and now.trial.proposed is not None,
    "number": lambda now: (not now.asking or now.trial.card.kind == "choice") and not now.typing,
    "run": lambda now: now.asking and now.trial.runs_code and not now.trial.busy,
    "cancel": lambda now: now.trial.busy,
    "leave_field": lambda now: now.typing and not now.trial.busy,
    "enter_field": lambda now: now.asking and not now.typing and now.trial.has_field,
    "hint": lambda now: now.asking and now.trial.card.hint is not None and not now.trial.attempt.hint_used,
    "solution": lambda now: now.asking and now.trial.runs_code and not now.trial.attempt.solution_seen,
    "skip": lambda now: now.trial.attempt.blocked and now.free,
    "page": lambda now: not now.typing,
    "scroll_code": lambda now: not now.typing,
    "scroll_card": lambda now: not now.typing,
    "home": lambda now: now.free,
    **dict.fromkeys(("undo", "bury", "suspend", "flag"), lambda now: now.free),
}
"""When each action does something; the others always do."""


def allowed(action: str, now: Now) -> bool:
    """Return whether `action` does something now."""
    rule = _RULES.get(action)
    return rule is None or rule(now)
