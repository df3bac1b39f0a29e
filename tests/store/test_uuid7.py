"""Ids of version 7 (RFC 9562): ordered by time, different by chance."""

import uuid
from datetime import UTC, datetime, timedelta

from studykit.store.uuid7 import uuid7

MOMENT = datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)


def test_the_example_of_the_rfc_has_its_leading_bits() -> None:
    """RFC 9562, appendix A.6: 2022-02-22T19:22:22Z is 017F22E2-79B0-7..."""
    assert uuid7(MOMENT).startswith("017f22e2-79b0-7")


def test_version_and_variant_are_set() -> None:
    for _ in range(200):
        made = uuid.UUID(uuid7(MOMENT))
        assert (made.version, made.variant) == (7, uuid.RFC_4122)


def test_ids_of_one_moment_differ() -> None:
    assert len({uuid7(MOMENT) for _ in range(1_000)}) == 1_000


def test_ids_sort_by_time() -> None:
    moments = [MOMENT + timedelta(milliseconds=number) for number in range(100)]
    ids = [uuid7(moment) for moment in moments]
    assert ids == sorted(ids)


def test_a_clock_before_1970_still_gives_an_id() -> None:
    assert uuid7(datetime(1960, 1, 1, tzinfo=UTC)).startswith("00000000-0000-7")
