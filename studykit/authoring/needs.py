"""What a piece of code rests on: which earlier statements bind or change the names it uses."""

import ast
import builtins
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from studykit.authoring.stated import Step, parsed

_BUILTIN = frozenset(dir(builtins))


@dataclass(frozen=True, slots=True)
class _Uses:
    """What a statement does with names."""

    free: frozenset[str]
    binds: frozenset[str]
    changes: frozenset[str]
    anew: bool
    """Whether what it binds need not be there before."""


def needed(body: str, done: Sequence[Step]) -> list[Step]:
    """The earlier statements that `body` rests on: what binds or changes the names it uses."""
    wanted = set(_free(body))
    kept: list[Step] = []
    for step in reversed(done):
        uses = _uses(step.code)
        if uses.binds & wanted or uses.changes & wanted:
            kept.append(step)
            wanted = (wanted - uses.binds if uses.anew else wanted) | uses.free
    return kept[::-1]


@lru_cache(maxsize=4096)
def _uses(code: str) -> _Uses:
    tree = parsed(code)
    if tree is None or not tree.body:
        return _Uses(frozenset(), frozenset(), frozenset(), anew=False)
    changes = set() if _only_prints(tree) else _changes(tree)
    return _Uses(frozenset(_free(code)), frozenset(_bound(tree)), frozenset(changes), _binds_anew(tree))


def _free(code: str) -> set[str]:
    """Names that `code` uses and does not bind before, builtins aside."""
    tree = parsed(code)
    found: set[str] = set()
    bound: set[str] = set(_BUILTIN)
    for node in tree.body if tree is not None else ():
        inner: set[str] = set()
        for child in ast.walk(node):
            match child:
                case ast.arg(arg=name) | ast.ExceptHandler(name=str(name)):
                    inner.add(name)
                case ast.comprehension(target=target):
                    inner |= {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}
        loads = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        loads |= {
            n.target.id
            for n in ast.walk(node)
            if isinstance(n, ast.AugAssign) and isinstance(n.target, ast.Name)
        }
        found |= loads - inner - bound
        bound |= _bound(ast.Module([node], []))
    return found


def _binds_anew(tree: ast.Module) -> bool:
    anew = (ast.Assign, ast.AnnAssign, ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
    return all(isinstance(node, anew) for node in tree.body)


def _bound(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                found.update((alias.asname or alias.name).split(".")[0] for alias in names)
            case ast.Name(id=name, ctx=ast.Store()) | ast.ExceptHandler(name=str(name)):
                found.add(name)
    return found


def _changes(tree: ast.Module) -> set[str]:
    """Names whose objects a statement may change: it calls something with them, or stores into them."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Call():
                found.update(n.id for n in ast.walk(node) if isinstance(n, ast.Name))
            case (
                ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del())
                | ast.Attribute(value=ast.Name(id=name), ctx=ast.Store() | ast.Del())
            ):
                found.add(name)
            case ast.AugAssign(target=target):
                found.update(n.id for n in ast.walk(target) if isinstance(n, ast.Name))
    return found


def _only_prints(tree: ast.Module) -> bool:
    return all(isinstance(node, ast.Expr) and is_print(node.value) for node in tree.body)


def is_print(node: ast.expr) -> bool:
    """Whether an expression is a call of `print`."""
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("print", "pprint")
    )
