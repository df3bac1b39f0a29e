"""A forked child as the app holds it: the near ends of its pipes, its pidfd, its folder."""

import contextlib
import os
import select
import signal
import socket
from pathlib import Path

from studykit.running import scratch, wire
from studykit.running.launch import START_SECONDS, Zygote, ZygoteLostError

END_SECONDS = 2


class Child:
    """One ordered child. Whoever makes one closes it."""

    def __init__(self, zygote: Zygote, order: wire.Order) -> None:
        self.folder = Path(order.scratch)
        self.pidfd = -1
        self.pid = 0
        self._open: set[int] = set()
        self.status, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        payload, self.payload = os.pipe()
        self.result, result = os.pipe()
        self.stdout, stdout = os.pipe()
        self.stderr, stderr = os.pipe()
        self._open |= {self.payload, self.result, self.stdout, self.stderr}
        try:
            with theirs:
                zygote.bear(order, [payload, result, stdout, stderr, theirs.fileno()])
        except ZygoteLostError:
            self.close()
            raise
        finally:
            for descriptor in (payload, result, stdout, stderr):
                os.close(descriptor)

    def shut(self, descriptor: int) -> None:
        """Close one of its pipes."""
        self._open.discard(descriptor)
        os.close(descriptor)

    def born(self) -> None:
        """Wait for the pidfd."""
        self.status.settimeout(START_SECONDS)
        try:
            note, descriptors = wire.read_note(self.status)
        except TimeoutError:
            note, descriptors = None, []
        if note is None or not descriptors:
            raise ZygoteLostError(str((note or {}).get("failed", "the process for snippets ended")))
        self.pid, self.pidfd = int(note["pid"]), descriptors[0]
        self._open.add(self.pidfd)

    def kill(self) -> None:
        """Kill it, if it still runs; the pidfd never means another process."""
        if self.pidfd >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)

    def ended(self) -> bool:
        """Whether it has ended, waited for briefly."""
        poll = select.poll()
        poll.register(self.pidfd, select.POLLIN)
        return bool(poll.poll(END_SECONDS * 1000))

    def close(self) -> None:
        """Kill it if need be, let go of its pipes and remove its folder."""
        if self.pidfd >= 0:
            self.kill()
            self.ended()
        for descriptor in list(self._open):
            self.shut(descriptor)
        self.status.close()
        scratch.remove(self.folder)
