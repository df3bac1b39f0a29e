"""Every key of every screen and widget does what it is bound to; a new key without a scene here fails.

What the actions themselves do is tested beside each screen. Here they are only noted, so that a scene stays
as it is while one key after the other is pressed.
"""

import ast
import inspect
import pkgutil
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from importlib import import_module
from threading import Event

import pytest
from textual.app import App
from textual.binding import BindingsMap

from studykit.authoring.choosing import Choosing
from studykit.authoring.place import Place
from studykit.authoring.workshop import Work, prepare
from studykit.config import Settings
from studykit.quiz.drawing import pool
from studykit.quiz.paper import Terms
from studykit.tui import screens, widgets
from studykit.tui.app import StudyApp
from studykit.tui.author import AuthorApp
from studykit.tui.quiz import QuizApp

MUTEX = "A **mutex** is a lock that at most one thread holds at a time."
MUTEX_OR_NONE = "A **mutex** is a lock that one thread or none holds at a time."
MONITOR = "A **monitor** is an object whose methods only one thread runs at a time, since it holds a lock."
MONITOR_LOCK = (
    "A **monitor lock** is an object whose operations one thread runs at any moment, since it owns a lock."
)
ARTICLE = (
    "# Locks\n\n{}\n\nIt is **known** that this is so.\n\n" + "Some words, and some more of them.\n\n" * 16
)
WHAT, ORDER, DOZEN = "demo/counting/what", "demo/counting/order", "demo/counting/dozen"
SUM, WRITE = "demo/adding/sum", "demo/adding/write_add"

Scene = Callable[..., Awaitable[None]]


def bound_classes() -> dict[str, type]:
    """Return every class of ours that binds keys of its own."""
    found: dict[str, type] = {"StudyApp": StudyApp, "AuthorApp": AuthorApp}
    for room in (screens, widgets):
        for module in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
            classes = inspect.getmembers(import_module(module.name), inspect.isclass)
            found |= {name: one for name, one in classes if one.__module__ == module.name}
    return {name: one for name, one in found.items() if "BINDINGS" in vars(one)}


CLASSES = bound_classes()


def bound(one: type) -> set[tuple[str, str]]:
    """Return the keys of a class, each with its action."""
    keys = BindingsMap(vars(one)["BINDINGS"]).key_to_bindings
    return {(key, binding.action) for key, bindings in keys.items() for binding in bindings}


def at(card: str, *keys: str) -> Scene:
    """Be at one card of the review, after some keys."""

    async def scene(desk) -> None:
        desk.answer(card, 4, days_ago=100)
        for other in desk.study.library.entries():
            if other != card:
                desk.study.suspend(other, desk.clock())
        await start(desk, desk.open(), keys)

    return scene


def home(*keys: str) -> Scene:
    """Be at the list of decks, after some keys."""

    async def scene(desk) -> None:
        desk.answer(WHAT, 4, days_ago=100)
        await start(desk, desk.open(), ())
        desk.app.show_home()
        await press(desk, keys)

    return scene


def past(*keys: str) -> Scene:
    """Be at the list of decks after years of study, after some keys."""

    async def scene(desk) -> None:
        desk.answer(WHAT, 4, days_ago=800)
        await home(*keys)(desk)

    return scene


def author(*keys: str) -> Scene:
    """Be at what was drafted of an article, after some keys."""

    async def scene(desk) -> None:
        await start_author(desk, drafted(desk, ARTICLE.format(MUTEX)), keys)

    return scene


def rewritten(before: str, edited: str, after: str, *keys: str) -> Scene:
    """Be at an article of which a sentence was written anew, and its card edited before; after some keys."""

    async def scene(desk) -> None:
        work = drafted(desk, ARTICLE.format(before))
        work.write()
        deck = desk.home / "library" / "decks" / "os" / "locks.yaml"
        deck.write_text(deck.read_text(encoding="utf8").replace(before, edited), encoding="utf8")
        await start_author(desk, drafted(desk, ARTICLE.format(after)), keys)

    return scene


def drafted(desk, article: str) -> Work:
    """Return what is drafted of an article."""
    place = Place(desk.home / "library", "os", "locks")
    place.deck.parent.mkdir(parents=True, exist_ok=True)
    place.article.write_text(article, encoding="utf8")
    work = prepare(place.article, place, None)
    assert isinstance(work, Work)
    return work


async def start_author(desk, work: Work, keys) -> None:
    """Open the program that chooses among drafts."""
    desk.app = AuthorApp(Choosing(work), Settings(reduced_motion=True))
    await start(desk, desk.run((80, 24)), keys)


def quiz(kinds: str, *keys: str) -> Scene:
    """Be at a quiz of some kinds of card, after some keys."""

    async def scene(desk) -> None:
        terms = Terms(7, 20, ("demo",), tuple(kinds.split()))
        desk.app = QuizApp(desk.study, pool(desk.study, terms.decks, terms.kinds), terms, at=desk.clock)
        await start(desk, desk.run((80, 24)), keys)

    return scene


