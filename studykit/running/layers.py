"""Which layers of the sandbox hold on this machine: found out by trying, never by version numbers.

Each layer is tried alone, in a child that has no other, with acts that it must refuse by itself. Code that
nobody vouches for runs only where all of them hold.
"""

import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studykit.running import plain
from studykit.running.jobs import Ending, Job, Layer, Outcome

Run = Callable[[Job, tuple[str, ...]], Outcome]
"""Runs a job in a child that has these layers and no others."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What one layer is to refuse, and how its success and its failure read."""

    name: str
    refuses: tuple[str, ...]
    does: str
    without: str


PROMISES = (
    Promise(
        "limits",
        ("raise_limit",),
        "bounds processor time, memory, open files and file sizes",
        "A run can take all memory and processor time.",
    ),
    Promise(
        "privileges",
        ("hold_capabilities",),
        "takes every capability away, also from root",
        "Code run by root keeps root's capabilities.",
    ),
    Promise(
        "landlock",
        ("read_outside", "list_outside", "write_outside", "make_outside"),
        "leaves of the disk only Python itself and a scratch folder",
        "Needs Linux 5.13 or newer with Landlock enabled.",
    ),
    Promise(
        "seccomp",
        (
            "cut_outside",
            "change_outside",
            "open_tcp",
            "open_udp",
            "open_unix",
            "start_process",
            "signal_parent",
        ),
        "leaves no network, no other process, and few system calls",
        "Needs Linux on x86-64 or arm64, with seccomp filters allowed.",
    ),
)


GUARDING = tuple(promise.name for promise in PROMISES)

ALONE = [
    Layer("process", True, "gives each run a process, a folder and a deadline of its own"),
    Layer("landlock", False, "Files are not protected. Needs Linux; on Windows, WSL2."),
    Layer("seccomp", False, "Network and other processes are not protected. Needs Linux; on Windows, WSL2."),
]
"""What there is where runs are not forked."""


def try_all(run: Run) -> list[Layer]:
    """Try every layer by itself."""
    with tempfile.TemporaryDirectory(prefix="studykit-outside-") as folder:
        outside = Path(folder, "file")
        outside.touch()
        return [_try(promise, str(outside), run) for promise in PROMISES]


def _try(promise: Promise, outside: str, run: Run) -> Layer:
    file = Path(__file__).with_name("acts.py")
    task = {
        "task": "call",
        "code": [{"source": file.read_text(encoding="utf8"), "filename": file.name}],
        "function": "attempts",
        "cases": [plain.encode({"outside": outside, "acts": list(promise.refuses)})],
    }
    outcome = run(Job(task), (promise.name,))
    if outcome.ending is not Ending.DONE:
        return Layer(promise.name, False, f"{promise.without} ({outcome.reason})")
    succeeded = _succeeded(outcome.value)
    if succeeded:
        return Layer(promise.name, False, f"{promise.without} (Not refused: {', '.join(succeeded)}.)")
    return Layer(promise.name, True, promise.does)


def _succeeded(value: object) -> list[str]:
    blobs = value if isinstance(value, list) else []
    return [str(act) for blob in blobs for act in plain.decode(blob)]


def fork_layer(hello: Mapping[str, Any]) -> Layer:
    """Say whether runs can be forked safely, from what a zygote told of itself."""
    if hello["threads"] == 1:
        detail = f"runs are forked from a process with one thread; Landlock ABI {hello['landlock']}"
        return Layer("fork", True, detail)
    return Layer("fork", False, f"The process that runs are forked from has {hello['threads']} threads.")


def missing(layers: Iterable[Layer]) -> list[str]:
    """Name the layers that foreign code could get through."""
    return [layer.name for layer in layers if not layer.holds and layer.name in GUARDING]
