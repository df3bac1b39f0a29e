"""Lines end at spaces and between Chinese characters, and never where a reader would stumble."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from studykit.tui.text.wrap import line_starts


def wrapped(text: str, width: int) -> list[str]:
    starts = [0, *line_starts(text, width), len(text)]
    return [text[a:b].rstrip() for a, b in pairwise(starts)]


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("short", 10, ["short"]),
        ("two words", 6, ["two", "words"]),
        ("a  b", 2, ["a", "b"]),
        ("unbreakable", 4, ["unbr", "eaka", "ble"]),
        ("go unbreakable", 6, ["go", "unbrea", "kable"]),
        ("旋转位置编码", 6, ["旋转位", "置编码"]),
        ("旋转位置。编码", 8, ["旋转位", "置。编码"]),
        ("旋转（位置）", 6, ["旋转", "（位", "置）"]),
        ("RoPE 旋转位置", 9, ["RoPE 旋转", "位置"]),
        ("用 torch 写", 6, ["用", "torch", "写"]),
        ("aa \u0301", 2, ["aa", " \u0301"]),
        ("", 5, [""]),
    ],
)
def test_where_lines_end(text: str, width: int, lines: list[str]) -> None:
    assert wrapped(text, width) == lines


@given(st.text(alphabet="ab 中文，。（）e\u0301👩", max_size=60), st.integers(2, 20))
def test_no_line_is_too_wide_and_nothing_is_lost(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
