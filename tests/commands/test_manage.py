"""Doing something to many cards from the command line: which cards, what is said, and one undo."""

import json
from collections.abc import Callable

import pytest

Call = Callable[..., tuple[int, str, str]]
COUNTING = ["demo/counting/what", "demo/counting/last", "demo/counting/order", "demo/counting/dozen"]


def found(call: Call, *words: str) -> list[str]:
    return [one["card"] for one in json.loads(call("search", *words, "deck:demo", "--json")[1])]


@pytest.mark.parametrize(
    ("command", "back", "state"),
    [("suspend", "unsuspend", "suspended"), ("bury", "unbury", "buried"), ("flag", "unflag", "flagged")],
)
def test_a_mark_is_set_on_what_a_search_finds_and_taken_off_again(
    call: Call, command: str, back: str, state: str
) -> None:
    code, out, err = call(command, "deck:demo/counting", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == {"changed": COUNTING, "unchanged": 0}
    assert found(call, f"is:{state}") == COUNTING
    assert json.loads(call(back, f"is:{state}", "-order", "--json")[1])["changed"] == [
        "demo/counting/what",
        "demo/counting/last",
        "demo/counting/dozen",
    ]
    assert found(call, f"is:{state}") == ["demo/counting/order"]


def test_a_full_id_means_that_card_alone(call: Call) -> None:
    out = call("suspend", "demo/counting/what")[1]
    assert out == "Suspended: demo/counting/what\n`studykit undo` takes this back.\n"
    assert found(call, "is:suspended") == ["demo/counting/what"]


def test_one_undo_takes_all_of_it_back(call: Call) -> None:
    assert call("suspend", "deck:demo/counting")[1].startswith("Suspended: 4 cards\n")
    out = call("undo", "--json")[1]
    assert json.loads(out) == {"card": "demo/counting/what", "undone": "suspend", "cards": 4}
    assert found(call, "is:suspended") == []
    call("flag", "deck:demo/counting")
    assert call("undo")[1] == "Took back: flag of demo/counting/what and 3 other cards\n"


def test_a_reset_makes_cards_new_and_due_now_makes_them_due(call: Call) -> None:
    for card in COUNTING[:2]:
        call("answer", card, "--grade", "4", "--at", "2026-03-01")
    at = ("--at", "2026-03-01")
    code, out, _ = call("due-now", "deck:demo/counting", *at)
    assert (code, out.splitlines()[0]) == (0, "Due now: 2 cards (2 were so already, or cannot be)")
    due = json.loads(call("due", "counting", "--json", *at)[1])
    assert [item["card"] for item in due if item["state"] == "review"] == COUNTING[:2]
    call("reset", COUNTING[0], *at)
    due = json.loads(call("due", "counting", "--json", *at)[1])
    assert [item["card"] for item in due if item["state"] == "review"] == [COUNTING[1]]
    assert found(call, "is:learned") == [COUNTING[1]]
    [row] = json.loads(call("show", COUNTING[0], "--json")[1])["history"]
    assert row["grade"] == 4


def test_a_dry_run_changes_nothing(call: Call) -> None:
    assert call("reset", "deck:demo/counting", "--dry-run")[1].splitlines() == COUNTING
    assert json.loads(call("undo", "--json")[1]) is None


def test_what_finds_no_card_is_a_wrong_call(call: Call) -> None:
    code, out, err = call("suspend", "no-such-word")
    assert (code, out) == (2, "")
    assert err == "studykit: no card matches. `studykit search` takes the same words.\n"


def test_a_leech_is_suspended_where_the_learner_wants_it(call: Call) -> None:
    assert call("config", "suspend_leeches", "true")[0] == 0
    for day in range(1, 10):
        call("answer", COUNTING[0], "--grade", "1", "--at", f"2026-03-0{day}")
    assert found(call, "is:leech") == found(call, "is:suspended") == [COUNTING[0]]
    code, _, err = call("config", "suspend_leeches", "yes")
    assert code == 2
    assert "suspend_leeches is 'yes'; it must be true or false" in err
