"""Reading what is to be checked: each deck with its snippets, and what reading alone tells about them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from studykit.checking.contract import Snippet, contract, missing_function, read_snippet
from studykit.checking.files import lines_of, orphan_articles, orphan_snippets
from studykit.checking.selection import Selection
from studykit.checking.standard import up_to_standard
from studykit.checking.trials import LEAST_REJECTED, Place
from studykit.library.cards import Card, Compute, Implement, Predict, Repair, RunIt
from studykit.library.deck import ParsedDeck, Problem, read_deck
from studykit.library.entries import DeckEntry, Root
from studykit.library.index import open_library
from studykit.library.roots import builtin_root
from studykit.library.standard import Standard, read_standard
from studykit.running.runner import Exercise
from studykit.wording import shown


@dataclass(frozen=True, slots=True)
class Topic:
    """A deck with all that belongs to it."""

    entry: DeckEntry
    parsed: ParsedDeck
    snippets: dict[Path, Snippet]
    standard: Standard | None = None
    """What the library holds its decks to, if it says so."""

    @property
    def cards(self) -> tuple[Card, ...]:
        """The deck's valid cards; a retired one is asked nobody, and may lack its lines and its function."""
        return tuple(card for card in self.parsed.deck.cards if not card.retired) if self.parsed.deck else ()

    @property
    def place(self) -> Place:
        """Where the deck's parts stand."""
        asked = None if self.standard is None else self.standard.mutants_rejected
        return Place(shown(self.entry.path), self.parsed.positions, asked or LEAST_REJECTED)

    def snippet_path(self, card: RunIt) -> Path:
        """Return where a card's snippet should be."""
        name = card.snippet or self.entry.id.split("/")[1]
        return self.entry.root.path / "snippets" / self.entry.track / f"{name}.py"

    def problems(self) -> Iterator[Problem]:
        """Yield what reading tells beyond what the library says of the deck."""
        for snippet in self.snippets.values():
            yield from contract(snippet)
        yield from self._sources()
        if self.standard is not None:
            yield from up_to_standard(self, self.standard)
        for card in self.cards:
            if isinstance(card, Predict | Compute | Implement | Repair):
                yield from self._code(card)

    def _sources(self) -> Iterator[Problem]:
        length = None if self.entry.article is None else lines_of(self.entry.article)
        for card in self.cards:
            lines = card.source.lines if card.source is not None else None
            if lines is None:
                continue
            if length is None:
                message = "the deck names no article that these lines could be of"
                yield self.place.problem(card.id, "source", "no-article", message)
            elif lines[1] > length:
                message = f"the article has {length} lines; these are {lines[0]} to {lines[1]}"
                yield self.place.problem(card.id, "source", "source-lines", message)

    def _code(self, card: RunIt) -> Iterator[Problem]:
        path = self.snippet_path(card)
        if path in self.snippets:
            yield from self._functions(card, self.snippets[path])
        elif not isinstance(card, Predict) or card.draw or card.snippet:
            message = f"there is no {shown(path)} for this card's code"
            yield self.place.problem(card.id, "snippet", "no-snippet", message)

    def _functions(self, card: RunIt, snippet: Snippet) -> Iterator[Problem]:
        place = self.place
        if not isinstance(card, Predict):
            position = place.position(card.id, "function")
            yield from missing_function(snippet, card.function, position, place.deck, "unknown-function")
        draw = card.draw if isinstance(card, Predict) else card.draw or card.function
        if draw:
            position = place.position(card.id, "draw" if card.draw else "function")
            yield from missing_function(snippet, f"sample_{draw}", position, place.deck, "no-sample")

    def exercises(self) -> Iterator[Exercise]:
        """Yield the cards that can be run: those whose functions are there."""
        place = self.place
        unsound = {(one.line, one.column) for one in self.problems() if one.path == place.deck}
        for card in self.cards:
            if not isinstance(card, Predict | Compute | Implement | Repair):
                continue
            if unsound & place.positions_of(card.id):
                continue
            path = self.snippet_path(card)
            yield Exercise(
                card=card,
                snippet=path if path in self.snippets else None,
                card_id=f"{self.entry.id}/{card.id}",
                # Whoever checks a library asks for its code to be run; the sandbox holds it all the same.
                trusted=True,
                contained=self.entry.root.origin != "builtin",
            )


def read_topics(root: Path, selections: Sequence[Selection]) -> tuple[list[Topic], list[Problem]]:
    """Read the decks of a root that are asked for; the problems of the library come with them."""
    # The built-in library stands beside it, so that a deck may build on the shipped ones.
    library = open_library([Root(root, "extra"), builtin_root()], None)
    decks = {deck: entry for deck, entry in library.decks().items() if entry.root.path == root}
    chosen = [entry for deck, entry in decks.items() if any(one.holds(deck) for one in selections)]
    problems = [problem for problem in library.problems() if _concerns(problem, root, chosen, selections)]
    for selection in selections:
        problems += orphan_snippets(selection, decks)
        problems += orphan_articles(selection, decks)
    standard, unsound = read_standard(root)
    problems += unsound
    topics = []
    for entry in chosen:
        snippets, unread = _snippets(entry)
        problems += unread
        topics.append(Topic(entry, read_deck(entry.path, shown(entry.path)), snippets, standard))
    return topics, problems


def _concerns(
    problem: Problem, root: Path, chosen: Sequence[DeckEntry], selections: Sequence[Selection]
) -> bool:
    path = Path(problem.path).absolute()
    if not path.is_relative_to(root):
        return False
    if any(selection.track is None for selection in selections):
        return True
    parts = path.relative_to(root).parts
    deck = f"{parts[1]}/{path.stem}" if len(parts) == 3 else ""
    return any(one.holds(deck) for one in selections) or any(entry.path == path for entry in chosen)


def _snippets(entry: DeckEntry) -> tuple[dict[Path, Snippet], list[Problem]]:
    folder, topic = entry.root.path / "snippets" / entry.track, entry.id.split("/")[1]
    paths = sorted([*folder.glob(f"{topic}.py"), *folder.glob(f"{topic}_*.py")])
    # `rope_scaling.py` is the snippet of a deck of its own, if there is one.
    paths = [
        path for path in paths if path.stem == topic or not (entry.path.parent / f"{path.stem}.yaml").exists()
    ]
    read = [read_snippet(path) for path in paths]
    snippets = {one.path: one for one in read if isinstance(one, Snippet)}
    return snippets, [one for one in read if isinstance(one, Problem)]
