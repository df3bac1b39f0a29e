"""The rules: one file each, one signature, in the order in which they may claim a sentence."""

from studykit.authoring.candidates import Rule
from studykit.authoring.rules import (
    causes,
    code,
    contrasts,
    definitions,
    formulas,
    gaps,
    lists,
    markup,
    questions,
    runin,
    series,
    statements,
    tables,
)

_MODULES = (
    markup,
    questions,
    formulas,
    lists,
    code,
    tables,
    definitions,
    runin,
    series,
    causes,
    contrasts,
    gaps,
    statements,
)

RULES: dict[str, Rule] = {module.NAME: module.rule for module in _MODULES}
"""Name -> rule."""
