"""Papers and answers as files: YAML or JSON, written for people to fill in, read with every fault placed."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studykit.errors import StudykitError
from studykit.library.deck import Problem
from studykit.quiz.marking import Answer, Filled, Ticked, Written
from studykit.quiz.paper import Paper, Put, Terms
from studykit.quiz.report import terms_as_json
from studykit.wording import closest, shown

MAX_BYTES = 4_000_000

HOW = {
    "choice": "the number of the right option, or a list of numbers where several are right",
    "typed": "a word or a number",
    "cloze": "what belongs into the blank, or a list with one text for each blank",
    "predict": "what the program prints",
    "compute": "a number, or arithmetic like 3/8 or 2*pi",
    "implement": "the function, as Python code",
    "repair": "the mended function, as Python code",
}


# ---- writing


def as_document(paper: Paper, minutes: float | None = None) -> dict[str, object]:
    """Return a paper as plain data, with an empty `answer` for each question."""
    kinds = [kind for kind in HOW if any(one.question.kind == kind for one in paper.questions)]
    return {
        "paper": {**terms_as_json(paper.terms), "fingerprint": paper.fingerprint},
        "minutes": minutes,
        "how": {kind: HOW[kind] for kind in kinds},
        "questions": [_question(one) for one in paper.questions],
        "left_out": [{"reason": one.reason, "cards": len(one.cards)} for one in paper.left_out],
    }


def _question(one: Put) -> dict[str, object]:
    wording = one.wording
    shown: dict[str, object] = {
        "number": one.question.number,
        "card": one.question.card,
        "topic": one.topic,
        "kind": one.question.kind,
        "question": wording.text,
    }
    if wording.code:
        shown["code"] = wording.code
    if wording.options:
        shown["options"] = [f"{i}. {option}" for i, option in enumerate(wording.options, 1)]
        shown["right_options"] = len(wording.right)
    if len(wording.gaps) > 1:
        shown["blanks"] = len(wording.gaps)
    return {**shown, "answer": None}


def as_yaml(document: Mapping[str, object]) -> str:
    """Return the document as YAML that people like to fill in."""
    from studykit.library.yaml_write import block, item

    lines = ["# Fill in each `answer`; `studykit quiz --answers FILE` marks it.\n"]
    for key, value in document.items():
        if value and isinstance(value, list):
            lines.append(f"{key}:\n" + "\n".join(item(one, 2, 4) for one in value))
        else:
            lines.append(f"{key}:{block(value, 0)}\n")
    return "".join(lines)


# ---- reading


@dataclass(slots=True)
class Sheet:
    """Answers as they were found in a file."""

    path: str
    terms: Terms | None = None
    """What the paper was drawn with, if the file says it."""

    fingerprint: str | None = None
    answers: dict[str, Any] = field(default_factory=dict)
    """By card, as written: text, a list of texts, None for no answer."""

    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def fault(self, at: tuple[int, int], rule: str, message: str) -> None:
        """Add a problem."""
        self.problems.append(Problem(self.path, *at, rule, message))


def read_sheet(path: Path) -> Sheet:
    """Read answers: a paper that was filled in, or `answers: {card: answer}`. Raises StudykitError."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise StudykitError(f"cannot read the answers {path}: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise StudykitError(f"the answers {path} are larger than {MAX_BYTES:,} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StudykitError(f"the answers {path} are not UTF-8 text") from error
    return parse_sheet(text, shown(path))


def parse_sheet(text: str, path: str) -> Sheet:
    """Return the answers in `text`, with everything that is wrong about it."""
    from studykit.library.yaml_source import load

    loaded = load(text)
    sheet = Sheet(path)
    for fault in loaded.faults:
        sheet.fault(fault.position, fault.rule, fault.message)
    if not sheet.problems:
        _Reader(sheet, loaded.data, {**loaded.keys, **loaded.values}, text.splitlines()).read()
    return sheet


@dataclass(slots=True)
class _Reader:
    sheet: Sheet
    data: Any
    positions: Mapping[tuple[str | int, ...], tuple[int, int]]
    lines: list[str]

    def read(self) -> None:
        if not isinstance(self.data, dict) or not {"answers", "questions"} & self.data.keys():
            message = "no answers are in here: fill in a paper that `studykit quiz --paper FILE` wrote"
            self.sheet.fault((1, 1), "no-answers", message)
            return
        self._terms(self.data.get("paper"))
        for at, card, answer in (*self._questions(), *self._mapping()):
            if card in self.sheet.answers:
                first = self.sheet.places[card][0]
                message = f"{card} is answered twice, first on line {first}"
                self.sheet.fault(self.positions.get(at, (1, 1)), "duplicate-answer", message)
                continue
            self.sheet.places[card] = self.positions.get(at, (1, 1))
            self.sheet.answers[card] = self._as_written(answer, at)

    def _questions(self) -> Iterator[tuple[tuple[str | int, ...], str, Any]]:
        questions = self.data.get("questions", [])
        if not isinstance(questions, list):
            self._fault(("questions",), "bad-questions", "`questions` must be a list")
            return
        for i, one in enumerate(questions):
            at = ("questions", i)
            if not isinstance(one, dict) or not isinstance(one.get("card"), str):
                self._fault(at, "bad-question", "a question needs its `card`, as the paper has it")
                continue
            yield ((*at, "answer") if "answer" in one else at), one["card"], one.get("answer")

    def _mapping(self) -> Iterator[tuple[tuple[str | int, ...], str, Any]]:
        answers = self.data.get("answers", {})
        if not isinstance(answers, dict):
            self._fault(("answers",), "bad-answers", "`answers` must name each card and its answer")
            return
        yield from ((("answers", card), card, answer) for card, answer in answers.items())

    def _terms(self, paper: Any) -> None:
        if paper is None:
            return
        if not isinstance(paper, dict) or not all(type(paper.get(key)) is int for key in ("seed", "count")):
            self._fault(("paper",), "bad-paper", "`paper` must hold `seed` and `count`, as it was written")
            return
        lists = [paper.get(key) or [] for key in ("decks", "kinds")]
        if not all(isinstance(part, list) and all(isinstance(name, str) for name in part) for part in lists):
            self._fault(("paper",), "bad-paper", "`decks` and `kinds` of a paper are lists of names")
            return
        self.sheet.terms = Terms(paper["seed"], paper["count"], tuple(lists[0]), tuple(lists[1]))
        fingerprint = self._as_written(paper.get("fingerprint"), ("paper", "fingerprint"))
        self.sheet.fingerprint = fingerprint if isinstance(fingerprint, str) else None

    def _as_written(self, value: Any, at: tuple[str | int, ...]) -> Any:
        """Return numbers as the text they were written as: 1.10 is not 1.1 where an output is predicted."""
        if isinstance(value, list):
            return [self._as_written(part, (*at, i)) for i, part in enumerate(value)]
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, dict):
            self._fault(at, "bad-answer", "an answer is a text, a number or a list of them")
            return None
        line, column = self.positions.get(at, (1, 1))
        found = re.match(r"[^\s,\[\]{}]+", self.lines[line - 1][column - 1 :])
        return found.group() if found else json.dumps(value)

    def _fault(self, at: tuple[str | int, ...], rule: str, message: str) -> None:
        self.sheet.fault(self.positions.get(at, (1, 1)), rule, message)


