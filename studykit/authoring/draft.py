"""From an article to the draft of a deck."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from studykit.authoring.blocks import Article
from studykit.authoring.candidates import Candidate, Execute, Mismatch, Reason, Rejected
from studykit.authoring.demonstration import demonstration
from studykit.authoring.gate import sift, thinned
from studykit.authoring.outline import Outline
from studykit.authoring.rules import RULES
from studykit.authoring.snippet import implement_cards, snippet
from studykit.authoring.trials import tried


@dataclass(frozen=True, slots=True)
class Draft:
    """What an article gives: cards in its order, and what became of everything else."""

    title: str
    language: str
    cards: tuple[Candidate, ...]
    rejected: tuple[Rejected, ...]
    mismatches: tuple[Mismatch, ...]
    """Code whose output is not what the article says."""
    snippet: str | None
    """Python source with the article's functions."""
    notes: tuple[str, ...]
    """What needs a human eye."""

    ran: bool = True
    """Whether the article's code could be run."""

    def reasons(self) -> Mapping[Reason, int]:
        """How many candidates were dropped, by reason."""
        return Counter(rejected.reason for rejected in self.rejected)


def draft(article: Article, execute: Execute | None) -> Draft:
    """Draft a deck for `article`; pure, but for what `execute` runs."""
    outline = Outline(article)
    found = [candidate for rule in RULES.values() for candidate in rule(outline)]
    module = snippet(outline)
    trial = tried([*found, *implement_cards(outline)], outline, execute)
    runnable, unready = _ready(trial.kept, module, execute)
    main = demonstration(outline, module, execute) if module is not None and execute is not None else None
    sound, unsound = sift(runnable, article)
    cards, crowded = thinned(sound, article)
    return Draft(
        title=article.title,
        language=article.language,
        cards=tuple(cards),
        rejected=(*trial.rejected, *unready, *unsound, *crowded),
        mismatches=trial.mismatches,
        snippet=module if module is None or main is None else f"{module}\n\n{main}",
        notes=tuple(_notes(cards, trial.mismatches, module, main)),
        ran=execute is not None,
    )


def _ready(
    candidates: Sequence[Candidate], module: str | None, execute: Execute | None
) -> tuple[list[Candidate], list[Rejected]]:
    """Keep of the `implement` candidates those whose function runs on the drafted inputs."""
    kept: list[Candidate] = []
    rejected: list[Rejected] = []
    for candidate in candidates:
        if candidate.kind != "implement":
            kept.append(candidate)
            continue
        if module is None or execute is None:
            rejected.append(Rejected(candidate, Reason.NOT_RUN))
            continue
        name = str(candidate.fields["function"])
        call = f"for seed in range(5):\n    {name}(**sample_{name}(seed))"
        ran = execute([module, call])
        if any(r.error for r in ran):
            rejected.append(Rejected(candidate, Reason.FAILED))
        else:
            kept.append(candidate)
    return kept, rejected


def _notes(
    cards: Sequence[Candidate], mismatches: Sequence[Mismatch], module: str | None, main: str | None
) -> Iterator[str]:
    for mismatch in mismatches:
        stated, got = _line(mismatch.stated), _line(mismatch.got)
        yield f"lines {_span(mismatch.lines)}: the article says {stated}, running it gives {got}"
    for card in cards:
        if card.kind == "implement":
            name = card.fields["function"]
            yield f"lines {_span(card.lines)}: look at the drafted `sample_{name}`, and list wrong answers"
        if card.rule == "code" and card.kind == "basic":
            yield f"lines {_span(card.lines)}: the output could not be tried here, it is the article's word"
    if module is not None:
        yield (
            "the snippet has no `claim` and no `main` yet"
            if main is None
            else "the snippet has no `claim` yet; its `main` is drafted: does it show the idea?"
        )


def _span(lines: tuple[int, int]) -> str:
    return f"{lines[0]}-{lines[1]}" if lines[0] != lines[1] else str(lines[0])


def _line(text: str) -> str:
    flat = " ⏎ ".join(line.strip() for line in text.strip().splitlines())
    return repr(flat if len(flat) <= 80 else flat[:79] + "…")
