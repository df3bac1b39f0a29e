"""The functions of an article's code as one module that stands alone."""

import ast
import builtins
import re
from dataclasses import dataclass
from functools import lru_cache

from studykit.authoring.blocks import Fence, Lines
from studykit.authoring.candidates import Candidate
from studykit.authoring.outline import Outline
from studykit.authoring.phrases import ask
from studykit.authoring.stated import parsed, python_of


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the article."""

    name: str
    source: str
    lines: Lines
    section: str | None
    sample: str | None
    """Source of a drafted `sample_<name>`, where the signature says enough."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What the article's code gives a module."""

    imports: tuple[str, ...]
    constants: tuple[str, ...]
    classes: tuple[str, ...]
    functions: tuple[Function, ...]


@lru_cache(maxsize=2)
def collected(outline: Outline) -> Collected:
    """Gather functions with the imports, constants and classes they need; a later version of a name wins."""
    imports: dict[str, str] = {}
    constants: dict[str, str] = {}
    classes: dict[str, str] = {}
    functions: dict[str, Function] = {}
    for place in outline.places:
        fence = place.block
        if not isinstance(fence, Fence):
            continue
        code = python_of(fence)
        tree = parsed(code)
        for node in tree.body if tree is not None else ():
            source = _source(code, node)
            match node:
                case ast.Import() | ast.ImportFrom():
                    imports.setdefault(source, source)
                case ast.FunctionDef(name=name) if not name.startswith("__"):
                    functions[name] = Function(
                        name,
                        source,
                        fence.lines,
                        fence.section.title if fence.section else None,
                        _sample(node),
                    )
                case ast.ClassDef(name=name):
                    classes[name] = source
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if name.isupper() and _is_constant(
                    value
                ):
                    constants[name] = source
    return _closed(imports, constants, classes, functions)


def snippet(outline: Outline) -> str | None:
    """The module, or None where the article has no function that stands alone."""
    parts = collected(outline)
    if not parts.functions:
        return None
    used = "\n".join([*parts.constants, *parts.classes, *(function.source for function in parts.functions)])
    imports = [line for line in parts.imports if _is_used(line, used)]
    head = f'"""{_docstring(outline.article.title)}\n\nSource: {outline.article.name}\n"""'
    blocks = [head, "\n".join(imports), *parts.constants, *parts.classes]
    for function in parts.functions:
        blocks.append(function.source)
        if function.sample is not None:
            blocks.append(function.sample)
    if any(function.sample for function in parts.functions) and "import random" not in imports:
        blocks[1] = "\n".join(["import random", *imports])
    return "\n\n\n".join(block.rstrip() for block in blocks if block.strip()) + "\n"


def implement_cards(outline: Outline) -> list[Candidate]:
    """A card for each function whose inputs could be drafted."""
    return [
        _card(function, outline) for function in collected(outline).functions if function.sample is not None
    ]


def _card(function: Function, outline: Outline) -> Candidate:
    tree = parsed(function.source)
    node = tree.body[0] if tree is not None else None
    doc = ast.get_docstring(node) if isinstance(node, ast.FunctionDef) else None
    signature = (
        f"{function.name}({ast.unparse(node.args)})" if isinstance(node, ast.FunctionDef) else function.name
    )
    told = re.split(r"\n\s*\n|>>>", doc)[0].strip() if doc else ""
    front = ask("write", f"`{signature}`", chinese=outline.language == "zh") + (f" {told}" if told else "")
    return Candidate(
        rule="snippet",
        kind="implement",
        fields={"front": front, "function": function.name},
        lines=function.lines,
        section=function.section,
        quote=function.source,
        key=function.name,
        name=f"write {function.name}",
        answer=function.source,
        score=5.0 if told else 3.0,
    )


def _closed(
    imports: dict[str, str],
    constants: dict[str, str],
    classes: dict[str, str],
    functions: dict[str, Function],
) -> Collected:
    """Leave out functions that use a name which nothing here defines."""
    known = {name for line in imports for name in _import_names(line)} | set(constants) | set(classes)
    kept = dict(functions)
    while True:
        defined = known | set(kept) | set(dir(builtins))
        loose = [name for name, function in kept.items() if _free_names(function.source) - defined]
        if not loose:
            break
        for name in loose:
            del kept[name]
    needed = "\n".join(function.source for function in kept.values())
    used_classes = tuple(source for name, source in classes.items() if re.search(rf"\b{name}\b", needed))
    needed += "\n".join(used_classes)
    used_constants = tuple(source for name, source in constants.items() if re.search(rf"\b{name}\b", needed))
    return Collected(tuple(imports), used_constants, used_classes, tuple(kept.values()))


def _source(code: str, node: ast.stmt) -> str:
    lines = code.splitlines()
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    return "\n".join(lines[first - 1 : node.end_lineno])


