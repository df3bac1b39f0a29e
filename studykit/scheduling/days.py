"""The learner's calendar: which day a moment belongs to.

A day begins at the rollover hour (04:00 unless set), as the clock on the learner's wall shows it, so an
answer at 01:30 still belongs to the evening before. A day is a date, never a number of seconds divided by
86,400: on the days when the clocks change it has 23 or 25 hours.

Whoever travels takes the calendar along: a moment belongs to the day of the zone that it is asked for in,
and a day once written down is never reckoned again. Flying west may bring the same day twice, which does no
harm.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from studykit.errors import StudykitError

_ONE_DAY = timedelta(days=1)

_SAFELY_INSIDE = timedelta(hours=8)
"""From the beginning of a day to the moment that stands for it: noon, where days begin at 04:00."""

_EXAMPLES = "2026-03-01, 2026-03-01T21:30 (your time) or 2026-03-01T21:30+08:00"


def zone(name: str | None) -> tzinfo | None:
    """Return the time zone called `name` in the IANA database; `None` stands for the system's zone."""
    if name is None:
        return None
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # not there; not a name; a folder of the database
        raise StudykitError(f"unknown time zone {name!r}{_suggestion(name)}") from error


def _suggestion(name: str) -> str:
    from difflib import get_close_matches
    from zoneinfo import available_timezones

    known = available_timezones()
    if not known:
        return ": this machine has no time zone database; install it with `pip install tzdata`"
    cities = {known_name.rpartition("/")[2].casefold(): known_name for known_name in sorted(known)}
    close = get_close_matches(name, known, n=1) or [
        cities[city] for city in get_close_matches(name.casefold().replace(" ", "_"), cities, n=1)
    ]
    return f" (did you mean {close[0]!r}?)" if close else "; write it like 'Europe/Berlin' or 'Asia/Shanghai'"


@dataclass(frozen=True, slots=True)
class Calendar:
    """How one learner counts days."""

    timezone: tzinfo | None = None
    """`None`: the zone of the system, as it is at the moment asked for."""

    rollover: int = 4
    """The hour, 0 to 23, at which a new day begins."""

    def __post_init__(self) -> None:
        """Refuse an hour that no clock shows."""
        if not 0 <= self.rollover <= 23:
            raise StudykitError(f"the rollover hour is {self.rollover}; it must be from 0 to 23")

    def day_of(self, moment: datetime) -> date:
        """Return the learner's day that `moment` belongs to.

        Time that goes on never brings an earlier day, not even where the clocks are put back over the
        rollover hour. At the two ends of the calendar, where local time would leave it, the day is the
        nearest one there is.
        """
        try:
            local = self._local(moment)
        except (OverflowError, ValueError, OSError):  # years that the zone or the system cannot express
            return moment.date()
        day = local.date() if local.hour >= self.rollover else _day_before(local.date())
        return day + _ONE_DAY if local.fold and self._has_begun(day + _ONE_DAY, moment) else day

    def parse(self, text: str) -> datetime:
        """Return the moment that ISO 8601 `text` names, with its offset.

        A date alone means a moment safely inside that day of the learner: eight hours after it begins,
        which is noon where days begin at 04:00. A time without a zone is the learner's. A time that comes
        twice, because the clocks are put back, means the first; one that is skipped, because they are put
        forward, is read as if they had not been yet (02:30 becomes 03:30).
        """
        try:
            moment = self._read(text.strip())
            moment.astimezone(UTC)  # so that nobody downstream meets a moment that has no place in UTC
        except (ValueError, OverflowError, OSError) as error:
            raise StudykitError(f"{text!r} is not a moment; write it like {_EXAMPLES}") from error
        return moment

    def _read(self, text: str) -> datetime:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            moment = datetime.fromisoformat(text)
            return moment if moment.tzinfo else self._placed(moment)
        return self._placed(datetime.combine(day, time(self.rollover)) + _SAFELY_INSIDE)

    def _local(self, moment: datetime) -> datetime:
        """Return what the learner's clock shows; `fold` says whether it shows it for the second time."""
        if moment.tzinfo is None:
            raise TypeError("a moment without a time zone belongs to no day")
        if self.timezone is None:
            return datetime.fromtimestamp(moment.timestamp())  # noqa: DTZ006 (the system's wall clock is wanted)
        return moment.astimezone(self.timezone)

    def _placed(self, clock: datetime) -> datetime:
        """Return the moment when the learner's clock shows `clock`, for the first time if it does twice.

        It carries the offset, not the zone: of a zone's times that come twice Python says that they equal
        nothing.
        """
        if self.timezone is None:
            # Not `clock.astimezone()`, which takes a skipped time back by an hour.
            return datetime.fromtimestamp(clock.timestamp(), UTC).astimezone()
        local = clock.replace(tzinfo=self.timezone).astimezone(UTC).astimezone(self.timezone)
        return local.replace(tzinfo=timezone(local.utcoffset() or timedelta(0)), fold=0)

    def _has_begun(self, day: date, moment: datetime) -> bool:
        """Whether `day` has begun by `moment`, although the clock, since put back, shows the day before."""
        return self._placed(datetime.combine(day, time(self.rollover))) <= moment


def _day_before(day: date) -> date:
    return day - _ONE_DAY if day > date.min else day
