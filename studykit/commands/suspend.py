"""`studykit suspend`: leave cards out until they are unsuspended."""

from studykit.commands._manage import add_arguments, doing, prepare

__all__ = ["EXAMPLE", "add_arguments", "prepare", "run"]

EXAMPLE = "studykit suspend tag:hard deck:transformer"

run = doing("suspend", "Suspended")
