"""`studykit reset`: forget what was remembered of cards; the log keeps their answers."""

from studykit.commands._manage import add_arguments, doing, prepare

__all__ = ["EXAMPLE", "add_arguments", "prepare", "run"]

EXAMPLE = "studykit reset deck:transformer/rope"

run = doing("reset", "New again")
