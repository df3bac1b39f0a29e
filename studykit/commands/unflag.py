"""`studykit unflag`: take the flag off cards."""

from studykit.commands._manage import add_arguments, doing, prepare

__all__ = ["EXAMPLE", "add_arguments", "prepare", "run"]

EXAMPLE = "studykit unflag is:flagged"

run = doing("unflag", "No longer flagged")
