"""`studykit author`: what it writes, what it leaves alone, what it says, and how it ends."""

import json
import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from studykit.cli import run
from studykit.commands.author import watch

Call = Callable[..., tuple[int, str, str]]

ARTICLE = """\
# Locks

A **mutex** is a lock that at most one thread holds at a time.

A **semaphore** is a counter that threads decrement before they enter and increment when they leave.

There are three ways to wait:

- spinning, which burns cycles
- blocking, which gives the processor away
- polling, which looks from time to time

## Counting

```python
def double(n: int) -> int:
    return 2 * n

print(double(21))
# → 42
```
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "locks.md").write_text(ARTICLE, encoding="utf8")
    return folder


@pytest.fixture
def call(program: Call, folder: Path) -> Call:
    """Return a function that runs `author` in the folder of the article."""
    return partial(program, "author")


def document(call: Call, *arguments: str) -> Any:
    code, out, err = call(*arguments, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_article_becomes_a_deck_that_check_accepts(call: Call, folder: Path) -> None:
    code, out, err = call("locks.md", "--deck", "os/locks")
    assert (code, err) == (0, "")
    assert "os/locks: " in out
    assert "wrote decks/os/locks.md" in out
    assert (folder / "decks/os/locks.md").read_text(encoding="utf8") == ARTICLE
    deck = (folder / "decks/os/locks.yaml").read_text(encoding="utf8")
    assert deck.startswith(
        "# yaml-language-server: $schema=../deck.schema.json\ntitle: Locks\narticle: locks.md\n"
    )
    assert "  - id: mutex\n" in deck
    assert json.loads((folder / "decks/deck.schema.json").read_text())["title"] == "studykit deck"
    from studykit.library.deck import parse_deck

    assert parse_deck(deck, "d").problems == ()


def test_json_says_what_a_script_needs_and_nothing_else(call: Call, folder: Path) -> None:
    said = document(call, "locks.md", "--deck", "os/locks")
    assert said["deck"] == "decks/os/locks.yaml"
    assert said["id"] == "os/locks"
    first = said["cards"][0]
    assert (first["id"], first["kind"], first["lines"]) == ("mutex", "basic", [3, 3])
    assert first.keys() >= {"id", "kind", "front", "back", "lines"}
    assert "mutex" in first["front"].lower()
    assert "at most one thread" in first["back"]
    assert isinstance(said["rejected"], dict)
    assert all(isinstance(count, int) for count in said["rejected"].values())
    assert said["written"] is True
    assert [change["what"] for change in said["changes"]] == ["new"] * len(said["cards"])


def test_authoring_again_writes_nothing(call: Call, folder: Path) -> None:
    call("locks.md", "--deck", "os/locks")
    before = files(folder)
    stamps = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    code, out, _ = call("locks.md", "--deck", "os/locks")
    assert code == 0
    assert "nothing to write: all is as it was" in out
    assert files(folder) == before
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()} == stamps


@pytest.mark.parametrize("option", ["--dry-run", "--diff"])
def test_looking_writes_nothing(call: Call, folder: Path, option: str) -> None:
    before = files(folder)
    code, out, _ = call("locks.md", "--deck", "os/locks", option)
    assert code == 0
    assert files(folder) == before
    assert not (folder / "decks").exists()
    assert "would write decks/os/locks.md" in out
    assert ("+  - id: mutex" in out) == (option == "--diff")


def test_the_diff_shows_what_would_change(call: Call, folder: Path) -> None:
    call("locks.md", "--deck", "os/locks")
    article = folder / "locks.md"
    article.write_text(ARTICLE.replace("at most one thread holds", "a single thread holds"), encoding="utf8")
    _, out, _ = call("locks.md", "--deck", "os/locks", "--diff")
    assert "--- decks/os/locks.yaml" in out
    assert any(line.startswith("-") and "at most one thread holds" in line for line in out.splitlines())
    assert any(line.startswith("+") and "a single thread holds" in line for line in out.splitlines())


def test_verbose_shows_each_candidate_that_was_left_out(call: Call, folder: Path) -> None:
    (folder / "locks.md").write_text(ARTICLE + "\nIt is **known** that this is so.\n", encoding="utf8")
    said = document(call, "locks.md", "--deck", "os/locks", "--dry-run")
    _, out, _ = call("locks.md", "--deck", "os/locks", "--dry-run", "--verbose")
    assert len(said["left_out"]) == sum(said["rejected"].values())
    for one in said["left_out"]:
        assert f":{one['lines'][0]}: {one['reason']}" in out


# Where it belongs


def test_an_article_in_a_library_says_its_deck_by_its_place(call: Call, folder: Path) -> None:
    place = folder / "lib" / "decks" / "os" / "locks.md"
    place.parent.mkdir(parents=True)
    shutil.copy(folder / "locks.md", place)
    said = document(call, "lib/decks/os/locks.md")
    assert said["id"] == "os/locks"
    assert (folder / "lib/decks/os/locks.yaml").is_file()
    assert not (folder / "decks").exists()
    assert place.read_text(encoding="utf8") == ARTICLE


def test_library_names_another_folder(call: Call, folder: Path) -> None:
    (folder / "lib").mkdir()
    said = document(call, "locks.md", "--deck", "os/locks", "--library", "lib")
    assert said["deck"] == "lib/decks/os/locks.yaml"
    assert (folder / "lib/decks/os/locks.md").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["locks.md", "--deck", "Locks"], "write track/topic"),
        (["locks.md", "--deck", "os/locks", "--library", "nowhere"], "there is no folder nowhere"),
        (["nothing.md", "--deck", "os/locks"], "nothing.md"),
        (["decks/os/locks.yaml"], "is a deck: give the article that it is of, like decks/os/locks.md"),
        (["locks.md", "--deck", "os/locks", "--watch", "--json"], "choose one of them"),
    ],
)
def test_a_call_that_is_wrong_says_what_to_do(call: Call, arguments: list[str], message: str) -> None:
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("studykit: ")
    assert message in err


def test_an_article_outside_goes_to_notes_under_its_name(call: Call, folder: Path) -> None:
    assert document(call, "locks.md", "--dry-run")["deck"] == "decks/notes/locks.yaml"
    assert not (folder / "decks").exists()
    assert document(call, "locks.md")["id"] == "notes/locks"
    edited = ARTICLE + "\nOne line more.\n"
    (folder / "locks.md").write_text(edited, encoding="utf8")
    document(call, "locks.md")
    assert (folder / "decks/notes/locks.md").read_text(encoding="utf8") == edited


def test_a_chinese_name_becomes_one_that_a_deck_may_have(call: Call, folder: Path) -> None:
    (folder / "locks.md").rename(folder / "锁.md")
    assert document(call, "锁.md")["id"] == "notes/article_4f62f920"


def test_another_article_of_the_same_name_does_not_take_over_the_deck(call: Call, folder: Path) -> None:
    document(call, "locks.md")
    deck = (folder / "decks/notes/locks.yaml").read_bytes()
    (folder / "other").mkdir()
    (folder / "other" / "locks.md").write_text(
        "# Doors\n\nA **bolt** is a bar that slides.\n", encoding="utf8"
    )
    code, _, err = call("other/locks.md")
    assert code == 2
    assert "is another article of this name, so say where the deck of other/locks.md belongs" in err
    assert (folder / "decks/notes/locks.yaml").read_bytes() == deck


def test_a_name_that_cannot_be_a_deck_asks_for_one(call: Call, folder: Path) -> None:
    place = folder / "decks" / "os" / "My Locks.md"
    place.parent.mkdir(parents=True)
    shutil.copy(folder / "locks.md", place)
    code, _, err = call(str(place))
    assert code == 2
    assert "--deck os/my_locks" in err


def test_a_new_topic_is_named_in_its_tracks_list(call: Call, folder: Path) -> None:
    manifest = folder / "decks/os/_track.yaml"
    manifest.parent.mkdir(parents=True)
    manifest.write_text("title: OS   # mine\ntopics: [files]\n")
    call("locks.md", "--deck", "os/locks")
    assert manifest.read_text() == "title: OS   # mine\ntopics: [files, locks]\n"
    call("locks.md", "--deck", "os/locks")
    assert manifest.read_text() == "title: OS   # mine\ntopics: [files, locks]\n"


def test_a_tracks_file_without_topics_is_left_alone_and_said(call: Call, folder: Path) -> None:
    manifest = folder / "decks/os/_track.yaml"
    manifest.parent.mkdir(parents=True)
    manifest.write_text("title: OS\n")
    _, out, _ = call("locks.md", "--deck", "os/locks")
    assert manifest.read_text() == "title: OS\n"
    assert "add locks to `topics`" in out


# What is the author's stays


def test_a_copy_that_was_edited_is_not_overwritten(call: Call, folder: Path) -> None:
    call("locks.md", "--deck", "os/locks")
    copy = folder / "decks/os/locks.md"
    copy.write_text(ARTICLE + "\nMy own words.\n", encoding="utf8")
    before = files(folder)
    code, _, err = call("locks.md", "--deck", "os/locks")
    assert code == 2
    assert "another text than locks.md" in err
    assert files(folder) == before
    assert call("decks/os/locks.md")[0] == 0


def test_a_deck_that_names_its_article_otherwise_finds_it_there(call: Call, folder: Path) -> None:
    call("locks.md", "--deck", "os/locks")
    deck, article = folder / "decks/os/locks.yaml", folder / "decks/os/locks.md"
    deck.write_text(deck.read_text(encoding="utf8").replace("article: locks.md", "article: text.md"))
    article.rename(article.with_name("text.md"))
    (folder / "locks.md").write_text(ARTICLE + "\nOne more line.\n", encoding="utf8")
    code, _, err = call("locks.md", "--deck", "os/locks")
    assert code == 2
    assert "decks/os/text.md is another text" in err


def test_a_copy_follows_its_original(call: Call, folder: Path) -> None:
    call("locks.md", "--deck", "os/locks")
    (folder / "locks.md").write_text(ARTICLE + "\nOne more line.\n", encoding="utf8")
    assert call("locks.md", "--deck", "os/locks")[0] == 0
    assert (folder / "decks/os/locks.md").read_text(encoding="utf8").endswith("One more line.\n")


SNIPPET = "snippets/os/locks.py"


def test_the_snippet_is_drafted_anew_until_it_was_edited(call: Call, folder: Path) -> None:
    said = document(call, "locks.md", "--deck", "os/locks")
    if said["snippet"] is None:
        pytest.skip("this article gives no snippet here")
    drafted = (folder / SNIPPET).read_text(encoding="utf8")
    assert "def double(" in drafted
    article = folder / "locks.md"
    article.write_text(ARTICLE.replace("return 2 * n", "return n + n"), encoding="utf8")
    call("locks.md", "--deck", "os/locks")
    assert "n + n" in (folder / SNIPPET).read_text(encoding="utf8")
    (folder / SNIPPET).write_text("# mine\n" + drafted, encoding="utf8")
    article.write_text(ARTICLE.replace("return 2 * n", "return n << 1"), encoding="utf8")
    _, out, _ = call("locks.md", "--deck", "os/locks")
    assert (folder / SNIPPET).read_text(encoding="utf8") == "# mine\n" + drafted
    assert "is your own by now" in out


def test_a_snippet_of_ones_own_is_never_overwritten(call: Call, folder: Path) -> None:
    own = folder / SNIPPET
    own.parent.mkdir(parents=True)
    own.write_text("# all mine\n")
    said = document(call, "locks.md", "--deck", "os/locks")
    assert own.read_text() == "# all mine\n"
    assert not any(card["kind"] == "implement" for card in said["cards"])


def test_a_deck_with_problems_is_left_alone_and_its_problems_said(call: Call, folder: Path) -> None:
    call("locks.md", "--deck", "os/locks")
    deck = folder / "decks/os/locks.yaml"
    deck.write_text(
        deck.read_text(encoding="utf8").replace("kind: basic", "kind: basick", 1), encoding="utf8"
    )
    before = files(folder)
    code, out, _ = call("locks.md", "--deck", "os/locks")
    assert code == 1
    assert "decks/os/locks.yaml:" in out
    assert "Mend them first; nothing was written." in out
    code, out, _ = call("locks.md", "--deck", "os/locks", "--json")
    assert code == 1
    assert json.loads(out)["problems"][0]["rule"] == "kind"
    assert files(folder) == before


def test_an_article_without_a_card_ends_with_one_and_writes_nothing(call: Call, folder: Path) -> None:
    (folder / "locks.md").write_text("# Nothing\n\nWell.\n", encoding="utf8")
    code, out, _ = call("locks.md", "--deck", "os/locks")
    assert code == 1
    assert "gives no card; nothing was written" in out
    assert not (folder / "decks").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_said(call: Call, folder: Path) -> None:
    (folder / "decks").mkdir(mode=0o500)
    code, _, err = call("locks.md", "--deck", "os/locks")
    assert code == 2
    assert "cannot be written" in err


def test_a_file_in_the_way_leaves_no_half_written_one(call: Call, folder: Path) -> None:
    (folder / "snippets").write_text("in the way")
    before = files(folder)
    code, _, err = call("locks.md", "--deck", "os/locks")
    assert code == 2
    assert "studykit: " in err
    assert files(folder) == before


def test_a_deck_that_changes_meanwhile_is_not_overwritten(folder: Path) -> None:
    from studykit.authoring.place import place_of
    from studykit.authoring.workshop import Work, prepare
    from studykit.errors import StudykitError

    place = place_of(Path("locks.md"), "os/locks", None, folder)
    first = prepare(Path("locks.md"), place, None)
    assert isinstance(first, Work)
    first.write()
    (folder / "locks.md").write_text(ARTICLE.replace("at most one", "only one"), encoding="utf8")
    second = prepare(Path("locks.md"), place, None)
    assert isinstance(second, Work)
    edited = place.deck.read_bytes() + b"# a word\n"
    place.deck.write_bytes(edited)
    with pytest.raises(StudykitError, match="changed while its article was read"):
        second.write()
    assert place.deck.read_bytes() == edited
    assert place.article.read_text(encoding="utf8") == ARTICLE
    assert not list(folder.rglob(".*"))


def test_rights_and_links_of_a_deck_survive(call: Call, folder: Path) -> None:
    call("locks.md", "--deck", "os/locks")
    deck, elsewhere = folder / "decks/os/locks.yaml", folder / "real.yaml"
    deck.rename(elsewhere)
    deck.symlink_to(elsewhere)
    elsewhere.chmod(0o640)
    (folder / "locks.md").write_text(ARTICLE.replace("at most one", "only one"), encoding="utf8")
    assert call("locks.md", "--deck", "os/locks")[0] == 0
    assert deck.is_symlink()
    assert "only one" in elsewhere.read_text(encoding="utf8")
    assert elsewhere.stat().st_mode & 0o777 == 0o640


# The learner's side, all the way


def test_history_survives_a_moved_section_and_a_changed_answer_is_due_now(
    call: Call, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    others = [card["id"] for card in document(call, "locks.md", "--deck", "os/locks")["cards"][1:]]
    assert others
    for name in ("mutex", *others):
        assert run(["answer", f"os/locks/{name}", "--grade", "4", "--at", "2026-03-01"]) == 0
    head, mutex, rest = ARTICLE.split("\n\n", 2)
    changed = mutex.replace("at most one thread", "at most 3 threads")
    (folder / "locks.md").write_text(f"{head}\n\n{rest}\n## Last\n\n{changed}\n", encoding="utf8")
    call("locks.md", "--deck", "os/locks")
    capsys.readouterr()
    assert run(["due", "os/locks", "--json", "--at", "2026-03-01"]) == 0
    queue = json.loads(capsys.readouterr().out)
    assert [one["card"] for one in queue if one["state"] == "review"] == ["os/locks/mutex"]
    assert queue[0]["changed"] is True
    for name in ("mutex", *others):
        assert run(["show", f"os/locks/{name}", "--json"]) == 0
        assert len(json.loads(capsys.readouterr().out)["history"]) == 1


# Where the sandbox does not hold


def test_without_a_sandbox_nothing_runs_and_it_is_said(
    call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studykit.running.jobs import Layer
    from studykit.running.layers import GUARDING
    from studykit.running.sandbox import Sandbox

    with_code = document(call, "locks.md", "--deck", "os/locks")
    monkeypatch.setattr(Sandbox, "layers", lambda _self: [Layer(next(iter(GUARDING)), False, "pretended")])
    monkeypatch.setattr(Sandbox, "run", lambda _self, _job: pytest.fail("something was run"))
    code, out, _ = call("locks.md", "--deck", "os/locks")
    assert code == 0
    assert "the article's code was not run: the sandbox does not hold here" in out
    assert "see `studykit doctor`" in out
    # What was drafted from code that ran then stays.
    assert "retired" not in (folder / "decks/os/locks.yaml").read_text(encoding="utf8")
    assert any(card["kind"] == "predict" for card in with_code["cards"])
    assert "was not run" in document(call, "locks.md", "--deck", "os/locks")["notes"][-1]


# Watching


def test_watching_works_again_only_when_the_file_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("one")
    done: list[str] = []
    steps = iter(["", "", "two", "", None, "three", "stop"])

    def wait(_seconds: float) -> None:
        step = next(steps)
        if step == "stop":
            raise KeyboardInterrupt
        if step is None:
            path.unlink()  # an editor is just replacing it
        elif step:
            path.write_text(step)
            os.utime(path, ns=(1, len(done)))

    with pytest.raises(KeyboardInterrupt):
        watch(path, lambda: done.append(path.read_text()), wait)
    assert done == ["one", "two", "three"]


def test_no_reading_library_is_loaded_before_it_is_needed() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from studykit.cli import build_parser; build_parser(); "
        "print([name for name in ('markdown_it', 'yaml', 'pydantic', 'nbformat', 'studykit.authoring.draft') "
        "if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr) == ("[]\n", "")


# Choosing on screen


@pytest.mark.parametrize("option", ["--json", "--watch", "--dry-run", "--diff"])
def test_choosing_on_screen_excludes_other_ways_of_looking(call: Call, folder: Path, option: str) -> None:
    code, out, err = call("locks.md", "--deck", "os/locks", "--interactive", option)
    assert (code, out) == (2, "")
    assert err == f"studykit: --interactive asks on screen: leave {option} out\n"
    assert not (folder / "decks").exists()


def test_choosing_needs_a_terminal(call: Call, folder: Path) -> None:
    code, out, err = call("locks.md", "--deck", "os/locks", "--interactive")
    assert (code, out) == (2, "")
    assert (
        err == "studykit: --interactive needs a terminal: leave it out, or see --dry-run, --diff and --json\n"
    )
    assert not (folder / "decks").exists()


@pytest.fixture
def choices(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys that are pressed on the screen, which is there without a terminal."""
    import asyncio

    from studykit.commands import author
    from studykit.tui.author import AuthorApp

    keys: list[str] = []

    def run(app: AuthorApp) -> object:
        async def pressed() -> None:
            async with app.run_test() as pilot:
                await pilot.press(*keys)
                await pilot.pause()

        asyncio.run(pressed())
        return app.return_value

    class Terminal:
        def isatty(self) -> bool:
            return True

    class System:
        stdin = stdout = stderr = Terminal()

    monkeypatch.setattr(author, "sys", System)
    monkeypatch.setattr(AuthorApp, "run", run)
    return keys


def test_what_was_chosen_is_written_and_told(call: Call, folder: Path, choices: list[str]) -> None:
    choices += ["d", "k", "w", "enter"]
    code, out, err = call("locks.md", "--deck", "os/locks", "--interactive")
    assert (code, err) == (0, "")
    assert "1 dropped" in out
    assert "wrote decks/os/locks.md" in out
    deck = (folder / "decks/os/locks.yaml").read_text()
    assert "- id: mutex" not in deck
    assert "- id: locks" in deck
    assert "nothing to write" in call("locks.md", "--deck", "os/locks")[1]


def test_leaving_the_screen_writes_nothing(call: Call, folder: Path, choices: list[str]) -> None:
    choices += ["d", "q", "enter"]
    assert call("locks.md", "--deck", "os/locks", "--interactive") == (0, "Nothing was written.\n", "")
    assert list(files(folder)) == ["locks.md"]


def test_a_name_that_another_library_uses_is_said(call: Call) -> None:
    err = call("locks.md", "--deck", "transformer/rope")[2]
    assert "transformer/rope is also " in err
    assert "that one is asked: give this one another --deck" in err
    assert "is also" not in call("locks.md", "--deck", "notes/locks")[2]
