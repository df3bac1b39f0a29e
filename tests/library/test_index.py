"""The library: what is found, in which order, from several roots, and what is wrong with it together."""

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from studykit.errors import StudykitError
from studykit.library.entries import Root
from studykit.library.index import Library, open_library
from studykit.library.roots import builtin_root, default_roots

Write = Callable[..., Path]


def card(name: str, **more: str) -> str:
    extra = "".join(f", {key}: {value}" for key, value in more.items())
    return f"  - {{id: {name}, kind: basic, front: F {name}, back: B{extra}}}\n"


def deck(*cards: str, **head: str) -> str:
    lines = "".join(f"{key}: {value}\n" for key, value in head.items())
    return f"title: T\n{lines}cards:\n{''.join(cards)}"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    (folder / "decks" / "a").mkdir(parents=True)
    return folder


def write(root: Path, name: str, text: str) -> Path:
    path = root / "decks" / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf8")
    return path


def library(*roots: Path, cache: Path | None = None) -> Library:
    return open_library([Root(root, "extra") for root in roots], cache)


def rules(found: Library) -> set[str]:
    return {problem.rule for problem in found.problems()}


def test_decks_come_after_what_they_require_then_in_track_order(root: Path) -> None:
    write(root, "a/one", deck(card("x"), requires="[b/two]"))
    write(root, "a/three", deck(card("x")))
    write(root, "a/four", deck(card("x")))
    write(root, "b/two", deck(card("x")))
    (root / "decks/a/_track.yaml").write_text("title: A\ntopics: [one, four, three]\n")
    found = library(root)
    assert list(found.decks()) == ["a/four", "a/three", "b/two", "a/one"]
    assert [entry.position for entry in found.entries().values()] == [0, 1, 2, 3]
    assert found.problems() == ()


def test_tracks_can_be_put_in_order(root: Path) -> None:
    write(root, "a/one", deck(card("x")))
    write(root, "b/two", deck(card("x")))
    (root / "decks/b/_track.yaml").write_text("title: B\nsummary: S\norder: 1\ntopics: [two]\n")
    found = library(root)
    assert list(found.decks()) == ["b/two", "a/one"]
    assert [(track.id, track.title) for track in found.tracks().values()] == [("b", "B"), ("a", "a")]


def test_manifest_and_files_must_match_both_ways(root: Path) -> None:
    write(root, "a/one", deck(card("x")))
    write(root, "a/two", deck(card("x")))
    (root / "decks/a/_track.yaml").write_text("title: A\ntopics: [one, three]\n")
    assert rules(library(root)) == {"no-deck", "unlisted-deck"}


def test_a_circle_of_decks_is_reported_and_does_not_hang(root: Path) -> None:
    write(root, "a/one", deck(card("x"), requires="[a/two]"))
    write(root, "a/two", deck(card("x"), requires="[a/one]"))
    write(root, "a/three", deck(card("x"), requires="[a/two, a/none]"))
    found = library(root)
    assert rules(found) == {"requires-circle", "unknown-deck"}
    assert set(found.decks()) == {"a/one", "a/two", "a/three"}
    circle = [str(problem) for problem in found.problems() if problem.rule == "requires-circle"]
    assert [line.split(":")[1:3] for line in circle] == [["2", "1"], ["2", "1"]]


def test_a_circle_of_cards_is_reported_and_holds_nobody_back(root: Path) -> None:
    write(
        root, "a/one", deck(card("x", requires="[y]"), card("y", requires="[x]"), card("z", requires="[x]"))
    )
    found = library(root)
    assert rules(found) == {"requires-circle"}
    assert {name: entry.requires for name, entry in found.entries().items()} == {
        "a/one/x": (),
        "a/one/y": (),
        "a/one/z": ("a/one/x",),
    }


def test_a_retired_card_is_listed_and_holds_back_nothing(root: Path, tmp_path: Path) -> None:
    write(root, "a/one", deck(card("x", retired="true"), card("y", requires="[x]", revision="3")))
    for _ in range(2):  # read, then from the cache
        found = library(root, cache=tmp_path / "cache")
        old, new = found.entries().values()
        assert (old.retired, old.revision, new.retired, new.revision) == (True, 1, False, 3)
        assert new.requires == ()
        assert found.problems() == ()
        assert (found.card("a/one/x").retired, found.card("a/one/y").revision) == (True, 3)


def test_prerequisites_reach_over_decks_and_unknown_ones_are_reported(root: Path) -> None:
    write(root, "a/one", deck(card("x")))
    write(root, "a/two", deck(card("y", requires="[a/one/x, a/one/nope]")))
    found = library(root)
    assert found.entries()["a/two/y"].requires == ("a/one/x",)
    [problem] = found.problems()
    assert problem.rule == "unknown-card"
    assert problem.line == 3
    assert "a/one/nope" in problem.message


