"""A drafted `main` for a snippet: it prints what the article's code prints, as far as a run confirms it."""

import ast
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from studykit.authoring.candidates import Execute
from studykit.authoring.chunks import Chunk, chunks
from studykit.authoring.outline import Outline
from studykit.authoring.stated import parsed, same_output

MOST_LINES = 10
"""Lines that `main` prints: more is no demonstration."""

_TRIES = 8

_HEAD = 'def main(device: str = "cpu") -> None:\n    """Print what the article prints."""\n'
_FOOT = '\n\nif __name__ == "__main__":\n    main()\n'


@dataclass(frozen=True, slots=True)
class _Shown:
    """Statements of the article, and what they print according to it."""

    statements: tuple[str, ...]
    stated: tuple[str, ...]

    @property
    def source(self) -> str:
        return _HEAD + textwrap.indent("\n".join(self.statements), "    ") + "\n"

    @property
    def lines(self) -> int:
        return sum(len(text.splitlines()) for text in self.stated)


@dataclass(frozen=True, slots=True)
class _Module:
    source: str
    given: frozenset[str]
    """Names that it defines or imports."""

    functions: frozenset[str]


def demonstration(outline: Outline, module: str, execute: Execute) -> str | None:
    """Return a `main` to stand at the end of `module`; None if none prints what the article says."""
    tree = parsed(module)
    if tree is None:
        return None
    functions = frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))
    about = _Module(module, frozenset(name for node in tree.body for name in _names(node)), functions)
    telling = [chunk for chunk in chunks(outline) if chunk.sure and _uses(chunk.program, functions)]
    shown = _Shown((), ())
    for chunk in telling[:_TRIES]:
        if shown.lines >= MOST_LINES:
            break
        shown = _with(shown, chunk, about, execute) or shown
    return shown.source + _FOOT if shown.stated else None


def _with(shown: _Shown, chunk: Chunk, module: _Module, execute: Execute) -> _Shown | None:
    """Return `shown` with one more piece of code, if all of it prints what is stated."""
    new = [one for one in _statements(chunk.prelude, module.given) if one not in shown.statements]
    needed = [one for one in new if not _only_shows(one, module.functions)]
    for body in dict.fromkeys(filter(None, (chunk.body, chunk.undisplayed))):
        for prelude in (needed, new) if needed != new else (needed,):
            statements = (*shown.statements, *prelude, *_statements(body, module.given))
            more = _Shown(statements, (*shown.stated, chunk.stated))
            if more.lines <= MOST_LINES and _holds(more, module.source, execute):
                return more
    return None


def _holds(shown: _Shown, module: str, execute: Execute) -> bool:
    """Tell whether a run prints what is stated."""
    program = f"{module}\n\n{shown.source}"
    if parsed(program) is None:
        return False
    ran = execute([program, "main()"])
    return not any(one.error for one in ran) and same_output("\n".join(shown.stated), ran[-1].stdout)


def _only_shows(statement: str, functions: frozenset[str]) -> bool:
    """Tell whether a statement seems to do nothing but call a function of the module for its value."""
    tree = parsed(statement)
    node = tree.body[0] if tree is not None and tree.body else None
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return False
    return isinstance(node.value.func, ast.Name) and node.value.func.id in functions


def _statements(code: str, given: frozenset[str]) -> Iterator[str]:
    """Yield the statements of `code` but for what the module has already."""
    tree = parsed(code)
    lines = code.splitlines()
    done = 0
    for node in tree.body if tree is not None else ():
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        if first <= done:
            continue  # it shares a line with the one before
        done = node.end_lineno or node.lineno
        names = set(_names(node))
        if names and names <= given and isinstance(node, _DEFINING):
            continue
        yield ast.unparse(node) if _has_long_text(node) else "\n".join(lines[first - 1 : done])


_DEFINING = ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom


def _names(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            yield from ((alias.asname or alias.name).split(".")[0] for alias in names)


def _has_long_text(node: ast.stmt) -> bool:
    """Tell whether a text in it goes over lines, which must not be indented."""
    return any(
        isinstance(one, ast.Constant | ast.JoinedStr) and one.end_lineno != one.lineno
        for one in ast.walk(node)
    )


def _uses(code: str, functions: frozenset[str]) -> bool:
    tree = parsed(code)
    return tree is not None and any(
        isinstance(node, ast.Name) and node.id in functions for node in ast.walk(tree)
    )
