"""Parsing Python, one thread at a time.

CPython 3.11 keeps one count of the depth of what it turns into a tree, for all threads: where the collector
lets another thread in meanwhile that parses too, the first fails with "AST constructor recursion depth
mismatch". The review parses in the thread that warms up and in the one that draws numbers.
"""

import ast
from threading import RLock

_one_at_a_time = RLock()


def module(source: str) -> ast.Module:
    """Return the tree of a module."""
    with _one_at_a_time:
        return ast.parse(source)


def expression(text: str) -> ast.Expression:
    """Return the tree of an expression."""
    with _one_at_a_time:
        return ast.parse(text, mode="eval")