def _free_names(source: str) -> set[str]:
    """Names that a function reads from outside itself."""
    tree = parsed(source)
    if tree is None:
        return set()
    nodes = list(ast.walk(tree))
    bound = {n.id for n in nodes if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    bound |= {n.arg for n in nodes if isinstance(n, ast.arg)}
    bound |= {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)}
    bound |= {n.name for n in nodes if isinstance(n, ast.ExceptHandler) and n.name}
    bound |= {
        (a.asname or a.name).split(".")[0]
        for n in nodes
        if isinstance(n, ast.Import | ast.ImportFrom)
        for a in n.names
    }
    return {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)} - bound


def _import_names(line: str) -> set[str]:
    tree = parsed(line)
    nodes = tree.body if tree is not None else []
    return {
        (alias.asname or alias.name).split(".")[0]
        for node in nodes
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }


def _is_used(line: str, code: str) -> bool:
    return any(re.search(rf"\b{re.escape(name)}\b", code) for name in _import_names(line))


def _is_constant(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _docstring(title: str) -> str:
    title = re.sub(r'[\\"]', "", title).strip() or "From an article"
    return title if title.endswith((".", "。", "?", "？", "!")) else title + "."


_DRAWS = {
    "int": "rng.randint(1, 12)",
    "float": "round(rng.uniform(-3, 3), 2)",
    "bool": "rng.random() < 0.5",
    "str": '"".join(rng.choices("abcde", k=rng.randint(0, 8)))',
    "list[int]": "[rng.randint(-9, 9) for _ in range(rng.randint(0, 8))]",
    "list[float]": "[round(rng.uniform(-3, 3), 2) for _ in range(rng.randint(1, 8))]",
    "list[str]": '[rng.choice("abcde") for _ in range(rng.randint(0, 6))]',
    "dict[str, int]": '{name: rng.randint(0, 9) for name in "abcde"[: rng.randint(0, 5)]}',
    "tuple[int, ...]": "tuple(rng.randint(-9, 9) for _ in range(rng.randint(0, 6)))",
}
_BY_NAME = (
    (
        re.compile(
            r"^(?:n|m|k|i|j|num|count|size|length|steps?|depth|width|height|n_\w+|num_\w+|\w+_size|limit|"
            r"start|stop|end|times)$"
        ),
        "int",
    ),
    (re.compile(r"^(?:x|y|z|lr|alpha|beta|gamma|eps|temperature|rate|ratio|scale|value|a|b|c)$"), "float"),
    (re.compile(r"^(?:s|text|string|word|name|line|sentence|prefix|suffix|char|pattern)$"), "str"),
    (
        re.compile(
            r"^(?:xs|ys|nums|numbers|items|lst|arr|array|values|seq|sequence|data|lis|ints|scores|logits|"
            r"weights|losses)$"
        ),
        "list[int]",
    ),
)


def _sample(node: ast.FunctionDef) -> str | None:
    """A `sample_<name>` drafted from names and annotations of the arguments; None where they say too
    little."""
    args = node.args
    if args.vararg or args.kwarg or args.posonlyargs or _is_effectful(node):
        return None
    needed = [
        *args.args[: len(args.args) - len(args.defaults)],
        *(a for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if d is None),
    ]
    draws = {arg.arg: _draw(arg) for arg in needed}
    if not draws or any(draw is None for draw in draws.values()):
        return None
    lines = ",\n".join(f'        "{name}": {draw}' for name, draw in draws.items())
    return (
        f"def sample_{node.name}(seed: int) -> dict[str, object]:\n"
        "    # Drafted from the signature. For the author: do sizes and corner cases vary enough?\n"
        f"    rng = random.Random(seed)\n    return {{\n{lines},\n    }}"
    )


def _draw(arg: ast.arg) -> str | None:
    if arg.annotation is not None:
        return _DRAWS.get(
            ast.unparse(arg.annotation).replace("List", "list").replace("Sequence", "list").strip("'\"")
        )
    return next((_DRAWS[kind] for pattern, kind in _BY_NAME if pattern.match(arg.arg)), None)


def _is_effectful(node: ast.FunctionDef) -> bool:
    """Whether comparing results is not enough: it prints, yields, or returns nothing."""
    inner = list(ast.walk(node))
    returns = any(isinstance(n, ast.Return) and n.value is not None for n in inner)
    prints = any(
        isinstance(n, ast.Call)
        and isinstance(n.func, ast.Name)
        and n.func.id in ("print", "input", "open", "exec")
        for n in inner
    )
    return (
        not returns
        or prints
        or any(isinstance(n, ast.Yield | ast.YieldFrom | ast.Global | ast.Await) for n in inner)
    )
