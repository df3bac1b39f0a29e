"""The first layer: resource limits, and no life after the zygote's."""

import ctypes
import math
import os
import resource
import signal
from pathlib import Path

from studykit.running import wire

MAX_FILE = 16 * 2**20
MAX_DESCRIPTORS = 64
MAX_STACK = 8 * 2**20

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def die_with(parent: int) -> None:
    """Be killed when `parent` ends, which must be single-threaded: it is its *thread* that counts."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def limit(order: wire.Order) -> None:
    """Bound what this process may take. Nothing can raise a limit again: the hard ones are lowered too."""
    seconds = cpu_seconds(order.seconds)
    _cap(resource.RLIMIT_CPU, seconds, seconds + 1)
    if order.device == "cpu":  # CUDA reserves far more addresses than there is memory
        size, data = _taken()
        _cap(resource.RLIMIT_AS, size + order.memory)
        # AS alone would let a process grow into what it has mapped and not used.
        _cap(resource.RLIMIT_DATA, data + order.memory)
    _cap(resource.RLIMIT_NOFILE, MAX_DESCRIPTORS)
    _cap(resource.RLIMIT_FSIZE, MAX_FILE)
    _cap(resource.RLIMIT_STACK, MAX_STACK)
    # 0 means "no file", but a core handler that is a pipe is still started; 1 means "nothing at all".
    _cap(resource.RLIMIT_CORE, 1)
    _cap(resource.RLIMIT_MEMLOCK, 0)
    _cap(resource.RLIMIT_MSGQUEUE, 0)
    _cap(resource.RLIMIT_RTPRIO, 0)


def cpu_seconds(seconds: float) -> int:
    """The CPU time that goes with a deadline; two threads may use it up in half the time."""
    return math.ceil(seconds) + 1


def _cap(which: int, soft: int, hard: int | None = None) -> None:
    _soft, most = resource.getrlimit(which)
    wanted = soft if hard is None else hard
    hard = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    resource.setrlimit(which, (min(soft, hard), hard))


def _taken() -> tuple[int, int]:
    pages = Path("/proc/self/statm").read_text().split()
    size = resource.getpagesize()
    return int(pages[0]) * size, int(pages[5]) * size
