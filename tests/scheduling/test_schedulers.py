"""The schedulers by name."""

import subprocess
import sys
from datetime import date

import pytest

from studykit.errors import StudykitError
from studykit.scheduling import fsrs, sm2
from studykit.scheduling.schedulers import SCHEDULERS, get_scheduler, preview
from studykit.scheduling.sm2 import Grade, Memory

TODAY = date(2026, 3, 1)


def test_schedulers_are_found_by_name() -> None:
    assert list(SCHEDULERS) == ["sm2", "fsrs"]
    assert get_scheduler("sm2") is sm2.review
    assert get_scheduler("fsrs") is fsrs.review


@pytest.mark.parametrize("name", ["sm3", "", "SM2", "os:system"])
def test_an_unknown_scheduler_is_refused(name: str) -> None:
    with pytest.raises(StudykitError) as caught:
        get_scheduler(name)
    assert str(caught.value) == f"unknown scheduler {name!r}; there are 'sm2', 'fsrs'"


def test_the_fsrs_package_is_imported_only_when_asked_for() -> None:
    script = (
        "import sys\n"
        "from studykit.scheduling import days, forecast, schedulers, session, sm2\n"
        "schedulers.get_scheduler('sm2')\n"
        "assert not {'fsrs', 'zoneinfo', 'studykit.scheduling.fsrs'} & sys.modules.keys()\n"
        "schedulers.get_scheduler('fsrs')\n"
        "assert 'fsrs' in sys.modules\n"
        "assert not {'torch', 'numpy', 'pandas'} & sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_each_grade_can_be_previewed() -> None:
    memory = Memory(due=TODAY, interval=15, repetitions=3, ease=250)
    assert [(grade, after.interval) for grade, after in preview(memory, TODAY, "sm2").items()] == [
        (Grade.BLACKOUT, 1),
        (Grade.WRONG, 1),
        (Grade.NEARLY, 1),
        (Grade.HARD, 36),
        (Grade.GOOD, 38),
        (Grade.EASY, 39),
    ]


def test_a_new_card_can_be_previewed() -> None:
    assert {after.due for after in preview(None, TODAY, "sm2").values()} == {date(2026, 3, 2)}
    assert [after.interval for after in preview(None, TODAY, "fsrs").values()] == [1, 1, 1, 1, 2, 8]
