"""Small faults put into a reference, one at a time: a card worth its place must notice nearly all of them.

A mutant is the whole snippet with one expression of one function changed. Its name is the change itself
(`a + b -> a - b`), so that a survivor can be listed in a card's `equivalent` and the listing survives edits
elsewhere.

The operators are our own, on `ast`: the libraries that have such operators (mutmut, cosmic-ray) bring a
runner, a database or a concrete syntax tree with them, and know neither tensors nor axes. What is left alone:
docstrings, annotations, and guards whose only work is to raise, since cards draw valid inputs (tests of the
snippet see to the errors).
"""

import ast
import copy
import difflib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Operator = Callable[[ast.expr], Iterator[ast.expr]]

_ARITHMETIC: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.LShift: (ast.RShift,),
    ast.RShift: (ast.LShift,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.BitXor: (ast.BitOr,),
}
_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_NEIGHBOURS = {
    "sin": "cos",
    "cos": "sin",
    "min": "max",
    "max": "min",
    "amin": "amax",
    "amax": "amin",
    "argmin": "argmax",
    "argmax": "argmin",
    "triu": "tril",
    "tril": "triu",
    "sum": "mean",
    "mean": "sum",
    "any": "all",
    "all": "any",
    "floor": "ceil",
    "ceil": "floor",
    "log": "exp",
    "exp": "log",
    "log_softmax": "softmax",
    "softmax": "log_softmax",
    "append": "extend",
    "deepcopy": "copy",
}
"""Functions that are easily mistaken for each other."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault: its name, the whole faulty snippet, and what changed."""

    name: str
    source: str
    diff: str


def mutants(source: str, function: str) -> list[Mutant]:
    """Return the mutants of `function` in the snippet `source`, in the order of the code.

    Raises ValueError if the snippet does not define the function.
    """
    tree = ast.parse(source)
    target = _definition(tree, function)
    before, after = (_text(part) for part in _around(tree, target))
    original = ast.unparse(target)
    found: list[Mutant] = []
    names: Counter[str] = Counter()
    seen = {original}
    for spot in _expressions(target, target):
        for replacement in _changes(spot.node):
            text = spot.unparsed(target, replacement)
            if text in seen:
                continue
            seen.add(text)
            name = _name(spot, replacement)
            names[name] += 1
            if names[name] > 1:
                name = f"{name} #{names[name]}"
            found.append(Mutant(name, f"{before}{text}\n{after}", _diff(original, text)))
    return found


@dataclass(frozen=True, slots=True)
class _Spot:
    """An expression that may be mutated, and where it hangs in the tree."""

    node: ast.expr
    parent: ast.AST
    around: ast.AST
    """The expression it stands in; for the outermost ones, the definition."""

    def unparsed(self, shown: ast.AST, replacement: ast.expr) -> str:
        """Return the text of `shown`, which holds this spot, with `replacement` here; change no tree."""
        self._hang(self.node, replacement)
        try:
            return ast.unparse(shown)
        finally:
            self._hang(replacement, self.node)

    def _hang(self, old: ast.expr, new: ast.expr) -> None:
        for name, value in ast.iter_fields(self.parent):
            if value is old:
                setattr(self.parent, name, new)
                return
            if isinstance(value, list):
                for index, one in enumerate(value):
                    if one is old:
                        value[index] = new
                        return


def _around(tree: ast.Module, target: ast.stmt) -> tuple[list[ast.stmt], list[ast.stmt]]:
    place = tree.body.index(target)
    return tree.body[:place], tree.body[place + 1 :]


def _text(statements: list[ast.stmt]) -> str:
    return "".join(f"{ast.unparse(statement)}\n" for statement in statements)


def _definition(tree: ast.Module, name: str) -> ast.FunctionDef | ast.ClassDef:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            return node
    raise ValueError(f"the snippet does not define {name}")


def _expressions(node: ast.AST, around: ast.AST) -> Iterator[_Spot]:
    """Yield the expressions below `node` that may be mutated, outermost first."""
    for child, parent in _open_to_mutation(node):
        if isinstance(child, ast.expr):
            yield _Spot(child, parent, around)
        yield from _expressions(child, child if isinstance(child, ast.expr) else around)


