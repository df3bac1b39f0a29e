"""Notebooks: their Markdown as it is, their code in fences, what it printed in fences of `output`."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from studykit.errors import StudykitError

_FENCE = re.compile(r"^[ \t]*(`{3,})", re.MULTILINE)
_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_OBJECT = re.compile(r"<[\w.]+(?: [^<>]*)?>$")
_TEXT = "text/plain"
_ADVICE = "Open it in Jupyter, save it again, and give the new file."


def markdown_of_notebook(text: str, name: str) -> str:
    """Return the notebook as Markdown; raise `StudykitError` if `text` is none."""
    import nbformat
    from nbformat import reader

    read: Callable[[str], Any] = reader.reads
    convert: Callable[[Any, int], Any] = nbformat.convert

    try:
        notebook: Any = convert(read(text), 4)
        return "\n\n".join(filter(None, _cells(notebook)))
    except reader.NotJSONError:
        raise StudykitError(f"{name} is not a notebook: it is not JSON. {_ADVICE}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, nbformat.ValidationError):
        raise StudykitError(
            f"{name} is JSON, but not a notebook of a version that is known. {_ADVICE}"
        ) from None


def _cells(notebook: Any) -> Iterator[str]:
    metadata = notebook.metadata
    language = metadata.get("language_info", {}).get("name") or metadata.get("kernelspec", {}).get("language")
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            yield _joined(cell.source).strip("\n")
        elif cell.cell_type == "code":
            yield _fenced(_joined(cell.source), str(language or "python"))
            yield _fenced(_output(cell.get("outputs") or ()), "output")


def _fenced(code: str, language: str) -> str:
    code = code.strip("\n")
    if not code.strip():
        return ""
    fence = "`" * max([3, *(len(run) + 1 for run in _FENCE.findall(code))])
    return f"{fence}{language}\n{code}\n{fence}"


def _output(outputs: Iterable[Any]) -> str:
    """Return what was printed, and the value of the last line unless it is an object without a text."""
    texts = []
    for output in outputs:
        if output.output_type == "stream" and output.get("name", "stdout") == "stdout":
            texts.append(_joined(output.text))
        elif output.output_type == "execute_result":
            text = _joined(output.data.get(_TEXT, ""))
            texts.append("" if _OBJECT.match(text.strip()) else text)
    return _ESCAPES.sub("", "\n".join(text.rstrip("\n") for text in texts if text.strip()))


def _joined(text: str | list[str]) -> str:
    text = text if isinstance(text, str) else "".join(text)
    return text.replace("\r\n", "\n").replace("\r", "\n")
