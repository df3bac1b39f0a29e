"""Taking snippets apart without running them: what to show first, what the learner's code may build on.

A snippet is read as a row of top-level statements, each of which binds names and uses names (`symtable` knows
which). Everything here is a walk over those: the imports, what a signature needs, what a probe needs. The
one rule behind it: the source of the function that is asked for never goes to where the answer runs.
"""

import ast
import re
import symtable
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from studykit.running import parsing
from studykit.running.outlines import Definition, first_line, outline

_FOR_TYPE_CHECKERS = re.compile(r"[ \t]*# type: ignore.*")
"""Says nothing to who reads an import at the head of a card."""

LAZY_ANNOTATIONS = "from __future__ import annotations\n"
"""Heads every probe: its annotations are never evaluated, so they may name what is not there."""


class SnippetError(ValueError):
    """The snippet is not what its card needs; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class _Statement:
    """One top-level statement: its text, the names it binds, and the names it uses when it runs."""

    node: ast.stmt
    text: str
    binds: frozenset[str]
    uses: frozenset[str]

    @property
    def imports(self) -> bool:
        """Whether this only imports, possibly behind `if TYPE_CHECKING` or with a fallback."""
        if not isinstance(self.node, ast.If | ast.Try):
            return isinstance(self.node, ast.Import | ast.ImportFrom)
        inner = [node for node in ast.walk(self.node) if isinstance(node, ast.stmt)]
        return (
            any(isinstance(node, ast.Import | ast.ImportFrom) for node in inner)
            and not any(isinstance(node, Definition) for node in inner)
            and not _is_main_guard(self.node)
        )


def imports_of(source: str) -> str:
    """Return the top-level imports of `source`: the prelude that runs before the learner's code."""
    return _joined(statement for statement in _statements(source) if statement.imports)


@lru_cache(maxsize=64)
def prelude_of(source: str, function: str) -> str:
    """Return the imports, and the aliases, constants and bases that the signature of `function` names."""
    return _joined(_prelude(source, function))


def _prelude(source: str, function: str) -> Iterator[_Statement]:
    definition = _definition(source, function)
    needed = _needed(source, _signature_uses(definition), without=function)
    for statement in _statements(source):
        if statement.imports or (statement in needed and function not in statement.binds):
            yield statement


def with_prelude(source: str, function: str, code: str) -> str:
    """Return `code`, a version of `function`, below the lines of its prelude that it uses and lacks."""
    binds, uses = _names(code, lazy=True)
    seen = (statement for statement in _prelude(source, function) if statement.binds & (uses - binds))
    prelude = _joined(seen)
    return f"{prelude.rstrip()}\n\n\n{code.lstrip()}" if prelude else code


def starter(source: str, function: str) -> str:
    """Return what the editor shows first: prelude, signature, docstring, and `...` to fill."""
    prelude = prelude_of(source, function)
    body = "\n".join(outline(_definition(source, function), _lines(source)))
    return f"{prelude.rstrip()}\n\n\n{body}\n".lstrip("\n")


@lru_cache(maxsize=64)
def solution_of(source: str, function: str) -> str:
    """Return `function` as the snippet has it, with the definitions it calls and without the imports."""
    _definition(source, function)
    needed = _needed(source, {function})
    return _joined((statement for statement in _statements(source) if statement in needed), imports=False)


@lru_cache(maxsize=64)
def probe_of(source: str, function: str) -> str | None:
    """Return a program that defines `probe_<function>` and what that needs; None if the snippet has no probe.

    Raises SnippetError if the probe needs the reference itself: where the answer runs, there is none.
    """
    name = f"probe_{function}"
    if not defines(source, name):
        return None
    needed = _needed(source, {name})
    if any(function in statement.binds for statement in needed):
        raise SnippetError(
            f"`{name}` needs `{function}` itself; it must do with the `implementation` it is given"
        )
    chosen = (statement for statement in _statements(source) if statement.imports or statement in needed)
    return LAZY_ANNOTATIONS + _joined(statement for statement in chosen if not _is_future(statement.node))


@lru_cache(maxsize=64)
def functions_of(source: str) -> tuple[str, ...]:
    """Return the names of the functions and classes at the top level of `source`, in order."""
    return tuple(node.name for node in _tree(source).body if isinstance(node, Definition))


def defines(source: str, name: str) -> bool:
    """Tell whether the top level of `source` binds `name`, by a definition or an assignment."""
    return any(name in statement.binds for statement in _statements(source))


@lru_cache(maxsize=64)
def imported_by(source: str) -> frozenset[str]:
    """Return the top-level packages that `source` imports anywhere; empty if it is no Python."""
    try:
        tree = _tree(source)
    except SnippetError:
        return frozenset()
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return frozenset(names)


def needs_torch(*sources: str) -> bool:
    """Tell whether any of the sources imports torch or Triton."""
    return any(imported_by(source) & {"torch", "triton"} for source in sources)


