"""Choosing among the drafts of an article by keys: what each does, what is written, and when."""

import shlex
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len
from textual.app import App
from textual.widgets import Static, TextArea

from studykit.authoring.choosing import Choosing
from studykit.authoring.place import Place
from studykit.authoring.workshop import Work, prepare
from studykit.config import Settings
from studykit.tui.author import AuthorApp
from studykit.tui.screens.author import AuthorScreen

if TYPE_CHECKING:
    from textual.pilot import Pilot

MUTEX = "A **mutex** is a lock that at most one thread holds at a time."
SEMAPHORE = (
    "A **semaphore** is a counter that threads decrement before they enter and increment when they leave."
)
MONITOR = "A **monitor** is an object whose methods only one thread runs at a time, since it holds a lock."
MONITOR_LOCK = (
    "A **monitor lock** is an object whose operations one thread runs at any moment, since it owns a lock."
)
WEAK = "It is **known** that this is so."
FILLING = "\n\n".join("Some words, and some more of them." for _ in range(16))


def article(*paragraphs: str) -> str:
    return "\n\n".join(["# Locks", *paragraphs, FILLING]) + "\n"


ARTICLE = article(MUTEX, SEMAPHORE, WEAK)


@dataclass
class Author:
    """Opens the screen on an article and its deck, again and again."""

    place: Place

    def write(self, text: str) -> None:
        self.place.article.write_text(text, encoding="utf8")

    def choosing(self) -> Choosing:
        work = prepare(self.place.article, self.place, None)
        assert isinstance(work, Work)
        return Choosing(work)

    def publish(self, text: str) -> None:
        """Write an article and its deck without the screen."""
        self.write(text)
        self.choosing().work.write()

    @asynccontextmanager
    async def open(self, size: tuple[int, int] = (80, 24), theme: str = "studykit") -> AsyncIterator[None]:
        self.app = AuthorApp(self.choosing(), Settings(theme=theme, reduced_motion=True))
        async with self.app.run_test(size=size, notifications=True) as pilot:
            self.pilot: Pilot[Work] = pilot
            await pilot.pause()
            yield

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
        await self.pilot.pause()

    @property
    def screen(self) -> AuthorScreen:
        screen = next(one for one in self.app.screen_stack if isinstance(one, AuthorScreen))
        assert isinstance(screen, AuthorScreen)
        return screen

    @property
    def current(self) -> str | None:
        offer = self.screen.walk.current
        return offer.id if offer else None

    @property
    def text(self) -> str:
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    @property
    def words(self) -> str:
        return " ".join(self.text.split())

    @property
    def lit(self) -> list[str]:
        """What stands behind a bar in the margin."""
        return [line.split("▌", 1)[1].strip() for line in self.text.splitlines() if "▌" in line]

    @property
    def keys(self) -> str:
        return str(self.app.screen.query_one("#key-line", Static).content)

    @property
    def said(self) -> list[str]:
        return [notice.message for notice in self.app._notifications]

    @property
    def deck(self) -> str:
        return self.place.deck.read_text(encoding="utf8")

    @property
    def files(self) -> dict[str, bytes]:
        root = self.place.root
        return {str(one.relative_to(root)): one.read_bytes() for one in root.rglob("*") if one.is_file()}


@pytest.fixture
def author(tmp_path: Path) -> Author:
    place = Place(tmp_path / "library", "os", "locks")
    place.deck.parent.mkdir(parents=True)
    author = Author(place)
    author.write(ARTICLE)
    return author


@pytest.fixture
def editor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """An editor that does what a piece of Python says to `path`."""
    monkeypatch.setattr(App, "suspend", lambda _: nullcontext())
    monkeypatch.delenv("VISUAL", raising=False)

    def make(program: str) -> None:
        script = tmp_path / "editor.py"
        script.write_text(f"import sys, pathlib\npath = pathlib.Path(sys.argv[-1])\n{program}\n")
        monkeypatch.setenv("EDITOR", shlex.join([sys.executable, str(script)]))

    return make


