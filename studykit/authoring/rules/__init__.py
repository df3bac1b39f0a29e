"""The rules: one file each, one signature, in the order in which they may claim a sentence."""

from studykit.authoring.candidates import Rule
from studykit.authoring.rules import (
    aspects,
    causes,
    code,
    conditions,
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
    aspects,
    definitions,
    runin,
    series,
    causes,
    contrasts,
    conditions,
    gaps,
    statements,
)

RULES: dict[str, Rule] = {module.NAME: module.rule for module in _MODULES}
"""Name -> rule."""