def needs_triton(*sources: str) -> bool:
    """Tell whether any of the sources imports Triton."""
    # Nearly no source has the word: reading each mutant of a snippet for it took a fifth of a check.
    return any("triton" in source and "triton" in imported_by(source) for source in sources)


@lru_cache(maxsize=64)
def _tree(source: str) -> ast.Module:
    try:
        return parsing.module(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        where = f"line {line}: " if line else ""
        raise SnippetError(
            f"the snippet is no valid Python: {where}{getattr(error, 'msg', error)}"
        ) from error


@lru_cache(maxsize=64)
def _statements(source: str) -> tuple[_Statement, ...]:
    tree, lines = _tree(source), _lines(source)
    shared = _shared_lines(tree)
    lazy = any(_is_future(node) for node in tree.body)
    try:
        return tuple(_read(node, lines, shared, lazy=lazy) for node in tree.body)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        # What is a syntax error only in its context: two parameters of one name, and the like.
        raise SnippetError(f"the snippet is no valid Python: {getattr(error, 'msg', error)}") from error


def _read(node: ast.stmt, lines: list[str], shared: set[int], *, lazy: bool) -> _Statement:
    own = "\n".join(lines[first_line(node) - 1 : node.end_lineno])
    text = ast.unparse(node) if node.lineno in shared else own
    if isinstance(node, ast.Import | ast.ImportFrom):
        text = _FOR_TYPE_CHECKERS.sub("", text)
    return _Statement(node, text, *_names(text, lazy=lazy))


def _lines(source: str) -> list[str]:
    """Split as Python counts lines: a form feed or U+2028 in a text ends none."""
    return source.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _shared_lines(tree: ast.Module) -> set[int]:
    """Return the lines on which one statement ends and another begins: `a = 1; b = 2`."""
    shared = set()
    for before, after in zip(tree.body, tree.body[1:], strict=False):
        if before.end_lineno is not None and before.end_lineno >= after.lineno:
            shared |= {before.lineno, after.lineno}
    return shared


def _names(text: str, *, lazy: bool) -> tuple[frozenset[str], frozenset[str]]:
    """Return what a top-level statement binds and what it uses of the module, inner functions included."""
    if text.lstrip().startswith("from __future__"):
        return frozenset(), frozenset()
    table = symtable.symtable((LAZY_ANNOTATIONS if lazy else "") + text, "<snippet>", "exec")
    symbols = table.get_symbols()
    binds = {s.get_name() for s in symbols if s.is_assigned() or s.is_imported() or s.is_namespace()}
    uses = {s.get_name() for s in symbols if s.is_referenced()}
    uses.update(_globals_of(table))
    if lazy:
        binds.discard("annotations")
    return frozenset(binds), frozenset(uses)


def _globals_of(table: symtable.SymbolTable) -> Iterator[str]:
    for child in table.get_children():
        yield from (s.get_name() for s in child.get_symbols() if s.is_global() and s.is_referenced())
        yield from _globals_of(child)


def _needed(source: str, names: Iterable[str], without: str | None = None) -> set[_Statement]:
    """Return the statements that bind `names`, and what those need in turn."""
    binders: dict[str, list[_Statement]] = {}
    for statement in _statements(source):
        if not _is_main_guard(statement.node):
            for name in statement.binds - {without}:
                binders.setdefault(name, []).append(statement)
    needed: set[_Statement] = set()
    pending = set(names)
    seen: set[str] = set()
    while pending:
        name = pending.pop()
        seen.add(name)
        for statement in binders.get(name, ()):
            needed.add(statement)
            pending |= statement.uses - seen
    return needed


def _definition(source: str, function: str) -> Definition:
    for node in reversed(_tree(source).body):
        if isinstance(node, Definition) and node.name == function:
            return node
    raise SnippetError(f"the snippet has no function `{function}`")


def _signature_uses(definition: Definition) -> frozenset[str]:
    """Return the names that are looked up when the definition runs, its body left out."""
    parts: list[ast.AST] = list(definition.decorator_list)
    if isinstance(definition, ast.ClassDef):
        parts += [*definition.bases, *definition.keywords]
        for node in definition.body:
            parts += [node] if isinstance(node, ast.AnnAssign) else []
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                parts += [*node.decorator_list, node.args, *([node.returns] if node.returns else [])]
    else:
        parts += [definition.args, *([definition.returns] if definition.returns else [])]
    found = (node for part in parts for node in ast.walk(part) if isinstance(node, ast.Name))
    return frozenset(name.id for name in found)


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _is_main_guard(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and any(
        isinstance(part, ast.Name) and part.id == "__name__" for part in ast.walk(node.test)
    )


def _joined(statements: Iterable[_Statement], *, imports: bool = True) -> str:
    """Return the texts as one program: imports close together, definitions two lines apart."""
    text = ""
    for statement in statements:
        if statement.imports and not imports:
            continue
        gap = "\n\n" if isinstance(statement.node, Definition) and text else ""
        text += f"{gap}{statement.text}\n"
    return text
