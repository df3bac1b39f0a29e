"""Emphasis beside Chinese: what CommonMark loses and what it turns inside out, and nothing else changed."""

from itertools import product
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from studykit.authoring.reading.cjk_emphasis import cjk_emphasis_plugin, is_cjk

FIXTURES = Path(__file__).parents[2] / "fixtures" / "authoring" / "reading"
PROBES, SPECIFIED = FIXTURES / "emphasis.txt", FIXTURES / "commonmark_emphasis.txt"


def with_plugin() -> MarkdownIt:
    return MarkdownIt().enable("strikethrough").use(cjk_emphasis_plugin)


def probes() -> list[tuple[str, str, str]]:
    parts = PROBES.read_text(encoding="utf8").split("\n.\n")
    return list(zip(parts[::3], parts[1::3], parts[2::3], strict=False))


@pytest.mark.parametrize(
    ("text", "html"), [pytest.param(text, html, id=title) for title, text, html in probes()]
)
def test_probe(text: str, html: str) -> None:
    assert with_plugin().render(text).strip() == html


def test_most_probes_are_what_plain_commonmark_gets_wrong() -> None:
    plain = MarkdownIt().enable("strikethrough")
    wrong = [text for _, text, html in probes() if plain.render(text).strip() != html]
    assert len(wrong) == 17


@pytest.mark.parametrize("marker", ["*", "**", "_", "__", "~~"])
def test_without_cjk_nothing_changes(marker: str) -> None:
    plain, ours = MarkdownIt().enable("strikethrough"), with_plugin()
    outside = ["", "a", " ", ".", "“", "🙂", "é", "\u00a0"]
    inside = ["a", " a", "a ", ".a", "a.", "“a”", f"a{marker}b", "`a`", "€", "🙂"]
    for before, text, after in product(outside, inside, outside):
        line = f"x{before}{marker}{text}{marker}{after}y"
        assert ours.render(line) == plain.render(line), line


# The examples of CommonMark 0.31.2, section 6.2, in the order given there, one a line.
@pytest.mark.parametrize("text", SPECIFIED.read_text(encoding="utf8").splitlines())
def test_the_examples_of_the_specification_read_as_ever(text: str) -> None:
    assert with_plugin().render(text) == MarkdownIt().enable("strikethrough").render(text)


@pytest.mark.parametrize("char", "中、。「」（！ａＡｶ한あ〈𠮟")
def test_wide_and_half_wide_characters_count_as_cjk(char: str) -> None:
    assert is_cjk(char)


@pytest.mark.parametrize("char", "a“”·…—🙂⭐é\u0378")
def test_emoji_and_characters_of_any_script_do_not_count_as_cjk(char: str) -> None:
    assert not is_cjk(char)
