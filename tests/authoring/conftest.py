"""What tests of authoring share."""

import contextlib
import io
from collections.abc import Sequence

import pytest

from studykit.authoring.candidates import Execute, Ran


def run_in_process(programs: Sequence[str]) -> list[Ran]:
    """Run the programs of our own fixtures, which need no sandbox, in one fresh namespace."""
    namespace: dict[str, object] = {"__name__": "__main__"}
    found = []
    for program in programs:
        printed, error = io.StringIO(), None
        try:
            with contextlib.redirect_stdout(printed):
                exec(compile(program, "<article>", "exec"), namespace)
        except (Exception, SystemExit) as exception:  # noqa: BLE001 - whatever an article's code raises is its outcome
            error = f"{type(exception).__name__}: {exception}"
        found.append(Ran(printed.getvalue(), error))
    return found


@pytest.fixture
def execute() -> Execute:
    return run_in_process
