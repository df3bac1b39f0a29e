"""Where an article's deck belongs: its library, track and topic.

An article that lies in a library already (`DIR/decks/<track>/<topic>.md`) says it by its place. Of any other
`--deck track/topic` says it, else it is called `notes/<its name>`; it is copied beside its deck, since a deck
names its article without a path.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from studykit.errors import StudykitError
from studykit.library.names import DECK_ID, ID
from studykit.wording import shown

DEFAULT_TRACK = "notes"
LEAST_SHARED = 0.2
"""The share of lines that an article keeps through an edit; with fewer it is another of the same name."""


@dataclass(frozen=True, slots=True)
class Place:
    """The files of one topic."""

    root: Path
    track: str
    topic: str

    @property
    def id(self) -> str:
        """The deck's id."""
        return f"{self.track}/{self.topic}"

    @property
    def deck(self) -> Path:
        """The deck's file."""
        return self.root / "decks" / self.track / f"{self.topic}.yaml"

    @property
    def article(self) -> Path:
        """The article's file beside the deck."""
        return self.deck.with_suffix(".md")

    @property
    def snippet(self) -> Path:
        """The file of the functions."""
        return self.root / "snippets" / self.track / f"{self.topic}.py"

    @property
    def manifest(self) -> Path:
        """The file that lists the track's topics, if there is one."""
        return self.deck.with_name("_track.yaml")

    @property
    def schema(self) -> Path:
        """The schema that the deck's first line names."""
        return self.root / "decks" / "deck.schema.json"


def place_of(article: Path, deck: str | None, library: Path | None, folder: Path) -> Place:
    """Return where the deck of `article` belongs.

    Raises StudykitError for names that no deck may have, and where the name that nobody chose is taken by
    another article. `library` is the folder that holds `decks/`; left out, it is the one that the article
    lies in, else `folder`.
    """
    article = article.resolve()
    if library is not None and not library.is_dir():
        raise StudykitError(f"there is no folder {library}: make it, or leave --library out")
    home = _library_of(article)
    root = library.resolve() if library is not None else home or folder.resolve()
    if deck is not None:
        if not DECK_ID.fullmatch(deck):
            raise StudykitError(
                f"--deck {deck}: write track/topic in lower-case letters, digits and _, "
                f"like {_example(article)}"
            )
        return Place(root, *deck.split("/"))
    if home != root:
        place = Place(root, *_example(article).split("/"))
        if _is_another(article, place.article):
            raise StudykitError(
                f"{shown(place.article)} is another article of this name, so say where the deck of "
                f"{shown(article)} belongs: --deck track/topic"
            )
        return place
    track, topic = article.parent.name, article.stem
    if not (ID.fullmatch(track) and ID.fullmatch(topic)):
        raise StudykitError(
            f"{track}/{topic} is no name for a deck: use lower-case letters, digits and _, or say "
            f"--deck {_example(article)}"
        )
    return Place(root, track, topic)


def _library_of(article: Path) -> Path | None:
    return article.parents[2] if len(article.parents) > 2 and article.parents[1].name == "decks" else None


def _example(article: Path) -> str:
    from studykit.authoring.ids import slug

    track = article.parent.name if _library_of(article) else DEFAULT_TRACK
    nameless = f"article_{hashlib.sha256(article.stem.encode()).hexdigest()[:8]}"
    topic = slug(article.stem)
    return f"{slug(track) or DEFAULT_TRACK}/{topic if ID.fullmatch(topic) else nameless}"


def _is_another(article: Path, copy: Path) -> bool:
    """Whether the copy that is there has too little of `article` to be an earlier version of it."""
    try:
        ours, theirs = (
            {line.strip() for line in path.read_bytes().splitlines() if line.strip()}
            for path in (article, copy)
        )
    except OSError:
        return False
    return len(ours & theirs) < LEAST_SHARED * min(len(ours), len(theirs))
