"""`studykit check` as a function: paths in, a report out. It never opens the learner's database."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from studykit.checking.report import Report, summarise
from studykit.checking.selection import select
from studykit.checking.topics import Topic, read_topics
from studykit.checking.trials import Findings, snippet_trials, try_card
from studykit.library.deck import Problem
from studykit.library.roots import builtin_root
from studykit.running.runner import Runner

Progress = Callable[[int, int], None]
Work = Callable[[Runner], Findings]


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
    topics, problems = read(paths)
    problems += [problem for topic in topics for problem in topic.problems()]
    part, parts = shard
    work = [piece for topic in topics for piece in _work(topic)]
    findings = Findings()
    for found in _done(work[part - 1 :: parts], jobs, device, progress):
        findings.merge(found)
    found_problems = tuple(sorted({*problems, *findings.problems}))
    cards = sum(len(topic.cards) for topic in topics)
    return Report(
        found_problems,
        tuple(findings.results),
        tuple(dict.fromkeys(findings.not_run)),
        summarise(found_problems, findings.results, len(topics), cards),
    )


def read(paths: Sequence[str]) -> tuple[list[Topic], list[Problem]]:
    """Return the topics that `paths` name, by default the current folder's, else the built-in ones."""
    default = Path.cwd() if (Path.cwd() / "decks").is_dir() else builtin_root().path
    selections = select(paths, default)
    topics: list[Topic] = []
    problems: list[Problem] = []
    for root in dict.fromkeys(selection.root for selection in selections):
        found, wrong = read_topics(root, [one for one in selections if one.root == root])
        topics += found
        problems += wrong
    return topics, problems


def _work(topic: Topic) -> Iterator[Work]:
    """Yield what there is to run for a topic, in pieces that can run side by side."""
    for snippet in topic.snippets.values():
        yield from (trial.run for trial in snippet_trials(snippet))
    place = topic.place
    yield from (partial(try_card, exercise, place) for exercise in topic.exercises())


def _done(work: Sequence[Work], jobs: int, device: str, progress: Progress | None) -> Iterator[Findings]:
    """Do the work, `jobs` pieces at once, and yield what each found, in order."""
    if not work:
        return
    with Runner(device=device) as runner, ThreadPoolExecutor(jobs) as pool:
        for done, found in enumerate(pool.map(lambda piece: piece(runner), work), 1):
            if progress is not None:
                progress(done, len(work))
            yield found
