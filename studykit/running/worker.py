"""The life of one child: let go of everything, close the sandbox, read the payload, and only then run it."""

import fcntl
import os
import signal
import sys
from typing import NoReturn

from studykit.running import confine, cuda, errand, wire
from studykit.running.confine_limits import die_with
from studykit.running.confine_privileges import drop_privileges

PAYLOAD, RESULT = 3, 4


def live(pipes: list[int], zygote: int, readied: confine.Readied) -> NoReturn:
    """Be the child that was ordered; never return."""
    try:
        _settle(pipes, keep=readied.descriptors)
        die_with(zygote)
        if readied.order.device == "cuda":
            drop_privileges()  # before there are threads that would keep theirs
            cuda.initialise()
        readied.apply()
    except BaseException as error:  # noqa: BLE001 - a child that is not confined must end
        os.write(2, f"{type(error).__name__}: {error}".encode())
        os._exit(wire.NOT_CONFINED)
    try:
        os.write(RESULT, wire.CONFINED)
        errand.do(errand.read_payload(PAYLOAD), RESULT)
    finally:
        os._exit(1)


def _settle(pipes: list[int], keep: list[int]) -> None:
    """Put our four pipes where they belong and close every other descriptor, but for those to `keep`."""
    # A session of our own first: no terminal, no process group with anybody else.
    os.setsid()
    lifted = [fcntl.fcntl(pipe, fcntl.F_DUPFD, 100) for pipe in pipes]
    for pipe, place in zip(lifted, (PAYLOAD, RESULT, 1, 2), strict=True):
        os.dup2(pipe, place, inheritable=False)
    start = 5
    for kept in sorted(keep):
        os.closerange(start, kept)
        start = kept + 1
    os.closerange(start, os.sysconf("SC_OPEN_MAX"))
    _have_own_stdin()
    errand.open_streams(1, 2)
    sys.argv = ["snippet"]
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _have_own_stdin() -> None:
    """Open it afresh: flags and locks of what all children inherit would tell the next one something."""
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
