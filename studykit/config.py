"""Where the learner's things are, and the settings he has made."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from studykit.errors import StudykitError
from studykit.wording import closest

CHOICES = {"scheduler": ("sm2", "fsrs"), "grades": ("four", "six")}
RANGES = {"rollover": (0, 23), "new_per_day": (0, 100_000), "reviews_per_day": (0, 100_000)}


@dataclass(frozen=True, slots=True)
class DeckSettings:
    """Settings of one deck or track; None: as for everything."""

    new_per_day: int | None = None
    reviews_per_day: int | None = None
    scheduler: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings."""

    language: tuple[str, ...] = ("en",)
    timezone: str | None = None
    rollover: int = 4
    new_per_day: int = 20
    reviews_per_day: int = 200
    scheduler: str = "sm2"
    grades: str = "four"
    theme: str = "studykit"
    suspend_leeches: bool = False
    reduced_motion: bool = False
    per_deck: Mapping[str, DeckSettings] = field(default_factory=dict)

    def scheduler_of(self, deck: str) -> str:
        """Return the scheduler of a deck: its own, its track's, or everybody's."""
        for name in (deck, deck.split("/")[0]):
            one = self.per_deck.get(name)
            if one is not None and one.scheduler is not None:
                return one.scheduler
        return self.scheduler


def home() -> Path:
    """Return the folder of the learner's data."""
    named = os.environ.get("STUDYKIT_HOME")
    if named:
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_data_dir("studykit", appauthor=False))


def cache(home: Path) -> Path:
    """Return the folder of what can be made again."""
    return home / "cache"


def backups(home: Path) -> Path:
    """Return the folder of backups."""
    return home / "backups"


def database_url(home: Path) -> str:
    """Return the SQLAlchemy URL of the database."""
    return os.environ.get("STUDYKIT_DATABASE_URL") or f"sqlite:///{home / 'studykit.db'}"


def settings_file(home: Path) -> Path:
    """Return the file of settings."""
    return home / "config.toml"


def load_settings(home: Path) -> Settings:
    """Return the settings; a missing file means the defaults. Raises StudykitError for a wrong one."""
    path = settings_file(home)
    text = _read(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StudykitError(f"{path} is no TOML: {error}. Mend it, or remove it to start afresh.") from error
    per_deck = data.pop("decks", {})
    if not isinstance(per_deck, dict):
        raise StudykitError(f'{path}: `decks` is a table, like [decks."transformer/rope"]')
    decks = {name: _deck_settings(path, name, one) for name, one in per_deck.items()}
    return Settings(**{key: _checked(path, key, key, value) for key, value in data.items()}, per_deck=decks)


def _read(path: Path) -> str:
    try:
        data = path.read_bytes() if path.exists() else b""
        return data.decode("utf-8-sig")
    except OSError as error:
        raise StudykitError(f"cannot read the settings {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise StudykitError(
            f"the settings {path} are not UTF-8 text. Mend the file, or remove it."
        ) from error


def _deck_settings(path: Path, name: str, data: object) -> DeckSettings:
    if not isinstance(data, dict):
        raise StudykitError(f"{path}: `decks.{name}` is a table, with {', '.join(_names(DeckSettings))}")
    known = _names(DeckSettings)
    for key in data:
        if key not in known:
            raise StudykitError(f"{path}: there is no setting decks.{name}.{key}{_meant(key, known)}")
    return DeckSettings(
        **{key: _checked(path, f"decks.{name}.{key}", key, value) for key, value in data.items()}
    )


def _names(kind: type) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind) if one.name != "per_deck")


