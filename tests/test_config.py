"""Settings: what may be set, what is said of what may not, and that a failed change changes nothing."""

from pathlib import Path

import pytest

from studykit import config
from studykit.errors import StudykitError


def file(home: Path, text: str) -> Path:
    home.mkdir(parents=True, exist_ok=True)
    path = home / "config.toml"
    path.write_text(text, encoding="utf8")
    return path


def test_without_a_file_there_are_the_defaults(home: Path) -> None:
    settings = config.load_settings(home)
    assert (settings.new_per_day, settings.reviews_per_day, settings.rollover) == (20, 200, 4)
    assert (settings.scheduler, settings.grades, settings.timezone) == ("sm2", "four", None)


def test_the_data_folder_is_moved_by_the_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert config.home() == home
    assert config.database_url(home) == f"sqlite:///{home}/studykit.db"
    monkeypatch.setenv("STUDYKIT_DATABASE_URL", "sqlite:////other.db")
    assert config.database_url(home) == "sqlite:////other.db"
    monkeypatch.delenv("STUDYKIT_HOME")
    assert config.home().name == "studykit"


def test_every_setting_is_read(home: Path) -> None:
    file(
        home,
        """
language = ["zh", "en"]
timezone = "Asia/Shanghai"
rollover = 0
new_per_day = 5
reviews_per_day = 50
scheduler = "fsrs"
grades = "six"
theme = "nord"
suspend_leeches = true
reduced_motion = true
[decks."transformer/rope"]
new_per_day = 1
scheduler = "sm2"
[decks.python]
reviews_per_day = 3
""",
    )
    settings = config.load_settings(home)
    assert settings.language == ("zh", "en")
    assert (settings.timezone, settings.rollover, settings.grades) == ("Asia/Shanghai", 0, "six")
    assert (settings.theme, settings.suspend_leeches, settings.reduced_motion) == ("nord", True, True)
    assert settings.per_deck["transformer/rope"].new_per_day == 1
    assert settings.per_deck["python"].reviews_per_day == 3
    assert settings.scheduler_of("transformer/rope") == "sm2"
    assert settings.scheduler_of("transformer/other") == "fsrs"


def test_a_track_chooses_the_scheduler_of_its_decks(home: Path) -> None:
    file(home, '[decks.python]\nscheduler = "fsrs"\n')
    assert config.load_settings(home).scheduler_of("python/mutability") == "fsrs"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("new_per_day = -1", "new_per_day is -1; it must be a whole number from 0 to 100,000"),
        ("new_per_day = true", "new_per_day is True; it must be a whole number"),
        ("rollover = 24", "rollover is 24; it must be a whole number from 0 to 23"),
        ("suspend_leeches = 1", "suspend_leeches is 1; it must be true or false"),
        ('reduced_motion = "yes"', "reduced_motion is 'yes'; it must be true or false"),
        ('scheduler = "sm17"', "scheduler is 'sm17'; it must be sm2 or fsrs"),
        ('grades = "five"', "it must be four or six"),
        ('timezone = "Mars/Base"', "it must be a time zone like Europe/Berlin"),
        ("language = []", "it must be a language"),
        ("new_per_dya = 3", "there is no setting new_per_dya (did you mean new_per_day?)"),
        ("decks = 3", "`decks` is a table"),
        ("[decks]\npython = 3", "`decks.python` is a table"),
        ("[decks.python]\nrollover = 3", "there is no setting decks.python.rollover"),
        ("[decks.python]\nnew_per_day = 'x'", "decks.python.new_per_day is 'x'"),
        ("new_per_day = ", "is no TOML"),
    ],
)
def test_what_is_wrong_is_named_with_the_file_and_what_is_allowed(home: Path, text: str, said: str) -> None:
    path = file(home, text)
    with pytest.raises(StudykitError) as caught:
        config.load_settings(home)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_settings_that_cannot_be_read_are_an_error_not_a_crash(home: Path) -> None:
    (home / "config.toml").mkdir(parents=True)
    with pytest.raises(StudykitError, match="cannot read the settings"):
        config.load_settings(home)
    (home / "config.toml").rmdir()
    (home / "config.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(StudykitError, match="not UTF-8"):
        config.load_settings(home)


def test_a_change_keeps_comments_and_order(home: Path) -> None:
    path = file(home, "# mine\nrollover = 4  # early\nnew_per_day = 20\n\n[decks.python]\nnew_per_day = 1\n")
    config.set_setting(home, "new_per_day", "7")
    config.set_setting(home, "decks.transformer/rope.new_per_day", "2")
    config.set_setting(home, "language", "zh,en")
    text = path.read_text()
    assert text.startswith("# mine\nrollover = 4  # early\nnew_per_day = 7\n")
    settings = config.load_settings(home)
    assert settings.new_per_day == 7
    assert settings.language == ("zh", "en")
    assert settings.per_deck["transformer/rope"].new_per_day == 2
    assert settings.per_deck["python"].new_per_day == 1


def test_an_empty_value_takes_a_setting_out(home: Path) -> None:
    config.set_setting(home, "timezone", "Asia/Shanghai")
    config.set_setting(home, "timezone", "")
    assert config.load_settings(home).timezone is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("new_per_day", "many"),
        ("new_per_day", "-3"),
        ("colour", "red"),
        ("decks.python", "3"),
        ("decks.python.theme", "x"),
        ("scheduler", "anki"),
    ],
)
def test_a_change_that_is_not_allowed_changes_nothing(home: Path, key: str, value: str) -> None:
    path = file(home, "new_per_day = 3\n")
    with pytest.raises(StudykitError):
        config.set_setting(home, key, value)
    assert path.read_text() == "new_per_day = 3\n"
    assert list(home.iterdir()) == [path]


def test_settings_are_listed_and_asked_for_one_by_one(home: Path) -> None:
    config.set_setting(home, "decks.python.new_per_day", "3")
    listed = config.as_dict(config.load_settings(home))
    assert listed["decks.python.new_per_day"] == 3
    assert config.value_of(listed, "rollover") == 4
    assert config.value_of(listed, "decks.vision.new_per_day") is None
    with pytest.raises(StudykitError, match="did you mean rollover"):
        config.value_of(listed, "rolover")
