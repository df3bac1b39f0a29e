"""`studykit unbury`: let buried cards come today."""

from studykit.commands._manage import add_arguments, doing, prepare

__all__ = ["EXAMPLE", "add_arguments", "prepare", "run"]

EXAMPLE = "studykit unbury is:buried"

run = doing("unbury", "Back again")
