"""The settings as people see them: what each is for, and what it may be."""

from dataclasses import dataclass

from studykit.config import CHOICES, Settings, as_dict


@dataclass(frozen=True, slots=True)
class Preference:
    """One setting."""

    key: str
    title: str
    explanation: str
    example: str = ""
    """What an empty field suggests."""

    choices: tuple[str, ...] = ()
    """All that it may be, if it is chosen from a list."""

    @property
    def name(self) -> str:
        """The setting's own name: `new_per_day` also where it is a deck's."""
        return self.key.rpartition(".")[2]


_YES_NO = ("true", "false")

_NEW = Preference(
    "new_per_day",
    "New cards a day",
    "How many cards a day may bring that you have never seen. Each comes back about ten times in its first "
    "year: 20 a day make 100 to 150 reviews a day after some months.",
    "a whole number, like 20",
)
_REVIEWS = Preference(
    "reviews_per_day",
    "Reviews a day",
    "How many due cards a day may bring. What does not fit in waits, the longest due first; when you have "
    "been away, a limit keeps the first days bearable.",
    "a whole number, like 200",
)
_SCHEDULER = Preference(
    "scheduler",
    "Scheduler",
    "What works out when a card comes again. `sm2` is SuperMemo 2 as published: simple, and the same for "
    "everybody. `fsrs` estimates each card's memory and aims at 90% recall. You can change it at any time: "
    "the log is kept, and `studykit doctor --rebuild --scheduler NAME` works everything out again.",
    choices=CHOICES["scheduler"],
)

PREFERENCES: tuple[Preference, ...] = (
    _NEW,
    _REVIEWS,
    _SCHEDULER,
    Preference(
        "grades",
        "Grades",
        "`four` keys, as in Anki: Again, Hard, Good, Easy. Or the `six` of SM-2, from 0 (blackout) to 5.",
        choices=CHOICES["grades"],
    ),
    Preference(
        "suspend_leeches",
        "Suspend leeches",
        "A leech is a card that was forgotten eight times, and every fourth time after that: it costs more "
        "than it brings. It is always marked (`is:leech` finds it); with `true` it is also put away until "
        "you rewrite and unsuspend it.",
        choices=_YES_NO,
    ),
    Preference(
        "rollover",
        "A day begins at",
        "The hour at which a new day of study begins, 0 to 23. With 4, who studies until after midnight "
        "still studies for the same day.",
        "an hour, like 4",
    ),
    Preference(
        "timezone",
        "Time zone",
        "Where your days begin, like Europe/Berlin or Asia/Shanghai. Empty: the zone of this computer.",
        "Europe/Berlin, or nothing for this computer's",
    ),
    Preference(
        "language",
        "Languages",
        "In which language cards are shown that have several; the first that a card has is taken.",
        "zh, en",
    ),
    Preference(
        "theme",
        "Theme",
        "How studykit looks. `studykit` and `studykit-light` are its own; the two `contrast` themes are for "
        "eyes or screens that need it; the others are Textual's.",
    ),
    Preference(
        "reduced_motion",
        "Reduced motion",
        "With `true` nothing on screen moves by itself: no blinking cursor, no spinner, no gliding.",
        choices=_YES_NO,
    ),
)

OF_DECKS = {one.key: one for one in (_NEW, _REVIEWS, _SCHEDULER)}


def shown(value: object) -> str:
    """Return a value as it is written in the field."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(value)
    return str(value)


def value_of(settings: Settings, key: str) -> str:
    """Return a setting's value as it is written."""
    return shown(as_dict(settings).get(key))


def is_default(settings: Settings, key: str) -> bool:
    """Tell whether a setting is as it comes; one of a deck never is."""
    return value_of(settings, key) == value_of(Settings(), key)


def of_decks(settings: Settings) -> list[Preference]:
    """Return the settings that decks and tracks have of their own."""
    return [
        _of_deck(deck, name)
        for deck, one in sorted(settings.per_deck.items())
        for name in OF_DECKS
        if getattr(one, name) is not None
    ]


def _of_deck(deck: str, name: str) -> Preference:
    general = OF_DECKS[name]
    explanation = f"Of {deck} alone. Empty: as for everything. {general.explanation}"
    key = f"decks.{deck}.{name}"
    return Preference(key, f"{deck}: {general.title.lower()}", explanation, general.example, general.choices)
