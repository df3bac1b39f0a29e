"""`studykit author`: an article becomes a deck, and stays one with it."""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studykit.commands._shared import add_json, print_json
from studykit.errors import StudykitError
from studykit.wording import printable, shown

if TYPE_CHECKING:
    from studykit.authoring.place import Place
    from studykit.authoring.workshop import Work
    from studykit.library.deck import Problem

EXAMPLE = "studykit author notes/rope.md --deck transformer/rope --diff"

LOOK_EVERY = 0.5
"""Seconds between two looks at the article with `--watch`."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `author` takes."""
    parser.add_argument("article", type=Path, metavar="ARTICLE", help="Markdown (.md), notebook or HTML file")
    parser.add_argument(
        "--deck",
        metavar="TRACK/TOPIC",
        help="the deck to make; left out: as DIR/decks/TRACK/TOPIC.md says by its place, else notes/NAME",
    )
    parser.add_argument(
        "--library",
        type=Path,
        metavar="DIR",
        help="the folder that holds decks/ and snippets/ (default: the article's, else the current one)",
    )
    parser.add_argument("--dry-run", action="store_true", help="write nothing")
    parser.add_argument("--diff", action="store_true", help="show what would change, and write nothing")
    parser.add_argument(
        "--verbose", action="store_true", help="show also each candidate that was left out, and why"
    )
    parser.add_argument(
        "--interactive",
        action="store_true",
        help="choose among the drafts on screen, each beside its lines; nothing is written before the end",
    )
    parser.add_argument("--watch", action="store_true", help="do it again whenever the article changes")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Author once, or again and again."""
    from studykit.authoring.place import place_of

    if arguments.watch and arguments.json:
        raise StudykitError("--json prints one document, --watch goes on: choose one of them")
    if arguments.interactive:
        _check_interactive(arguments)
    if arguments.article.suffix in (".yaml", ".yml"):
        raise StudykitError(
            f"{arguments.article} is a deck: give the article that it is of, "
            f"like {arguments.article.with_suffix('.md')}"
        )
    if not arguments.article.is_file():
        # The reader says it best.
        from studykit.authoring.article import read_article

        read_article(arguments.article)
    place = place_of(arguments.article, arguments.deck, arguments.library, Path.cwd())
    _say_taken(place)
    with _Runs() as runs:
        if not arguments.watch:
            return _once(arguments, place, runs)
        watch(arguments.article, lambda: _try(arguments, place, runs), time.sleep)
    return 0


def _say_taken(place: "Place") -> None:
    """Say that another library has a deck of this name, which learners would get instead."""
    from studykit import config
    from studykit.library.index import open_library
    from studykit.library.roots import default_roots

    home = config.home()
    other = open_library(default_roots(home, Path.cwd()), config.cache(home)).decks().get(place.id)
    if other is not None and other.path.resolve() != place.deck.resolve():
        meant = f"{place.id} is also {shown(other.path)}, and that one is asked: give this one another --deck"
        print(printable(f"studykit: {meant}"), file=sys.stderr)


def _check_interactive(arguments: argparse.Namespace) -> None:
    """Raise StudykitError where nobody can be asked."""
    for option in ("json", "watch", "dry_run", "diff"):
        if getattr(arguments, option):
            raise StudykitError(f"--interactive asks on screen: leave --{option.replace('_', '-')} out")
    # Textual draws on stderr.
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise StudykitError(
            "--interactive needs a terminal: leave it out, or see --dry-run, --diff and --json"
        )


class _Runs(AbstractContextManager["_Runs"]):
    """Runs the article's code, in a sandbox that stays warm, where one can be had."""

    def __init__(self) -> None:
        from studykit.running.sandbox import Sandbox

        self._sandbox = Sandbox()

    def __exit__(self, *_: object) -> None:
        self._sandbox.close()

    def execute(self) -> Any:
        """Return what runs programs; None where the sandbox does not hold."""
        from studykit.running.programs import Programs

        return Programs(self._sandbox) if self._sandbox.contained else None

    def refusal(self) -> str:
        """Say why nothing is run; empty if it is."""
        from studykit.running.layers import missing

        lacking = ", ".join(missing(self._sandbox.layers()))
        if not lacking:
            return ""
        why = f"the sandbox does not hold here ({lacking}; see `studykit doctor`)"
        return f"the article's code was not run: {why}"


def watch(path: Path, work: Callable[[], None], wait: Callable[[float], None]) -> None:
    """Do `work` now and whenever the file at `path` has changed, until interrupted."""
    seen = None
    while True:
        now = _looks(path)
        if now != seen and now is not None:
            work()
        seen = now
        wait(LOOK_EVERY)


