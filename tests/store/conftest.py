"""A learner who answers, in memory or on a disk."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from studykit.scheduling.sm2 import Grade
from studykit.store.records import Answered, Record, Undone
from studykit.store.store import Store

DAY = date(2026, 3, 1)
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Learner:
    """Answers on days counted from the first of March 2026."""

    store: Store

    def answer(self, grade: int, day: int = 0, card: str = "t/d/a", **more: Any) -> Answered:
        return self.store.answer(card, Grade(grade), day=self.day(day), at=self.at(day), **more)

    def study(self, grades: str, card: str = "t/d/a", **more: Any) -> Record:
        """Answer each time the card is due."""
        for grade in grades:
            record = self.record(card)
            day = (record.memory.due - DAY).days if record else 0
            self.answer(int(grade), day, card, **more)
        after = self.record(card)
        assert after is not None
        return after

    def mark(self, name: str, *arguments: Any, card: str = "t/d/a", day: int = 0) -> bool:
        changed: bool = getattr(self.store, name)(card, *arguments, day=self.day(day), at=self.at(day))
        return changed

    def undo(self, day: int = 0) -> Undone | None:
        return self.store.undo(day=self.day(day), at=self.at(day))

    def record(self, card: str = "t/d/a") -> Record | None:
        return self.store.records([card]).get(card)

    def everything(self) -> tuple[object, ...]:
        """Return all that is kept beside the log."""
        return self.store.records(), self.store.marks()

    @staticmethod
    def day(number: int) -> date:
        return DAY + timedelta(days=number)

    @staticmethod
    def at(number: int) -> datetime:
        return AT + timedelta(days=number)


@pytest.fixture
def learner() -> Iterator[Learner]:
    with Store.open("sqlite://") as store:
        yield Learner(store)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "studykit.db"


@pytest.fixture
def url(path: Path) -> str:
    return f"sqlite:///{path}"


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    return tmp_path / "home" / "backups"


@pytest.fixture
def on_disk(url: str) -> Iterator[Learner]:
    with Store.open(url) as store:
        yield Learner(store)
