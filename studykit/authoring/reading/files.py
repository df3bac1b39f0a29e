"""From a file to text: what cannot be read is said in a sentence, with what to do about it."""

from pathlib import Path

from studykit.errors import StudykitError
from studykit.wording import shown

LARGEST = 32 * 2**20
"""Bytes; a book is smaller."""

_MARKS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
_OTHERS = ("gb18030", "big5", "shift_jis", "euc_kr")
_SAMPLE = 100_000


def read_text(path: Path) -> str:
    """Return what the file says, line ends as they are; raise `StudykitError` where it is no text in UTF-8."""
    data = _bytes(path)
    name = shown(path)
    if not data.strip():
        raise StudykitError(f"{name} is empty. Give a file that holds an article.")
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            raise StudykitError(f"{name} is encoded in {encoding}. {_save_as_utf8(name, encoding)}")
    if b"\x00" in data:
        raise StudykitError(
            f"{name} is not text but a binary file. Give a Markdown file (.md), a notebook (.ipynb) or a page (.html)."
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        other = _probably(data)
        guess = f"; it is probably {other.upper()}" if other else ""
        raise StudykitError(
            f"{name} is not encoded in UTF-8 (line {line}){guess}. {_save_as_utf8(name, other or 'OTHER')}"
        ) from None


def _bytes(path: Path) -> bytes:
    name = shown(path)
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise StudykitError(f"There is no file {name}. Give the path of an article.") from None
    except IsADirectoryError:
        raise StudykitError(f"{name} is a folder. Give the path of one article in it.") from None
    except OSError as error:
        raise StudykitError(
            f"{name} cannot be read: {error.strerror or error}. Check the path and its permissions."
        ) from None
    if len(data) > LARGEST:
        raise StudykitError(f"{name} is larger than {LARGEST // 2**20} MB. Split it into articles.")
    return data


def _save_as_utf8(name: str, encoding: str) -> str:
    return f"Save it as UTF-8, for example with: iconv -f {encoding.upper()} -t UTF-8 '{name}' > utf8.md"


def _probably(data: bytes) -> str | None:
    """Return the encoding that fits where UTF-8 does not."""
    for other in _OTHERS:
        try:
            text = data[:_SAMPLE].decode(other)
        except UnicodeDecodeError as error:
            if error.start < min(len(data), _SAMPLE) - 4:
                continue
            text = data[: error.start].decode(other)
        if text.isprintable() or "\n" in text:
            return other
    return None
