"""`studykit check` as a function: paths in, a report out. It never opens the learner's database."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from studykit.checking import runs
from studykit.checking.contract import Snippet, contract, missing_function, read_snippet
from studykit.checking.files import orphan_articles, orphan_snippets, shown
from studykit.checking.report import Report, summarise
from studykit.checking.selection import Selection, select
from studykit.library.cards import Card, Compute, Implement, Predict, Repair, RunIt
from studykit.library.deck import ParsedDeck, Problem, read_deck
from studykit.library.entries import DeckEntry, Root
from studykit.library.index import builtin_root, open_library
from studykit.running.runner import Exercise, Runner

Progress = Callable[[int, int], None]
Work = Callable[[Runner], runs.Findings]


@dataclass(frozen=True, slots=True)
class _Topic:
    """A deck with all that belongs to it."""

    entry: DeckEntry
    parsed: ParsedDeck
    snippets: dict[Path, Snippet]

    @property
    def cards(self) -> tuple[Card, ...]:
        return self.parsed.deck.cards if self.parsed.deck else ()


def check(
    paths: Sequence[str],
    *,
    jobs: int = 1,
    shard: tuple[int, int] = (1, 1),
    device: str = "auto",
    progress: Progress | None = None,
) -> Report:
    """Check what `paths` name and return all that is wrong with it.

    jobs: how many runs at once. shard: (i, n) runs only the i-th of n parts, so that n machines can share the
    work; reading is done by each, since it is cheap. Raises StudykitError for a path that is in no library.
    """
    problems: list[Problem] = []
    work: list[Work] = []
    decks = cards = 0
    for selection in _merged(select(paths, _default())):
        topics, found = _read(selection)
        problems += found
        decks += len(topics)
        cards += sum(len(topic.cards) for topic in topics)
        for topic in topics:
            problems += _static(topic)
            work += _work(topic)
    part, parts = shard
    findings = _run(work[part - 1 :: parts], jobs, device, progress)
    problems += [problem for finding in findings for problem in finding.problems]
    results = tuple(result for finding in findings for result in finding.results)
    notes = tuple(dict.fromkeys(note for finding in findings for note in finding.not_run))
    problems = sorted(set(problems))
    return Report(tuple(problems), results, notes, summarise(problems, results, decks, cards))


def _default() -> Path:
    return Path.cwd() if (Path.cwd() / "decks").is_dir() else builtin_root().path


def _merged(selections: Sequence[Selection]) -> Iterator[tuple[Path, tuple[Selection, ...]]]:
    """Yield each root once, with all that is asked of it."""
    roots = dict.fromkeys(selection.root for selection in selections)
    yield from ((root, tuple(one for one in selections if one.root == root)) for root in roots)


def _read(asked: tuple[Path, tuple[Selection, ...]]) -> tuple[list[_Topic], list[Problem]]:
    """Read the decks of a root that are asked for; the problems of reading come with them."""
    root, selections = asked
    # The built-in library stands beside it, so that a deck may build on the shipped ones.
    library = open_library([Root(root, "extra"), builtin_root()], None)
    decks = {deck: entry for deck, entry in library.decks().items() if entry.root.path == root}
    chosen = [entry for deck, entry in decks.items() if any(one.holds(deck) for one in selections)]
    problems = [problem for problem in library.problems() if _concerns(problem, root, chosen, selections)]
    for selection in selections:
        problems += orphan_snippets(selection, decks)
        problems += orphan_articles(selection, decks)
    topics = []
    for entry in chosen:
        snippets, unread = _snippets(entry)
        problems += unread
        topics.append(_Topic(entry, read_deck(entry.path, shown(entry.path)), snippets))
    return topics, problems


def _concerns(
    problem: Problem, root: Path, chosen: Sequence[DeckEntry], selections: Sequence[Selection]
) -> bool:
    path = Path(problem.path)
    if not path.resolve().is_relative_to(root.resolve()):
        return False
    whole = any(selection.track is None for selection in selections)
    return whole or any(entry.path.resolve() == path.resolve() for entry in chosen)


def _snippets(entry: DeckEntry) -> tuple[dict[Path, Snippet], list[Problem]]:
    folder = entry.root.path / "snippets" / entry.track
    topic = entry.id.split("/")[1]
    read = [
        read_snippet(path) for path in sorted([*folder.glob(f"{topic}.py"), *folder.glob(f"{topic}_*.py")])
    ]
    return {one.path: one for one in read if isinstance(one, Snippet)}, [
        one for one in read if isinstance(one, Problem)
    ]


def _static(topic: _Topic) -> Iterator[Problem]:
    """Yield what reading tells."""
    for snippet in topic.snippets.values():
        yield from contract(snippet)
    place = _place(topic)
    for card in topic.cards:
        if not isinstance(card, Predict | Compute | Implement | Repair):
            continue
        path = _snippet_path(topic, card)
        if path in topic.snippets:
            yield from _functions(card, topic.snippets[path], place)
        elif not isinstance(card, Predict) or card.draw or card.snippet:
            message = f"there is no {shown(path)} for this card's code"
            yield place.problem(card.id, "snippet", "no-snippet", message)


def _functions(card: RunIt, snippet: Snippet, place: runs.Place) -> Iterator[Problem]:
    if not isinstance(card, Predict):
        position = place.position(card.id, "function")
        yield from missing_function(snippet, card.function, position, place.deck, "unknown-function")
    draw = card.draw if isinstance(card, Predict) else card.draw or card.function
    if draw:
        position = place.position(card.id, "draw" if card.draw else "function")
        yield from missing_function(snippet, f"sample_{draw}", position, place.deck, "no-sample")


def _snippet_path(topic: _Topic, card: RunIt) -> Path:
    track, name = topic.entry.id.split("/")
    return topic.entry.root.path / "snippets" / track / f"{card.snippet or name}.py"


def _place(topic: _Topic) -> runs.Place:
    return runs.Place(shown(topic.entry.path), topic.parsed.positions)


def _work(topic: _Topic) -> Iterator[Work]:
    """Yield what there is to run for a topic, in pieces that can run side by side."""
    for snippet in topic.snippets.values():
        if "claim" in snippet.definitions:
            yield partial(runs.check_claim, snippet)
        if "main" in snippet.definitions:
            yield partial(runs.check_main, snippet)
    place = _place(topic)
    unsound = {(problem.line, problem.column) for problem in _static(topic) if problem.path == place.deck}
    for card in topic.cards:
        # A card whose function is missing has its problem already.
        if isinstance(card, Predict | Compute | Implement | Repair) and not unsound & place.positions_of(
            card.id
        ):
            path = _snippet_path(topic, card)
            exercise = Exercise(
                card=card,
                snippet=path if path in topic.snippets else None,
                card_id=f"{topic.entry.id}/{card.id}",
                trusted=True,
            )
            yield partial(runs.check_card, exercise, place)


def _run(work: Sequence[Work], jobs: int, device: str, progress: Progress | None) -> list[runs.Findings]:
    """Do the work, `jobs` pieces at once, and return what each found, in order."""
    if not work:
        return []
    findings: list[runs.Findings] = []
    with Runner(device=device) as runner, ThreadPoolExecutor(jobs) as pool:
        for done, found in enumerate(pool.map(lambda piece: piece(runner), work), 1):
            findings.append(found)
            if progress is not None:
                progress(done, len(work))
    return findings
