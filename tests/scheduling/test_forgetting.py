"""The forgetting curve, checked against numbers worked out by hand."""

from dataclasses import replace
from datetime import date

import pytest

from studykit.scheduling.forgetting import is_modelled, retrievability
from studykit.scheduling.sm2 import Memory

SM2 = Memory(due=date(2026, 3, 11), interval=10, repetitions=3)
FSRS = replace(SM2, stability=10.0, difficulty=5.0)


def test_sm2_is_taken_to_be_at_nine_tenths_when_due() -> None:
    assert retrievability(SM2, 0) == 1.0
    assert retrievability(SM2, 10) == pytest.approx(0.9)
    assert retrievability(SM2, 20) == pytest.approx(0.81)
    assert not is_modelled(SM2)


def test_fsrs_is_at_nine_tenths_after_its_stability_and_falls_slower_later() -> None:
    assert retrievability(FSRS, 0) == 1.0
    assert retrievability(FSRS, 10) == pytest.approx(0.9)
    assert retrievability(FSRS, 20) == pytest.approx(0.8455, abs=5e-4)
    assert is_modelled(FSRS)


def test_it_agrees_with_the_fsrs_package() -> None:
    from datetime import UTC, datetime, timedelta

    import fsrs

    from studykit.scheduling.fsrs import PARAMETERS

    now = datetime(2026, 3, 1, tzinfo=UTC)
    card = fsrs.Card(
        card_id=0, state=fsrs.State.Review, stability=10.0, difficulty=5.0, due=now, last_review=now
    )
    theirs = fsrs.Scheduler(parameters=PARAMETERS).get_card_retrievability(card, now + timedelta(days=33))
    assert retrievability(FSRS, 33) == pytest.approx(theirs, abs=1e-9)


def test_a_clock_that_goes_backward_knows_it_fully() -> None:
    assert retrievability(SM2, -3) == 1.0