# What is on screen


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
@pytest.mark.parametrize("theme", ["studykit", "studykit-light"])
async def test_a_card_stands_beside_its_lit_lines(author: Author, size: tuple[int, int], theme: str) -> None:
    async with author.open(size, theme):
        assert author.current == "mutex"
        assert author.lit == [MUTEX.replace("*", "")] or MUTEX.replace("*", "") in author.lit[0]
        assert "mutex  basic  definitions · line 3 · Locks" in author.text
        assert "new" in author.text
        assert "Locks: What is a mutex?" in author.text
        assert author.text.count("at most one thread holds") == 2
        assert "1 of 2" in author.text
        assert author.keys.startswith("k keep   d drop   e edit   n next   p back   w write")
        assert max(cell_len(line) for line in author.text.splitlines()) <= size[0]


async def test_lines_far_down_are_scrolled_into_sight(author: Author) -> None:
    author.write(article(MUTEX, FILLING, SEMAPHORE))
    async with author.open():
        assert "semaphore" not in author.text
        await author.press("n")
        assert author.current == "semaphore"
        assert author.lit[0].startswith("A semaphore is a counter")


async def test_of_a_book_the_part_around_the_card_is_shown(author: Author) -> None:
    author.write(article(MUTEX, *[FILLING] * 40, SEMAPHORE, *[FILLING] * 20))
    async with author.open():
        await author.press("n")
        assert author.lit[0].startswith("A semaphore is a counter")
        pane = author.screen.query_one("#article")
        assert 300 < pane.virtual_size.height < 600
        await author.press("p")
        assert author.lit == [MUTEX.replace("*", "")]


async def test_of_a_long_paragraph_only_the_lines_of_the_card_are_lit(author: Author) -> None:
    before = "\n".join(f"Here stand many words before it, and this is line {n}." for n in range(30))
    author.write(f"# Locks\n\n{before}\n{MUTEX}\nAnd words behind it.\n")
    async with author.open():
        assert author.current == "mutex"
        assert any("mutex" in line for line in author.lit)
        assert len(author.lit) <= 3


async def test_an_article_with_markup_is_text_and_nothing_else(author: Author) -> None:
    author.write(article("A **mutex [@click=app.quit]x[/]** is a lock that [red]one[/red] thread holds."))
    async with author.open(size=(200, 60)):
        assert "[@click=app.quit]x[/]" in author.text
        assert "[red]one[/red]" in author.text


async def test_tab_shows_the_card_alone_the_article_alone_and_both(author: Author) -> None:
    async with author.open():
        await author.press("tab")
        assert author.lit == []
        assert "What is a mutex?" in author.text
        await author.press("tab")
        assert author.lit != []
        assert "What is a mutex?" not in author.text
        await author.press("down", "space", "pageup", "tab")
        assert author.lit != []
        assert "What is a mutex?" in author.text


async def test_help_tells_every_key(author: Author) -> None:
    async with author.open(size=(200, 60)):
        await author.press("question_mark")
        for what in ("keep the card", "drop it", "what was left out", "leave without writing anything"):
            assert what in author.text
        await author.press("escape")
        assert author.app.screen is author.screen


async def test_an_article_without_a_card_says_so(author: Author) -> None:
    author.write(f"# Locks\n\n{WEAK}\n")
    async with author.open():
        assert "The article gives no card." in author.text
        await author.press("k", "d", "e", "n", "p", "u", "s", "t", "E", "home", "end", "left", "right")
        await author.press("w")
        assert "There is nothing to write" in author.text
        await author.press("escape", "r", "enter", "k", "escape")
        assert author.current is not None
    assert not author.place.deck.exists()


# Going