def test_the_same_deck_in_two_roots_is_reported_and_the_first_is_used(root: Path, tmp_path: Path) -> None:
    write(root, "a/one", deck(card("x")))
    other = tmp_path / "other"
    second = write(other, "a/one", deck(card("y")))
    found = library(root, other)
    assert list(found.entries()) == ["a/one/x"]
    [problem] = found.problems()
    assert problem.rule == "duplicate-deck"
    assert problem.path == str(second)
    assert str(root) in problem.message


def test_the_same_folder_reached_twice_counts_once(root: Path, tmp_path: Path) -> None:
    write(root, "a/one", deck(card("x")))
    link = tmp_path / "link"
    link.symlink_to(root)
    found = library(root, link, root / "decks" / "..")
    assert found.problems() == ()
    assert len(found.roots) == 1


def test_roots_are_found_where_the_learner_keeps_decks(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, folder = tmp_path / "home", tmp_path / "folder"
    for place in (home, folder):
        (place / "decks").mkdir(parents=True)
    monkeypatch.setenv("STUDYKIT_LIBRARY", f"{root}{os.pathsep}{tmp_path / 'nothing'}")
    roots = default_roots(home, folder)
    assert [one.origin for one in roots] == ["builtin", "folder", "home", "extra", "extra"]
    assert roots[0] == builtin_root()
    assert rules(open_library(roots, None)) == {"no-decks"}


def test_links_that_lead_out_of_the_library_are_not_followed(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    secret = write(outside, "b/secret", deck(card("x")))
    (outside / "secret.md").write_text("secret")
    (root / "decks/a/stolen.yaml").symlink_to(secret)
    (root / "decks/b").symlink_to(outside / "decks" / "b")
    (root / "decks/a/loop.yaml").symlink_to("loop.yaml")
    write(root, "a/one", deck(card("x"), article="secret.md"))
    (root / "decks/a/secret.md").symlink_to(outside / "secret.md")
    (root / "snippets/a").mkdir(parents=True)
    (root / "snippets/a/one.py").symlink_to(outside / "secret.md")
    found = library(root)
    assert list(found.decks()) == ["a/one"]
    assert found.decks()["a/one"].article is None
    assert found.decks()["a/one"].snippet is None
    assert {"outside", "no-article"} <= rules(found)


def test_names_that_cannot_be_ids_are_reported(root: Path) -> None:
    write(root, "a/Not A Name", deck(card("x")))
    write(root, "Bad Track/one", deck(card("x")))
    assert rules(library(root)) == {"deck-name", "track-name"}


def test_siblings_share_a_function_or_their_lines(root: Path) -> None:
    write(
        root,
        "a/one",
        deck(
            card("x", source="{lines: [1, 2]}"),
            card("y", source="{lines: [1, 2]}"),
            card("z", source="{lines: [3, 4]}"),
            card("w"),
        ),
    )
    x, y, z, w = library(root).entries().values()
    assert x.group == y.group != z.group
    assert w.group is None


def test_decks_are_named_by_id_topic_or_track(root: Path) -> None:
    write(root, "a/one", deck(card("x")))
    write(root, "a/two", deck(card("x")))
    write(root, "b/two", deck(card("x")))
    found = library(root)
    assert found.decks_matching([]) == ("a/one", "a/two", "b/two")
    assert found.decks_matching(["one"]) == ("a/one",)
    assert found.decks_matching(["a"]) == ("a/one", "a/two")
    assert found.decks_matching(["b/two", "a/one"]) == ("a/one", "b/two")
    with pytest.raises(StudykitError, match="a/two or b/two"):
        found.decks_matching(["two"])
    with pytest.raises(StudykitError, match=r"did you mean one\?"):
        found.decks_matching(["onee"])


def test_a_renamed_card_is_known_by_its_old_id(root: Path) -> None:
    write(root, "a/one", deck(card("x", was="[old, b/gone/y]")))
    assert library(root).renamed() == {"a/one/old": "a/one/x", "b/gone/y": "a/one/x"}


def test_an_unknown_card_says_what_was_meant(root: Path) -> None:
    write(root, "a/one", deck(card("number")))
    with pytest.raises(StudykitError, match="did you mean a/one/number"):
        library(root).card("a/one/numbre")


def test_search_finds_words_of_any_width_and_case_and_filters(school: Path) -> None:
    found = library(school)
    assert list(found.search(["什么"])) == ["demo/counting/what"]
    assert list(found.search(["ＣＡＲＤＩＮＡＬＩＴＹ"])) == ["demo/counting/last"]
    assert list(found.search(["kind:choice", "-tag:x"])) == ["demo/counting/order"]
    assert list(found.search(["deck:counting", "-counting"])) == []
    assert list(found.search(["deck:demo/adding", "tag:nope"])) == []
    with pytest.raises(StudykitError, match="no filter colour:"):
        list(found.search(["colour:red"]))
    with pytest.raises(StudykitError, match="no kind essay"):
        list(found.search(["kind:essay"]))


def everything(found: Library) -> tuple[object, ...]:
    """Return all that a library says."""
    return (
        dict(found.decks()),
        dict(found.entries()),
        dict(found.tracks()),
        found.problems(),
        {name: found.card(name) for name in found.entries()},
        {name: found.place(name) for name in found.entries()},
    )


def test_the_cache_says_what_the_files_say_after_any_change(root: Path, tmp_path: Path) -> None:
    """Files are made, edited (also to the same size), moved, copied with old dates, removed: 150 steps."""
    cache, draw = tmp_path / "cache", random.Random(5)
    names = [f"{track}/{topic}" for track in "ab" for topic in ("one", "two", "three")]
    for step in range(150):
        name, other = draw.sample(names, 2)
        path, target = root / f"decks/{name}.yaml", root / f"decks/{other}.yaml"
        match draw.randrange(7) if path.exists() else 0:
            case 0 | 1:
                write(
                    root,
                    name,
                    deck(*(card(f"c{draw.randrange(10, 99)}") for _ in range(draw.randrange(1, 4)))),
                )
            case 2:
                before = path.stat()
                path.write_text(path.read_text().replace("back: B", draw.choice(["back: C", "back: D"])))
                os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
            case 3:
                target.parent.mkdir(exist_ok=True)
                path.replace(target)
            case 4:
                target.parent.mkdir(exist_ok=True)
                shutil.copy2(path, target)
                os.utime(target, (1_000_000_000, 1_000_000_000))
            case 5:
                path.unlink()
            case 6:
                path.write_text(draw.choice(["title: [", "cards: 3", path.read_text() + "x: 1\n"]))
        assert everything(library(root, cache=cache)) == everything(library(root)), f"step {step}"
    bodies = list(cache.glob("*.jsonl"))
    assert len(bodies) <= len(names), "bodies that nobody needs are swept away"


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b'{"version":"0"}',
        bytes(1000),
        b'{"version":"4","root":"/x","files":{}}',
    ],
)
def test_a_damaged_cache_is_made_again(root: Path, tmp_path: Path, damage: bytes) -> None:
    write(root, "a/one", deck(card("x")))
    cache = tmp_path / "cache"
    expected = everything(library(root, cache=cache))
    for path in cache.iterdir():
        path.write_bytes(damage)
        assert everything(library(root, cache=cache)) == expected
    for path in cache.iterdir():
        path.unlink()
        assert everything(library(root, cache=cache)) == expected