def _open_to_mutation(node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Yield what may be mutated right below `node`, each with the node that holds it."""
    match node:
        case ast.FunctionDef():
            # Defaults are part of the behaviour; annotations and decorators are not.
            defaults = [*node.args.defaults, *node.args.kw_defaults]
            yield from ((default, node.args) for default in defaults if default is not None)
            yield from ((step, node) for step in node.body)
        case ast.Raise() | ast.Assert():
            return
        case ast.If() if all(isinstance(step, ast.Raise) for step in node.body):
            yield from ((step, node) for step in node.orelse)
        case ast.AnnAssign():
            if node.value is not None:
                yield node.value, node
        case ast.Expr(value=ast.Constant()):
            return
        case ast.JoinedStr():
            return
        case _:
            yield from ((child, node) for child in ast.iter_child_nodes(node))


def _changes(node: ast.expr) -> Iterator[ast.expr]:
    for operator in OPERATORS:
        yield from operator(node)


def _swapped_arithmetic(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp):
        for swapped in _ARITHMETIC.get(type(node.op), ()):
            yield ast.BinOp(node.left, swapped(), node.right)


def _dropped_term(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div):
        yield node.left
        if isinstance(node.op, ast.Add | ast.Mult):
            yield node.right


def _swapped_comparison(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for swapped in _COMPARISONS[type(node.ops[0])]:
            yield ast.Compare(node.left, [swapped()], node.comparators)


def _changed_constant(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1)
            if value > 0:
                yield ast.Constant(value - 1)
        case ast.Constant(value=float(value)):
            yield ast.Constant(value * 2 if value else 1.0)


def _swapped_logic(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.BoolOp(op=ast.And()):
            yield ast.BoolOp(ast.Or(), node.values)
        case ast.BoolOp(op=ast.Or()):
            yield ast.BoolOp(ast.And(), node.values)


def _dropped_sign(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.UnaryOp):
        yield node.operand


def _other_axis(node: ast.expr) -> Iterator[ast.expr]:
    """Sum over the wrong axis: the classic fault of tensor code."""
    if not isinstance(node, ast.Call):
        return
    for index, keyword in enumerate(node.keywords):
        if keyword.arg in ("dim", "axis"):
            changed = copy.deepcopy(node)
            changed.keywords[index].value = ast.Constant(0)
            yield changed


def _moved_bound(node: ast.expr) -> Iterator[ast.expr]:
    """Off by one: `x[a:b]` starts or ends one later or earlier, `range(n)` stops one early."""
    match node:
        case ast.Subscript(slice=ast.Slice() as bounds):
            for name in ("lower", "upper"):
                bound = getattr(bounds, name)
                if bound is not None and not isinstance(bound, ast.Constant):
                    moved = copy.deepcopy(bounds)
                    setattr(moved, name, ast.BinOp(bound, ast.Add(), ast.Constant(1)))
                    yield ast.Subscript(node.value, moved, node.ctx)
        case ast.Call(func=ast.Name(id="range"), args=[*arguments]) if arguments:
            stop = min(1, len(arguments) - 1)
            arguments[stop] = ast.BinOp(arguments[stop], ast.Sub(), ast.Constant(1))
            yield ast.Call(node.func, arguments, node.keywords)


def _mistaken_function(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.Call(func=ast.Attribute(attr=name) as method) if name in _NEIGHBOURS:
            other = ast.Attribute(method.value, _NEIGHBOURS[name], method.ctx)
            yield ast.Call(other, node.args, node.keywords)
        case ast.Call(func=ast.Name(id=name) as called) if name in _NEIGHBOURS:
            yield ast.Call(ast.Name(_NEIGHBOURS[name], called.ctx), node.args, node.keywords)


def _other_branch(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.IfExp):
        yield node.body
        yield node.orelse


OPERATORS: tuple[Operator, ...] = (
    _swapped_arithmetic,
    _dropped_term,
    _swapped_comparison,
    _changed_constant,
    _swapped_logic,
    _dropped_sign,
    _other_axis,
    _moved_bound,
    _mistaken_function,
    _other_branch,
)


def _name(spot: _Spot, replacement: ast.expr) -> str:
    """Name a change by its text; a bare constant says too little, so what it stands in is named."""
    if isinstance(spot.node, ast.Constant) and isinstance(spot.around, ast.expr):
        return f"{_short(ast.unparse(spot.around))} -> {_short(spot.unparsed(spot.around, replacement))}"
    return f"{_short(ast.unparse(spot.node))} -> {_short(ast.unparse(replacement))}"


def _short(code: str) -> str:
    text = " ".join(code.split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def _diff(before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))
