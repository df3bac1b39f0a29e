"""Code runs as it was approved, and asks again after any change."""

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from studykit.errors import StudykitError
from studykit.running.approved import Copies
from studykit.running.trust import Changed, New, Trust, Trusted

LIBRARY = Path(__file__).parent.parent / "fixtures" / "running" / "library"


@dataclass(frozen=True)
class Root:
    path: Path
    origin: str = "extra"


@pytest.fixture
def root(tmp_path: Path) -> Root:
    shutil.copytree(LIBRARY, tmp_path / "library", copy_function=shutil.copyfile)
    shutil.rmtree(tmp_path / "library" / "snippets" / "kernels")
    deck = tmp_path / "library" / "decks" / "rows" / "softmax.yaml"
    deck.parent.mkdir(parents=True, exist_ok=True)
    deck.write_text("title: Softmax\ncards:\n  - {id: p, kind: predict, front: '?', code: print(1)}\n")
    (deck.parent / "_track.yaml").write_text("title: Rows\n")
    (deck.parent / "softmax.md").write_text("# Softmax\n")
    return Root(tmp_path / "library")


@pytest.fixture
def trust(tmp_path: Path) -> Trust:
    return Trust(tmp_path / "home")


def approved(trust: Trust, root: Root) -> None:
    trust.approve(trust.pending(root))
    assert trust.state(root) == Trusted()


def test_what_is_built_in_runs_and_nothing_else(trust: Trust, root: Root) -> None:
    assert trust.state(Root(root.path, "builtin")) == Trusted()
    for origin in ("folder", "home", "extra"):
        assert trust.state(Root(root.path, origin)) == New()


def test_approval_names_what_would_run(trust: Trust, root: Root) -> None:
    files = {file.path: file for file in trust.pending(root).files}
    assert sorted(files) == ["decks/rows/softmax.yaml", "snippets/rows/softmax.py", "snippets/texts/lists.py"]
    assert files["decks/rows/softmax.yaml"].runs == ("p: predict",)
    assert "claim" in files["snippets/rows/softmax.py"].runs
    assert {file.status for file in files.values()} == {"new"}


def test_approval_is_remembered_and_can_be_taken_back(trust: Trust, root: Root, tmp_path: Path) -> None:
    approved(trust, root)
    assert Trust(tmp_path / "home").state(root) == Trusted()
    trust.revoke(root)
    assert trust.state(root) == New()


@pytest.mark.parametrize("name", ["snippets/rows/softmax.py", "decks/rows/softmax.yaml"])
def test_a_changed_file_asks_again(trust: Trust, root: Root, name: str) -> None:
    approved(trust, root)
    file = root.path / name
    file.write_text(file.read_text() + "\n# more\n")
    assert trust.state(root) == Changed((name,))
    assert [f.status for f in trust.pending(root).files if f.path == name] == ["changed"]
    approved(trust, root)


def test_a_new_file_and_a_missing_one_ask_again(trust: Trust, root: Root) -> None:
    approved(trust, root)
    (root.path / "snippets/rows/other.py").write_text("x = 1\n")
    (root.path / "snippets/texts/lists.py").unlink()
    assert trust.state(root) == Changed(("snippets/rows/other.py", "snippets/texts/lists.py"))
    gone = [file for file in trust.pending(root).files if file.status == "gone"]
    assert [file.path for file in gone] == ["snippets/texts/lists.py"]
    approved(trust, root)


def test_articles_and_tracks_are_no_code(trust: Trust, root: Root) -> None:
    approved(trust, root)
    (root.path / "decks/rows/softmax.md").write_text("another text")
    (root.path / "decks/rows/_track.yaml").write_text("title: Other")
    assert trust.state(root) == Trusted()


def test_a_change_of_the_same_size_with_its_old_time_is_seen(trust: Trust, root: Root) -> None:
    file = root.path / "snippets/rows/softmax.py"
    os.utime(file, (1_600_000_000, 1_600_000_000))
    approved(trust, root)
    text = file.read_text()
    file.write_text(text.replace("Softmax", "Sofamax"))
    os.utime(file, (1_600_000_000, 1_600_000_000))
    assert file.stat().st_size == len(text.encode())
    assert trust.state(root) == Changed(("snippets/rows/softmax.py",))


def test_a_touched_file_of_the_same_content_is_still_approved(trust: Trust, root: Root) -> None:
    approved(trust, root)
    os.utime(root.path / "snippets/rows/softmax.py", (1_600_000_000, 1_600_000_000))
    assert trust.state(root) == Trusted()


def test_what_is_approved_is_what_was_shown(trust: Trust, root: Root) -> None:
    shown = trust.pending(root)
    (root.path / "snippets/rows/softmax.py").write_text("import os\n")
    trust.approve(shown)
    assert trust.state(root) == Changed(("snippets/rows/softmax.py",))


