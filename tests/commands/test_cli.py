"""The command line as scripts see it: JSON documents, exit codes, and errors that say what to do."""

import io
import json
import re
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest

from studykit.cli import COMMANDS, build_parser
from studykit.library.entries import Root
from studykit.library.index import open_library
from studykit.scheduling.sm2 import Grade
from studykit.study import Study

Call = Callable[..., tuple[int, str, str]]

NEW_IN_ORDER = [
    "demo/counting/what",
    "demo/counting/last",
    "demo/counting/order",
    "demo/counting/dozen",
    "demo/adding/sum",
    "demo/adding/print_add",
    "demo/adding/write_add",
    "demo/adding/mend_add",
]


@pytest.fixture
def call(call: Call, school: Path) -> Call:
    """Return a function that runs a command with the school approved."""
    assert call("trust", str(school), "--yes")[0] == 0
    return call


def answer(call: Call, card: str, grade: int, at: str) -> dict[str, dict[str, object]]:
    code, out, err = call("answer", card, "--grade", str(grade), "--at", at, "--json")
    assert (code, err) == (0, "")
    document: dict[str, dict[str, object]] = json.loads(out)
    return document


def test_due_lists_new_cards_with_prerequisites_first(call: Call) -> None:
    code, out, err = call("due", "demo", "--json", "--at", "2026-03-01")
    assert (code, err) == (0, "")
    queue = json.loads(out)
    assert {item["card"] for item in queue} == set(NEW_IN_ORDER)
    order = [item["card"] for item in queue]
    assert order.index("demo/counting/what") < order.index("demo/counting/dozen")
    assert order.index("demo/adding/sum") < order.index("demo/adding/write_add")
    assert max(order.index(card) for card in order if "counting" in card) < min(
        order.index(card) for card in order if "adding" in card
    )
    assert queue[0] == {
        "card": "demo/counting/what",
        "deck": "demo/counting",
        "kind": "basic",
        "state": "new",
        "due": "2026-03-01",
    }


def test_an_answer_says_what_was_remembered_before_and_after(call: Call) -> None:
    first = answer(call, "demo/counting/what", 4, "2026-03-01")
    assert first == {
        "card": "demo/counting/what",
        "grade": 4,
        "before": None,
        "after": {"repetitions": 1, "interval": 1, "ease": 2.5, "due": "2026-03-02"},
    }
    second = answer(call, "demo/counting/what", 5, "2026-03-02")
    assert second["before"] == first["after"]
    assert second["after"] == {"repetitions": 2, "interval": 6, "ease": 2.6, "due": "2026-03-08"}


@pytest.mark.parametrize(
    ("grades", "intervals"),
    [
        ("444", [1, 6, 15]),
        ("44334", [1, 6, 15, 34, 76]),
        ("333", [1, 6, 13]),
        ("4424", [1, 6, 1, 1]),
    ],
)
def test_a_card_answered_when_due_follows_the_published_sequence(
    call: Call, grades: str, intervals: list[int]
) -> None:
    at, seen = "2026-03-01", []
    for grade in grades:
        after = answer(call, "demo/counting/what", int(grade), at)["after"]
        seen.append(after["interval"])
        at = str(after["due"])
    assert seen == intervals


def test_a_simulated_month_of_the_whole_queue(call: Call) -> None:
    """Everything due is answered each day with 4: the intervals are 1, 6, 15, and nothing is left over."""
    seen: dict[str, list[int]] = {}
    for day in range(1, 31):
        at = f"2026-03-{day:02d}T20:00+01:00"
        for item in json.loads(call("due", "demo", "--json", "--at", at)[1]):
            seen.setdefault(item["card"], []).append(day)
            answer(call, item["card"], 4, at)
        assert json.loads(call("due", "demo", "--json", "--at", at)[1]) == []
    assert seen == {card: [1, 2, 8, 23] for card in NEW_IN_ORDER}


def test_a_failed_card_comes_back_the_same_day_and_its_schedule_stays(call: Call) -> None:
    lapse = answer(call, "demo/counting/what", 1, "2026-03-01")
    [drill] = [
        item
        for item in json.loads(call("due", "demo", "--json", "--at", "2026-03-01")[1])
        if item["card"] == "demo/counting/what"
    ]
    assert drill["state"] == "drill"
    again = answer(call, "demo/counting/what", 4, "2026-03-01")
    assert again["after"] == lapse["after"]
    left = json.loads(call("due", "demo", "--json", "--at", "2026-03-01")[1])
    assert "demo/counting/what" not in {item["card"] for item in left}


def test_an_answer_before_its_day_schedules_nothing(call: Call) -> None:
    first = answer(call, "demo/counting/what", 4, "2026-03-01")
    crammed = answer(call, "demo/counting/what", 5, "2026-03-01T23:00")
    assert crammed["after"] == crammed["before"] == first["after"]


