"""The process that every run is forked from: Python, and perhaps torch, already imported.

It is started by the app with a clean environment, answers orders for children, tells the app each child's
pidfd and how it ended, and goes away when the app does: the kernel closes the app's end of the control socket
however the app ends. (`PR_SET_PDEATHSIG` would not do: it fires when the *thread* that started us ends.)

It must stay single-threaded, since a forked child has only the thread that forked, and whatever lock another
one held stays locked.
"""

import contextlib
import gc
import os
import select
import signal
import socket
from pathlib import Path

from studykit.running import scratch, warmup, wire, worker

IDLE_SECONDS = 600
START_SECONDS = 300

Child = tuple[int, socket.socket]


def main(kind: str, control_descriptor: int, base: str) -> None:
    """Serve until the app is gone or nothing has been asked for a long while."""
    signal.alarm(START_SECONDS)  # an import that never ends must not outlive the app
    control = socket.socket(fileno=control_descriptor)
    hello = warmup.prepare(torch=kind == "torch")
    hello["threads"] = threads()
    gc.collect()
    gc.freeze()
    signal.alarm(0)
    wire.send_note(control, hello)
    try:
        _Nursery(control).serve()
    finally:
        scratch.remove(Path(base))


def threads() -> int:
    """How many threads this process has."""
    return len(list(Path("/proc/self/task").iterdir()))


class _Nursery:
    """Forks children on demand and sees each of them off."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.children: dict[int, Child] = {}
        self.poll = select.poll()
        self.poll.register(control, select.POLLIN)

    def serve(self) -> None:
        while True:
            events = self.poll.poll(None if self.children else IDLE_SECONDS * 1000)
            if not events:
                return
            for descriptor, _event in events:
                if descriptor in self.children:
                    self.bury(descriptor)
                elif not self.take_order():
                    self.kill_all()
                    return

    def take_order(self) -> bool:
        message, descriptors, _flags, _address = socket.recv_fds(
            self.control, wire.MAX_MESSAGE, wire.MAX_DESCRIPTORS
        )
        if not message:
            return False
        *pipes, status = descriptors
        channel = socket.socket(fileno=status)
        try:
            self.bear(wire.read_order(message), pipes, channel)
        except OSError as error:
            wire.send_note(channel, {"failed": str(error)})
            channel.close()
        for pipe in pipes:
            os.close(pipe)
        return True

    def bear(self, order: wire.Order, pipes: list[int], channel: socket.socket) -> None:
        zygote = os.getpid()
        pid = os.fork()
        if pid == 0:
            self.forget()
            channel.detach()
            worker.live(order, pipes, zygote)
        pidfd = os.pidfd_open(pid)
        self.children[pidfd] = (pid, channel)
        self.poll.register(pidfd, select.POLLIN)
        wire.send_note(channel, {"pid": pid}, (pidfd,))

    def forget(self) -> None:
        """In a child: let go of the sockets, so that no finaliser closes a number that is used again."""
        self.control.detach()
        for _pid, channel in self.children.values():
            channel.detach()

    def bury(self, pidfd: int) -> None:
        pid, channel = self.children.pop(pidfd)
        self.poll.unregister(pidfd)
        os.close(pidfd)
        _pid, status, usage = os.wait4(pid, 0)
        wire.send_note(channel, {"status": status, "cpu": usage.ru_utime + usage.ru_stime})
        channel.close()

    def kill_all(self) -> None:
        for pidfd, (pid, _channel) in self.children.items():
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            os.waitpid(pid, 0)
