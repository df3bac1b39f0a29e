"""Where an answer is wrong can be seen without colour."""

import pytest

from studykit.tui.text.diff import closest, difference
from studykit.tui.text.page import Page


@pytest.mark.parametrize(
    ("answer", "expected", "lines"),
    [
        ("abd", "abc", ["yours     abd", "            ^", "expected  abc", "            ^"]),
        ("ab", "abc", ["yours     ab", "expected  abc", "            ^"]),
        ("abcd", "abc", ["yours     abcd", "             ^", "expected  abc"]),
        ("", "a", ["yours     (nothing)", "expected  a", "          ^"]),
        ("中国", "中文", ["yours     中国", "            ^^", "expected  中文", "            ^^"]),
    ],
)
def test_marks_stand_below_what_differs(answer: str, expected: str, lines: list[str]) -> None:
    assert [line.rstrip() for line in Page(difference(answer, expected)).text(60).splitlines()] == lines


def test_the_accepted_answer_most_like_the_given_one_is_compared() -> None:
    assert closest("twelfe", ("12", "twelve", "a dozen")) == "twelve"
