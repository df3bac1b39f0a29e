"""No character of a deck reaches the terminal as a command."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studykit.tui.text.clean import clean, clean_decoded, clean_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("\x1b[31m", "␛[31m"),
        ("\x00\x07\x7f", "␀␇␡"),
        ("\x9b31m", "⟨U+009B⟩31m"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("\u202eevil", "⟨U+202E⟩evil"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("\ud800", "⟨U+D800⟩"),
        ("👩‍👧 中文 é", "👩‍👧 中文 é"),
    ],
)
def test_controls_are_made_visible(text: str, shown: str) -> None:
    assert clean(text) == shown


@given(st.text())
def test_nothing_dangerous_is_left(text: str) -> None:
    for cleaned in (clean(text), clean_decoded(text.replace("\r", ""))):
        for character in cleaned:
            assert character in "\t\n" or unicodedata.category(character) not in ("Cc", "Cs")


def test_a_line_is_one_line() -> None:
    assert clean_line(" a\n b\tc ") == "a b c"