def test_undo_takes_back_one_step_after_the_other(call: Call) -> None:
    answer(call, "demo/counting/what", 4, "2026-03-01")
    answer(call, "demo/counting/last", 2, "2026-03-01")
    assert json.loads(call("undo", "--json")[1])["card"] == "demo/counting/last"
    assert json.loads(call("undo", "--json")[1])["card"] == "demo/counting/what"
    assert json.loads(call("undo", "--json")[1]) is None
    assert answer(call, "demo/counting/what", 4, "2026-03-01")["before"] is None


def test_search_finds_words_chinese_and_filters(call: Call) -> None:
    def found(*words: str) -> list[str]:
        return [
            item["card"] for item in json.loads(call("search", *words, "--json", "--at", "2026-03-02")[1])
        ]

    assert found("什么是", "deck:demo") == ["demo/counting/what"]
    assert found("MENDED", "deck:demo") == []
    assert found("mend", "deck:demo/adding") == ["demo/adding/mend_add"]
    assert found("kind:choice", "deck:demo") == ["demo/counting/order"]
    assert found("tag:fact:1", "deck:demo") == ["demo/counting/last"]
    answer(call, "demo/counting/what", 4, "2026-03-01")
    assert found("is:due", "deck:demo") == ["demo/counting/what"]
    assert "demo/counting/what" not in found("is:new", "deck:demo")
    assert found("is:suspended") == found("is:leech") == []


def test_list_counts_what_was_learned(call: Call) -> None:
    answer(call, "demo/counting/what", 1, "2026-03-01")
    [counting, adding] = json.loads(call("list", "demo", "--json", "--at", "2026-03-01")[1])
    assert counting == {
        "deck": "demo/counting",
        "title": "Counting",
        "cards": 4,
        "learned": 1,
        "due": 0,
        "new": 3,
        "drill": 1,
    }
    assert adding["new"] == 4


def test_run_checks_an_answer_and_says_so_in_its_exit_code(call: Call, tmp_path: Path) -> None:
    right, wrong = tmp_path / "right.py", tmp_path / "wrong.py"
    right.write_text("def add(a, b):\n    return a + b\n")
    wrong.write_text("def add(a, b):\n    return a * b\n")
    code, out, _ = call("run", "demo/adding/write_add", "--answer", str(right), "--json")
    document = json.loads(out)
    assert (code, document["verdict"], document["seed"]) == (0, "pass", 0)
    assert set(document) == {"card", "verdict", "seed", "ms", "device", "detail", "stdout"}
    code, out, _ = call("run", "demo/adding/write_add", "--answer", str(wrong), "--json")
    assert (code, json.loads(out)["verdict"]) == (1, "wrong")


def test_run_without_an_answer_runs_the_reference(call: Call) -> None:
    for card in ("sum", "write_add", "mend_add", "print_add"):
        code, out, _ = call("run", f"demo/adding/{card}", "--json", "--seed", "7")
        assert (code, json.loads(out)["verdict"]) == (0, "pass"), out
    assert json.loads(call("run", "demo/adding/print_add", "--json")[1])["stdout"] == "5\n"


def test_a_card_without_code_cannot_be_run(call: Call) -> None:
    code, out, err = call("run", "demo/counting/what", "--json")
    assert (code, out) == (2, "")
    assert "runs no code" in err


def test_backup_and_restore_bring_back_the_day_before(call: Call, tmp_path: Path) -> None:
    answer(call, "demo/counting/what", 4, "2026-03-01")
    saved = tmp_path / "saved.db"
    assert call("backup", str(saved))[0] == 0
    answer(call, "demo/counting/what", 4, "2026-03-02")
    assert call("restore", str(saved))[0] == 0
    assert answer(call, "demo/counting/what", 4, "2026-03-02")["before"] == {
        "repetitions": 1,
        "interval": 1,
        "ease": 2.5,
        "due": "2026-03-02",
    }


def test_show_tells_a_card_and_its_history(call: Call) -> None:
    answer(call, "demo/counting/what", 4, "2026-03-01")
    document = json.loads(call("show", "demo/counting/what", "--json")[1])
    assert document["front"] == "What is counting?"
    assert document["memory"] == {"repetitions": 1, "interval": 1, "ease": 2.5, "due": "2026-03-02"}
    [row] = document["history"]
    assert (row["grade"], row["day"], row["role"]) == (4, "2026-03-01", "new")


def test_stats_count_answers_and_retention(call: Call) -> None:
    answer(call, "demo/counting/what", 4, "2026-03-01")
    answer(call, "demo/counting/what", 1, "2026-03-02")
    document = json.loads(call("stats", "--json", "--at", "2026-03-02")[1])
    assert document["answers"] == 2
    assert document["days"] == {"2026-03-01": 1, "2026-03-02": 1}
    assert document["retention"]["all"] == {"reviews": 1, "passed": 0}


