"""One sitting in lines: a question, an answer, a grade, saved before the next question."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from studykit.errors import StudykitError
from studykit.library.cards import Card, text_in
from studykit.plain.asking import Asked, Asking, GaveUpError
from studykit.plain.console import END_OF_TEXT, Console, EndedError
from studykit.scheduling.sm2 import Grade
from studykit.tui import faces
from studykit.tui.attempt import Attempt
from studykit.tui.drafts import Drafts
from studykit.tui.grades import grade_keys, name_of, outcome_text
from studykit.tui.outlook import left_text
from studykit.tui.sitting import Sitting
from studykit.tui.text.clean import clean_line
from studykit.wording import CHANGED

if TYPE_CHECKING:
    from studykit.study import Study

HELP = f"""\
Type an answer and press enter. Code and printed lines end with a line that holds only a dot ({END_OF_TEXT}),
or are read from a file with @FILE. At any question:
  :hint      show the hint          :undo     take back the last step
  :solution  show the solution      :bury     put the card off until tomorrow
  :give      give up                :suspend  put it away for good
  :repeat    the question again     :flag     mark it for later, or take the mark away
  :quit      end; every answer is saved already"""


class MovedOnError(Exception):
    """Another card is current now."""


class PlainReview(Asking):
    """Asks what is due; `run` returns when nothing is left, or the input ends."""

    def __init__(self, study: "Study", sitting: Sitting, console: Console, seeds: Callable[[], int]) -> None:
        super().__init__(study, console)
        self._study = study
        self._sitting = sitting
        self._seeds = seeds
        self._drafts = Drafts(study.home / "drafts")
        self._scheme = study.settings.grades
        self.commands: Mapping[str, Callable[[Asked], None]] = {
            ":help": lambda _: self._console.say(HELP),
            ":repeat": lambda asked: self._console.say(asked.question),
            ":hint": self._hint,
            ":solution": self._solution,
            ":give": self._give_up,
            ":undo": self._undo,
            ":bury": lambda asked: self._put_away(asked, self._sitting.bury, "put off until tomorrow"),
            ":suspend": lambda asked: self._put_away(asked, self._sitting.suspend, "put away"),
            ":flag": self._flag,
            ":quit": self._quit,
        }

    def run(self) -> None:
        """Ask until nothing is left."""
        try:
            self._console.say(self._beginning())
            while self._sitting.current is not None:
                try:
                    self._one()
                except MovedOnError:
                    continue
            self._console.say(f"\nDone. {self._given()}")
        except EndedError:
            self._console.say(f"\nEnded. {self._given()}")
        finally:
            self._runs.close()

    def _beginning(self) -> str:
        left = left_text(self._sitting.remaining)
        return f"{left}. :help shows what can be typed." if left else "Nothing is due."

    def _given(self) -> str:
        number = len(self._sitting.given)
        return f"{number} answer{'' if number == 1 else 's'} given, all saved."

    # ---- one card

    def _one(self) -> None:
        item = self._sitting.require_current()
        try:
            card = self._study.card(item.card)
        except StudykitError as error:
            self._console.say(f"{item.card} was left out: {error}")
            self._sitting.drop()
            return
        asked = Asked(item.card, card, self._attempt(item.card, card))
        title = self._study.library.decks()[item.deck].title
        marks = [*(["again today"] if item.state == "drill" else []), *([CHANGED] if item.changed else [])]
        place = ", ".join([clean_line(text_in(title, self._languages)), card.kind, *marks])
        self._console.say(f"\n{place}. {left_text(self._sitting.remaining)}.\n")
        self.answer(asked)
        self._grade(asked)

    def _attempt(self, card_id: str, card: Card) -> Attempt:
        began = self._sitting.clock()
        draft = self._drafts.read(card_id) if faces.has_field(card) else None
        return draft.resumed(card.kind, began) if draft else Attempt(card.kind, self._seeds(), began)

    # ---- the grade

    def _grade(self, asked: Asked) -> None:
        machine = isinstance(asked.card, faces.MACHINE_GRADED)
        if machine:
            usual = self._study.store.usual_seconds(asked.card_id)
            asked.attempt = asked.attempt.with_proposal(self._sitting.clock(), self._scheme, usual)
        proposal = asked.attempt.proposal
        proposed = proposal.grade if proposal else None
        if proposal is not None:
            name = f"{name_of(proposed, self._scheme)}: " if proposed is not None else ""
            self._console.say(f"{name}{proposal.reason}")
        self._console.say(self._grades())
        grade = self._asked_grade(asked, proposed)
        answered = self._sitting.answer(grade, asked.attempt, machine_graded=machine)
        self._drafts.drop(asked.card_id)
        if answered.leech:
            self._console.say(f"{asked.card_id} keeps slipping: a leech. Perhaps it asks for too much.")

    def _grades(self) -> str:
        today = self._study.calendar.day_of(self._sitting.clock())
        drill = self._sitting.require_current().state == "drill"
        preview = self._sitting.preview()
        parts = []
        for key in grade_keys(self._scheme):
            outcome = outcome_text(key.grade, (preview[key.grade].due - today).days, drill=drill)
            again = outcome.replace("↻ today", "again today").replace("↻ ", "again today, then ")
            parts.append(f"{key.key} {key.name} ({again})")
        return ", ".join(parts)

    def _asked_grade(self, asked: Asked, proposed: Grade | None) -> Grade:
        keys = {key.key: key.grade for key in grade_keys(self._scheme)}
        prompt = "Grade:" if proposed is None else f"Grade (enter for {name_of(proposed, self._scheme)}):"
        while True:
            reply = self.ask(asked, prompt).strip()
            if not reply and proposed is not None:
                return proposed
            if reply in keys:
                return keys[reply]
            self._console.say(f"Type one of {', '.join(keys)}.")

    # ---- commands

    def _hint(self, asked: Asked) -> None:
        if asked.card.hint is None:
            self._console.say("This card has no hint.")
            return
        asked.attempt = replace(asked.attempt, hint_used=asked.attempt.hint_used or not asked.attempt.shown)
        self._console.say(self._text(faces.hint(asked.card, self._languages)))

    def _solution(self, asked: Asked) -> None:
        if not faces.runs(asked.card):
            self._give_up(asked)
            return
        solution = self._looked_up(asked)
        if solution is not None:
            asked.attempt = replace(asked.attempt, solution_seen=True)
            self._console.say(solution)

    def _give_up(self, asked: Asked) -> None:
        if not asked.attempt.shown:
            raise GaveUpError

    def _undo(self, _asked: Asked) -> None:
        undone = self._sitting.undo()
        if undone is None:
            self._console.say("There is nothing to undo.")
            return
        self._console.say(f"Took back: {undone.card}")
        raise MovedOnError

    def _put_away(self, _asked: Asked, step: Callable[[], str], what: str) -> None:
        self._console.say(f"{step()} is {what}; :undo brings it back.")
        raise MovedOnError

    def _flag(self, _asked: Asked) -> None:
        self._console.say("Flagged." if self._sitting.flag() else "No longer flagged.")

    def _quit(self, _asked: Asked) -> None:
        raise EndedError
