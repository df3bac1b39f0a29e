"""What every test shares: a home of its own, and small libraries to study from."""

from pathlib import Path

import pytest

FIXTURES = Path(__file__).parent / "fixtures"


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