def test_schema_and_completion_print_something_usable(call: Call) -> None:
    assert json.loads(call("schema")[1])["type"] == "object"
    for shell in ("bash", "zsh"):
        script = call("completion", shell)[1]
        assert [name for name in COMMANDS if name not in script] == []
        assert "--minutes" in script


def test_doctor_finds_everything_in_order(call: Call) -> None:
    code, out, _ = call("doctor", "--json")
    document = json.loads(out)
    assert code == 0, out
    assert document["database"]["ok"] is True
    assert document["sandbox"]


def test_doctor_rebuilds_memory_from_the_log(call: Call) -> None:
    answer(call, "demo/counting/what", 4, "2026-03-01")
    code, out, _ = call("doctor", "--rebuild", "--json")
    assert code == 0
    assert json.loads(out)["rebuilt"] == 0


def test_config_shows_and_changes_one_setting(call: Call) -> None:
    assert call("config", "new_per_day", "3")[0] == 0
    assert json.loads(call("config", "new_per_day", "--json")[1]) == {"new_per_day": 3}
    assert len(json.loads(call("due", "demo", "--json")[1])) == 3


def test_a_setting_for_a_deck_that_is_not_there_is_kept_and_doubted(call: Call) -> None:
    code, _, err = call("config", "decks.dmeo.new_per_day", "1")
    assert code == 0
    assert err.startswith("studykit: kept, but there is no deck or track dmeo (did you mean demo?)")
    assert call("config", "decks.demo.new_per_day", "1")[2] == ""


def test_a_deck_may_have_limits_and_a_scheduler_of_its_own(call: Call) -> None:
    call("config", "decks.demo/counting.new_per_day", "1")
    call("config", "decks.demo/adding.scheduler", "fsrs")
    queue = [item["card"] for item in json.loads(call("due", "demo", "--json", "--at", "2026-03-01")[1])]
    assert [card for card in queue if "counting" in card] == ["demo/counting/what"]
    answer(call, "demo/counting/what", 4, "2026-03-01")
    answer(call, "demo/adding/sum", 4, "2026-03-01")
    used = {}
    for card in ("demo/counting/what", "demo/adding/sum"):
        [row] = json.loads(call("show", card, "--json")[1])["history"]
        used[card] = row["scheduler"]
    assert used == {"demo/counting/what": "sm2", "demo/adding/sum": "fsrs"}


def test_suspended_cards_and_leeches_are_found_and_suspended_ones_left_out(call: Call, home: Path) -> None:
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with Study.open(at, home) as study:
        study.suspend("demo/counting/order", at)
        for day in range(1, 10):
            moment = datetime(2026, 3, day, 12, tzinfo=UTC)
            study.answer("demo/counting/what", Grade.WRONG, moment)

    def found(*words: str) -> list[str]:
        return [item["card"] for item in json.loads(call("search", *words, "--json")[1])]

    assert found("is:suspended") == ["demo/counting/order"]
    assert found("is:leech") == ["demo/counting/what"]
    assert "demo/counting/order" not in found("deck:demo", "-is:suspended")
    queue = json.loads(call("due", "demo", "--json", "--at", "2026-03-20")[1])
    assert "demo/counting/order" not in {item["card"] for item in queue}


def test_a_card_that_was_renamed_keeps_its_history(
    call: Call, school: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(call, "demo/counting/what", 4, "2026-03-01")
    copy = Path(shutil.copytree(school, tmp_path / "copy"))
    deck = copy / "decks/demo/counting.yaml"
    text = (
        deck.read_text()
        .replace("id: what", "id: meaning\n    was: [what]")
        .replace("[what]\n", "[meaning]\n")
    )
    deck.write_text(text.replace("was: [meaning]", "was: [what]"))
    monkeypatch.setenv("STUDYKIT_LIBRARY", str(copy))
    again = answer(call, "demo/counting/what", 4, "2026-03-02")
    assert (again["card"], again["after"]) == (
        "demo/counting/meaning",
        {"repetitions": 2, "interval": 6, "ease": 2.5, "due": "2026-03-08"},
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("answer", "demo/counting/waht", "--grade", "4"), "did you mean demo/counting/what"),
        (("answer", "demo/counting/what", "--grade", "6"), "invalid choice"),
        (("answer", "demo/counting/what", "--grade", "4", "--at", "tomorrow"), "2026-03-01"),
        (("due", "nodeck"), "nodeck"),
        (("run", "demo/adding/sum", "--answer", "no/such/file"), "cannot read"),
        (("search", "colour:red"), "colour"),
        (("config", "new_per_day", "many"), "new_per_day"),
        (("restore", "no/such/file"), "no/such/file"),
        (("review",), "needs a terminal"),
        (("check", "no/such/folder"), "no/such/folder"),
        (("fly",), "fly"),
        ((), "COMMAND"),
    ],
)
def test_a_call_that_cannot_be_is_exit_code_2_and_says_why(
    call: Call, arguments: tuple[str, ...], message: str
) -> None:
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("studykit: ")
    assert message in err
    assert "Traceback" not in err


