"""Formulas and images as pictures: drawn in a thread, kept on disk, and never in the way of the text."""

import shutil
import struct
import zlib
from pathlib import Path

import pytest

pytest.importorskip("ziamath")
pytest.importorskip("textual_image")
pytest.importorskip("resvg_py")

from textual.drivers.headless_driver import HeadlessDriver

from studykit.tui.graphics import drawing
from studykit.tui.graphics.dialect import spoken
from studykit.tui.graphics.drawing import Studio
from studykit.tui.graphics.placing import inside
from studykit.tui.graphics.terminal import Cell, protocol
from studykit.tui.text.formulas import parser
from studykit.tui.widgets.prose import Prose

PLACEHOLDER = "\U0010eeee"
DECK = r"""
title: Pictures
cards:
  - id: formula
    kind: basic
    front: "Look:\n\n$$\\frac{a}{b}=\\sum_i x_i$$\n\nThen answer."
    back: "![a plot](plot.png)\n\nand ![elsewhere](../../../secret.png)"
  - id: broken
    kind: basic
    front: "$$\\frac{a}{$$\n\nstill asked"
    back: "$$x$$"
"""
FIRST = "seen/pictures/formula"


def png(width, height):
    """Return a PNG of one colour."""
    rows = b"".join(b"\0" + b"\x40\x80\xc0" * width for _ in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.fixture
def seen(make_desk, tmp_path):
    root = tmp_path / "library"
    folder = root / "decks" / "seen"
    folder.mkdir(parents=True)
    (folder / "pictures.yaml").write_text(DECK)
    (folder / "plot.png").write_bytes(png(200, 60))
    (root.parent / "secret.png").write_bytes(png(10, 10))
    desk = make_desk(root)
    desk.answer(FIRST, 4, days_ago=100)
    return desk


async def hung(desk):
    await desk.wait_until(lambda: bool(desk.app.screen.query(".picture")))
    await desk.settle()


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"TERM": "xterm-kitty"}, "kitty"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "ghostty"}, "kitty"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "sixel"),
        ({"TERM": "foot-extra"}, "sixel"),
        ({"TERM": "xterm-256color", "KONSOLE_VERSION": "230800"}, "sixel"),
        ({"TERM": "xterm-256color", "KONSOLE_VERSION": "210400"}, ""),
        ({"TERM": "tmux-256color", "TMUX": "x", "KITTY_WINDOW_ID": "1"}, ""),
        ({"TERM": "xterm-256color"}, ""),
        ({"TERM": "dumb"}, ""),
        ({}, ""),
        ({"TERM": "xterm-kitty", "STUDYKIT_PICTURES": "none"}, ""),
        ({"TERM": "xterm", "STUDYKIT_PICTURES": "sixel"}, "sixel"),
    ],
)
def test_the_environment_tells_what_the_terminal_shows(environment, expected):
    assert protocol(environment) == expected


async def test_a_display_formula_becomes_a_picture_for_kitty(seen, monkeypatch):
    monkeypatch.setenv("STUDYKIT_PICTURES", "kitty")
    sent = []
    monkeypatch.setattr(HeadlessDriver, "write", lambda _, text: sent.append(text))
    async with seen.open():
        assert "Look:" in seen.text
        await hung(seen)
        lines = seen.text.splitlines()
        rows = [i for i, line in enumerate(lines) if PLACEHOLDER in line]
        assert len(rows) == 2
        assert lines.index(next(line for line in lines if "Then answer." in line)) == rows[-1] + 2
        assert "a/b = ∑" not in seen.text
    assert any(text.startswith("\x1b_G") for text in sent)


async def test_a_display_formula_becomes_a_picture_in_sixel(seen, monkeypatch):
    monkeypatch.setenv("STUDYKIT_PICTURES", "sixel")
    async with seen.open():
        await hung(seen)
        assert "\x1bP" in seen.text


async def test_without_such_a_terminal_it_stays_text(seen, monkeypatch):
    monkeypatch.setenv("STUDYKIT_PICTURES", "none")
    async with seen.open():
        await seen.settle()
        assert "a/b = ∑ᵢ xᵢ" in seen.text
        assert not seen.app.screen.query(".picture")
        await seen.press("space")
        assert "[image: a plot (plot.png)]" in seen.text


async def test_one_can_answer_before_and_while_a_picture_is_drawn(seen, monkeypatch):
    monkeypatch.setenv("STUDYKIT_PICTURES", "kitty")
    async with seen.open():
        await seen.press("space", "3")
        await seen.settle()
        assert seen.current != FIRST
    assert seen.log(FIRST) == [4, 4]


async def test_an_image_beside_the_deck_is_shown_over_its_description(seen, monkeypatch):
    monkeypatch.setenv("STUDYKIT_PICTURES", "kitty")
    async with seen.open(size=(100, 30)):
        await hung(seen)
        await seen.press("space")
        answer = seen.app.screen.query_one("#answer", Prose)
        await seen.wait_until(lambda: bool(answer.query(".picture")))
        await seen.settle()
        assert len(answer.query(".picture")) == 1
        assert "[image: a plot (plot.png)]" in seen.text
        assert "secret.png" in seen.text