async def test_n_and_p_go_on_and_back_and_say_where_it_ends(author: Author) -> None:
    async with author.open():
        await author.press("p")
        assert author.said == ["That is the first."]
        await author.press("n")
        assert author.current == "semaphore"
        await author.press("n")
        assert author.said[-1] == "That is the last. w writes."
        await author.press("p")
        assert author.current == "mutex"
        await author.press("end")
        assert author.current == "semaphore"
        await author.press("home")
        assert author.current == "mutex"


async def test_a_shows_also_what_is_as_it_was(author: Author) -> None:
    author.publish(ARTICLE)
    author.write(article(MUTEX.replace("at most one thread", "one thread or none"), SEMAPHORE, WEAK))
    async with author.open():
        assert "1 of 1" in author.text
        await author.press("a")
        assert "1 of 2" in author.text
        await author.press("n")
        assert author.current == "semaphore"
        assert "as it was" in author.text
        await author.press("a")
        assert author.current == "mutex"


async def test_a_deck_as_it_was_shows_all_its_cards(author: Author) -> None:
    author.publish(ARTICLE)
    async with author.open():
        assert "1 of 2" in author.text
        await author.press("w")
        assert "All is as it was." in author.text


# Deciding


async def test_keeping_goes_on_and_counts(author: Author) -> None:
    async with author.open():
        await author.press("k")
        assert author.current == "semaphore"
        assert "1 kept" in author.text
        await author.press("enter")
        assert author.said[-1] == "That was the last. w writes."
        assert "✓ kept" in author.text
        await author.press("w", "enter")
    assert author.deck.count("- id:") == 2


async def test_nothing_is_written_before_the_end(author: Author) -> None:
    before = author.files
    async with author.open():
        await author.press("k", "d", "u", "r", "enter", "k", "escape", "w")
        assert author.files == before
        assert "Write os/locks?" in author.text
        await author.press("escape")
        assert author.files == before


async def test_what_is_dropped_is_not_written_and_not_drafted_again(author: Author) -> None:
    async with author.open():
        await author.press("d")
        assert "1 dropped" in author.text
        await author.press("p")
        assert "✗ dropped" in author.text
        await author.press("w")
        assert "1 card" in author.text
        assert "1 not decided: as the article has them" in author.text
        assert "decks/os/locks.yaml" in author.text
        await author.press("enter")
    assert author.app.return_value is not None
    assert "- id: mutex" not in author.deck
    assert "  mutex: {kind: basic" in author.deck
    assert author.choosing().work.files == {}


async def test_keeping_takes_dropping_back(author: Author) -> None:
    async with author.open():
        await author.press("d", "p", "k", "w", "enter")
    assert "- id: mutex" in author.deck


async def test_undo_goes_back_to_what_it_takes_back(author: Author) -> None:
    async with author.open():
        assert "u undo" not in author.keys
        await author.press("k", "d")
        await author.press("u")
        assert author.current == "semaphore"
        assert "✗ dropped" not in author.text
        await author.press("u")
        assert author.current == "mutex"
        assert "kept" not in author.text
        await author.press("u", "w", "enter")
    assert author.deck.count("- id:") == 2


async def test_quitting_writes_nothing_and_asks_only_if_something_was_decided(author: Author) -> None:
    before = author.files
    async with author.open():
        await author.press("q")
    assert author.app.return_value is None
    async with author.open():
        await author.press("k", "q")
        assert "Leave without writing?" in author.text
        await author.press("escape")
        assert author.current == "semaphore"
        await author.press("ctrl+q", "enter")
    assert author.app.return_value is None
    assert author.files == before


async def test_a_deck_changed_meanwhile_is_not_overwritten(author: Author) -> None:
    author.publish(ARTICLE)
    async with author.open():
        await author.press("d")
        author.place.deck.write_text(author.deck + "# mine\n")
        await author.press("w", "enter")
        assert "Nothing was written" in author.text
        assert "was changed while" in author.words
        await author.press("enter")
        assert "1 dropped" in author.text
    assert author.deck.endswith("# mine\n")
    assert "- id: mutex" in author.deck