def test_contents_of_the_wrong_shape_are_made_again(root: Path, tmp_path: Path) -> None:
    write(root, "a/one", deck(card("x")))
    cache = tmp_path / "cache"
    expected = everything(library(root, cache=cache))
    [header] = cache.glob("*.json")
    whole = header.read_bytes()
    for at in range(0, len(whole), 7):
        header.write_bytes(whole[:at] + b"0" + whole[at + 1 :])
        assert everything(library(root, cache=cache)) == expected


def test_a_cache_that_cannot_be_written_is_done_without(root: Path, tmp_path: Path) -> None:
    write(root, "a/one", deck(card("x")))
    blocker = tmp_path / "file"
    blocker.write_text("")
    assert everything(library(root, cache=blocker / "cache")) == everything(library(root))


def test_an_open_library_survives_that_its_files_go(root: Path, tmp_path: Path) -> None:
    path = write(root, "a/one", deck(card("x"), card("y")))
    found = library(root, cache=tmp_path / "cache")
    path.unlink()
    library(root, cache=tmp_path / "cache")
    with pytest.raises(StudykitError, match="was changed meanwhile"):
        found.card("a/one/x")


def test_a_warm_start_loads_no_parser(school: Path, tmp_path: Path) -> None:
    program = f"""
import sys
from pathlib import Path
from studykit.library.entries import Root
from studykit.library.index import open_library
found = open_library([Root(Path({str(school)!r}), "extra")], Path({str(tmp_path / "cache")!r}))
found.card("demo/counting/what")
print(sorted({{"yaml", "pydantic"}} & set(sys.modules)))
"""
    cold, warm = (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    )
    assert cold.strip() == "['pydantic', 'yaml']"
    assert warm.strip() == "[]"
