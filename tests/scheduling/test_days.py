"""The learner's days: rollover, clocks that change, journeys, and the ends of the calendar."""

import time as system_time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studykit.errors import StudykitError
from studykit.scheduling.days import Calendar, zone

law = settings(deadline=None)

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Shanghai",
    "Asia/Kathmandu",  # 05:45 ahead
    "Australia/Lord_Howe",  # the clocks change by half an hour
    "Antarctica/Troll",  # by two hours
    "America/Sao_Paulo",  # at midnight
    "America/Goose_Bay",  # at 00:01, once by two hours
    "Africa/Casablanca",  # four times a year
    "Pacific/Apia",  # left out 30 December 2011
    "Pacific/Kwajalein",  # had a day twice
    "Pacific/Kiritimati",  # 14 hours ahead
)
calendars = st.builds(Calendar, st.sampled_from(ZONES).map(ZoneInfo), st.integers(0, 23))
clocks = st.datetimes(datetime(1969, 1, 1), datetime(2040, 1, 1))  # noqa: DTZ001 (what a clock shows)
moments = clocks.map(lambda clock: clock.replace(tzinfo=UTC))


def berlin(rollover: int = 4) -> Calendar:
    return Calendar(ZoneInfo("Europe/Berlin"), rollover)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def hours_of_days(calendar: Calendar, first: str, count: int) -> dict[date, int]:
    """Count, hour by hour of real time, how many hours each day has."""
    start = moment(first)
    return Counter(calendar.day_of(start + timedelta(hours=hour)) for hour in range(count))


@pytest.fixture
def system_in_new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "America/New_York")
        system_time.tzset()
        yield
    system_time.tzset()


# The rollover hour


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-01-15T03:59:59+01:00", date(2026, 1, 14)),
        ("2026-01-15T04:00:00+01:00", date(2026, 1, 15)),
        ("2026-01-15T23:59:59+01:00", date(2026, 1, 15)),
        ("2026-01-16T00:00:00+01:00", date(2026, 1, 15)),
        ("2026-01-01T02:00:00+01:00", date(2025, 12, 31)),
        ("2028-03-01T02:00:00+01:00", date(2028, 2, 29)),
    ],
)
def test_a_day_begins_at_four(at: str, day: date) -> None:
    assert berlin().day_of(moment(at)) == day


@pytest.mark.parametrize(
    ("rollover", "before", "after"),
    [
        (0, "2026-01-14T23:59:59+01:00", "2026-01-15T00:00:00+01:00"),
        (12, "2026-01-15T11:59:59+01:00", "2026-01-15T12:00:00+01:00"),
        (23, "2026-01-15T22:59:59+01:00", "2026-01-15T23:00:00+01:00"),
    ],
)
def test_the_rollover_hour_can_be_set(rollover: int, before: str, after: str) -> None:
    assert berlin(rollover).day_of(moment(before)) == date(2026, 1, 14)
    assert berlin(rollover).day_of(moment(after)) == date(2026, 1, 15)


@pytest.mark.parametrize("rollover", [-1, 24])
def test_no_clock_shows_such_a_rollover_hour(rollover: int) -> None:
    with pytest.raises(StudykitError, match=rf"the rollover hour is {rollover}; it must be from 0 to 23"):
        Calendar(UTC, rollover)


def test_a_moment_without_a_zone_has_no_day() -> None:
    with pytest.raises(TypeError, match="without a time zone"):
        berlin().day_of(datetime(2026, 1, 15, 12))  # noqa: DTZ001


# Clocks that change


def test_days_have_23_and_25_hours_when_the_clocks_change() -> None:
    spring = hours_of_days(berlin(), "2026-03-27T04:00+01:00", 24 + 23 + 24)
    assert spring == {date(2026, 3, 27): 24, date(2026, 3, 28): 23, date(2026, 3, 29): 24}
    autumn = hours_of_days(berlin(), "2026-10-23T04:00+02:00", 24 + 25 + 24)
    assert autumn == {date(2026, 10, 23): 24, date(2026, 10, 24): 25, date(2026, 10, 25): 24}


def test_a_skipped_rollover_hour_strikes_when_it_is_skipped() -> None:
    calendar = berlin(rollover=2)  # on 29 March 01:59 is followed by 03:00
    assert calendar.day_of(moment("2026-03-29T01:59:59+01:00")) == date(2026, 3, 28)
    assert calendar.day_of(moment("2026-03-29T03:00:00+02:00")) == date(2026, 3, 29)