def answers_to(paper: Paper, sheet: Sheet) -> dict[str, Answer]:
    """Return the answers to the questions of `paper`; what does not fit is added to the sheet's problems."""
    known = {one.question.card: one for one in paper.questions}
    found: dict[str, Answer] = {}
    for card, raw in sheet.answers.items():
        place = sheet.places.get(card, (1, 1))
        if card not in known:
            meant = closest(card, known)
            hint = f" (did you mean {meant}?)" if meant else ""
            sheet.fault(place, "unknown-card", f"{card} is not in this paper{hint}")
            continue
        try:
            answer = _answer(known[card], raw)
        except ValueError as error:
            sheet.fault(place, "bad-answer", f"{card}: {error}")
            continue
        if answer is not None:
            found[card] = answer
    return found


def unanswered(paper: Paper, sheet: Sheet) -> list[str]:
    """Return the cards of `paper` that the sheet does not answer, in order."""
    return [one.question.card for one in paper.questions if sheet.answers.get(one.question.card) is None]


def _answer(put: Put, raw: Any) -> Answer | None:
    if raw is None:
        return None
    match put.question.kind:
        case "choice":
            return _ticked(put.wording.options, raw)
        case "cloze":
            return _filled(put.wording.gaps, raw)
    if not isinstance(raw, str):
        raise ValueError("the answer must be one text")
    return Written(raw)


def _ticked(options: tuple[str, ...], raw: Any) -> Ticked:
    texts = [part for one in (raw if isinstance(raw, list) else [raw]) for part in _parts(options, str(one))]
    return Ticked(frozenset(_number(options, text) for text in texts))


def _parts(options: tuple[str, ...], text: str) -> list[str]:
    return (
        [text] if text in options else re.split(r"[\s,;]+", text.strip()) if _NUMBERS.match(text) else [text]
    )


_NUMBERS = re.compile(r"[\d\s,;]+$")


def _number(options: tuple[str, ...], text: str) -> int:
    bare = re.sub(r"^\d+\. ", "", text) if text not in options else text
    if bare in options:
        return options.index(bare)
    if text.isdecimal() and 1 <= int(text) <= len(options):
        return int(text) - 1
    raise ValueError(f"answer with numbers of options, 1 to {len(options)}, not {text[:40]!r}")


def _filled(gaps: tuple[str, ...], raw: Any) -> Filled:
    texts = tuple(str(part or "") for part in raw) if isinstance(raw, list) else (str(raw),)
    if len(texts) != len(gaps):
        blanks = "is 1 blank" if len(gaps) == 1 else f"are {len(gaps)} blanks"
        raise ValueError(f"there {blanks} to fill, and {len(texts)} in the answer")
    return Filled(texts)