# Left out


async def test_what_was_left_out_is_listed_with_reasons_and_one_is_rescued(author: Author) -> None:
    async with author.open():
        await author.press("r")
        assert "Left out: " in author.text
        assert "weak" in author.text
        lines = [line for line in author.text.splitlines() if "weak" in line]
        assert "Locks: It is {{known}} that this is so." in lines[0]
        await author.press("end", "enter")
        assert "os/locks  left out" in author.text
        assert "left out: weak (the signs that this is worth a card are few)" in author.text
        assert "It is [" in author.text
        assert author.lit == ["It is known that this is so."]
        assert author.keys.startswith("k rescue")
        await author.press("k")
        assert author.said[-1] == "Rescued: it is among the cards now."
        await author.press("escape")
        assert "1 of 3 · 1 kept · 1 rescued" in author.text
        await author.press("end")
        assert "✓ rescued" in author.text
        await author.press("w", "enter")
    assert author.deck.count("  - id: ") == 3
    assert author.choosing().work.files == {}


async def test_a_rescue_is_taken_back_by_undo_and_by_dropping(author: Author) -> None:
    async with author.open():
        await author.press("r", "end", "enter", "k", "u")
        assert "left out: weak" in author.text
        await author.press("k", "escape", "end", "d")
        assert "of 2" in author.text
        assert "rescued" not in author.text


async def test_the_list_is_left_without_looking(author: Author) -> None:
    async with author.open():
        await author.press("r", "escape")
        assert author.current == "mutex"
        await author.press("r", "enter", "n", "p", "r")
        assert "left out" not in author.text.splitlines()[0]


async def test_what_cannot_be_a_card_says_why(author: Author) -> None:
    author.place.deck.write_text(
        "title: t\ncards:\n  - {id: mine, kind: basic, front: 'Locks: What is a mutex?', back: x}\n"
    )
    async with author.open(size=(200, 60)):
        await author.press("r")
        offers = author.screen.walk.choosing.left_out(author.screen.walk.choices)
        place = next(n for n, offer in enumerate(offers) if offer.reason == "asked already")
        await author.press("home", *["down"] * place, "enter")
        assert "left out: asked already (a card of yours asks it)" in author.text
        await author.press("k")
        assert "The deck asks this already." in author.text


# Editing


async def test_e_edits_the_texts_in_place(author: Author) -> None:
    async with author.open():
        await author.press("e", "backspace", *"! Really", "question_mark")
        await author.press("ctrl+s")
        assert "Locks: What is a mutex! Really?" in author.words
        assert "✎ edited" in author.text
        await author.press("w", "enter")
    assert "front: 'Locks: What is a mutex! Really?'" in author.deck.replace('"', "'")
    author.write(article(MUTEX.replace("at most one thread", "one thread or none"), SEMAPHORE))
    merged = author.choosing().work.merged
    assert merged is not None
    assert "Really" in merged.text
    assert "one thread or none" in merged.text


async def test_an_edit_that_makes_no_card_says_why_and_stays(author: Author) -> None:
    async with author.open():
        await author.press("e")
        author.app.screen.query_one("#field-front", TextArea).text = " "
        await author.press("ctrl+s")
        assert "front" in str(author.app.screen.query_one("#field-fault", Static).content)
        await author.press("escape")
        assert "Throw your changes away?" in author.text
        await author.press("escape", "escape", "enter")
        assert author.app.screen is author.screen
        assert "What is a mutex?" in author.text
        await author.press("e", "escape", "e", "ctrl+s")
        assert author.app.screen is author.screen
        assert not author.screen.walk.decided


