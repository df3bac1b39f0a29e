"""What was typed and not graded yet, kept so that quitting or a crash loses nothing.

One small file per card. With the text it keeps the seed, so that the same numbers are asked again, and what
counts against the grade, so that leaving and coming back is no way around it.
"""

import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studykit.errors import StudykitError

if TYPE_CHECKING:
    from datetime import datetime

    from studykit.tui.attempt import Attempt

_LONGEST = 1_000_000
_TYPES: dict[str, type] = {"text": str, "seed": int, "tries": int}


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer under way."""

    text: str
    seed: int
    tries: int = 0
    hint_used: bool = False
    solution_seen: bool = False
    gave_up: bool = False

    @classmethod
    def of(cls, attempt: "Attempt", text: str) -> "Draft":
        """Return what is to be kept of `attempt`."""
        return cls(
            text[:_LONGEST],
            attempt.seed,
            attempt.tries,
            attempt.hint_used,
            attempt.solution_seen,
            attempt.gave_up,
        )

    def resumed(self, kind: str, began: "datetime") -> "Attempt":
        """Return the attempt that goes on with it: the same numbers, and what counts still counts."""
        from studykit.tui.attempt import Attempt

        return Attempt(
            kind=kind,
            seed=self.seed,
            began=began,
            tries=self.tries,
            hint_used=self.hint_used,
            solution_seen=self.solution_seen,
            gave_up=self.gave_up,
        )

    @property
    def says_something(self) -> bool:
        """Whether there is more to it than a text."""
        return bool(self.tries or self.hint_used or self.solution_seen or self.gave_up)


class Drafts:
    """The drafts in a folder; nothing is made there before the first one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, card_id: str) -> Draft | None:
        """Return the draft of a card; one that cannot be read is none."""
        try:
            data = self._path(card_id).read_bytes()
        except OSError:
            return None
        import json

        try:
            return _draft(json.loads(data))
        except (ValueError, RecursionError):
            return None

    def keep(self, card_id: str, draft: Draft) -> None:
        """Keep a draft, durably enough for a crash. Raises StudykitError if it cannot be written."""
        import json

        path = self._path(card_id)
        beside = path.with_suffix(f".{os.getpid()}.new")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            beside.write_text(json.dumps(asdict(draft), ensure_ascii=True), encoding="ascii")
            beside.replace(path)
        except OSError as error:
            raise StudykitError(f"your draft cannot be kept in {self._folder}: {error.strerror}") from error

    def drop(self, card_id: str) -> None:
        """Forget the draft of a card, if there is one."""
        try:
            self._path(card_id).unlink(missing_ok=True)
        except OSError:
            return

    def _path(self, card_id: str) -> Path:
        # Ids hold letters, digits, `_` and `/`; whatever else there may be one day stays inside the folder.
        name = "".join(c if c.isalnum() or c == "_" else f"%{ord(c):02X}" for c in card_id)
        return self._folder / f"{name}.json"


def _draft(data: Any) -> Draft | None:
    if not isinstance(data, dict) or not {"text", "seed"} <= data.keys():
        return None
    known = {one.name: data[one.name] for one in fields(Draft) if one.name in data}
    if all(type(value) is _TYPES.get(name, bool) for name, value in known.items()):
        return Draft(**known)
    return None
