"""The keys of the review, and the one place where it is decided which of them do something now."""

from collections.abc import Callable
from dataclasses import dataclass

from textual.binding import Binding, BindingType

from studykit.tui.trial import Trial

MOVING: tuple[BindingType, ...] = (
    Binding("left", "scroll_code(-8)", show=False),
    Binding("right", "scroll_code(8)", show=False),
    Binding("up", "scroll_card(-1)", show=False),
    Binding("down", "scroll_card(1)", show=False),
    Binding("space,pagedown", "page(1)", show=False),
    Binding("pageup", "page(-1)", show=False),
)
"""How a card that is larger than the screen is looked at, in the review and in a quiz."""

KEYS: list[BindingType] = [
    Binding("space,enter", "show_answer", "show answer", key_display="space"),
    Binding("enter", "accept", "take the proposed grade", key_display="enter"),
    Binding("ctrl+r", "run", "run it"),
    Binding("escape", "cancel", "cancel"),
    Binding("escape", "leave_field", "leave the field"),
    Binding("tab", "enter_field", "type"),
    Binding("ctrl+e", "open_editor", "editor", priority=True),
    Binding("h,f2", "hint", "hint"),
    Binding("ctrl+s", "solution", "solution"),
    Binding("space,enter", "give_up", "give up", key_display="space"),
    Binding("u", "undo", "undo"),
    Binding("minus", "bury", "bury", key_display="-"),
    Binding("exclamation_mark", "suspend", "suspend", key_display="!"),
    Binding("f", "flag", "flag"),
    Binding("i", "info", "info"),
    Binding("a", "article", "article"),
    Binding("s", "snippet", "snippet"),
    Binding("p", "picture", "picture"),
    Binding("e", "edit", "edit"),
    Binding("escape", "home", "home"),
    Binding("q", "quit", "quit"),
    Binding("question_mark,f1", "help", "help", key_display="?"),
    *(Binding(str(n), f"number({n})", show=False) for n in range(10)),
    *MOVING,
]
"""In the order in which the key line shows them; those at the end give way first."""


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


_FREE = ("undo", "bury", "suspend", "flag", "info", "article", "snippet", "picture", "edit")

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
    "solution": lambda now: now.asking and now.trial.runs_code and not now.trial.solution_on_screen,
    "open_editor": lambda now: now.asking and now.trial.writes_lines and not now.trial.busy,
    "page": lambda now: not now.typing,
    "scroll_code": lambda now: not now.typing,
    "scroll_card": lambda now: not now.typing,
    "home": lambda now: now.free,
    **dict.fromkeys(_FREE, lambda now: now.free),
}
"""When each action does something; the others always do."""


def allowed(action: str, now: Now) -> bool:
    """Return whether `action` does something now."""
    rule = _RULES.get(action)
    return rule is None or rule(now)
