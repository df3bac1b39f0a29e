"""Code with the output that the article states for it, cut into pieces short enough to ask about.

Four ways of stating it: an interpreter session (`>>>`, `In [1]:`), a comment (`# → 3`, `# output: 3`), examples in a
docstring, and a block of output after the code. A plain comment (`print(x)  # 3`) may be one too: it counts only if
running the code shows just that.
"""

import ast
import builtins
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

from studykit.authoring.blocks import Block, Fence, Lines, Paragraph, plain
from studykit.authoring.outline import Outline, Place

_BUILTIN = frozenset(dir(builtins))

MOST_OUTPUTS = 3
"""Stated outputs in one question."""

_PYTHON = frozenset({"python", "python3", "py", "py3", "pycon", "ipython", "ipython3", "pytb", ""})
_OUTPUT = frozenset(
    {"", "text", "txt", "output", "console", "plaintext", "plain", "none", "out", "stdout", "log"}
)
_ARROW = re.compile(
    r"#\s*(?:→|->|=>|⇒|⟶|-->|==>|>>>?|output\s*[:：]|out\s*[:：]|prints?\s*[:：]|returns?\s*[:：]|result\s*[:：]|输出(?:为|是)?\s*[:：]|结果(?:为|是)?\s*[:：]|打印\s*[:：])\s*(?P<text>.*)$",
    re.IGNORECASE,
)
_PROMPT = re.compile(r"^\s*(?:>>>|In\s*\[\d*\]:)(?: |$)(?P<code>.*)$")
_MORE = re.compile(r"^\s*(?:\.\.\.|\s+\.\.\.:)(?: |$)(?P<code>.*)$")
_OUT = re.compile(r"^\s*Out\s*\[\d*\]:\s?")
_MAGIC = re.compile(r"^\s*[%!]")
_SAYS_OUTPUT = re.compile(
    r"(?:输出|结果|打印|运行|得到|显示|output|prints?|result|gives?|shows?|yields?|returns?)[^。.]{0,30}[：:。.]?\s*$",
    re.IGNORECASE,
)
_UNSTABLE = re.compile(
    r"0x[0-9a-fA-F]{5,}|\b\d+(?:\.\d+)?\s*(?:µs|us|ns|ms)\b|%timeit|CPU times|Traceback|\.\.\.\s*$|\d{2}:\d{2}:\d{2}"
)


@dataclass(frozen=True, slots=True)
class Step:
    """A statement (or more), the output stated for it, and its lines in the article."""

    code: str
    stated: str | None
    lines: Lines
    sure: bool = True
    """Whether the article plainly states it; a plain comment may be a remark."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of code to ask about: what must be there before, itself, and what it prints."""

    prelude: str
    body: str
    stated: str
    lines: Lines
    sure: bool
    before: tuple[str, ...]
    """All code of the article before it, a program per fence."""
    undisplayed: str = ""
    """The body without the values that an interpreter would show: where a call prints and returns nothing."""
    parts: "tuple[Chunk, ...]" = ()
    """Its stated outputs one by one, where it has several."""

    @property
    def program(self) -> str:
        """The whole program, which prints what is stated and nothing else."""
        return f"{self.prelude}\n{self.body}" if self.prelude else self.body


def chunks(outline: Outline) -> list[Chunk]:
    """The pieces of code in the article whose output it states."""
    found: list[Chunk] = []
    past: list[Step] = []
    before: list[str] = []
    for place in outline.places:
        if not isinstance(place.block, Fence) or place.block.language not in _PYTHON:
            continue
        steps = steps_of(place.block, _output_after(place, outline))
        found.extend(_chunks(steps, past, tuple(before)))
        past.extend(steps)
        code = "\n".join(step.code for step in steps)
        if code:
            before.append(code)
    return found


def python_of(fence: Fence) -> str:
    """The Python in a fence, without prompts, outputs and magics; empty where there is none."""
    return "\n".join(step.code for step in steps_of(fence, None))


def steps_of(fence: Fence, output: str | None) -> list[Step]:
    """The statements of a fence with what is stated about each; none where it is no Python."""
    lines = fence.code.splitlines()
    code = "\n".join("" if _MAGIC.match(line) else line for line in lines)
    tree = parsed(code)
    if tree is None and any(_PROMPT.match(line) for line in lines):
        return list(_session(lines, fence.first_line))
    if tree is None or (not fence.language and not _looks_like_python(tree)):
        return []
    steps = list(_commented(code, tree, fence.first_line))
    if output is not None and steps and not any(step.stated and step.sure for step in steps):
        whole = Step(_without_stated(code), output, fence.lines)
        return [whole] if _prints(tree) else steps
    return steps


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
    """The inputs of an interpreter session, each with the output below it (in a docstring up to an empty line)."""
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


