"""What a user installs: the wheel carries decks and snippets and works from any folder."""

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "build",
            "--wheel",
            "--no-isolation",
            "--outdir",
            str(folder),
            str(REPOSITORY),
        ],
        check=True,
        capture_output=True,
    )
    [built] = folder.glob("*.whl")
    return built


def test_the_wheel_carries_decks_snippets_styles_and_migrations(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for expected in (
        "studykit/builtin/decks/transformer/rope.yaml",
        "studykit/builtin/decks/transformer/rope.md",
        "studykit/builtin/decks/transformer/_track.yaml",
        "studykit/builtin/snippets/transformer/rope.py",
        "studykit/tui/studykit.tcss",
    ):
        assert expected in names
    assert any(name.startswith("studykit/store/migrations/versions/") for name in names)
    assert not [name for name in names if "__pycache__" in name]


def test_the_installed_wheel_studies_from_any_folder(wheel: Path, tmp_path: Path) -> None:
    """Install the wheel into a folder of its own, with this environment's libraries beside it, and run it."""
    venv.create(tmp_path / "venv", with_pip=False, symlinks=True)
    python = tmp_path / "venv" / "bin" / "python"
    [site] = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "-q",
            "--no-deps",
            "--no-index",
            "--target",
            str(site),
            str(wheel),
        ],
        check=True,
        capture_output=True,
    )
    libraries = [path for path in sys.path if path.endswith("site-packages")]
    (site / "libraries.pth").write_text("\n".join(libraries))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    environment = {"PATH": os.environ["PATH"], "STUDYKIT_HOME": str(tmp_path / "home"), "LANG": "C.UTF-8"}

    def studykit(*arguments: str) -> str:
        done = subprocess.run(
            [str(python), "-m", "studykit", *arguments],
            cwd=elsewhere,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = subprocess.run(
        [str(python), "-c", "import studykit; print(studykit.__file__)"],
        cwd=elsewhere,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert where.startswith(str(site)), "the test would look at the checkout, not at the wheel"
    decks = {deck["deck"] for deck in json.loads(studykit("list", "--json"))}
    assert {
        "python/mutability",
        "python/list_tuple",
        "transformer/position_encoding",
        "transformer/rope",
    } <= decks
    [first, *_] = json.loads(studykit("due", "--json", "--at", "2026-03-01"))
    answered = json.loads(studykit("answer", first["card"], "--grade", "4", "--at", "2026-03-01", "--json"))
    assert answered["after"]["due"] == "2026-03-02"