def test_a_linked_folder_is_looked_through(trust: Trust, root: Root, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.py").write_text("x = 1\n")
    (root.path / "snippets/linked").symlink_to(outside)
    (root.path / "snippets/loop").symlink_to(root.path / "snippets")
    approved(trust, root)
    (outside / "x.py").write_text("x = 2\n")
    state = trust.state(root)
    assert isinstance(state, Changed)
    assert "snippets/linked/x.py" in state.files


def test_another_root_is_not_covered(trust: Trust, root: Root, tmp_path: Path) -> None:
    approved(trust, root)
    shutil.copytree(root.path, tmp_path / "copy", copy_function=shutil.copyfile)
    assert trust.state(Root(tmp_path / "copy")) == New()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff", b'{"version": 2, "roots": {}}', b'{"version": 1, "roots": 3}']
)
def test_a_broken_record_approves_nothing(trust: Trust, root: Root, tmp_path: Path, content: bytes) -> None:
    approved(trust, root)
    (tmp_path / "home" / "trust.json").write_bytes(content)
    assert trust.state(root) == New()
    approved(trust, root)


def test_marks_of_odd_types_approve_nothing(trust: Trust, root: Root, tmp_path: Path) -> None:
    approved(trust, root)
    file = tmp_path / "home" / "trust.json"
    stored = json.loads(file.read_bytes())
    for marks in stored["roots"].values():
        marks["snippets/rows/softmax.py"] = {"hashed": True, "looks": None}
        marks["snippets/texts/lists.py"] = ["sha256"]
    file.write_text(json.dumps(stored))
    assert trust.state(root) == Changed(("snippets/rows/softmax.py", "snippets/texts/lists.py"))


def test_a_home_that_cannot_be_written_is_said(root: Root, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    trust = Trust(tmp_path / "file")
    with pytest.raises(StudykitError, match=r"cannot keep a copy of what was approved in .*approved"):
        trust.approve(trust.pending(root))


def test_a_snippet_that_is_no_python_can_be_looked_at(trust: Trust, root: Root) -> None:
    (root.path / "snippets/rows/softmax.py").write_text("def (:\n")
    (root.path / "snippets/texts/lists.py").write_bytes(b"\xff\xfe")
    runs = {file.path: file.runs for file in trust.pending(root).files}
    assert "cannot be read" in runs["snippets/rows/softmax.py"][0]
    assert "cannot be read" in runs["snippets/texts/lists.py"][0]


def test_settled_files_are_not_read_again(trust: Trust, root: Root, monkeypatch: pytest.MonkeyPatch) -> None:
    approved(trust, root)
    monkeypatch.setattr("studykit.running.trust.RACY_NS", -1)  # as if long ago
    monkeypatch.setattr("studykit.running.trust._hash", None)
    assert trust.state(root) == Trusted()


def test_what_changed_since_approval_is_shown_line_by_line(trust: Trust, root: Root) -> None:
    approved(trust, root)
    snippet = root.path / "snippets" / "texts" / "lists.py"
    snippet.write_text(snippet.read_text("utf8") + "\n\nimport os\n", encoding="utf8")
    (file,) = (file for file in trust.pending(root).files if file.status == "changed")
    assert file.path == "snippets/texts/lists.py"
    added = [line for line in file.changes if line.startswith("+")]
    removed = [line for line in file.changes if line.startswith("-")]
    assert (added, removed) == (["+++ now", "+", "+", "+import os"], ["--- approved"])
    assert all(not file.changes for file in trust.pending(root).files if file.status == "approved")


def test_a_lost_copy_is_said_and_not_guessed(trust: Trust, root: Root, tmp_path: Path) -> None:
    approved(trust, root)
    shutil.rmtree(tmp_path / "home" / "approved")
    (root.path / "snippets" / "texts" / "lists.py").write_text("x = 1\n")
    (file,) = (file for file in trust.pending(root).files if file.status == "changed")
    assert file.changes == ("(the approved version is not at hand: read the whole file)",)


def test_copies_are_kept_only_of_what_is_approved(trust: Trust, root: Root, tmp_path: Path) -> None:
    approved(trust, root)
    copies = tmp_path / "home" / "approved"
    assert len(list(copies.iterdir())) == 3
    (root.path / "snippets" / "texts" / "lists.py").write_text("x = 1\n")
    approved(trust, root)
    assert sorted(copy.name for copy in copies.iterdir()) == sorted(
        file.mark["sha256"] for file in trust.pending(root).files
    )
    trust.revoke(root)
    assert not list(copies.iterdir())


def test_nothing_is_approved_when_its_copy_cannot_be_kept(trust: Trust, root: Root, tmp_path: Path) -> None:
    pending = trust.pending(root)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "approved").write_text("in the way")
    with pytest.raises(StudykitError, match="cannot keep a copy of what was approved"):
        trust.approve(pending)
    assert trust.state(root) == New()


def test_what_takes_long_to_compare_is_not_compared(tmp_path: Path) -> None:
    copies, file = Copies(tmp_path), tmp_path / "s.py"
    file.write_text("\n".join(map(str, range(20_000))), encoding="utf8")
    approved = hashlib.sha256(file.read_bytes()).hexdigest()
    copies.keep(file, approved)
    file.write_text("\n".join(map(str, range(20_000, 0, -1))), encoding="utf8")
    assert list(copies.changes(approved, file)) == ["(too long to be compared: read the whole file)"]
