"""From the file of an article to the files of its deck: what `studykit author` does, without the talking.

`prepare` reads and works everything out; `Work.write` writes. In between one can look at what would be.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from studykit.authoring.article import read_article
from studykit.authoring.blocks import Article
from studykit.authoring.candidates import Execute, Reason, Rejected
from studykit.authoring.draft import Draft, draft
from studykit.authoring.files import read_or_none, write_all
from studykit.authoring.merge import Change, Existing, Merged, NothingLeftError, merge
from studykit.authoring.place import Place
from studykit.errors import StudykitError
from studykit.library.deck import Problem, json_schema, parse_deck
from studykit.library.yaml_edit import YamlText
from studykit.wording import shown

MARKDOWN = (".md", ".markdown")


@dataclass(frozen=True, slots=True)
class Work:
    """What an article came to."""

    place: Place
    article: Article
    draft: Draft
    merged: Merged | None
    """None if the article gives no card, and there is no deck yet."""

    files: Mapping[Path, bytes] = field(default_factory=dict)
    """What is to be written: only files that differ from what is there."""

    seen: Mapping[Path, bytes | None] = field(default_factory=dict)
    """What stood there when it was read."""

    notes: tuple[str, ...] = ()
    """What a person should know about the files."""

    path: Path = Path()
    """Where the article was read, as it was called."""

    data: bytes = b""
    """The article's file."""

    existing: Existing | None = None
    """The deck that was there."""

    def write(self) -> None:
        """Write the files. Raises StudykitError, and then none is half-written."""
        write_all(self.files, self.seen)


def prepare(path: Path, place: Place, execute: Execute | None) -> Work | tuple[Problem, ...]:
    """Work out the deck of the article at `path`; the problems of the deck that is there, if it has any.

    Raises StudykitError for an article that cannot be read, or files that must not be overwritten.
    """
    article = read_article(path)
    data = path.read_bytes()
    before = read_or_none(place.deck)
    existing = None
    if before is not None:
        parsed = parse_deck(before, shown(place.deck))
        if parsed.deck is None or parsed.problems:
            return parsed.problems
        existing = Existing(before.decode("utf8"), parsed.deck)
    return _Preparing(path, data, place, article, before, existing).work(draft(article, execute))


def again(work: Work, found: Draft, apart: Collection[str] = ()) -> Work:
    """Work it out anew with another draft of the same article; for `apart` see `merge`."""
    before = work.existing.text.encode("utf8") if work.existing else None
    preparing = _Preparing(work.path, work.data, work.place, work.article, before, work.existing)
    return preparing.work(found, apart)


