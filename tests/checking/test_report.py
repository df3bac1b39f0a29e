"""One report, four formats."""

import json
from xml.etree import ElementTree as ET

import pytest

from studykit.checking.report import FORMATS, Report, Result, summarise
from studykit.library.deck import Problem

PROBLEM = Problem("decks/a/b.yaml", 14, 5, "unknown-function", "no 'patchfy': 100% wrong,\nreally <b>")
RESULTS = (
    Result("a/b/card", "reference", "pass", 12.5, "cpu"),
    Result("a/b/card#swaps", "wrong", "wrong", 10.0, "cpu"),
    Result("a/b/card#x -> y", "mutant", "wrong", 10.0, "cpu"),
    Result("a/b/card#y -> x", "mutant", "pass", 10.0, "cpu"),
)


def report(*problems: Problem) -> Report:
    return Report(
        problems, RESULTS, ("torch is not installed",), summarise(problems, RESULTS, decks=1, cards=3)
    )


def test_text_has_a_line_per_problem_and_sums_up() -> None:
    assert FORMATS["text"](report(PROBLEM)) == (
        "decks/a/b.yaml:14:5: unknown-function: no 'patchfy': 100% wrong,\nreally <b>\n"
        "note: torch is not installed\n"
        "1 decks, 3 cards, 4 runs, 50.0% of mutants rejected: 1 problem(s)\n"
    )


def test_json_is_the_document_scripts_rely_on() -> None:
    document = json.loads(FORMATS["json"](report(PROBLEM)))
    assert document["problems"] == [
        {
            "path": "decks/a/b.yaml",
            "line": 14,
            "column": 5,
            "rule": "unknown-function",
            "message": "no 'patchfy': 100% wrong,\nreally <b>",
        }
    ]
    assert document["results"][0] == {
        "id": "a/b/card",
        "what": "reference",
        "verdict": "pass",
        "ms": 12.5,
        "device": "cpu",
    }
    assert document["summary"]["mutants_rejected"] == 0.5
    assert document["summary"]["by"] == {"mutant": 2, "reference": 1, "wrong": 1}


def test_github_escapes_what_its_commands_reserve() -> None:
    first, note, last = FORMATS["github"](report(PROBLEM)).splitlines()
    assert first == (
        "::error file=decks/a/b.yaml,line=14,col=5,title=unknown-function::"
        "no 'patchfy': 100%25 wrong,%0Areally <b>"
    )
    assert note == "::notice::torch is not installed"
    assert last.endswith("1 problem(s)")


def test_junit_parses_and_counts() -> None:
    suite = ET.fromstring(FORMATS["junit"](report(PROBLEM)))[0]  # noqa: S314 - our own text
    assert suite.attrib["tests"] == "5"
    assert suite.attrib["failures"] == "1"
    assert [case.find("failure") is not None for case in suite] == [False, False, False, False, True]


@pytest.mark.parametrize("format_name", sorted(FORMATS))
def test_a_clean_report_says_so(format_name: str) -> None:
    text = FORMATS[format_name](report())
    assert ("no problems" in text) == (format_name in ("text", "github"))


@pytest.mark.parametrize(
    ("what", "verdict", "fine"),
    [
        ("claim", "pass", True),
        ("claim", "wrong", False),
        ("reference", "timeout", False),
        ("stub", "pass", False),
        ("stub", "error", True),
        ("wrong", "pass", False),
        ("wrong", "wrong", True),
        ("mutant", "pass", True),
    ],
)
def test_what_is_fine_depends_on_what_was_tried(what: str, verdict: str, fine: bool) -> None:
    assert Result("x", what, verdict, 1.0, "cpu").fine is fine
