"""`studykit due-now`: make cards due today that have been seen; interval and ease stay."""

from studykit.commands._manage import add_arguments, doing, prepare

__all__ = ["EXAMPLE", "add_arguments", "prepare", "run"]

EXAMPLE = "studykit due-now is:flagged"

run = doing("due", "Due now")
