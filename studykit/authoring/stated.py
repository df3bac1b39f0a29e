"""Code with the output that the article states for it, statement by statement.

There are four ways of stating it: an interpreter session (`>>>`, `In [1]:`), a comment (`# → 3`,
`# output: 3`), examples in a docstring, and a block of output after the code. A plain comment
(`print(x)  # 3`) may be one too: it counts only if running the code shows just that.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from studykit.authoring.blocks import Fence, Lines

_ARROW = re.compile(
    r"#\s*(?:→|->|=>|⇒|⟶|-->|==>|>>>?|output\s*[:：]|out\s*[:：]|prints?\s*[:：]|returns?\s*[:：]|"
    r"result\s*[:：]|输出(?:为|是)?\s*[:：]|结果(?:为|是)?\s*[:：]|打印\s*[:：])\s*(?P<text>.*)$",
    re.IGNORECASE,
)
_PROMPT = re.compile(r"^\s*(?:>>>|In\s*\[\d*\]:)(?: |$)(?P<code>.*)$")
_MORE = re.compile(r"^\s*(?:\.\.\.|\s+\.\.\.:)(?: |$)(?P<code>.*)$")
_OUT = re.compile(r"^\s*Out\s*\[\d*\]:\s?")
_MAGIC = re.compile(r"^\s*[%!]")


@dataclass(frozen=True, slots=True)
class Step:
    """A statement (or more), the output stated for it, and its lines in the article."""

    code: str
    stated: str | None
    lines: Lines
    sure: bool = True
    """Whether the article plainly states it; a plain comment may be a remark."""


def python_of(fence: Fence) -> str:
    """The Python in a fence, without prompts, outputs and magics; empty where there is none."""
    return "\n".join(step.code for step in steps_of(fence, None))


def steps_of(fence: Fence, output: str | None) -> list[Step]:
    """The statements of a fence with what is stated about each; none where it is no Python."""
    lines = fence.code.splitlines()
    code = "\n".join("" if _MAGIC.match(line) else line for line in lines)
    tree = parsed(code)
    if tree is None and is_session(fence):
        return list(_session(lines, fence.first_line))
    if tree is None or (not fence.language and not is_program(tree)):
        return []
    steps = list(_commented(code, tree, fence.first_line))
    if output is not None and steps and not any(step.stated and step.sure for step in steps):
        whole = Step(_without_stated(code), output, fence.lines)
        return [whole] if _prints(tree) else steps
    return steps


def is_session(fence: Fence) -> bool:
    """Whether a fence shows prompts."""
    return any(_PROMPT.match(line) for line in fence.code.splitlines())


@lru_cache(maxsize=1024)
def parsed(code: str) -> ast.Module | None:
    """The syntax tree of `code`, or None."""
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def same_output(stated: str, got: str) -> bool:
    """Whether two outputs are one, spaces aside."""
    return _unspaced(stated) == _unspaced(got)


def _unspaced(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _session(lines: list[str], first_line: int, *, until_blank: bool = False) -> Iterator[Step]:
    """The inputs of a session, each with the output below it; in a docstring up to an empty line."""
    i = 0
    while i < len(lines):
        prompt = _PROMPT.match(lines[i])
        if prompt is None:
            i += 1
            continue
        start, code = i, [prompt.group("code")]
        i += 1
        while i < len(lines) and (more := _MORE.match(lines[i])):
            code.append(more.group("code"))
            i += 1
        output = []
        while i < len(lines) and not _PROMPT.match(lines[i]) and not (until_blank and not lines[i].strip()):
            output.append(_OUT.sub("", lines[i]))
            i += 1
        stated = "\n".join(output).strip()
        yield Step("\n".join(code).rstrip(), stated or None, (first_line + start, first_line + i - 1))


def _commented(code: str, tree: ast.Module, first_line: int) -> Iterator[Step]:
    """The statements of a program, each with the output that comments on or below it state."""
    lines = code.splitlines()
    comments = _comments(code)
    edges = [node.lineno - 1 for node in tree.body]
    for node, following in zip(tree.body, [*edges[1:], len(lines)], strict=False):
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        end = node.end_lineno or node.lineno
        stated, sure = _stated_by(node, comments, end, following)
        source = _without_stated(_without_examples("\n".join(lines[first - 1 : end]), node))
        last = end if stated is None else max([end, *(n for n in comments if end < n <= following)])
        yield Step(source, stated, (first_line + first - 1, first_line + last - 1), sure)
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield from _examples(node, first_line)


def _stated_by(
    node: ast.stmt, comments: Mapping[int, str], end: int, following: int
) -> tuple[str | None, bool]:
    """The output that comments state for a statement, and whether they plainly do."""
    beside = [comments[n] for n in sorted(comments) if node.lineno <= n <= end]
    inside = [match.group("text").strip() for text in beside if (match := _ARROW.match(text))]
    below = list(_run(comments, end + 1, following))
    if inside and isinstance(node, ast.FunctionDef | ast.ClassDef):
        return None, True
    if inside and inside[-1]:
        return "\n".join([*inside, *_continued(below)]), True
    if inside or (below and _ARROW.match(below[0])):
        rest = _continued(below) or [text.lstrip("#").strip() for text in below]
        return "\n".join(filter(None, [*inside, *rest])) or None, True
    if isinstance(node, ast.Expr) and end in comments and not isinstance(node.value, ast.Constant):
        return comments[end].lstrip("#").strip() or None, False
    return None, True


def _continued(comments: list[str]) -> list[str]:
    """Arrow after arrow; below an arrow that has nothing beside it, plain comments."""
    found: list[str] = []
    for text in comments:
        match = _ARROW.match(text)
        if match is None and (not found or found[0]):
            break
        found.append(match.group("text").strip() if match else text.lstrip("#").strip())
    return [text for text in found if text]


def _run(comments: Mapping[int, str], start: int, end: int) -> Iterator[str]:
    for line in range(start, end + 1):
        if line not in comments:
            return
        yield comments[line]


@lru_cache(maxsize=1024)
def _comments(code: str) -> Mapping[int, str]:
    """Line -> comment."""
    if "#" not in code:
        return {}
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return {}
    return {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}


def _without_stated(code: str) -> str:
    """`code` without the comments that would give an output away: arrows, and whatever follows on the line
    of a call."""
    kept = []
    comments = _comments(code)
    for number, line in enumerate(code.splitlines(), 1):
        comment = comments.get(number)
        if comment is not None:
            bare = line[: line.rindex(comment)].rstrip()
            if _ARROW.match(comment) or re.match(r"\s*print\(|^[\w.\[\]()'\", ]+$", bare):
                line = bare
                if not line.strip():
                    continue
        kept.append(line)
    return "\n".join(kept).rstrip()


def _examples(node: ast.FunctionDef | ast.ClassDef, first_line: int) -> Iterator[Step]:
    """The examples of a docstring."""
    doc = ast.get_docstring(node, clean=False)
    if doc and ">>>" in doc:
        yield from _session(doc.splitlines(), first_line + node.body[0].lineno - 1, until_blank=True)


def _without_examples(source: str, node: ast.stmt) -> str:
    """A function without the examples in its docstring, which would give the output away."""
    if not isinstance(node, ast.FunctionDef | ast.ClassDef) or ">>>" not in (ast.get_docstring(node) or ""):
        return source
    lines = source.splitlines()
    doc, first = node.body[0], min([node.lineno, *(d.lineno for d in node.decorator_list)])
    start, end = doc.lineno - first, (doc.end_lineno or doc.lineno) - first + 1
    told = "\n".join(lines[start:end]).split(">>>")[0].rstrip()
    opening = re.search(r"\"{3}|'{3}|\"|'", told)
    quotes = opening.group() if opening else ""
    bare = told.replace(quotes, "", 1).strip(" rR\n") if quotes else ""
    kept = [told + quotes] if bare else []
    if len(node.body) == 1 and not kept:
        return source
    return "\n".join([*lines[:start], *kept, *lines[end:]])


def is_program(tree: ast.Module) -> bool:
    """Whether an unnamed fence is a program: words alone parse as names."""
    telling = (
        ast.Import,
        ast.ImportFrom,
        ast.FunctionDef,
        ast.ClassDef,
        ast.Assign,
        ast.For,
        ast.With,
        ast.Try,
    )
    return any(
        isinstance(n, telling) or (isinstance(n, ast.Expr) and isinstance(n.value, ast.Call))
        for n in tree.body
    )


def _prints(tree: ast.Module) -> bool:
    return any(
        isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == "print"
        for n in ast.walk(tree)
    ) or (bool(tree.body) and isinstance(tree.body[-1], ast.Expr))
