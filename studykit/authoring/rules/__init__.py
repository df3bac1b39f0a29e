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
    tables,
)

RULES: dict[str, Rule] = {
    module.NAME: module.rule
    for module in (markup, questions, formulas, lists, code, tables, definitions, causes, contrasts, gaps)
}
"""Name -> rule."""