def test_a_failed_call_leaves_no_answer_behind(call: Call) -> None:
    call("answer", "demo/counting/what", "--grade", "4", "--at", "tomorrow")
    assert answer(call, "demo/counting/what", 4, "2026-03-01")["before"] is None


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_with_an_example(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    with pytest.raises(SystemExit) as leaving:
        build_parser().parse_args([name, "--help"])
    assert leaving.value.code == 0
    assert f"example:\n  studykit {name}" in capsys.readouterr().out.replace('eval "$(', "")


def test_every_command_stands_in_the_readme_or_the_changelog() -> None:
    root = Path(__file__).parents[2]
    texts = (root / "README.md").read_text() + (root / "CHANGELOG.md").read_text()
    missing = [name for name in COMMANDS if not re.search(rf"\b{name}\b", texts)]
    assert missing == []


def test_check_never_opens_the_learners_database(call: Call, school: Path, home: Path) -> None:
    code, out, _ = call("check", str(school), "--format", "json")
    assert code == 0, out
    assert {path.name for path in home.iterdir()} <= {"trust.json", "approved"}


def test_check_reports_all_problems_at_once(call: Call, school: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(school, broken)
    deck = broken / "decks" / "demo" / "adding.yaml"
    deck.write_text(
        deck.read_text()
        .replace("            return a - b\n", "            return b + a\n")
        .replace("            return b + a\n    ", "            return b + a\n    ", 1)
        .replace("function: add\n    broken", "function: ad\n    broken")
    )
    code, out, _ = call("check", str(broken), "--format", "json")
    rules = {problem["rule"] for problem in json.loads(out)["problems"]}
    assert code == 1
    assert {"wrong-passes", "unknown-function"} <= rules


def test_a_command_that_was_mistyped_is_guessed(call: Call) -> None:
    assert call("reveiw") == (
        2,
        "",
        "studykit: there is no command 'reveiw' (did you mean review?). `studykit --help` lists all.\n",
    )


def test_the_cards_in_the_examples_of_the_help_exist() -> None:
    root = Path(__file__).parents[2]
    cards = set(open_library([Root(root, "builtin")], None).entries())
    examples = [import_module(f"studykit.commands.{name.replace('-', '_')}").EXAMPLE for name in COMMANDS]
    named = {card for example in examples for card in re.findall(r"\b[a-z]+/[a-z_]+/[a-z_]+\b", example)}
    assert named
    assert named <= cards


def test_output_that_cannot_hold_chinese_escapes_it(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def output(*arguments: str) -> str:
        stream = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
        monkeypatch.setattr(sys, "stdout", stream)
        assert call(*arguments)[0] == 0
        stream.seek(0)
        return stream.read()

    assert call("config", "language", "zh")[0] == 0
    assert "\\u4ec0\\u4e48\\u662f" in output("show", "demo/counting/what")
    assert json.loads(output("show", "demo/counting/what", "--json"))["front"] == "什么是数数？"


def test_undo_says_which_grade_it_took_back(call: Call) -> None:
    answer(call, "demo/counting/what", 4, "2026-03-01")
    assert call("undo")[1] == "Took back: grade 4 of demo/counting/what\n"


def test_show_tells_the_question_before_the_answer(call: Call) -> None:
    out = call("show", "demo/counting/order")[1]
    assert out.index("\nfront:\n") < out.index("\nright:\n") < out.index("\nwrong:\n")


def test_doctor_tells_what_it_can_where_the_database_cannot_be_opened(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "notes.db").write_text("no database")
    monkeypatch.setenv("STUDYKIT_DATABASE_URL", f"sqlite:///{tmp_path / 'notes.db'}")
    code, out, _ = call("doctor", "--json")
    found = json.loads(out)
    assert code == 2
    assert found["database"]["ok"] is False
    assert "notes.db: it is not a database" in found["database"]["faults"][0]
    assert found["library"]["decks"] > 2
    assert call("doctor", "--rebuild")[0] == 2


def test_list_says_on_stderr_that_decks_are_broken(call: Call) -> None:
    assert call("list", "demo")[2] == ""
    deck = Path("decks/bad/broken.yaml")
    deck.parent.mkdir(parents=True)
    deck.write_text("title: [\n")
    code, out, err = call("list", "demo", "--json")
    assert (code, len(json.loads(out))) == (0, 2)
    assert err == "studykit: 1 problem in the decks; `studykit doctor` lists them\n"
    assert "decks/bad/broken.yaml:" in call("doctor")[1]