def test_a_rollover_hour_that_comes_twice_strikes_once() -> None:
    calendar = berlin(rollover=2)  # on 25 October 02:59 is followed by 02:00
    assert calendar.day_of(moment("2026-10-25T01:59:59+02:00")) == date(2026, 10, 24)
    assert calendar.day_of(moment("2026-10-25T02:00:00+02:00")) == date(2026, 10, 25)
    assert calendar.day_of(moment("2026-10-25T02:00:00+01:00")) == date(2026, 10, 25)


def test_clocks_put_back_over_the_rollover_hour_do_not_bring_back_yesterday() -> None:
    calendar = Calendar(ZoneInfo("Antarctica/Troll"), rollover=2)  # 02:59 is followed by 01:00
    assert calendar.day_of(moment("2026-10-25T01:30+02:00")) == date(2026, 10, 24)
    assert calendar.day_of(moment("2026-10-25T02:30+02:00")) == date(2026, 10, 25)
    assert calendar.day_of(moment("2026-10-25T01:30+00:00")) == date(2026, 10, 25)
    midnight = Calendar(ZoneInfo("America/Goose_Bay"), rollover=0)  # 00:00:59 was followed by 22:01
    assert midnight.day_of(moment("1988-10-30T00:00:30-02:00")) == date(1988, 10, 30)
    assert midnight.day_of(moment("1988-10-29T22:30:00-04:00")) == date(1988, 10, 30)


def test_a_day_that_the_calendar_leaves_out_keeps_only_its_night() -> None:
    apia = Calendar(ZoneInfo("Pacific/Apia"))  # after 29 December 2011 came 31 December
    assert apia.day_of(moment("2011-12-29T23:00-10:00")) == date(2011, 12, 29)
    assert apia.day_of(moment("2011-12-31T03:00+14:00")) == date(2011, 12, 30)
    assert apia.day_of(moment("2011-12-31T04:00+14:00")) == date(2011, 12, 31)


@law
@given(calendars, moments, st.timedeltas(timedelta(0), timedelta(days=2)))
def test_time_never_brings_an_earlier_day(calendar: Calendar, at: datetime, later: timedelta) -> None:
    assert calendar.day_of(at) <= calendar.day_of(at + later)


@pytest.mark.parametrize("name", ZONES)
def test_time_never_brings_an_earlier_day_when_the_clocks_change(name: str) -> None:
    there = ZoneInfo(name)
    changes = [
        hour
        for hours in range(0, 24 * 366 * 2, 6)
        if (hour := datetime(2010, 6, 1, tzinfo=UTC) + timedelta(hours=hours)).astimezone(there).utcoffset()
        != (hour + timedelta(hours=6)).astimezone(there).utcoffset()
    ]
    for change in changes:
        for rollover in range(24):
            calendar = Calendar(there, rollover)
            days = [calendar.day_of(change + timedelta(minutes=15 * step)) for step in range(-100, 130)]
            assert days == sorted(days)


# Journeys


def test_a_moment_belongs_to_the_day_of_the_zone_it_is_asked_for_in() -> None:
    at = moment("2026-03-01T21:00+01:00")
    assert berlin().day_of(at) == date(2026, 3, 1)
    assert Calendar(ZoneInfo("Asia/Shanghai")).day_of(at) == date(2026, 3, 2)
    assert Calendar(ZoneInfo("America/Los_Angeles")).day_of(at) == date(2026, 3, 1)
    assert berlin().day_of(at.astimezone(ZoneInfo("Asia/Tokyo"))) == date(2026, 3, 1)


def test_flying_west_brings_the_same_day_again() -> None:
    evening_in_tokyo = moment("2026-03-02T05:00+09:00")
    landed = evening_in_tokyo + timedelta(hours=10)
    assert Calendar(ZoneInfo("Asia/Tokyo")).day_of(evening_in_tokyo) == date(2026, 3, 2)
    assert Calendar(ZoneInfo("America/Los_Angeles")).day_of(landed) == date(2026, 3, 1)


def test_without_a_zone_the_system_says_what_time_it_is(system_in_new_york: None) -> None:
    calendar = Calendar()
    assert calendar.day_of(moment("2026-03-08T03:59-04:00")) == date(2026, 3, 7)
    assert calendar.day_of(moment("2026-03-08T08:00+00:00")) == date(2026, 3, 8)
    assert calendar.parse("2026-03-08") == moment("2026-03-08T12:00-04:00")
    assert calendar.parse("2026-03-08T02:30") == moment("2026-03-08T03:30-04:00")
    assert calendar.parse("2026-11-01T01:30") == moment("2026-11-01T01:30-04:00")
    assert calendar.parse("2026-11-01T01:30").utcoffset() == timedelta(hours=-4)


