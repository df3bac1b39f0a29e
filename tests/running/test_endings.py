"""What is made of what was seen of a child: hostile bytes in, an outcome out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studykit.running import endings, plain
from studykit.running.jobs import Ending, Facts, Job, NotConfinedError, Outcome
from studykit.running.wire import HEADER
from studykit.wording import printable

JOB = Job({}, seconds=5.0)


def answer(kind: bytes, content: bytes, *, code: int = 0, extra: bytes = b"") -> Outcome:
    """The outcome of a child that said this and ended."""
    return endings.outcome(
        JOB, Facts(result=b"C" + HEADER.pack(kind, len(content)) + content + extra, code=code)
    )


def told(**fields: object) -> Outcome:
    return answer(b"E", plain.encode({"error": None, "denied": "", "memory": False, **fields}))


def test_one_exact_answer_is_a_value() -> None:
    outcome = answer(b"D", plain.encode([1, "a"]))
    assert (outcome.ending, outcome.value, outcome.reason) == (Ending.DONE, [1, "a"], "")


@pytest.mark.parametrize(
    "result",
    [
        b"C" + HEADER.pack(b"D", 5) + b"SK1N",
        b"C" + HEADER.pack(b"D", 4) + b"SK1NN",
        b"C" + HEADER.pack(b"D", 4) + b"SK1?",
        b"C" + HEADER.pack(b"Q", 4) + b"SK1N",
        b"C" + HEADER.pack(b"E", 4) + b"SK1N",
        b"X" + HEADER.pack(b"D", 4) + b"SK1N",
        b"CC" + HEADER.pack(b"D", 4) + b"SK1N",
        2 * (b"C" + HEADER.pack(b"D", 4) + b"SK1N"),
    ],
)
def test_anything_else_than_one_exact_answer_is_a_crash(result: bytes) -> None:
    outcome = endings.outcome(JOB, Facts(result=result, code=0))
    assert (outcome.ending, outcome.value) == (Ending.CRASH, None)
    assert outcome.reason == "It did not return exactly one result."


@given(st.binary(max_size=200))
def test_no_bytes_raise(result: bytes) -> None:
    outcome = endings.outcome(JOB, Facts(result=result, stdout=result, code=0))
    assert outcome.ending in (Ending.CRASH, Ending.DONE)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text() | st.binary(), st.lists))
def test_no_told_exception_raises(value: object) -> None:
    outcome = told(error={"type": value, "message": value, "frames": [value, {"file": value, "line": value}]})
    assert outcome.ending is Ending.ERROR
    assert outcome.error is not None


def test_an_answer_counts_only_if_the_process_ended_well() -> None:
    assert answer(b"D", plain.encode(1), code=1).ending is Ending.CRASH
    facts = Facts(result=b"C" + HEADER.pack(b"D", 4) + b"SK1N", signal=11)
    assert endings.outcome(JOB, facts).ending is Ending.CRASH


@pytest.mark.parametrize(
    ("facts", "ending", "reason"),
    [
        (Facts(killed="time"), Ending.TIMEOUT, "It ran longer than 5 seconds."),
        (Facts(killed="output"), Ending.FORBIDDEN, "It printed more than 1 MB."),
        (
            Facts(killed="scratch", detail="more than 2,000 files"),
            Ending.FORBIDDEN,
            "It wrote more than 2,000 files into its scratch folder.",
        ),
        (Facts(killed="threads"), Ending.FORBIDDEN, "It started more threads than allowed."),
        (Facts(killed="result"), Ending.CRASH, "It returned more than 64 MB."),
        (Facts(killed="cancel"), Ending.UNAVAILABLE, "The run was cancelled."),
        (Facts(signal=24, cpu=6.0), Ending.TIMEOUT, "It used more processor time than 5 seconds."),
        (Facts(signal=9, cpu=6.5), Ending.TIMEOUT, "It used more processor time than 5 seconds."),
        (
            Facts(signal=9, cpu=0.5),
            Ending.MEMORY,
            "It was killed by the system, most likely because memory ran out.",
        ),
        (Facts(signal=31), Ending.FORBIDDEN, "It made a system call that the sandbox forbids."),
        (Facts(signal=25), Ending.FORBIDDEN, "It wrote a file larger than 16 MB."),
        (
            Facts(signal=11),
            Ending.CRASH,
            "It crashed (SIGSEGV): a bad memory access, or calls nested too deeply.",
        ),
        (Facts(signal=15), Ending.CRASH, "It was ended by the signal SIGTERM."),
        (Facts(signal=63), Ending.CRASH, "It was ended by the signal 63."),
        (
            Facts(code=0),
            Ending.CRASH,
            "The process ended by itself (exit code 0) without returning anything.",
        ),
    ],
)
def test_each_end_has_its_sentence(facts: Facts, ending: Ending, reason: str) -> None:
    outcome = endings.outcome(JOB, facts)
    assert (outcome.ending, outcome.reason) == (ending, reason)


def test_a_child_that_was_not_confined_ran_nothing_and_cannot_be_played() -> None:
    with pytest.raises(NotConfinedError, match="no Landlock"):
        endings.outcome(JOB, Facts(code=70, stderr=b"no Landlock"))
    assert endings.outcome(JOB, Facts(code=70, result=b"C")).ending is Ending.CRASH


def test_a_refusal_comes_before_the_error_and_memory_before_both() -> None:
    error = {"type": "PermissionError", "message": "m", "frames": [], "case": 2}
    assert told(error=error, denied="open '/x'").reason == "It tried to open '/x', which is not allowed."
    assert told(error=error, denied="open '/x'", memory=True).ending is Ending.MEMORY
    outcome = told(error=error)
    assert (outcome.ending, outcome.reason) == (Ending.ERROR, "PermissionError: m")
    assert outcome.error == error


def test_frames_of_our_own_are_left_out_and_malformed_ones_too() -> None:
    frames = [
        {"file": endings.__file__, "line": 1, "name": "f"},
        {"file": "<frozen runpy>", "line": 1, "name": "f"},
        {"file": "answer.py", "line": "1", "name": "f"},
        {"file": "answer.py", "line": 7, "name": "f\x1b[1m"},
    ]
    outcome = told(error={"type": "E", "message": "", "frames": frames})
    assert outcome.error is not None
    assert outcome.error["frames"] == [{"file": "answer.py", "line": 7, "name": "f\ufffd[1m"}]
    assert outcome.reason == "E"


def test_text_of_foreign_code_cannot_steer_a_terminal() -> None:
    hostile = "a\x1b]0;t\x07\x9b\u202eb\r\nc\td\r\x00\u2066"
    assert printable(hostile) == "a\ufffd]0;t\ufffd\ufffd\ufffdb\nc\td\ufffd\ufffd\ufffd"
    assert endings.outcome(JOB, Facts(stdout=b"\xff\x1b[2J\n", code=0)).stdout == "\ufffd\ufffd[2J\n"
