"""Which card a row of the log is about, when ids change and are used again."""

import pytest

from studykit.store.names import Names

RENAMES = [(10, "a", "b"), (20, "b", "c"), (30, "a", "d")]
"""a was b from row 10 and c from row 20; another a, born after row 10, was d from row 30."""


@pytest.mark.parametrize(
    ("name", "seq", "present"),
    [
        ("a", 5, "c"),
        ("b", 15, "c"),
        ("c", 25, "c"),
        ("a", 15, "d"),
        ("a", 25, "d"),
        ("a", 35, "a"),
        ("b", 25, "b"),
        ("x", 1, "x"),
    ],
)
def test_a_row_is_found_under_the_present_name(name: str, seq: int, present: str) -> None:
    assert Names(RENAMES).present(name, seq) == present


def test_spans_lead_back_through_all_names() -> None:
    names = Names(RENAMES)
    assert [(name, after) for name, after, _ in names.spans("c")] == [("c", 0), ("b", 0), ("a", 0)]
    assert [before for _, _, before in names.spans("c")][1:] == [20, 10]
    assert list(names.spans("d"))[1:] == [("a", 10, 30)]
    assert [name for name, after, _ in names.spans("a") if after == 30] == ["a"]


@pytest.mark.parametrize("seq", [seq for seq in range(1, 40) if seq not in {10, 20, 30}])
@pytest.mark.parametrize("name", ["a", "b", "c", "d"])
def test_spans_and_present_agree(name: str, seq: int) -> None:
    names = Names(RENAMES)
    owner = names.present(name, seq)
    spans = list(names.spans(owner))
    assert any(span == name and after < seq < before for span, after, before in spans)


def test_a_name_given_back_and_forth_ends_somewhere() -> None:
    names = Names([(1, "a", "b"), (2, "b", "a"), (3, "a", "b")])
    assert names.present("a", 0) == "b"
    assert names.present("b", 1) == "b"
    assert {name for name, _, _ in names.spans("b")} == {"a", "b"}