async def test_shift_e_opens_the_whole_card_in_the_editor(
    author: Author, editor: Callable[[str], None]
) -> None:
    editor("path.write_text(path.read_text() + 'tags: [hard]\\n')")
    async with author.open():
        await author.press("E")
        assert "✎ edited" in author.text
        await author.press("w", "enter")
    assert "tags: [hard]" in author.deck


async def test_from_the_fields_to_the_editor(author: Author, editor: Callable[[str], None]) -> None:
    editor("path.write_text(path.read_text().replace('What is', 'Tell what is'))")
    async with author.open():
        await author.press("e", "ctrl+e")
        assert "Tell what is a mutex?" in author.text


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("path.write_text(path.read_text().replace('front', 'frnt'))", "kind basic has no `frnt`"),
        ("path.write_text(path.read_text().replace('id: mutex', 'id: other'))", "the id stays: id: mutex"),
        ("path.write_text('- a')", "no valid card yet"),
    ],
)
async def test_what_is_no_card_is_told_and_opened_again_as_it_was(
    author: Author, editor: Callable[[str], None], program: str, told: str
) -> None:
    editor(program)
    async with author.open():
        await author.press("E")
        assert told in author.words
        editor("pathlib.Path(path.parent.parent, 'seen').write_text(path.read_text())\nsys.exit(1)")
        await author.press("enter", "E")
        assert "The editor changed nothing" in author.text
        assert not author.screen.walk.decided


# An article that has changed


async def test_what_the_author_wrote_and_the_article_changed_is_decided_by_t_or_k(author: Author) -> None:
    author.publish(ARTICLE)
    author.place.deck.write_text(author.deck.replace(MUTEX, "A lock for one thread."))
    author.write(article(MUTEX.replace("at most one thread", "one thread or none"), SEMAPHORE))
    async with author.open(size=(200, 60)):
        assert "you edited it, and the article changed too: back" in author.text
        assert "A lock for one thread." in author.text
        assert "t take over" in author.keys
        await author.press("t")
        assert "t take over" not in author.keys
        assert "A lock for one thread." in author.text  # what it was before
        await author.press("w", "enter")
    assert "proposed" not in author.deck
    assert "A lock for one thread." not in author.deck
    assert author.choosing().work.files == {}


async def test_a_pair_that_is_only_alike_is_one_card_or_two(author: Author) -> None:
    author.publish(article(MONITOR))
    author.write(article(MONITOR_LOCK))
    async with author.open():
        assert "is it still the same card? 0.74 alike" in author.text
        assert "was  a monitor is an object" in author.text
        assert "now  A monitor lock is an object" in author.text
        await author.press("s")
        assert author.current == "monitor"
        assert "you set it apart from what the article has now" in author.text
        assert "retired" in author.text
        assert "s the same card" in author.keys
        await author.press("s")
        assert "is it still the same card?" in author.text
        await author.press("u", "w", "enter")
    assert "- id: monitor_lock\n" in author.deck
    assert "retired: true" in author.deck


async def test_confirming_a_pair_keeps_the_card(author: Author) -> None:
    author.publish(article(MONITOR))
    author.write(article(MONITOR_LOCK))
    async with author.open():
        await author.press("k", "w", "enter")
    assert "- id: monitor\n" in author.deck
    assert "What is a monitor lock?" in author.deck
    assert "retired" not in author.deck


@pytest.mark.parametrize(("keys", "is_there", "is_retired"), [("n", 1, 1), ("k", 1, 0), ("d", 0, 0)])
async def test_a_card_that_is_gone_rests_stays_or_goes(
    author: Author, keys: str, is_there: int, is_retired: int
) -> None:
    author.publish(article(MUTEX, SEMAPHORE))
    author.write(article(MUTEX))
    async with author.open():
        assert author.current == "semaphore"
        assert "the article has it no more: retired" in author.text
        assert author.lit == []
        await author.press(keys, "w", "enter")
    assert author.deck.count("- id: semaphore") == is_there
    assert author.deck.count("retired: true") == is_retired