@dataclass
class _Preparing:
    path: Path
    data: bytes
    place: Place
    article: Article
    before: bytes | None
    existing: Existing | None
    files: dict[Path, bytes] = field(default_factory=dict)
    seen: dict[Path, bytes | None] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    drafted: dict[str, str] = field(default_factory=dict)

    def work(self, found: Draft, apart: Collection[str] = ()) -> Work:
        self._copy_article()
        found = self._with_snippet(found)
        same: dict[str, Any] = {"path": self.path, "data": self.data, "existing": self.existing}
        if not found.cards and self.existing is None:
            return Work(self.place, self.article, found, None, **same)
        place = self.place
        name = shown(place.deck)
        try:
            merged = merge(
                found,
                self.existing,
                article=self.copy.name,
                path=name,
                drafted=self.drafted,
                source=self.article.source,
                apart=apart,
            )
        except NothingLeftError as error:
            notes = (f"no valid card came of what was found: {error}",)
            return Work(self.place, self.article, found, None, notes=notes, **same)
        except ValueError as error:
            raise StudykitError(f"the deck of {shown(self.path)} would not be valid: {error}") from error
        text = merged.text.encode("utf8")
        self.seen[place.deck] = self.before
        if text != self.before:
            self.files[place.deck] = text
        self._list_topic()
        self._provide_schema()
        return Work(place, self.article, found, merged, self.files, self.seen, tuple(self.notes), **same)

    @property
    def copy(self) -> Path:
        """Where the deck looks for its article."""
        named = self.existing.deck.article if self.existing else None
        return self.place.deck.with_name(named) if named else self.place.article

    def _was_drafted(self, path: Path, data: bytes) -> bool:
        """Tell whether a file is as it was written the last time, by the deck's own note."""
        return self.existing is not None and self.existing.deck.drafted.get(path.name) == digest(data)

    def _copy_article(self) -> None:
        """Have the article beside its deck, since it is named without a path there."""
        copy = self.copy
        if self.path.resolve() == copy.resolve():
            return
        here = read_or_none(copy)
        if self.path.suffix.lower() in MARKDOWN:
            data = self.data
        else:
            data = ("\n".join(self.article.source) + "\n").encode("utf8", "replace")
        if here is not None and here != data and not self._was_drafted(copy, here):
            raise StudykitError(
                f"{shown(copy)} is another text than {shown(self.path)}, and was not copied from it. Author "
                f"it where it is (studykit author {shown(copy)}), choose another --deck, or move it away"
            )
        self.drafted[copy.name] = digest(data)
        self.seen[copy] = here
        if here != data:
            self.files[copy] = data

    def _with_snippet(self, found: Draft) -> Draft:
        """Take the drafted functions, unless the author has a file of his own; then its functions count."""
        if found.snippet is None:
            return found
        path, data = self.place.snippet, found.snippet.encode("utf8")
        here = read_or_none(path)
        if here is not None and not found.ran and here.startswith(data) and self._was_drafted(path, here):
            data = here  # its `main` was drafted where code could be run
        if here is None or here == data or self._was_drafted(path, here):
            self.drafted[path.name] = digest(data)
            self.seen[path] = here
            if here != data:
                self.files[path] = data
            return found
        last = self.existing.deck.drafted.get(path.name) if self.existing else None
        if last != digest(data):
            self.notes.append(
                f"{shown(path)} is your own by now and was left as it is; "
                "the article's code would give another one"
            )
        return _with_functions(found, here.decode("utf8", "replace"))

    def _list_topic(self) -> None:
        """Name a new topic in the track's list, where there is one."""
        manifest = read_or_none(self.place.manifest)
        if manifest is None:
            return
        try:
            yaml = YamlText(manifest.decode("utf8"))
            topics = [yaml.text(("topics", number)) for number in range(yaml.length(("topics",)))]
            if self.place.topic in topics:
                return
            yaml.append(("topics",), self.place.topic)
            self.files[self.place.manifest] = yaml.result().encode("utf8")
            self.seen[self.place.manifest] = manifest
        except (ValueError, KeyError, IndexError):
            self.notes.append(f"add {self.place.topic} to `topics` in {shown(self.place.manifest)}")

    def _provide_schema(self) -> None:
        """Put the schema where the deck's first line says that it is, for editors."""
        if read_or_none(self.place.schema) is None:
            text = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
            self.files[self.place.schema] = text.encode("utf8")


def _with_functions(found: Draft, source: str) -> Draft:
    """Leave out cards about functions that `source` does not have."""

    def lacks(name: object) -> bool:
        return isinstance(name, str) and not re.search(
            rf"^(?:async )?(?:def|class) {name}\b", source, re.MULTILINE
        )

    lost = [card for card in found.cards if lacks(card.fields.get("function"))]
    return replace(
        found,
        cards=tuple(card for card in found.cards if card not in lost),
        rejected=(*found.rejected, *(Rejected(card, Reason.FAILED) for card in lost)),
    )


def doubts(work: Work) -> Iterator[str]:
    """Yield, as sentences, what a person should look at."""
    article, deck = shown(work.place.article), shown(work.place.deck)
    for change in work.merged.changes if work.merged else ():
        if change.what in WORTH_A_LOOK:
            yield f"{deck}: {change.id}: {WORTH_A_LOOK[change.what]}{_told(change)}"
    yield from (f"{article}: {note}" for note in work.draft.notes)
    yield from work.notes


WORTH_A_LOOK = {
    "review": "is it still the same card?",
    "proposed": "you edited this, and the article changed too: see `proposed`",
    "retired": "the article has it no more: retired",
    "revised": "look once more",
    "invalid": "no valid card came of it",
}
"""Changes that a person should look at."""


def _told(change: Change) -> str:
    return f" ({change.detail})" if change.detail else ""


def digest(data: bytes) -> str:
    """Return a short name for the content of a file."""
    return hashlib.blake2b(data, digest_size=8).hexdigest()
