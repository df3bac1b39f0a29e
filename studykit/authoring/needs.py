"""What a piece of code rests on: which earlier statements bind or change the names it uses."""

import ast
import builtins
from collections.abc import Iterator, Sequence
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
    return _Uses(_free(code), frozenset(_bound(tree)), frozenset(changes), _binds_anew(tree))


@lru_cache(maxsize=4096)
def _free(code: str) -> frozenset[str]:
    """Names that `code` uses and does not bind before, builtins aside."""
    tree = parsed(code)
    found: set[str] = set()
    bound: set[str] = set(_BUILTIN)
    for statement in tree.body if tree is not None else ():
        inner: set[str] = set()
        loads: set[str] = set()
        for node in _walk(statement):
            match node:
                case ast.Name(id=name, ctx=ast.Load()):
                    loads.add(name)
                case ast.arg(arg=name) | ast.ExceptHandler(name=str(name)):
                    inner.add(name)
                case ast.comprehension(target=target):
                    inner |= _names(target)
                case ast.AugAssign(target=ast.Name(id=name)):
                    loads.add(name)
        found |= loads - inner - bound
        bound |= _bound(statement)
    return frozenset(found)


def _walk(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield `tree` and all nodes in it, in no order: several times as fast as `ast.walk`."""
    rest = [tree]
    while rest:
        node = rest.pop()
        yield node
        for value in node.__dict__.values():
            if isinstance(value, ast.AST):
                rest.append(value)
            elif isinstance(value, list):
                rest.extend(item for item in value if isinstance(item, ast.AST))


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in _walk(tree) if isinstance(node, ast.Name)}


def _binds_anew(tree: ast.Module) -> bool:
    anew = (ast.Assign, ast.AnnAssign, ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
    return all(isinstance(node, anew) for node in tree.body)


def _bound(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in _walk(tree):
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
    for node in _walk(tree):
        match node:
            case ast.Call():
                found |= _names(node)
            case (
                ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del())
                | ast.Attribute(value=ast.Name(id=name), ctx=ast.Store() | ast.Del())
            ):
                found.add(name)
            case ast.AugAssign(target=target):
                found |= _names(target)
    return found


def _only_prints(tree: ast.Module) -> bool:
    return all(isinstance(node, ast.Expr) and is_print(node.value) for node in tree.body)


def is_print(node: ast.expr) -> bool:
    """Whether an expression is a call of `print`."""
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("print", "pprint")
    )
