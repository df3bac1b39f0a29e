"""From what was seen of a child to an outcome: a pure function over hostile bytes."""

import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studykit.running import plain
from studykit.running.jobs import Ending, Facts, Job, NotConfinedError, Outcome, cpu_seconds
from studykit.running.wire import CONFINED, HEADER, NOT_CONFINED
from studykit.wording import printable

MAX_FRAMES = 40
_OWN_FILES = str(Path(__file__).resolve().parent)


def outcome(job: Job, facts: Facts) -> Outcome:
    """Say how the run ended; raise NotConfinedError if it never began."""
    ending, reason = _ending(job, facts)
    value: object = None
    error: Mapping[str, object] | None = None
    if ending is None:
        ending, reason, value, error = _answer(facts)
    return Outcome(
        ending=ending,
        value=value,
        error=error,
        stdout=_text(facts.stdout),
        stderr=_text(facts.stderr),
        ms=facts.ms,
        device=job.device,
        reason=reason,
    )


def _text(data: bytes) -> str:
    return printable(data.decode("utf8", "replace"))


def _ending(job: Job, facts: Facts) -> tuple[Ending | None, str]:
    """Say how the child ended, or None if it ended by itself, properly."""
    if facts.killed:
        return _killed(job, facts)
    if facts.signal:
        return _signalled(job, facts)
    if facts.code == NOT_CONFINED and not facts.result:
        raise NotConfinedError(_text(facts.stderr)[:200])
    if facts.code != 0 or len(facts.result) < len(CONFINED) + HEADER.size:
        return (
            Ending.CRASH,
            f"The process ended by itself (exit code {facts.code}) without returning anything.",
        )
    return None, ""


def _killed(job: Job, facts: Facts) -> tuple[Ending, str]:
    match facts.killed:
        case "time":
            return Ending.TIMEOUT, f"It ran longer than {job.seconds:g} seconds."
        case "output":
            return Ending.FORBIDDEN, "It printed more than 1 MB."
        case "scratch":
            return Ending.FORBIDDEN, f"It wrote {facts.detail} into its scratch folder."
        case "threads":
            return Ending.FORBIDDEN, "It started more threads than allowed."
        case "result":
            return Ending.CRASH, "It returned more than 64 MB."
        case _:
            return Ending.UNAVAILABLE, "The run was cancelled."


def _signalled(job: Job, facts: Facts) -> tuple[Ending, str]:
    name = signal.Signals(facts.signal).name if facts.signal in set(signal.Signals) else str(facts.signal)
    used_up = facts.signal == signal.SIGKILL and facts.cpu >= cpu_seconds(job.seconds)
    if facts.signal == signal.SIGXCPU or used_up:
        return Ending.TIMEOUT, f"It used more processor time than {job.seconds:g} seconds."
    match facts.signal:
        case signal.SIGKILL:
            return Ending.MEMORY, "It was killed by the system, most likely because memory ran out."
        case signal.SIGSYS:
            return Ending.FORBIDDEN, "It made a system call that the sandbox forbids."
        case signal.SIGXFSZ:
            return Ending.FORBIDDEN, "It wrote a file larger than 16 MB."
        case signal.SIGSEGV | signal.SIGBUS:
            return Ending.CRASH, f"It crashed ({name}): a bad memory access, or calls nested too deeply."
        case _:
            return Ending.CRASH, f"It was ended by the signal {name}."


Answer = tuple[Ending, str, object, Mapping[str, object] | None]

_MALFORMED: Answer = (Ending.CRASH, "It did not return exactly one result.", None, None)


def _answer(facts: Facts) -> Answer:
    """Read the one frame; anything else than exactly one is no answer."""
    start, frame = facts.result[: len(CONFINED)], facts.result[len(CONFINED) :]
    kind, length = HEADER.unpack_from(frame)
    content = memoryview(frame)[HEADER.size :]
    if start != CONFINED or length != len(content):
        return _MALFORMED
    try:
        value = plain.decode(content)
    except ValueError:
        return _MALFORMED
    if kind == b"D":
        return Ending.DONE, "", value, None
    if kind == b"E" and isinstance(value, dict):
        return _failure(value)
    return _MALFORMED


def _failure(told: dict[Any, Any]) -> Answer:
    error = _error(told.get("error"))
    if told.get("memory") is True:
        return Ending.MEMORY, "It needed more memory than allowed.", None, error
    denied = told.get("denied")
    if isinstance(denied, str) and denied:
        return Ending.FORBIDDEN, f"It tried to {printable(denied[:300])}, which is not allowed.", None, error
    return Ending.ERROR, f"{error['type']}: {error['message']}".rstrip(": "), None, error


def _error(told: object) -> dict[str, Any]:
    """Keep of an exception what has the right types, cleaned; foreign code may have written it."""
    fields = told if isinstance(told, dict) else {}
    case = fields.get("case")
    return {
        "type": _word(fields.get("type"), 200) or "Error",
        "message": _word(fields.get("message"), 4_000),
        "frames": _frames(fields.get("frames")),
        "case": case if type(case) is int else None,
    }


def _word(value: object, limit: int) -> str:
    return printable(value[:limit]) if isinstance(value, str) else ""


def _frames(told: object) -> list[dict[str, object]]:
    frames = [frame for frame in told if isinstance(frame, dict)] if isinstance(told, list) else []
    kept = [
        {
            "file": _word(frame.get("file"), 300),
            "line": frame.get("line"),
            "name": _word(frame.get("name"), 200),
        }
        for frame in frames
        if _is_line(frame.get("line"))
    ]
    return [frame for frame in kept if _foreign(str(frame["file"]))][-MAX_FRAMES:]


def _is_line(line: object) -> bool:
    # Not every integer can be printed.
    return type(line) is int and 0 <= line < 10**9


def _foreign(file: str) -> bool:
    return not file.startswith((_OWN_FILES, "<frozen"))
