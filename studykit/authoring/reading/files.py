"""From a file to text: what cannot be read is said in a sentence, with what to do about it."""

import codecs
import re
from pathlib import Path

from studykit.authoring.reading.cjk_emphasis import is_cjk
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
_HEAD = 4096
_CHARSET = re.compile(rb"""<meta[^>]*charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift-jis": "cp932",
    "ks-c-5601-1987": "cp949",
    "euc-kr": "cp949",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "windows-1252": "cp1252",
    "windows-1251": "cp1251",
}
"""Encodings that pages name, and the wider ones that browsers read them as."""

_PAGE_ENCODINGS = frozenset({*_WIDER.values(), "gb18030", "big5", "euc-jp", "koi8-r"})
_PLAUSIBLE = 0.5


def read_text(path: Path) -> str:
    """Return what the file says, line ends as they are; raise `StudykitError` if it is no text in UTF-8."""
    return _decoded(_bytes(path), shown(path), "utf-8-sig")


def read_page(path: Path) -> str:
    """Return what a page says: it may name an encoding of its own."""
    data = _bytes(path)
    named = _CHARSET.search(data[:_HEAD])
    name = named.group(1).decode("ascii").lower().replace("_", "-") if named else ""
    encoding = _WIDER.get(name, name)
    return _decoded(data, shown(path), encoding if encoding in _PAGE_ENCODINGS else "utf-8-sig")


def _decoded(data: bytes, name: str, encoding: str) -> str:
    if not data.removeprefix(codecs.BOM_UTF8).strip():
        raise StudykitError(f"{name} is empty. Give a file that holds an article.")
    for mark, other in _MARKS.items():
        if data.startswith(mark):
            raise StudykitError(f"{name} is encoded in {other}. {_save_as_utf8(name, other)}")
    if b"\x00" in data:
        raise StudykitError(
            f"{name} is not text but a binary file. "
            "Give a Markdown file (.md), a notebook (.ipynb) or a page (.html)."
        )
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        probable = _probably(data)
        guess = f"; it is probably {probable.upper()}" if probable else ""
        wanted = "UTF-8" if encoding.startswith("utf") else encoding.upper()
        raise StudykitError(
            f"{name} is not encoded in {wanted} (line {line}){guess}. {_save_as_utf8(name, probable)}"
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


def _save_as_utf8(name: str, encoding: str | None) -> str:
    if encoding is None:
        return "Open it in an editor and save it as UTF-8."
    return f"Save it as UTF-8, for example with: iconv -f {encoding.upper()} -t UTF-8 '{name}' > utf8.md"


def _probably(data: bytes) -> str | None:
    """Return the encoding in which `data` says something in Chinese, Japanese or Korean."""
    sample = data[:_SAMPLE]
    for encoding in _OTHERS:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            text = decoder.decode(sample, final=len(data) <= _SAMPLE)
        except UnicodeDecodeError:
            continue
        foreign = [char for char in text if not char.isascii()]
        if foreign and sum(is_cjk(char) for char in foreign) >= _PLAUSIBLE * len(foreign):
            return encoding
    return None
