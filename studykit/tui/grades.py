"""The grades a learner can give: which key gives which, what it is called, when the card comes again."""

from dataclasses import dataclass

from studykit.scheduling.sm2 import Grade

Scheme = str
"""The learner's setting `grades`: `four` or `six`."""

_DAYS_PER_MONTH = 365.25 / 12
_DAYS_PER_YEAR = 365.25

AGAIN_TODAY = "↻"
"""Marks a grade after which the card comes back in the same session."""


@dataclass(frozen=True, slots=True)
class GradeKey:
    """One key of the grade bar."""

    key: str
    grade: Grade
    name: str


FOUR = (
    GradeKey("1", Grade.WRONG, "Again"),
    GradeKey("2", Grade.HARD, "Hard"),
    GradeKey("3", Grade.GOOD, "Good"),
    GradeKey("4", Grade.EASY, "Easy"),
)
SIX = (
    GradeKey("0", Grade.BLACKOUT, "Blackout"),
    GradeKey("1", Grade.WRONG, "Wrong"),
    GradeKey("2", Grade.NEARLY, "Nearly"),
    GradeKey("3", Grade.HARD, "Hard"),
    GradeKey("4", Grade.GOOD, "Good"),
    GradeKey("5", Grade.EASY, "Easy"),
)


def grade_keys(scheme: Scheme) -> tuple[GradeKey, ...]:
    """Return the keys of `scheme`, worst first."""
    return SIX if scheme == "six" else FOUR


def offered(grade: Grade, scheme: Scheme) -> Grade:
    """Return the grade of `scheme` that stands for `grade`: with four keys, everything forgotten is Again."""
    if scheme == "four" and grade < Grade.HARD:
        return Grade.WRONG
    return grade


def name_of(grade: Grade, scheme: Scheme) -> str:
    """Return what `scheme` calls the key for `grade`."""
    return next(key.name for key in grade_keys(scheme) if key.grade == offered(grade, scheme))


def interval_text(days: int) -> str:
    """Return a number of days as people read it: `6 d`, `1.2 mo`, `3.1 y`."""
    if days <= 0:
        return "today"
    if days < _DAYS_PER_MONTH:
        return f"{days} d"
    if days < _DAYS_PER_YEAR:
        return f"{days / _DAYS_PER_MONTH:.1f} mo"
    return f"{days / _DAYS_PER_YEAR:.1f} y"


def outcome_text(grade: Grade, days: int, *, drill: bool) -> str:
    """Return when a card comes again after `grade`, `days` from today; in a drill it may be today still."""
    if grade < Grade.GOOD:
        return f"{AGAIN_TODAY} today" if drill else f"{AGAIN_TODAY} {interval_text(days)}"
    return interval_text(days)


def duration_text(seconds: float) -> str:
    """Return a length of time as people read it: `45 s`, `12 min`, `1 h 20 min`."""
    if seconds < 60:
        return f"{round(seconds)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