def _looks(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None  # an editor is just replacing it
    return status.st_mtime_ns, status.st_size, status.st_ino


def _try(arguments: argparse.Namespace, place: "Place", runs: _Runs) -> None:
    """Author once more; what is wrong now may be right the next time."""
    print(time.strftime("%H:%M:%S"), printable(shown(arguments.article)))
    try:
        _once(arguments, place, runs)
    except StudykitError as error:
        print(printable(f"studykit: {error}"))
    print(flush=True)


def _once(arguments: argparse.Namespace, place: "Place", runs: _Runs) -> int:
    from studykit.authoring.workshop import prepare

    work = prepare(arguments.article, place, runs.execute())
    if isinstance(work, tuple):
        _tell_problems(arguments, work)
        return 1
    refusal = runs.refusal()
    if arguments.interactive:
        chosen = _choose(work)
        if chosen is None:
            print("Nothing was written.")
            return 0
        work = chosen
    written = not (arguments.dry_run or arguments.diff or work.merged is None)
    if written and not arguments.interactive:
        work.write()
    if arguments.json:
        print_json(_document(work, refusal, written=written))
    else:
        if arguments.diff:
            _print_diff(work)
        for line in _summary(work, refusal, verbose=arguments.verbose, written=written):
            print(printable(line))
    return 0 if work.merged is not None else 1


def _choose(work: "Work") -> "Work | None":
    """Let the author choose; return what was written, None if nothing was."""
    from studykit import config
    from studykit.authoring.choosing import Choosing
    from studykit.tui.author import AuthorApp

    return AuthorApp(Choosing(work), config.load_settings(config.home())).run()


def _tell_problems(arguments: argparse.Namespace, problems: "tuple[Problem, ...]") -> None:
    if arguments.json:
        keys = ("path", "line", "column", "rule", "message")
        print_json({"problems": [{key: getattr(one, key) for key in keys} for one in problems]})
        return
    for one in problems:
        print(printable(str(one)))
    print("The deck that is there has these problems. Mend them first; nothing was written.")


# For people


def _summary(work: "Work", refusal: str, *, verbose: bool, written: bool) -> Iterator[str]:
    from studykit.authoring.workshop import doubts

    draft, merged = work.draft, work.merged
    article = shown(work.place.article) if work.place.article.exists() else work.article.name
    if merged is None:
        yield f"{article} gives no card; nothing was written."
    else:
        yield f"{work.place.id}: {_counted(draft.cards, lambda card: card.kind)} from {article}"
        changes = Counter(change.what for change in merged.changes)
        yield "  " + ", ".join(f"{count} {what}" for what, count in changes.most_common())
    if draft.rejected:
        yield f"left out: {_counted(draft.rejected, lambda one: str(one.reason))}"
        if not verbose:
            yield "  (--verbose shows each)"
    if verbose:
        for one in sorted(draft.rejected, key=lambda one: one.candidate.lines):
            place = f"{article}:{one.candidate.lines[0]}"
            yield f"  {place}: {one.reason}: [{one.candidate.rule}] {_line(one.candidate.front)}"
    looks = [*([refusal] if refusal and _has_code(work) else []), *doubts(work)]
    if looks:
        yield "look at:"
        yield from (f"  {text}" for text in looks)
    yield from _files(work, written=written)


def _files(work: "Work", *, written: bool) -> Iterator[str]:
    if work.merged is None:
        return
    names = [shown(path) for path in work.files]
    if not names:
        yield "nothing to write: all is as it was"
    elif written:
        yield f"wrote {', '.join(names)}"
        yield from _next_steps(work)
    else:
        yield f"would write {', '.join(names)}"


def _next_steps(work: "Work") -> Iterator[str]:
    from studykit import config
    from studykit.library.entries import Root
    from studykit.running.trust import Trust, Trusted

    yield f"check it: studykit check {shown(work.place.deck)}"
    root = Root(work.place.root, "extra")
    runs = any(card.kind in ("predict", "compute", "implement", "repair") for card in work.draft.cards)
    if runs and not isinstance(Trust(config.home()).state(root), Trusted):
        yield f"its code runs in a review after: studykit trust {shown(work.place.root)}"


def _has_code(work: "Work") -> bool:
    from studykit.authoring.blocks import Fence, walk

    return any(isinstance(block, Fence) for block in walk(work.article.blocks))


def _counted(things: Any, name: Callable[[Any], str]) -> str:
    counts = Counter(name(one) for one in things)
    told = ", ".join(f"{count} {what}" for what, count in counts.most_common())
    return f"{counts.total()} ({told})" if len(counts) > 1 else told or "0"


def _line(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 100 else f"{flat[:100]} …"


def _print_diff(work: "Work") -> None:
    from difflib import unified_diff

    for path, data in work.files.items():
        before = (work.seen.get(path) or b"").decode("utf8", "replace")
        after = data.decode("utf8", "replace")
        lines = unified_diff(before.splitlines(), after.splitlines(), shown(path), shown(path), lineterm="")
        print(printable("\n".join(lines)))


# For scripts


def _document(work: "Work", refusal: str, *, written: bool) -> dict[str, Any]:
    draft, merged, place = work.draft, work.merged, work.place
    snippet = place.snippet if place.snippet in work.files or place.snippet.exists() else None
    return {
        "deck": shown(place.deck),
        "id": place.id,
        "snippet": None if snippet is None else shown(snippet),
        "article": shown(place.article),
        "title": draft.title,
        "language": draft.language,
        "written": written,
        "cards": list(_cards(work)),
        "rejected": {str(reason): count for reason, count in sorted(draft.reasons().items())},
        "left_out": [
            {
                "lines": list(one.candidate.lines),
                "reason": str(one.reason),
                "rule": one.candidate.rule,
                "front": one.candidate.front,
            }
            for one in draft.rejected
        ],
        "mismatches": [
            {"lines": list(one.lines), "code": one.code, "stated": one.stated, "got": one.got}
            for one in draft.mismatches
        ],
        "changes": [
            {"id": one.id, "what": one.what, "detail": one.detail}
            for one in (merged.changes if merged else ())
        ],
        "notes": [*draft.notes, *work.notes, *([refusal] if refusal else [])],
        "files": [shown(path) for path in work.files],
    }


def _cards(work: "Work") -> Iterator[dict[str, Any]]:
    """Yield the article's cards as the deck has them now, in the article's order."""
    from studykit.authoring.deck_file import faces

    if work.merged is None:
        return
    cards = {card.id: card for card in work.merged.deck.cards}
    for candidate, name in zip(work.draft.cards, work.merged.ids, strict=True):
        if name is None:
            continue
        front, back = faces(cards[name], candidate, work.draft.language)
        yield {
            "id": name,
            "kind": candidate.kind,
            "front": front,
            "back": back,
            "lines": list(candidate.lines),
            "rule": candidate.rule,
        }
