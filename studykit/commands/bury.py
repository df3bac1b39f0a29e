"""`studykit bury`: leave cards out until tomorrow."""

from studykit.commands._manage import add_arguments, doing, prepare

__all__ = ["EXAMPLE", "add_arguments", "prepare", "run"]

EXAMPLE = "studykit bury is:due kind:implement"

run = doing("bury", "Buried until tomorrow")
