"""What every test shares: a home of its own, and small libraries to study from."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

FIXTURES = Path(__file__).parent / "fixtures"

# The same examples at every run: a failure is of the change at hand. With search, new ones are drawn.
settings.register_profile("same", derandomize=True, deadline=None, database=None)
settings.register_profile("search", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a data folder of the test's own; nothing reaches the data of whoever runs the tests."""
    folder = tmp_path / "home"
    monkeypatch.setenv("STUDYKIT_HOME", str(folder))
    monkeypatch.delenv("STUDYKIT_LIBRARY", raising=False)
    monkeypatch.delenv("STUDYKIT_DATABASE_URL", raising=False)
    return folder


@pytest.fixture
def school() -> Path:
    """Return a library root with every kind of card."""
    return FIXTURES / "school"