def _stated_by(node: ast.stmt, comments: dict[int, str], end: int, following: int) -> tuple[str | None, bool]:
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


def _run(comments: dict[int, str], start: int, end: int) -> Iterator[str]:
    for line in range(start, end + 1):
        if line not in comments:
            return
        yield comments[line]


def _comments(code: str) -> dict[int, str]:
    """Line -> comment."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return {}
    return {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}


def _without_stated(code: str) -> str:
    """`code` without the comments that would give an output away: arrows, and whatever follows on the line of a call."""
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


def _looks_like_python(tree: ast.Module) -> bool:
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


def _output_after(place: Place, outline: Outline) -> str | None:
    """The block of output that belongs to a fence: the next block, perhaps after "Output:"."""
    places = outline.places
    at = next(i for i, other in enumerate(places) if other.block is place.block)
    following: list[Block] = [
        other.block for other in places[at + 1 : at + 3] if other.block.section == place.block.section
    ]
    if not following:
        return None
    said = (
        isinstance(following[0], Paragraph)
        and len(plain(following[0].spans)) <= 40
        and _SAYS_OUTPUT.search(plain(following[0].spans))
    )
    block = following[1] if said and len(following) > 1 else following[0]
    if (
        isinstance(block, Fence)
        and block.language in _OUTPUT
        and not any(_PROMPT.match(x) for x in block.code.splitlines())
    ):
        if block.language or said or _is_no_program(block):
            return block.code.strip()
    return None


def _is_no_program(block: Fence) -> bool:
    tree = parsed(block.code)
    return tree is None or not _looks_like_python(tree)


def _chunks(steps: list[Step], past: list[Step], before: tuple[str, ...]) -> Iterator[Chunk]:
    pending: list[Step] = []
    done = list(past)
    stated = 0
    for step in steps:
        pending.append(step)
        stated += step.stated is not None
        if stated >= MOST_OUTPUTS:
            yield from _chunk(pending, done, before, steps)
            done, pending, stated = [*done, *pending], [], 0
    if stated:
        yield from _chunk(pending, done, before, steps)


def _chunk(
    pending: list[Step], done: list[Step], before: tuple[str, ...], steps: list[Step]
) -> Iterator[Chunk]:
    told = [step for step in pending if step.stated is not None]
    parts: list[Chunk] = []
    if len(told) > 1:
        past: list[Step] = []
        for step in told:
            here = pending[len(past) : pending.index(step) + 1]
            parts.extend(_chunk(here, [*done, *past], before, steps))
            past.extend(here)
    shown = pending[: pending.index(told[-1]) + 1]
    stated = "\n".join(step.stated or "" for step in told)
    body = "\n".join(_displayed(step) for step in shown)
    if parsed(body) is None or _UNSTABLE.search(stated) or _UNSTABLE.search(body) or not body.strip():
        yield from parts
        return
    earlier = [step.code for step in steps[: steps.index(shown[0])]]
    yield Chunk(
        prelude="\n".join(step.code for step in _needed(body, done)),
        body=body,
        stated=stated,
        lines=(shown[0].lines[0], max(step.lines[1] for step in shown)),
        sure=all(step.sure for step in told),
        before=(*before, "\n".join(earlier)) if earlier else before,
        undisplayed="\n".join(step.code for step in shown),
        parts=tuple(parts),
    )


def _displayed(step: Step) -> str:
    """The code of a step as a program that prints what the interpreter would show."""
    tree = parsed(step.code)
    if step.stated is None or tree is None or not tree.body:
        return step.code
    last = tree.body[-1]
    if not isinstance(last, ast.Expr) or _is_print(last.value):
        return step.code
    lines = step.code.splitlines()
    value = ast.get_source_segment(step.code, last.value) or ""
    quoted = re.match(r"""^[bru]?['"]""", step.stated) is not None
    return "\n".join([*lines[: last.lineno - 1], f"print(repr({value}))" if quoted else f"print({value})"])


def _is_print(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("print", "pprint")
    )


def _needed(body: str, done: list[Step]) -> list[Step]:
    """The earlier statements that `body` rests on: what binds or changes the names it uses."""
    wanted = _free(body)
    kept: list[Step] = []
    for step in reversed(done):
        tree = parsed(step.code)
        if tree is None or not tree.body:
            continue
        binds = _bound(tree)
        if binds & wanted or (_changes(tree) & wanted and not _only_prints(tree)):
            kept.append(step)
            # What is bound anew here need not be there before.
            wanted = (wanted - (binds if _binds_anew(tree) else set())) | _free(step.code)
    return kept[::-1]


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
    return all(isinstance(node, ast.Expr) and _is_print(node.value) for node in tree.body)