async def test_a_formula_that_cannot_be_drawn_stays_text(seen, monkeypatch):
    monkeypatch.setenv("STUDYKIT_PICTURES", "kitty")
    async with seen.open():
        await seen.press("space", "3")
        await seen.settle()
        assert seen.current == "seen/pictures/broken"
        assert "frac{a}{" in seen.text
        await seen.press("space", "3")
    assert seen.log("seen/pictures/broken") == [4]


async def test_pictures_take_the_colours_of_a_new_theme(seen, monkeypatch):
    monkeypatch.setenv("STUDYKIT_PICTURES", "kitty")
    async with seen.open():
        await hung(seen)
        folder = seen.home / "cache" / "pictures"
        assert len(list(folder.glob("*.png"))) == 1
        seen.app.theme = "studykit-light"
        await seen.wait_until(lambda: len(list(folder.glob("*.png"))) == 2)
        await seen.settle()
        assert len(seen.app.screen.query("#question .picture")) == 1


async def test_a_home_that_cannot_be_written_is_no_fault(seen, monkeypatch):
    monkeypatch.setenv("STUDYKIT_PICTURES", "kitty")
    shutil.rmtree(seen.home / "cache")
    (seen.home / "cache").write_text("in the way")
    async with seen.open():
        await seen.settle()
        assert "a/b = ∑ᵢ xᵢ" in seen.text


def test_a_formula_is_drawn_once_and_then_read(tmp_path, monkeypatch):
    studio = Studio(tmp_path, Cell(10, 20))
    first = studio.formula(r"\frac{a}{b}", "#ffffff", 40)
    monkeypatch.setattr(drawing, "_png", None)
    assert studio.formula(r"\frac{a}{b}", "#ffffff", 40) == first
    assert first.path.read_bytes().startswith(b"\x89PNG")
    assert (first.columns, first.rows) == (2, 2)


def test_what_is_kept_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(drawing, "_MOST_FILES", 3)
    studio = Studio(tmp_path, Cell(10, 20))
    for number in range(6):
        studio.formula(f"x_{number}", "#ffffff", 40)
    assert len(list(tmp_path.glob("*.png"))) <= 4


def test_a_formula_too_wide_is_made_smaller_or_left_to_the_text(tmp_path):
    studio = Studio(tmp_path, Cell(10, 20))
    wide = "+".join(["x_1"] * 20)
    whole = studio.formula(wide, "#ffffff", 200)
    smaller = studio.formula(wide, "#ffffff", whole.columns - 5)
    assert smaller.columns < whole.columns
    assert studio.formula(wide, "#ffffff", whole.columns // 2) is None
    assert studio.formula("x" * 5_000, "#ffffff", 100_000) is None


def test_an_image_keeps_its_shape_and_fits(tmp_path):
    path = tmp_path / "plot.png"
    path.write_bytes(png(400, 200))
    studio = Studio(tmp_path / "kept", Cell(10, 20))
    assert (studio.image(path, 80).columns, studio.image(path, 80).rows) == (40, 10)
    assert (studio.image(path, 20).columns, studio.image(path, 20).rows) == (20, 5)
    path.write_bytes(b"no image")
    assert studio.image(path, 80) is None
    assert studio.image(tmp_path / "missing.png", 80) is None


@pytest.mark.parametrize(
    "source",
    ["../secret.png", "/etc/hostname", "https://example.org/x.png", "", "sub", "%2e%2e/secret.png", "a\0b"],
)
def test_only_files_beside_the_deck_are_images_of_it(tmp_path, source):
    folder = tmp_path / "deck"
    (folder / "sub").mkdir(parents=True)
    (tmp_path / "secret.png").write_bytes(png(2, 2))
    assert inside(folder, source) is None


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    folder = tmp_path / "deck"
    folder.mkdir()
    (tmp_path / "secret.png").write_bytes(png(2, 2))
    (folder / "plot.png").symlink_to(tmp_path / "secret.png")
    assert inside(folder, "plot.png") is None


@pytest.mark.parametrize(
    ("latex", "said"),
    [
        (r"A\in\mathbb R^{r}", r"A\in\mathbb{R}^{r}"),
        (r"\min_{r}\lVert x\rVert_F", r"\min_{r}\| x\|_F"),
        (r"\Big\lfloor\frac ab\Big\rfloor", r"\Big⌊\frac ab\Big⌋"),
        (r"a \mathbin{\&} b", None),
        (r"\foo{x}", None),
    ],
)
def test_a_formula_is_said_in_words_that_are_drawn_rightly_or_not_at_all(latex, said):
    assert spoken(latex) == said


def test_every_display_formula_of_the_library_is_drawn_or_known_to_stay_text(tmp_path):
    studio = Studio(tmp_path, Cell(10, 20))
    stays = [latex for latex in display_formulas() if studio.formula(latex, "#ffffff", 160) is None]
    assert all(r"\&" in latex for latex in stays), stays


def display_formulas():
    decks = Path(__file__).parents[3] / "decks"
    for path in sorted(decks.glob("*/*.md")):
        for token in parser().parse(path.read_text("utf8")):
            if token.type == "formula_block":
                yield token.content
