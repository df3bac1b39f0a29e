"""The snippet contract, as far as reading the code can tell."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from studykit.library.deck import Problem
from studykit.wording import closest, shown

Definition = ast.FunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Snippet:
    """A snippet that was read: its path, source and syntax tree."""

    path: Path
    source: str
    tree: ast.Module

    @property
    def definitions(self) -> dict[str, Definition]:
        """The functions and classes of the module by name."""
        return {node.name: node for node in self.tree.body if isinstance(node, Definition)}

    def problem(self, node: ast.AST | None, rule: str, message: str) -> Problem:
        """Return a problem at `node`, or at the first line."""
        line, column = (getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1)
        return Problem(shown(self.path), line, column, rule, message)


def read_snippet(path: Path) -> Snippet | Problem:
    """Read and parse a snippet; a file that is no Python is a problem, not an error."""
    try:
        source = path.read_text(encoding="utf8")
        return Snippet(path, source, ast.parse(source))
    except SyntaxError as error:
        return Problem(shown(path), error.lineno or 1, error.offset or 1, "python-syntax", f"{error.msg}")
    except (OSError, ValueError) as error:
        return Problem(shown(path), 1, 1, "unreadable", f"cannot be read as UTF-8 text: {error}")


def contract(snippet: Snippet) -> Iterator[Problem]:
    """Yield what the snippet as a whole lacks."""
    yield from _docstring(snippet)
    yield from _imports(snippet)
    yield from _quiet_on_import(snippet)
    yield from _entry_points(snippet)


def _docstring(snippet: Snippet) -> Iterator[Problem]:
    text = ast.get_docstring(snippet.tree) or ""
    if not text:
        yield snippet.problem(
            None, "no-docstring", "say in one line what this is, then `Source:` and `Shapes:`"
        )
    elif "Source:" not in text:
        yield snippet.problem(
            snippet.tree.body[0], "no-source", "name the paper or document: `Source: authors, title, year`"
        )


def _imports(snippet: Snippet) -> Iterator[Problem]:
    allowed = {*sys.stdlib_module_names, "torch"}
    if snippet.path.stem.endswith("_triton"):
        allowed.add("triton")
    for node in ast.walk(snippet.tree):
        for name in _imported(node):
            if name.split(".")[0] not in allowed:
                yield snippet.problem(
                    node,
                    "foreign-import",
                    f"imports {name or 'a relative module'}: only the standard library and torch may be used",
                )


def _imported(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=module, level=level):
            return [""] if level else [module or ""]
    return []


def _quiet_on_import(snippet: Snippet) -> Iterator[Problem]:
    for node in snippet.tree.body:
        match node:
            case (
                ast.Import()
                | ast.ImportFrom()
                | ast.FunctionDef()
                | ast.ClassDef()
                | ast.Assign()
                | ast.AnnAssign()
            ) | ast.Expr(value=ast.Constant()):
                continue
            case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))):
                continue
            case ast.If() | ast.Try() if all(
                isinstance(step, ast.Import | ast.ImportFrom) for step in node.body
            ):
                continue
            case _:
                yield snippet.problem(
                    node, "work-on-import", "runs when imported: put it into a function or `main`"
                )


def _entry_points(snippet: Snippet) -> Iterator[Problem]:
    for name, call in (
        ("claim", "claim(seed: int = 0) -> dict"),
        ("main", 'main(device: str = "cpu") -> None'),
    ):
        if name not in snippet.definitions and not snippet.path.stem.endswith("_triton"):
            yield snippet.problem(None, f"no-{name}", f"define `{call}`")


def missing_function(
    snippet: Snippet, name: str, position: tuple[int, int], deck: str, rule: str
) -> Iterator[Problem]:
    """Yield a problem at a card's `position` in `deck` if the snippet does not define `name`."""
    if name in snippet.definitions:
        return
    meant = closest(name, snippet.definitions)
    hint = f" (did you mean '{meant}'?)" if meant else ""
    yield Problem(deck, *position, rule, f"{shown(snippet.path)} has no function '{name}'{hint}")
