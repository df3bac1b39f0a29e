"""`studykit flag`: mark cards to look at later."""

from studykit.commands._manage import add_arguments, doing, prepare

__all__ = ["EXAMPLE", "add_arguments", "prepare", "run"]

EXAMPLE = "studykit flag transformer/rope/write_apply_rope"

run = doing("flag", "Flagged")
