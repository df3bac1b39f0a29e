"""What a learner begins with: a definition with its bodies left out."""

import ast
import copy

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def outline(definition: Definition, lines: list[str]) -> list[str]:
    """Return the lines of a definition with every body replaced by its docstring and `...`."""
    indent = " " * (definition.body[0].col_offset if _on_own_line(definition) else definition.col_offset + 4)
    shown = _header(definition, lines)
    first = definition.body[0]
    if ast.get_docstring(definition) is not None and _on_own_line(definition):
        shown += lines[first.lineno - 1 : first.end_lineno]
    methods: list[ast.FunctionDef] = []
    if isinstance(definition, ast.ClassDef):
        fields = [node for node in definition.body if isinstance(node, ast.AnnAssign)]
        shown += [line for node in fields for line in lines[node.lineno - 1 : node.end_lineno]]
        methods = [node for node in definition.body if isinstance(node, ast.FunctionDef) and _is_public(node)]
    if not methods:
        return [*shown, f"{indent}..."]
    for method in methods:
        shown += ["", *outline(method, lines)]
    return shown


def _header(definition: Definition, lines: list[str]) -> list[str]:
    if not _on_own_line(definition):
        shell = copy.copy(definition)
        shell.body = [ast.Expr(ast.Constant(...))]
        return [" " * definition.col_offset + line for line in ast.unparse(shell).splitlines()[:-1]]
    header = lines[first_line(definition) - 1 : first_line(definition.body[0]) - 1]
    while header and (not header[-1].strip() or header[-1].lstrip().startswith("#")):
        header.pop()  # comments on the body are the body's
    return header


def _on_own_line(definition: Definition) -> bool:
    return (
        definition.body[0].col_offset > definition.col_offset
        and first_line(definition.body[0]) > definition.lineno
    )


def _is_public(method: ast.FunctionDef) -> bool:
    return not method.name.startswith("_") or method.name.endswith("__")


def first_line(node: ast.stmt) -> int:
    """Return the line on which a statement begins, its decorators included."""
    if isinstance(node, Definition) and node.decorator_list:
        return min(decorator.lineno for decorator in node.decorator_list)
    return node.lineno
