"""What is tried of a library as pytest items: see `studykit.checking.plugin`."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import pytest

from studykit.checking.check import read
from studykit.checking.topics import Topic
from studykit.checking.trials import Findings, Trial, card_trials, snippet_trials
from studykit.errors import StudykitError
from studykit.library.deck import Problem
from studykit.running.runner import Runner

_RUNNER = pytest.StashKey[Runner]()


def collected(session: pytest.Session, paths: Sequence[str]) -> list[pytest.Item]:
    """Return an item for each thing to try of what `paths` name."""
    try:
        return list(_items(session, *read(paths)))
    except StudykitError as error:
        raise pytest.UsageError(str(error)) from error


def _items(session: pytest.Session, topics: list[Topic], problems: list[Problem]) -> Iterator[pytest.Item]:
    def item(trial: Trial) -> pytest.Item:
        made: pytest.Item = TrialItem.from_parent(session, name=f"studykit::{trial.name}", trial=trial)
        return made

    yield item(Trial("library", partial(_said, problems)))
    for topic in topics:
        yield item(Trial(topic.entry.id, partial(_said, list(topic.problems()))))
        for snippet in topic.snippets.values():
            yield from map(item, snippet_trials(snippet))
        for exercise in topic.exercises():
            yield from map(item, card_trials(exercise, topic.place))


def _said(problems: list[Problem], _runner: Runner) -> Findings:
    return Findings(problems=problems)


class TrialItem(pytest.Item):
    """One thing to try."""

    def __init__(self, *, trial: Trial, **more: Any) -> None:
        super().__init__(**more)
        self.trial = trial

    def runtest(self) -> None:
        """Try it; fail with the problems, skip what cannot be run here."""
        found = self.trial.run(_runner(self.config))
        if found.problems:
            raise ContentProblems(found.problems)
        if found.not_run:
            pytest.skip(found.not_run[0])

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show the problems as `studykit check` does."""
        if isinstance(excinfo.value, ContentProblems):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Name the item in reports."""
        return self.path, None, self.name


class ContentProblems(Exception):  # noqa: N818 - they are of the content, not of the program
    """What is wrong."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))


def _runner(config: pytest.Config) -> Runner:
    """Return the runner of this test run, which ends with it."""
    if _RUNNER not in config.stash:
        runner = config.stash[_RUNNER] = Runner()
        config.add_cleanup(runner.close)
    return config.stash[_RUNNER]