async def busy(desk) -> None:
    """Be at a card whose code runs and does not end."""
    await at(WRITE, "x")(desk)
    desk.runner.gate = desk.gate.wait
    await desk.press("ctrl+r")


async def told(desk) -> None:
    """Be at a message."""
    await at(WHAT)(desk)
    desk.app.tell("Title", "Text")
    await desk.settle()


async def start(desk, opened, keys) -> None:
    """Open the program and press keys."""
    await desk.stack.enter_async_context(opened)
    await desk.settle()
    await press(desk, keys)


async def press(desk, keys) -> None:
    """Press keys and wait for what they begin."""
    await desk.pilot.pause()
    for key in keys:
        await desk.press(key)
        await desk.settle()


SCENES: dict[str, tuple[Scene, ...]] = {
    "StudyApp": (at(WHAT),),
    "ReviewScreen": (
        at(WHAT),
        at(WHAT, "space"),
        at(ORDER, "1"),
        at(SUM),
        at(SUM, "escape"),
        at(WRITE),
        at(WRITE, "escape"),
        busy,
    ),
    "HomeScreen": (home(),),
    "BrowserScreen": (home("b"),),
    "CardTable": (home("b"),),
    "ConceptMapScreen": (home("m"),),
    "StatisticsScreen": (past("s"), past("s", "left")),
    "_Page": (home("s"),),
    "SettingsScreen": (home("comma"), home("comma", "down", "down")),
    "LineList": (home("comma"),),
    "HelpScreen": (home("question_mark"),),
    "NoticeScreen": (told,),
    "ChooseScreen": (home("comma", *["down"] * 8, "enter"),),
    "ConfirmScreen": (quiz("basic", "f"),),
    "WholeCardScreen": (home("b", "enter"),),
    "SummaryScreen": (at(WHAT, "space", "3"),),
    "ReadingScreen": (at(WHAT, "a"),),
    "CardInfoScreen": (at(WHAT, "i"),),
    "QuizScreen": (
        quiz("basic"),
        quiz("basic", "space"),
        quiz("choice"),
        quiz("implement"),
        quiz("implement", "escape"),
        quiz("basic cloze", "n"),
    ),
    "QuizResultScreen": (quiz("basic", "f", "enter"),),
    "QuizWalkScreen": (
        quiz("basic cloze", "f", "enter", "enter"),
        quiz("basic cloze", "f", "enter", "enter", "n"),
        quiz("implement", "escape", "f", "enter", "enter"),
    ),
    "AnswerLine": (at(DOZEN),),
    "Options": (at(ORDER),),
    "AuthorApp": (author(),),
    "AuthorScreen": (
        author(),
        author("k"),
        author("d"),
        author("n"),
        author("r", "enter"),
        rewritten(MONITOR, MONITOR, MONITOR_LOCK),
        rewritten(MONITOR, MONITOR, MONITOR_LOCK, "s"),
        rewritten(MUTEX, "A lock for one thread.", MUTEX_OR_NONE),
    ),
    "EditScreen": (author("e"),),
    "LeftOutScreen": (author("r"),),
}


def test_every_screen_has_a_scene():
    assert set(SCENES) == set(CLASSES)


@pytest.mark.parametrize("name", SCENES)
async def test_every_key_does_what_it_is_bound_to(make_desk, school, unruly, tmp_path, monkeypatch, name):
    wanted = bound(CLASSES[name])
    for number, scene in enumerate(SCENES[name]):
        desk = make_desk(school, unruly, folder=tmp_path / f"home{number}")
        desk.study.trusts = lambda _root: True
        desk.gate = Event()
        async with AsyncExitStack() as desk.stack:
            await scene(desk)
            with monkeypatch.context() as patched:
                wanted -= await noted(desk, CLASSES[name], wanted, patched)
            desk.gate.set()
    assert wanted == set()


async def noted(desk, one, wanted, patched) -> set[tuple[str, str]]:
    """Press each key that is wanted; return those that would have done what they are bound to."""
    seen: list[tuple[object, str]] = []

    async def note(_app, namespace, name, parameters):
        seen.append((namespace, f"{name}{parameters!r}" if parameters else name))
        return True

    patched.setattr(App, "_dispatch_action", note)
    done = set()
    for key in sorted({key for key, _ in wanted}):
        seen.clear()
        await desk.press(key)
        actions = {text for namespace, text in seen if isinstance(namespace, one)}
        done |= {(key, action) for which, action in wanted if which == key and spelt(action) in actions}
    return done


def spelt(action: str) -> str:
    """Return an action as it is noted."""
    name, bracket, rest = action.partition("(")
    if not bracket:
        return name.rpartition(".")[2]
    return f"{name}{ast.literal_eval(f'({rest[:-1]},)')!r}"
