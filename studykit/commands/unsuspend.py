"""`studykit unsuspend`: let suspended cards come again."""

from studykit.commands._manage import add_arguments, doing, prepare

__all__ = ["EXAMPLE", "add_arguments", "prepare", "run"]

EXAMPLE = "studykit unsuspend is:suspended"

run = doing("unsuspend", "Back again")
