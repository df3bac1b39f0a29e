"""What the learner's own editor is opened for: an answer, or a card where it is written."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import App

import studykit
from studykit.errors import StudykitError
from studykit.library.cards import Implement, Predict, Repair
from studykit.tui import external
from studykit.tui.widgets.answer_field import AnswerField

if TYPE_CHECKING:
    from studykit.library.cards import Card
    from studykit.study import Study
    from studykit.tui.app import StudyApp
    from studykit.tui.widgets.card_view import CardView

_SHOWN = 12
_LARGEST = 4_000_000


@dataclass(frozen=True, slots=True)
class Broken:
    """What is wrong with the deck since it was edited."""

    problems: tuple[str, ...]

    def __str__(self) -> str:
        more = len(self.problems) - _SHOWN
        lines = [*self.problems[:_SHOWN], *([f"… and {more} more"] if more > 0 else [])]
        return "\n".join([*lines, "", "Press e to mend it; until then the deck is used as it was."])


def answer_in_editor(desk: "StudyApp", card: "Card", view: "CardView") -> None:
    """Let the learner write the answer to the card on screen; it stands in the field afterwards."""
    field = view.field
    if not isinstance(field, AnswerField):
        return
    ending = "py" if isinstance(card, Implement | Repair) else "txt"
    try:
        text = external.edited(desk, field.answer, f"{card.id}.{ending}")
    except StudykitError as error:
        desk.tell("The editor changed nothing", str(error))
        return
    if isinstance(card, Predict):
        text = text.rstrip("\n")
    if text != field.answer:
        field.take(text)
    view.focus_field()


def edit(app: App[Any], study: "Study", card_id: str, now: datetime) -> str | Broken | None:
    """Open the deck of a card at its line, and read the library again.

    Return the card's id as it is then (`""` if it is gone), `Broken` if the deck cannot be used as it is
    now, or None if nothing was changed. Raises StudykitError if it cannot be edited.
    """
    deck = study.library.decks()[card_id.rpartition("/")[0]]
    _check_editable(deck.path, study.home)
    line = int(study.place_of(card_id).rpartition(":")[2])
    before = _content(deck.path)
    external.run(app, external.command(deck.path, line))
    if _content(deck.path) == before:
        return None
    from studykit.library.deck import read_deck

    problems = read_deck(deck.path).problems
    if problems:
        return Broken(tuple(map(str, problems)))
    study.reread(now)
    card_id = study.library.renamed().get(card_id, card_id)
    return card_id if card_id in study.library.entries() else ""


def _check_editable(path: Path, home: Path) -> None:
    """Raise StudykitError for a deck that came with the program, or must not be written."""
    import os

    if path.is_relative_to(Path(studykit.__file__).parent):
        raise StudykitError(
            f"{path} came with studykit: the next update would take your change away.\n\n"
            f"For a version of your own, copy the deck and its snippet to {home / 'decks'} and "
            f"{home / 'snippets'}, under another name. To leave this card out, press !. "
            "If it is wrong, please report it."
        )
    if not os.access(path, os.W_OK):
        raise StudykitError(f"{path} may not be written: change its permissions, or edit a copy of it.")


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST)
    except OSError as error:
        raise StudykitError(f"{path} cannot be read: {error.strerror}") from error
