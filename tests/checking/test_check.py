"""`studykit check` finds what is wrong, all of it, and says where."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from studykit.checking.check import check
from studykit.checking.report import Report
from studykit.errors import StudykitError

Edit = Callable[[Path], None]


@pytest.fixture
def copy(school: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(school, tmp_path / "school"))


def change(name: str, old: str, new: str) -> Edit:
    def edit(root: Path) -> None:
        path = root / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    return edit


def said(report: Report, root: Path) -> list[str]:
    return [str(problem).replace(f"{root}/", "") for problem in report.problems]


DECK, SNIPPET = "decks/demo/adding.yaml", "snippets/demo/adding.py"


def test_a_sound_library_has_no_problem(school: Path) -> None:
    report = check([str(school)])
    assert said(report, school) == []
    assert report.summary["decks"] == 2
    assert report.summary["cards"] == 8
    assert report.summary["mutants_rejected"] == 1.0
    assert {result.what for result in report.results} == {
        "claim",
        "main",
        "reference",
        "stub",
        "wrong",
        "mutant",
    }
    assert all(result.fine for result in report.results)


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (
            change(DECK, "function: add\n    hint", "function: ad\n    hint"),
            "decks/demo/adding.yaml:7:5: unknown-function: snippets/demo/adding.py has no function 'ad' (did",
        ),
        (
            change(SNIPPET, "def sample_add", "def simple_add"),
            "decks/demo/adding.yaml:7:5: no-sample: snippets/demo/adding.py has no function 'sample_add' (",
        ),
        (
            change(DECK, "return a - b", "return b + a"),
            "decks/demo/adding.yaml:15:7: wrong-passes: this wrong answer passes: draw inputs in",
        ),
        (
            change(DECK, "return b + a", "return b + a + 1"),
            "decks/demo/adding.yaml:22:7: right-fails: this right answer is judged wrong",
        ),
        (
            change(DECK, "return a + b + 1", "return a + b"),
            "decks/demo/adding.yaml:29:5: wrong-passes",
        ),
        (
            change(SNIPPET, '"b": rng.randint(2, 99)}', '"b": 0}'),
            "decks/demo/adding.yaml:12:5: weak-card: only 33% of 3 mutants are rejected.",
        ),
        (
            change(SNIPPET, '{"a": rng.randint(2, 99), "b": rng.randint(2, 99)}', '{"a": 2, "b": 2}'),
            "decks/demo/adding.yaml:12:5: constant-result: whatever `sample_add` draws, the result is",
        ),
        (
            change(DECK, "{a} + {b}?", "{a} + {c} in `{d}` and $x_{e}$?"),
            "decks/demo/adding.yaml:6:5: undrawn-number: nothing is drawn for {c}; `sample_add` draws a, b",
        ),
        (
            change(SNIPPET, "    return a + b\n", "    return a + b if a != 42 else a // 0\n"),
            "decks/demo/adding.yaml:7:5: reference-fails: on one of 8 inputs: error: The deck's own code",
        ),
        (
            change(SNIPPET, '"passed": difference == 0', '"passed": seed != 1'),
            "snippets/demo/adding.py:19:1: claim-fails: seed 1: wrong",
        ),
        (
            change(SNIPPET, 'print(f"2 + 3', 'print(f"{1 / 0}'),
            "snippets/demo/adding.py:29:1: main-fails: error",
        ),
        (
            change(
                SNIPPET, "    return a + b\n", "    return a + b + __import__('time').perf_counter_ns()\n"
            ),
            "decks/demo/adding.yaml:7:5: reference-fails: seed 0",
        ),
        (
            change(DECK, "print(add(2, 3))", "import time; print(time.perf_counter_ns())"),
            "decks/demo/adding.yaml:32:5: reference-fails: seed 0",
        ),
        (
            change(SNIPPET, "import random\n", "import random\nimport numpy\n"),
            "snippets/demo/adding.py:7:1: foreign-import: imports numpy",
        ),
        (
            change(SNIPPET, "import random\n", "import random\n\nprint('hello')\n"),
            "snippets/demo/adding.py:8:1: work-on-import",
        ),
        (change(SNIPPET, "Source: Nobody", "By Nobody"), "snippets/demo/adding.py:1:1: no-source"),
        (change(SNIPPET, "def claim", "def claims"), "snippets/demo/adding.py:1:1: no-claim"),
        (change(SNIPPET, "def add(a", "def add(a("), "snippets/demo/adding.py:9:10: python-syntax"),
        (
            change("decks/demo/counting.yaml", "lines: [3, 3]", "lines: [3, 30]"),
            "decks/demo/counting.yaml:9:5: source-lines: the article has 5 lines; these are 3 to 30",
        ),
        (
            change("decks/demo/counting.yaml", "article: counting.md\n", ""),
            "decks/demo/counting.md:1:1: orphan-article: no deck names this article",
        ),
        (
            lambda root: (root / SNIPPET).rename(root / "snippets/demo/taking.py"),
            "snippets/demo/taking.py:1:1: orphan-snippet: no deck uses this snippet",
        ),
        (
            lambda root: (root / SNIPPET).rename(root / "snippets/demo/taking.py"),
            "decks/demo/adding.yaml:4:5: no-snippet: there is no snippets/demo/adding.py",
        ),
        (
            change("decks/demo/_track.yaml", "topics: [counting, adding]", "topics: [counting]"),
            "decks/demo/_track.yaml:1:1: unlisted-deck",
        ),
    ],
)
def test_each_fault_is_found_and_placed(copy: Path, edit: Edit, expected: str) -> None:
    edit(copy)
    found = said(check([str(copy)]), copy)
    assert [line for line in found if line.startswith(expected)], found


def test_a_mutant_listed_as_equivalent_is_no_fault_and_a_stale_one_is(copy: Path) -> None:
    change(SNIPPET, '"b": rng.randint(2, 99)', '"b": 0')(copy)
    assert any("weak-card" in line for line in said(check([str(copy)]), copy))
    reasons = "      a + b -> a - b: drawn\n      a + b -> a: drawn\n      a + b -> c: gone\n"
    excuse = f"    equivalent:\n{reasons}"
    change(DECK, "    also_right:", f"{excuse}    also_right:")(copy)
    found = [line for line in said(check([str(copy)]), copy) if ":4:" not in line]
    assert not any(":12:5: weak-card" in line for line in found)
    [stale] = [line for line in found if "stale-equivalent" in line]
    assert stale.startswith("decks/demo/adding.yaml:24:7: stale-equivalent:")
    assert "no mutant 'a + b -> c' any more" in stale


def test_one_deck_track_article_or_snippet_can_be_named(school: Path, copy: Path) -> None:
    for name, decks in (
        ("decks/demo/adding.yaml", 1),
        ("decks/demo/counting.md", 1),
        ("snippets/demo/adding.py", 1),
        ("decks/demo", 2),
        ("decks", 2),
        (".", 2),
    ):
        assert check([str(school / name)]).summary["decks"] == decks, name
    change("decks/demo/counting.yaml", "accept:", "acept:")(copy)
    assert check([str(copy / "decks/demo/adding.yaml")]).problems == ()
    assert check([str(copy / "decks/demo/counting.yaml")]).problems != ()


def test_shards_share_the_runs_and_together_do_all(school: Path) -> None:
    whole = {(one.id, one.what) for one in check([str(school)]).results}
    parts = [{(one.id, one.what) for one in check([str(school)], shard=(i, 3)).results} for i in (1, 2, 3)]
    assert set.union(*parts) == whole
    assert sum(map(len, parts)) == len(whole)


def test_jobs_change_nothing_but_the_time(school: Path) -> None:
    def what(report: Report) -> list[tuple[str, str, str]]:
        return [(one.id, one.what, one.verdict) for one in report.results]

    assert what(check([str(school)], jobs=2)) == what(check([str(school)]))


def test_progress_is_told(school: Path) -> None:
    seen: list[tuple[int, int]] = []
    check([str(school)], progress=lambda done, total: seen.append((done, total)))
    assert seen == [(done, len(seen)) for done in range(1, len(seen) + 1)]


def test_a_path_in_no_library_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudykitError, match="is in no library"):
        check([str(tmp_path)])
    with pytest.raises(StudykitError, match="there is no"):
        check([str(tmp_path / "nothing")])
