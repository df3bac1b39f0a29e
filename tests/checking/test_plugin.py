"""Deck repositories can check with the pytest they have."""

import shutil
import subprocess
import sys
from pathlib import Path


def run_pytest(folder: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-v", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout


def test_a_sound_library_passes_item_by_item(school: Path, tmp_path: Path) -> None:
    code, out = run_pytest(tmp_path, "--studykit", str(school))
    assert code == 0, out
    assert "19 passed" in out
    for part in ("#claim-2", "#main", "#reference", "#stub", "#wrong", "#also_right", "#broken", "#mutants"):
        assert part in out


def test_a_weak_library_fails_with_the_line_of_the_deck(school: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(school, tmp_path / "school"))
    deck = copy / "decks/demo/adding.yaml"
    deck.write_text(deck.read_text().replace("return a - b", "return b + a"))
    code, out = run_pytest(tmp_path, "--studykit", str(copy))
    assert code == 1
    assert "1 failed, 18 passed" in out
    assert "adding.yaml:15:7: wrong-passes" in out


def test_without_the_option_it_does_nothing(tmp_path: Path) -> None:
    assert run_pytest(tmp_path)[0] == 5


def test_a_wrong_path_is_a_usage_error(tmp_path: Path) -> None:
    code, _ = run_pytest(tmp_path, "--studykit", "no/such")
    assert code == 4