def _checked(path: Path, name: str, key: str, value: object) -> Any:
    """Return `value` as the setting `key` holds it. Raises StudykitError that names what is allowed."""
    if key not in _names(Settings):
        known = _names(Settings)
        raise StudykitError(f"{path}: there is no setting {name}{_meant(key, known)}")
    match key:
        case "rollover" | "new_per_day" | "reviews_per_day":
            low, high = RANGES[key]
            if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
                return value
            wanted = f"a whole number from {low} to {high:,}"
        case "scheduler" | "grades":
            if value in CHOICES[key]:
                return value
            wanted = " or ".join(CHOICES[key])
        case "suspend_leeches" | "reduced_motion":
            if isinstance(value, bool):
                return value
            wanted = "true or false"
        case "language":
            listed = [value] if isinstance(value, str) else value
            if isinstance(listed, list) and listed and all(isinstance(one, str) and one for one in listed):
                return tuple(listed)
            wanted = 'a language, or a list of them, like en or ["zh", "en"]'
        case "timezone":
            if isinstance(value, str) and _is_zone(value):
                return value
            wanted = "a time zone like Europe/Berlin or Asia/Shanghai; leave it out for the system's"
        case _:
            if isinstance(value, str) and value:
                return value
            wanted = "text"
    raise StudykitError(f"{path}: {name} is {value!r}; it must be {wanted}")


def _is_zone(name: str) -> bool:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        return False
    return True


def _meant(name: str, known: tuple[str, ...]) -> str:
    meant = closest(name, known)
    return f" (did you mean {meant}?)" if meant else f"; there are {', '.join(known)}"


def set_setting(home: Path, key: str, text: str) -> None:
    """Write one setting: `new_per_day`, or `decks.transformer/rope.new_per_day`; an empty `text` takes it
    out.

    Comments and order of the file stay. Raises StudykitError for a key or value that is not allowed, and then
    the file is as it was.
    """
    import tomlkit

    path = settings_file(home)
    load_settings(home)
    document = tomlkit.parse(_read(path))
    table: Any = document
    *parents, name = _path_of(path, key)
    for parent in parents:
        if parent not in table:
            table[parent] = tomlkit.table(is_super_table=parent == "decks")
        table = table[parent]
    if text == "":
        table.pop(name, None)
    else:
        value = _checked(path, key, name, _parsed(text))
        table[name] = list(value) if isinstance(value, tuple) else value
    _write(path, tomlkit.dumps(document))


def _path_of(path: Path, key: str) -> list[str]:
    if not key.startswith("decks."):
        if key not in _names(Settings):
            raise StudykitError(f"{path}: there is no setting {key}{_meant(key, _names(Settings))}")
        return [key]
    deck, _, name = key.removeprefix("decks.").rpartition(".")
    if not deck or name not in _names(DeckSettings):
        known = ", ".join(_names(DeckSettings))
        raise StudykitError(f"{key} is no setting: write decks.DECK.NAME, with NAME one of {known}")
    return ["decks", deck, name]


def _parsed(text: str) -> object:
    """Return what the learner typed: a number or a list if it looks like one, else text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return [part.strip() for part in text.split(",")] if "," in text else text


def _write(path: Path, text: str) -> None:
    import tempfile

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".config.", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf8") as file:
            file.write(text)
        Path(temporary).replace(path)
    except OSError as error:
        raise StudykitError(f"cannot write the settings {path}: {error.strerror}") from error


def as_dict(settings: Settings) -> dict[str, object]:
    """Return all settings by key, those of decks as `decks.DECK.NAME`."""
    found: dict[str, object] = {name: getattr(settings, name) for name in _names(Settings)}
    for deck, one in settings.per_deck.items():
        for name in _names(DeckSettings):
            if getattr(one, name) is not None:
                found[f"decks.{deck}.{name}"] = getattr(one, name)
    return found


def value_of(settings: Mapping[str, object], key: str) -> object:
    """Return one setting of `as_dict`; None for a deck's that is not set. Raises StudykitError."""
    if key in settings:
        return settings[key]
    if key.startswith("decks.") and key.rpartition(".")[2] in _names(DeckSettings):
        return None
    raise StudykitError(f"there is no setting {key}{_meant(key, tuple(settings))}")
