"""Children that have initialised CUDA and closed the sandbox, made ahead of the runs that need them.

Each is given one run, one run at a time has the device, and what fails is replaced like what does not: memory
on the device is not wiped between two runs of one process, and the process that computed the reference's
result must not be the one that is asked for the answer.
"""

import threading
from collections.abc import Callable

from studykit.running.child import Child
from studykit.running.launch import Zygote

AHEAD = 2


class WaitingRoom:
    """Keeps children of one zygote waiting; one run at a time has the device."""

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self._waiting: list[tuple[Zygote, tuple[object, ...], Child]] = []

    def take(self, zygote: Zygote, limits: tuple[object, ...], make: Callable[[], Child]) -> Child:
        """Return a child with these limits, made ahead if there is one, and have others made for later."""
        fitting = [one for one in self._waiting if one[:2] == (zygote, limits)]
        for one in self._waiting:
            if one not in fitting:
                one[2].close()
        first = fitting.pop(0)[2] if fitting else make()
        while len(fitting) < AHEAD:
            fitting.append((zygote, limits, make()))
        self._waiting = fitting
        return first

    def close(self) -> None:
        """Send all of them away."""
        for _zygote, _limits, child in self._waiting:
            child.close()
        self._waiting = []
