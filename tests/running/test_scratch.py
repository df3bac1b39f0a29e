"""Scratch folders: measured and removed, whatever foreign code left in them."""

import os
from pathlib import Path

import pytest

from studykit.running import scratch


def test_an_empty_folder_is_private_and_removed(tmp_path: Path) -> None:
    folder = scratch.create(tmp_path)
    assert folder.stat().st_mode & 0o777 == 0o700
    scratch.remove(folder)
    assert list(tmp_path.iterdir()) == []


def test_files_and_room_are_counted(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_bytes(bytes(range(256)) * 400)
    size = scratch.measure(tmp_path)
    assert (size.files, size.depth) == (2, 1)
    assert 100_000 <= size.bytes < 200_000
    assert size.excess == ""


def test_counting_stops_at_the_limit(tmp_path: Path) -> None:
    for number in range(2_100):
        (tmp_path / str(number)).touch()
    size = scratch.measure(tmp_path)
    assert (size.files, size.excess) == (2_001, "more than 2,000 files")


def test_a_file_that_takes_room_is_too_much(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(os.urandom(2**20) * 65)
    assert scratch.measure(tmp_path).excess == "more than 64 MB of files"


def test_a_file_of_holes_takes_no_room(tmp_path: Path) -> None:
    with (tmp_path / "holes").open("wb") as file:
        file.truncate(2**30)
    assert scratch.measure(tmp_path).excess == ""


def test_links_are_neither_followed_nor_do_they_protect(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / "folder").mkdir(parents=True)
    (outside / "kept").write_text("kept", encoding="utf8")
    folder = scratch.create(tmp_path)
    (folder / "link").symlink_to(outside)
    (folder / "broken").symlink_to("/nowhere")
    (folder / "round").symlink_to(folder)
    (folder / "inner").mkdir()
    (folder / "inner" / "link").symlink_to(outside / "kept")
    assert scratch.measure(folder).files == 5
    scratch.remove(folder)
    assert not folder.exists()
    assert (outside / "kept").read_text(encoding="utf8") == "kept"
    assert (outside / "folder").is_dir()


def test_a_folder_that_is_a_link_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "kept").touch()
    (tmp_path / "link").symlink_to(tmp_path / "outside")
    scratch.remove(tmp_path / "link")
    assert (tmp_path / "outside" / "kept").exists()


def test_a_tree_that_no_path_reaches_is_measured_and_removed(tmp_path: Path) -> None:
    folder = scratch.create(tmp_path)
    here = os.open(folder, os.O_RDONLY)
    for _ in range(3_000):
        os.mkdir("d", dir_fd=here)
        os.close(os.open("f", os.O_CREAT | os.O_WRONLY, dir_fd=here))
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    assert scratch.measure(folder).excess == "folders nested more than 40 deep"
    scratch.remove(folder)
    assert not folder.exists()


@pytest.mark.parametrize("name", [".flat-0", "-rf", "\n", "*", "ü" * 100])
def test_folders_without_rights_and_with_odd_names_are_removed(tmp_path: Path, name: str) -> None:
    folder = scratch.create(tmp_path)
    for path in (folder / name / "below", folder / "d" / name / "below"):
        path.mkdir(parents=True)
        (path / "file").touch()
        path.chmod(0)
        path.parent.chmod(0)
    scratch.remove(folder)
    assert not folder.exists()


def test_what_is_gone_already_is_no_error(tmp_path: Path) -> None:
    scratch.remove(tmp_path / "none")
    assert scratch.measure(tmp_path / "none") == scratch.Size(0, 0, 0)


def descriptors() -> int:
    listed = Path("/proc/self/fd")
    return len(list(listed.iterdir())) if listed.exists() else 0


def test_what_is_too_deep_for_a_path_is_counted(tmp_path: Path) -> None:
    """A path of more than 4,096 characters is none, but what lies there takes room all the same."""
    before = descriptors()
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=here)
        below = os.open("d" * 250, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    for number in range(2_000):
        os.close(os.open(str(number), os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)
    size = scratch.measure(tmp_path)
    assert (size.depth, size.excess) == (20, "more than 2,000 files")
    assert descriptors() == before, "every folder is closed again"
    scratch.remove(tmp_path)
    assert not tmp_path.exists()


def test_what_is_gone_meanwhile_is_not_hidden(tmp_path: Path) -> None:
    assert scratch.measure(tmp_path / "gone") == scratch.Size()


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="nothing is closed to root")
def test_what_is_closed_to_us_is_too_much(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(0o300)
    assert scratch.measure(tmp_path).excess == "folders that cannot be listed"


def test_folders_that_are_renamed_meanwhile_are_counted_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a" / "inner").mkdir(parents=True)
    (tmp_path / "a" / "inner" / "file").touch()
    scandir, names = os.scandir, iter(["a", "b", "a", "b"])
    name = next(names)

    def rename_first(place: int) -> object:
        nonlocal name
        new = next(names, name)
        (tmp_path / name).rename(tmp_path / new)
        name = new
        return scandir(place)

    monkeypatch.setattr(os, "supports_fd", {rename_first, *os.supports_fd})
    monkeypatch.setattr(os, "scandir", rename_first)
    assert scratch.measure(tmp_path).files == 3
