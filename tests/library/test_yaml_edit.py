"""Changes to a YAML text: what they are not about stays byte for byte, the rest can be read again."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studykit.library.yaml_edit import YamlText
from studykit.library.yaml_source import load
from studykit.library.yaml_write import Rows, block, flow, item

MESSY = """\
# a deck of mine
title:   Messy   # aligned
article: rope.md


cards:
- id: a      # first
  kind: basic
  # about the front
  front: A plain text that
    goes on over two lines
  back: >-   # folded
    folded text

    para
  tags: [ one,two ]
  source: { lines: [1,2],   section: "X" }

# between

- {id: b, kind: cloze, text: "x {{y}}"}
-   id: c
    kind: typed
    front: 'Don''t'
    accept:
    - "1e4"
    - 10
    hint:
  # trailing
"""

FLAT = "title: T\ncards:\n  - {id: a, kind: basic}\n"


def changed(text: str, *steps: tuple[Any, ...]) -> str:
    yaml = YamlText(text)
    for name, *arguments in steps:
        getattr(yaml, name)(*arguments)
    return yaml.result()


def lines_that_differ(before: str, after: str) -> tuple[list[str], list[str]]:
    old, new = before.splitlines(), after.splitlines()
    while old and new and old[0] == new[0]:
        del old[0], new[0]
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    return old, new


def test_no_change_is_no_change() -> None:
    assert changed(MESSY) == MESSY


@pytest.mark.parametrize(
    ("step", "old", "new"),
    [
        (("set", ("title",), "Other"), ["title:   Messy   # aligned"], ["title: Other   # aligned"]),
        (("set", ("title",), "a: b"), ["title:   Messy   # aligned"], ['title: "a: b"   # aligned']),
        (
            ("set", ("title",), "one\ntwo\n"),
            ["title:   Messy   # aligned"],
            ["title: |   # aligned", "  one", "  two"],
        ),
        (
            ("set", ("cards", 0, "front"), "Short"),
            ["  front: A plain text that", "    goes on over two lines"],
            ["  front: Short"],
        ),
        (
            ("set", ("cards", 0, "back"), "Short"),
            ["  back: >-   # folded", "    folded text", "", "    para"],
            ["  back: Short   # folded"],
        ),
        (("set", ("cards", 0, "source", "lines"), [3, 4]), None, None),
        (("set", ("cards", 0, "retired"), True), [], ["  retired: true"]),
        (("set", ("cards", 2, "hint"), "now"), ["    hint:"], ["    hint: now"]),
        (("set", ("cards", 2, "retired"), True), [], ["    retired: true"]),
        (("delete", ("cards", 0, "front")), ["  front: A plain text that", "    goes on over two lines"], []),
        (("delete", ("cards", 0, "id")), None, None),
        (("append", ("cards", 0, "tags"), "three"), ["  tags: [ one,two ]"], ["  tags: [ one,two, three ]"]),
        (("append", ("cards", 2, "accept"), "x"), [], ["    - x"]),
        (("set", ("cards", 1, "revision"), 2), None, None),
    ],
)
def test_a_change_touches_nothing_else(
    step: tuple[Any, ...], old: list[str] | None, new: list[str] | None
) -> None:
    after = changed(MESSY, step)
    if old is not None:
        assert lines_that_differ(MESSY, after) == (old, new)
    assert not load(after).faults
    if step[0] != "delete":
        assert after.count("#") == MESSY.count("#")


def test_flow_collections_are_changed_within_their_braces() -> None:
    after = changed(
        MESSY,
        ("set", ("cards", 0, "source", "lines"), [3, 4]),
        ("set", ("cards", 0, "source", "quote"), 'it\'s: "x"'),
        ("set", ("cards", 1, "text"), "a\n{{b}}, c"),
        ("set", ("cards", 1, "revision"), 2),
        ("delete", ("cards", 1, "kind")),
    )
    assert "source: { lines: [3, 4],   section: \"X\", quote: 'it''s: \"x\"' }" in after
    assert '- {id: b, text: "a\\n{{b}}, c", revision: 2}' in after


def test_the_first_key_leaves_the_dash_behind() -> None:
    after = changed(MESSY, ("delete", ("cards", 0, "id")))
    assert "\n- kind: basic\n" in after
    assert load(after).data["cards"][0].keys() == {"kind", "front", "back", "tags", "source"}


def test_the_last_key_of_a_flow_mapping_goes_with_its_comma() -> None:
    assert changed(FLAT, ("delete", ("cards", 0, "kind"))) == FLAT.replace(", kind: basic", "")


def test_entries_are_put_in_as_their_neighbours_are_written() -> None:
    card = {"id": "new", "kind": "basic", "front": "F", "back": "one\ntwo\n"}
    written = "- id: new\n  kind: basic\n  front: F\n  back: |\n    one\n    two\n"
    first = changed(MESSY, ("insert", ("cards",), -1, card))
    assert f"cards:\n{written}\n- id: a      # first\n" in first
    second = changed(MESSY, ("insert", ("cards",), 0, card))
    assert f'section: "X" }}\n\n{written}\n# between\n' in second
    last = changed(MESSY, ("insert", ("cards",), 2, card), ("set", ("more",), Rows(a={"b": [1]})))
    assert last.endswith(f"    hint:\n  # trailing\n\n{written}more:\n  a: {{b: [1]}}\n")


def test_a_list_in_brackets_stays_in_brackets() -> None:
    text = "title: T\ncards: [{id: a}, {id: b}]\n"
    assert changed(text, ("insert", ("cards",), 0, {"id": "new"})) == text.replace("a}", "a}, {id: new}")
    assert changed(text, ("insert", ("cards",), -1, {"id": "new"})) == text.replace("[{", "[{id: new}, {")


def test_a_json_deck_stays_json() -> None:
    text = '{"title": "T", "cards": [{"id": "a"}]}\n'
    after = changed(text, ("set", ("cards", 0, "retired"), True), ("set", ("drafted",), {"a": "1"}))
    assert after == '{"title": "T", "cards": [{"id": "a", retired: true}], drafted: {a: "1"}}\n'


def test_windows_lines_and_a_byte_order_mark_stay() -> None:
    text = "\ufefftitle: T\r\ncards:\r\n  - id: a\r\n"
    after = changed(text, ("set", ("title",), "U"), ("set", ("cards", 0, "back"), "x\ny\n"))
    assert after == "\ufefftitle: U\r\ncards:\r\n  - id: a\r\n    back: |\r\n      x\r\n      y\r\n"


def test_several_new_keys_stand_in_the_order_in_which_they_were_set() -> None:
    after = changed(FLAT + "x: 1", ("set", ("b",), 1), ("set", ("a",), 2, "\n# why\n"))
    assert after == FLAT + "x: 1\nb: 1\n\n# why\na: 2\n"


def test_a_deleted_last_key_and_a_new_one_do_not_collide() -> None:
    text = "cards:\n  - id: a\n    hint: h\n"
    after = changed(text, ("delete", ("cards", 0, "hint")), ("set", ("cards", 0, "back"), "b"))
    assert after == "cards:\n  - id: a\n    back: b\n"


@pytest.mark.parametrize("text", ["", "- a\n", "a: [", "\0"])
def test_what_is_no_mapping_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="this is no"):
        YamlText(text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain text", "plain text"),
        ("no", '"no"'),
        ("1e4", '"1e4"'),
        ("0x1f", '"0x1f"'),
        ("2026-01-02", '"2026-01-02"'),
        ("a: b", '"a: b"'),
        ("trailing:", '"trailing:"'),
        ("a #b", '"a #b"'),
        ("- a", '"- a"'),
        ("**bold**", '"**bold**"'),
        (r"\theta_i", r"\theta_i"),
        (r"$\theta$: x", r"'$\theta$: x'"),
        ("it's", "it's"),
        ("", '""'),
        ("旋转是什么？", "旋转是什么？"),
        ("\x1b[31m", '"\\u001b[31m"'),
    ],
)
def test_quotes_stand_only_where_they_must(text: str, written: str) -> None:
    assert block(text, 0) == f" {written}"


texts = st.text(
    st.one_of(
        st.sampled_from("ab \n\t:#-'\"\\{}[],&*!|>%@`$?=~.0123456789中文，：\u00a0\u2028\ufeff\x85\x1b"),
        st.characters(exclude_categories=("Cs",)),
    ),
    max_size=60,
)
values = st.recursive(
    st.one_of(texts, st.integers(-99, 99), st.booleans()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["a", "b c", "no", "1"]), inner, max_size=3),
    ),
    max_leaves=6,
)


@settings(deadline=None, max_examples=400)
@given(value=values)
def test_whatever_is_written_is_read_again(value: object) -> None:
    for text in (f"key:{block(value, 0)}\n", f"key: {flow(value)}\n", f"x: {{key: {flow(value)}}}\n"):
        loaded = load(text)
        assert not loaded.faults, text
        data = loaded.data.get("x", loaded.data)
        assert data["key"] == value, text
    assert load(item({"key": value, "z": 1}, 2, 6)).data[0]["key"] == value


@settings(deadline=None, max_examples=200)
@given(value=values, place=st.sampled_from([("title",), ("cards", 0, "front"), ("cards", 0, "back"),
    ("cards", 0, "source", "section"), ("cards", 1, "text"), ("cards", 2, "accept"), ("cards", 2, "hint"),
    ("cards", 2, "new"), ("cards", 1, "new"), ("new",), ("cards", 0, "tags")]))  # fmt: skip
def test_any_value_goes_anywhere_and_leaves_the_rest(value: object, place: tuple[Any, ...]) -> None:
    before, after = load(MESSY).data, load(changed(MESSY, ("set", place, value)))
    assert not after.faults
    here = before
    for step in place[:-1]:
        here = here[step]
    here[place[-1]] = value
    assert after.data == before


# Entries taken out


LISTED = """\
cards:
  # about all
  - id: a
    # of a
    front: x

  # before b
  - id: b
    back: |
      two
      lines

  - id: c
