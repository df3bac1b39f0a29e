"""A sign that something runs."""

from textual.content import Content

from studykit.tui.text.palette import KEY, MUTED

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_STILL = "…"


def spinning(tick: int, seconds: float, what: str, *, still: bool) -> Content:
    """Return the sign as it is at `tick`; one that does not move if `still`."""
    frame = _STILL if still else _FRAMES[tick % len(_FRAMES)]
    return Content.assemble((frame, KEY), f" {what} ", (f"{seconds:.0f} s · esc cancels", MUTED))
