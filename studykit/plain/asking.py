"""Asking one card in lines, kind by kind, and judging what is typed."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from studykit.errors import StudykitError
from studykit.library.cards import Basic, Card, Choice, Cloze, Predict, Repair, Typed
from studykit.plain.console import END_OF_TEXT, Console
from studykit.plain.reading import text_of
from studykit.tui import faces
from studykit.tui.attempt import Attempt
from studykit.tui.runs import Failure, Runs
from studykit.wording import closest

if TYPE_CHECKING:
    from studykit.running.verdicts import Result
    from studykit.study import Study
    from studykit.tui.text.blocks import Block

_COMMAND = re.compile(r":[a-z]+")
_LARGEST_FILE = 1_000_000
_VERDICTS = {"pass": "Right.", "wrong": "Not right.", "error": "It stopped with an error."}


class GaveUpError(Exception):
    """The learner wants to see the answer."""


@dataclass(slots=True)
class Asked:
    """The card that is asked."""

    card_id: str
    card: Card
    attempt: Attempt
    question: str = ""


class Asking:
    """Asks a card until it is answered; `commands` are what can be typed instead of an answer."""

    commands: Mapping[str, Callable[[Asked], None]]

    def __init__(self, study: "Study", console: Console) -> None:
        self._console = console
        self._runs = Runs(study)
        self._languages = study.settings.language

    def answer(self, asked: Asked) -> None:
        try:
            match asked.card:
                case Basic() | Cloze():
                    self._pose(asked)
                    self.ask(asked, "Enter shows the answer:")
                case Choice():
                    self._choose(asked, asked.card)
                case Typed():
                    self._pose(asked)
                    self._type(asked, asked.card)
                case _:
                    self._run_it(asked)
        except GaveUpError:
            asked.attempt = replace(asked.attempt, gave_up=True)
            if isinstance(asked.card, Choice):
                self._say_right(asked, asked.card)
        self._show_answer(asked)

    def _show_answer(self, asked: Asked) -> None:
        solution = self._looked_up(asked) if faces.runs(asked.card) and not asked.attempt.passed else None
        if isinstance(asked.card, Cloze):
            self._console.say(self._text(faces.question(asked.card, self._languages, shown=True)))
        text = self._text(faces.answer(asked.card, self._languages, solution))
        if text:
            self._console.say(text)
        asked.attempt = replace(asked.attempt, shown=True)

    def _pose(self, asked: Asked) -> None:
        asked.question = self._text(faces.question(asked.card, self._languages))
        self._console.say(asked.question)

    def ask(self, asked: Asked, prompt: str) -> str:
        """Ask for an answer; do what a command says and ask again."""
        while True:
            reply = self._console.ask(prompt)
            typed = reply.strip()
            command = self.commands.get(typed)
            if command is not None:
                command(asked)
            elif _COMMAND.fullmatch(typed) and closest(typed, self.commands):
                self._console.say(f"There is no {typed} (did you mean {closest(typed, self.commands)}?).")
            else:
                return reply

    def _text(self, blocks: "Sequence[Block]") -> str:
        return text_of(blocks, self._console.width)

    # ---- the kinds

    def _choose(self, asked: Asked, card: Choice) -> None:
        options = self._options(asked, card)
        lines = [f"{number}. {text}" for number, (text, _) in enumerate(options, 1)]
        asked.question = "\n".join([self._text(faces.question(card, self._languages)), "", *lines])
        self._console.say(asked.question)
        right = {number for number, (_, is_right) in enumerate(options, 1) if is_right}
        prompt = "Number:" if len(right) == 1 else "Numbers of all that are right:"
        while (picked := _numbers(self.ask(asked, prompt), len(options))) is None:
            self._console.say(f"Type numbers from 1 to {len(options)}.")
        asked.attempt = asked.attempt.tried(right=picked == right)
        self._console.say("Right." if picked == right else "Not right.")
        if picked != right:
            self._say_right(asked, card)

    def _options(self, asked: Asked, card: Choice) -> list[tuple[str, bool]]:
        from studykit.tui.text.markdown import blocks_of

        options = faces.options(card, self._languages, asked.attempt.seed)
        return [(self._text(blocks_of(text)), right) for text, right in options]

    def _say_right(self, asked: Asked, card: Choice) -> None:
        for number, (text, right) in enumerate(self._options(asked, card), 1):
            if right:
                self._console.say(f"Right is {number}. {text}")

    def _type(self, asked: Asked, card: Typed) -> None:
        from studykit.running.grading import judge_typed

        while not (reply := self.ask(asked, "Answer:")).strip():
            self._console.say("Type an answer; or :give to give up.")
        right = judge_typed(card, reply)
        asked.attempt = asked.attempt.tried(right=right)
        self._console.say("Right." if right else "Not right.")

    def _run_it(self, asked: Asked) -> None:
        from studykit.running.runner import Posed

        posed = None
        if faces.needs_posing(asked.card):
            outcome = self._runs.pose(asked.card_id, asked.attempt.seed)
            posed = outcome if isinstance(outcome, Posed) else None
            if not isinstance(outcome, Posed):
                self._console.say(f"It cannot run here: {outcome.detail}")
                asked.attempt = replace(asked.attempt, blocked=True)
        asked.question = self._text(faces.question(asked.card, self._languages, posed))
        self._console.say(asked.question)
        code = asked.card.broken if isinstance(asked.card, Repair) else posed.code if posed else None
        if code and not isinstance(asked.card, Predict):
            asked.question += f"\n\n{code}"
            self._console.say(f"\n{code}")
        while not self._tried(asked):
            pass

    def _tried(self, asked: Asked) -> bool:
        """Let the learner try once; return whether that settled it."""
        one_line = asked.card.kind == "compute"
        prompt = "Answer:" if one_line else f"Answer, then a line with {END_OF_TEXT} alone, or @FILE:"
        reply = self.ask(asked, prompt)
        try:
            answer = _file(reply) if reply.startswith("@") and not one_line else None
        except StudykitError as error:
            self._console.say(str(error))
            return False
        if answer is None:
            answer = reply if one_line else self._console.lines_after(reply)
        if not answer.strip():
            self._console.say("Type an answer; or :give to give up.")
            return False
        outcome = self._runs.judge(asked.card_id, answer, asked.attempt.seed)
        return self._judged(asked, outcome)

    def _judged(self, asked: Asked, outcome: "Result | Failure") -> bool:
        if isinstance(outcome, Failure):
            self._console.say(f"It cannot run here: {outcome.detail}")
            asked.attempt = replace(asked.attempt, blocked=True)
            return False
        self._console.say(_result(outcome))
        if not outcome.verdict.counts:
            asked.attempt = replace(asked.attempt, blocked=outcome.verdict != "error")
            return False
        right = outcome.verdict == "pass"
        asked.attempt = asked.attempt.tried(right=right)
        if not right and isinstance(asked.card, faces.CODE):
            self._console.say("Try again; or :give to give up.")
            return False
        return True

    def _looked_up(self, asked: Asked) -> str | None:
        card = faces.as_run_it(asked.card)
        if card is None:
            return None
        found = self._runs.solution(asked.card_id, card, asked.attempt.seed)
        if isinstance(found, str):
            return found
        self._console.say(f"The solution cannot be shown: {found.detail}")
        return None


def _numbers(reply: str, most: int) -> set[int] | None:
    words = reply.replace(",", " ").split()
    if not words or not all(word.isdecimal() and 1 <= int(word) <= most for word in words):
        return None
    return {int(word) for word in words}


def _result(result: "Result") -> str:
    verdict = str(result.verdict)
    parts = [f"{_VERDICTS.get(verdict, f'It ended with: {verdict}.')} {result.detail}".strip()]
    if verdict != "pass":
        named = {
            "expected": result.expected,
            "got": result.got,
            "failing input": result.failing_input,
            "traceback": result.traceback,
        }
        parts += [f"{name}:\n{text.rstrip()}" for name, text in named.items() if text.strip()]
    return "\n".join(parts)


def _file(reply: str) -> str:
    """Return the content of `@FILE`. Raises StudykitError."""
    path = Path(reply[1:].strip()).expanduser()
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST_FILE).decode("utf-8-sig")
    except (OSError, ValueError) as error:
        raise StudykitError(f"{path} cannot be read: {error}") from error
