"""The first layer: resource limits, and no life after the zygote's."""

import ctypes
import os
import resource
import signal
from pathlib import Path

from studykit.running import wire
from studykit.running.jobs import cpu_seconds

MAX_FILE = 16 * 2**20
MAX_DESCRIPTORS = 64
MAX_STACK = 8 * 2**20

Limit = tuple[int, int, int]
"""Which, soft, hard."""

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def die_with(parent: int) -> None:
    """Be killed when `parent` ends, which must be single-threaded: it is its *thread* that counts."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def limits(order: wire.Order) -> list[Limit]:
    """Say what a child of this process may take. None can be raised again: the hard ones are lowered too."""
    seconds = cpu_seconds(order.seconds)
    wanted = [
        (resource.RLIMIT_CPU, seconds, seconds + 1),
        (resource.RLIMIT_NOFILE, MAX_DESCRIPTORS, MAX_DESCRIPTORS),
        (resource.RLIMIT_FSIZE, MAX_FILE, MAX_FILE),
        (resource.RLIMIT_STACK, MAX_STACK, MAX_STACK),
        # 0 means "no file", but a core handler that is a pipe is still started; 1 means "nothing at all".
        (resource.RLIMIT_CORE, 1, 1),
        (resource.RLIMIT_MEMLOCK, 0, 0),
        (resource.RLIMIT_MSGQUEUE, 0, 0),
        (resource.RLIMIT_RTPRIO, 0, 0),
    ]
    if order.device == "cpu":  # CUDA reserves far more addresses than there is memory
        size, data = _taken()
        # AS alone would let a process grow into what it has mapped and not used.
        wanted += [(resource.RLIMIT_AS, size + order.memory, size + order.memory)]
        wanted += [(resource.RLIMIT_DATA, data + order.memory, data + order.memory)]
    return [_within(*limit) for limit in wanted]


def apply(limits: list[Limit]) -> None:
    """Set them for this process."""
    for which, soft, hard in limits:
        resource.setrlimit(which, (soft, hard))


def _within(which: int, soft: int, hard: int) -> Limit:
    _soft, most = resource.getrlimit(which)
    hard = hard if most == resource.RLIM_INFINITY else min(hard, most)
    return which, min(soft, hard), hard


def _taken() -> tuple[int, int]:
    pages = Path("/proc/self/statm").read_text().split()
    size = resource.getpagesize()
    return int(pages[0]) * size, int(pages[5]) * size
