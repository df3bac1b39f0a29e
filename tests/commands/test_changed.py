"""The learner's side of an article that changed: due now, said so, counted so; and cards that are retired."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from studykit.cli import run

Call = Callable[..., str]
DECK = """\
title: T
cards:
  - id: a
    kind: basic
    front: F
    back: B
    revision: {revision}
    retired: {retired}
    proposed:
      back: New
  - {{id: b, kind: basic, front: G, back: B, requires: [a]}}
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., None]:
    """Return a function that writes the deck `t/d` of the current folder."""
    path = tmp_path / "folder" / "decks" / "t" / "d.yaml"
    path.parent.mkdir(parents=True)

    def write(revision: int = 1, retired: bool = False) -> None:
        path.write_text(DECK.format(revision=revision, retired=str(retired).lower()), encoding="utf8")

    return write


@pytest.fixture
def call(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    write: Callable[..., None],
) -> Call:
    write()
    monkeypatch.chdir(tmp_path / "folder")

    def call(*arguments: str) -> str:
        assert run(arguments) == 0
        return capsys.readouterr().out

    call("answer", "t/d/a", "--grade", "4", "--at", "2026-03-01")
    call("answer", "t/d/a", "--grade", "4", "--at", "2026-03-02")
    return call


def queue(call: Call, day: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(call("due", "t", "--json", "--at", day))
    return found


def test_a_changed_card_is_due_now_and_says_why(call: Call, write: Callable[..., None]) -> None:
    assert [item["card"] for item in queue(call, "2026-03-03")] == ["t/d/b"]
    write(revision=2)
    assert queue(call, "2026-03-03")[0] == {
        "card": "t/d/a",
        "deck": "t/d",
        "kind": "basic",
        "state": "review",
        "due": "2026-03-03",
        "changed": True,
    }
    assert "the article changed" in call("due", "t", "--at", "2026-03-03")
    assert "The article changed since you last answered: it is due now." in call("show", "t/d/a")
    assert json.loads(call("show", "t/d/a", "--json"))["changed"] is True
    assert json.loads(call("list", "t", "--json", "--at", "2026-03-03"))[0]["due"] == 1
    assert call("search", "is:changed", "deck:t/d").startswith("t/d/a")
    assert call("search", "is:due", "deck:t/d", "--at", "2026-03-03").startswith("t/d/a")


def test_an_answer_settles_it_and_undo_brings_it_back(call: Call, write: Callable[..., None]) -> None:
    write(revision=2)
    call("answer", "t/d/a", "--grade", "4", "--at", "2026-03-03")
    assert [item["card"] for item in queue(call, "2026-03-03")] == ["t/d/b"]
    assert "the article changed" not in call("show", "t/d/a").lower()
    call("undo")
    assert [item["card"] for item in queue(call, "2026-03-03")] == ["t/d/a", "t/d/b"]


def test_rebuilding_from_the_log_gives_the_same(call: Call, write: Callable[..., None]) -> None:
    write(revision=2)
    call("answer", "t/d/a", "--grade", "2", "--at", "2026-03-03")
    before = json.loads(call("show", "t/d/a", "--json"))
    assert json.loads(call("doctor", "--rebuild", "--json"))["rebuilt"] == 0
    assert json.loads(call("show", "t/d/a", "--json")) == before


def test_a_retired_card_is_shown_and_found_but_never_asked_nor_counted(
    call: Call, write: Callable[..., None]
) -> None:
    write(retired=True, revision=2)
    assert [item["card"] for item in queue(call, "2026-12-01")] == ["t/d/b"]
    (row,) = json.loads(call("list", "t", "--json", "--at", "2026-12-01"))
    assert (row["cards"], row["learned"], row["due"], row["new"]) == (1, 0, 0, 1)
    shown = call("show", "t/d/a")
    assert "Retired: the article has it no more." in shown
    assert "the article changed" not in shown.lower()
    assert "2026-03-01" in shown
    assert call("search", "is:retired", "deck:t/d").startswith("t/d/a")
    assert call("search", "is:due", "deck:t/d", "--at", "2026-12-01") == "No card matches.\n"


def test_what_the_article_proposes_is_shown(call: Call) -> None:
    assert "proposed:\nback: New" in call("show", "t/d/a")
    assert json.loads(call("show", "t/d/a", "--json"))["proposed"] == {"back": "New"}
