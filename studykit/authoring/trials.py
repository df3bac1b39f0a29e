"""Trying code out: does it print what the article says? Whoever passes `Execute` runs it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from studykit.authoring.backs import fenced
from studykit.authoring.candidates import Candidate, Execute, Mismatch, Ran, Reason, Rejected
from studykit.authoring.chunks import Chunk, chunks
from studykit.authoring.outline import Outline
from studykit.authoring.stated import same_output

_MOST_LINES = 40
_ABSENT = re.compile(r"ModuleNotFoundError|No module named")


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of the code of an article."""

    kept: tuple[Candidate, ...]
    rejected: tuple[Rejected, ...]
    mismatches: tuple[Mismatch, ...]


def tried(candidates: Sequence[Candidate], outline: Outline, execute: Execute | None) -> Trial:
    """Keep of the `predict` candidates those whose code prints what is stated; the others are passed on."""
    by_place = {(chunk.lines, chunk.stated): chunk for chunk in chunks(outline)}
    kept: list[Candidate] = []
    rejected: list[Rejected] = []
    mismatches: list[Mismatch] = []
    for candidate in candidates:
        chunk = by_place.get((candidate.lines, candidate.answer)) if candidate.kind == "predict" else None
        if chunk is None:
            kept.append(candidate)
        elif execute is None:
            rejected.append(Rejected(candidate, Reason.NOT_RUN))
        else:
            for result in _outcomes(candidate, chunk, execute):
                if isinstance(result, Candidate):
                    kept.append(result)
                else:
                    rejected.append(result[0])
                    mismatches.extend([result[1]] if result[1] is not None else [])
    return Trial(tuple(kept), tuple(rejected), tuple(mismatches))


def _outcomes(
    candidate: Candidate, chunk: Chunk, execute: Execute
) -> Iterator[Candidate | tuple[Rejected, Mismatch | None]]:
    """The candidate, or what is left of it: of several outputs some may be true."""
    result = _try(candidate, chunk, execute)
    if isinstance(result, Candidate):
        yield result
    elif chunk.parts:
        for part in chunk.parts:
            program = part.program.strip() + "\n"
            smaller = replace(
                candidate,
                lines=part.lines,
                answer=part.stated,
                fields={**candidate.fields, "code": program},
                score=candidate.score - 0.5,
                key=re.sub(r"\s+", "", part.body.splitlines()[-1])[:80],
            )
            yield from _outcomes(smaller, part, execute)
    else:
        reason, got = result
        mismatch = Mismatch(candidate.lines, chunk.body, chunk.stated, got) if chunk.sure else None
        yield Rejected(candidate, reason), mismatch


def _try(candidate: Candidate, chunk: Chunk, execute: Execute) -> Candidate | tuple[Reason, str]:
    alone = execute([chunk.program])[-1]
    if alone.error is None and same_output(chunk.stated, alone.stdout):
        return candidate
    if re.search(r"^None$", alone.stdout, re.MULTILINE) and "None" not in chunk.stated:
        quiet = replace(chunk, body=chunk.undisplayed, undisplayed="")
        ran = execute([quiet.program])[-1]
        if ran.error is None and same_output(chunk.stated, ran.stdout):
            return replace(candidate, fields={**candidate.fields, "code": quiet.program.strip() + "\n"})
    if alone.error is not None and _ABSENT.search(alone.error):
        return _on_trust(candidate, chunk)
    # What it needs may not be visible in the names it uses: run all that stands before it.
    after_all = execute([*chunk.before, chunk.body])[-1]
    if after_all.error is not None:
        return Reason.FAILED, _told(after_all)
    if not same_output(chunk.stated, after_all.stdout):
        return Reason.DIFFERS, _told(after_all)
    return _with_everything(candidate, chunk, execute) or (Reason.FAILED, _told(alone))


def _with_everything(candidate: Candidate, chunk: Chunk, execute: Execute) -> Candidate | None:
    program = "\n".join([*chunk.before, chunk.body]).strip() + "\n"
    if len(program.splitlines()) > _MOST_LINES:
        return None
    ran = execute([program])[-1]
    if ran.error is None and same_output(chunk.stated, ran.stdout):
        return replace(candidate, fields={**candidate.fields, "code": program})
    return None


def _on_trust(candidate: Candidate, chunk: Chunk) -> Candidate:
    """A library is missing here: the question stands, its answer is what the article says."""
    return replace(
        candidate,
        kind="basic",
        fields={
            "front": f"{candidate.front}\n\n{fenced(chunk.program)}",
            "back": fenced(chunk.stated, "text"),
        },
        score=candidate.score - 2.0,
    )


def _told(ran: Ran) -> str:
    return ran.error if ran.error is not None else ran.stdout.strip()