def test_the_system_zone_strikes_the_rollover_hour_once(system_in_new_york: None) -> None:
    calendar = Calendar(rollover=1)  # on 1 November 01:59 is followed by 01:00
    assert calendar.day_of(moment("2026-11-01T00:59-04:00")) == date(2026, 10, 31)
    assert calendar.day_of(moment("2026-11-01T01:00-04:00")) == date(2026, 11, 1)
    assert calendar.day_of(moment("2026-11-01T01:00-05:00")) == date(2026, 11, 1)


# The ends of the calendar


@pytest.mark.parametrize("name", [*ZONES, None])
@pytest.mark.parametrize("rollover", [0, 4, 23])
def test_every_moment_there_is_has_a_day(name: str | None, rollover: int) -> None:
    calendar = Calendar(zone(name), rollover)
    for offset in (timedelta(0), timedelta(hours=14), timedelta(hours=-12), timedelta(hours=23, minutes=59)):
        there = timezone(offset)
        assert calendar.day_of(datetime.min.replace(tzinfo=there)) <= date(1, 1, 2)
        assert calendar.day_of(datetime.max.replace(tzinfo=there)) >= date(9999, 12, 29)


# --at


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01", "2026-03-01T12:00+01:00"),
        ("20260301", "2026-03-01T12:00+01:00"),
        (" 2026-03-01 ", "2026-03-01T12:00+01:00"),
        ("2026-07-01", "2026-07-01T12:00+02:00"),
        ("2026-03-01T21:30", "2026-03-01T21:30+01:00"),
        ("2026-03-01 21:30:15", "2026-03-01T21:30:15+01:00"),
        ("2026-03-01T21:30Z", "2026-03-01T21:30+00:00"),
        ("2026-03-01T21:30+08:00", "2026-03-01T21:30+08:00"),
        ("2026-03-29T02:30", "2026-03-29T03:30+02:00"),  # skipped
        ("2026-10-25T02:30", "2026-10-25T02:30+02:00"),  # comes twice
    ],
)
def test_a_moment_can_be_written_in_many_ways(text: str, expected: str) -> None:
    found = berlin().parse(text)
    assert found == moment(expected)
    assert found.utcoffset() == moment(expected).utcoffset()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "1.3.2026",
        "2026-02-30",
        "2026-03-01T25:00",
        "2026-03-01T10:00+25:00",
        "03:30",
        "\ud800",
    ],
)
def test_what_is_no_moment_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(StudykitError) as caught:
        berlin().parse(text)
    assert str(caught.value) == (
        f"{text!r} is not a moment; write it like 2026-03-01, 2026-03-01T21:30 (your time) "
        "or 2026-03-01T21:30+08:00"
    )


@pytest.mark.parametrize("text", ["0001-01-01T00:00", "0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00"])
def test_a_moment_outside_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(StudykitError, match="is not a moment"):
        berlin().parse(text)


@law
@given(calendars, st.dates(date(1969, 1, 1), date(2040, 1, 1)))
def test_a_date_alone_lies_inside_that_day(calendar: Calendar, day: date) -> None:
    left_out = {
        date(2011, 12, 30),
        date(1993, 8, 20),
        date(1993, 8, 21),
        date(1994, 12, 31),
        date(1995, 1, 1),
    }
    if day not in left_out:
        assert calendar.day_of(calendar.parse(day.isoformat())) == day


@law
@given(calendars, clocks)
def test_what_is_parsed_is_what_the_clock_shows(calendar: Calendar, clock: datetime) -> None:
    shown = calendar.parse(clock.isoformat()).replace(tzinfo=None, fold=0)
    assert shown >= clock
    assert shown - clock <= timedelta(hours=24)


# Zones


def test_no_name_stands_for_the_systems_zone() -> None:
    assert zone(None) is None


def test_a_zone_goes_by_its_name_in_the_database() -> None:
    assert zone("Asia/Shanghai") == ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Europe/Berlim", "unknown time zone 'Europe/Berlim' (did you mean 'Europe/Berlin'?)"),
        ("shanghai", "unknown time zone 'shanghai' (did you mean 'Asia/Shanghai'?)"),
        ("New York", "unknown time zone 'New York' (did you mean 'America/New_York'?)"),
        ("qqq", "unknown time zone 'qqq'; write it like 'Europe/Berlin' or 'Asia/Shanghai'"),
    ],
)
def test_an_unknown_zone_is_refused_with_help(name: str, message: str) -> None:
    with pytest.raises(StudykitError) as caught:
        zone(name)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "name", ["", "Europe", "../../etc/passwd", "/etc/passwd", "a\0b", "tzdata.zi", "\ud800"]
)
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(StudykitError, match="unknown time zone"):
        zone(name)