# the end
"""


def without(text: str, *numbers: int) -> str:
    yaml = YamlText(text)
    yaml.remove(("cards",), numbers)
    return yaml.result()


def test_an_entry_goes_with_its_own_lines_and_one_blank_line() -> None:
    assert without(LISTED, 0) == LISTED.replace("  - id: a\n    # of a\n    front: x\n\n", "")
    assert without(LISTED, 1) == LISTED.replace("  - id: b\n    back: |\n      two\n      lines\n\n", "")
    assert without(LISTED, 2) == LISTED.replace("\n  - id: c\n", "")


def test_several_entries_go_together() -> None:
    assert (
        without(LISTED, 1, 2) == LISTED[: LISTED.index("  - id: b")].replace("b\n\n", "b\n") + "# the end\n"
    )
    assert without(LISTED, 0, 2).startswith("cards:\n  # about all\n  # before b\n  - id: b\n")


@pytest.mark.parametrize(
    ("numbers", "left"),
    [((0,), "[b, c]"), ((1,), "[a, c]"), ((2,), "[a, b]"), ((1, 2), "[a, ]"), ((0, 1), "[c]")],
)
def test_entries_go_from_a_list_on_one_line(numbers: tuple[int, ...], left: str) -> None:
    assert without("cards: [a, b, c] # mine\n", *numbers) == f"cards: {left} # mine\n"
