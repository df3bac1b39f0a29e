"""The process that every run is forked from: Python, and perhaps torch, already imported.

It is started by the app with a clean environment, answers orders for children, tells the app each child's
pidfd and how it ended, and goes away when the app does: the kernel closes the app's end of the control socket
however the app ends. (`PR_SET_PDEATHSIG` would not do: it fires when the *thread* that started us ends.)

It must stay single-threaded, since a forked child has only the thread that forked, and whatever lock another
one held stays locked.
"""

import contextlib
import fcntl
import gc
import os
import select
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

from studykit.running import confine, scratch, warmup, wire, worker
from studykit.running.confine_privileges import set_dumpable

IDLE_SECONDS = 600
START_SECONDS = 300
LEISURE_MS = 300
BUSY_BIRTHS = 10
"""After so many births without a pause, what was left for a pause is done at once."""

Child = tuple[int, socket.socket]


def main(settings: wire.Settings) -> None:
    """Serve until the app is gone or nothing has been asked for a long while."""
    kind = settings["kind"]
    signal.alarm(START_SECONDS)  # an import that never ends must not outlive the app
    control = _settle(settings["control"])
    _be_first_to_go()
    set_dumpable(False)
    hello = warmup.prepare(kind)
    policy = confine.make_policy(settings)
    hello["threads"] = threads()
    hello["landlock"] = policy.disk.abi if policy.disk else 0
    signal.alarm(0)
    gc.collect()
    gc.freeze()
    wire.send_note(control, hello)
    try:
        _Nursery(control, policy, warmup.later(kind)).serve()
    finally:
        scratch.remove(Path(settings["folder"]))


def _settle(control_descriptor: int) -> socket.socket:
    """Keep the numbers free that a child's pipes will have: nothing of ours may be overwritten there."""
    control = socket.socket(fileno=fcntl.fcntl(control_descriptor, fcntl.F_DUPFD_CLOEXEC, 10))
    os.close(control_descriptor)
    for place in (worker.PAYLOAD, worker.RESULT):
        os.dup2(0, place)
    return control


def threads() -> int:
    """How many threads this process has."""
    return len(list(Path("/proc/self/task").iterdir()))


def _be_first_to_go() -> None:
    """Be what the system kills when memory runs out, before anything of the learner's."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


class _Nursery:
    """Forks children on demand and sees each of them off."""

    def __init__(self, control: socket.socket, policy: confine.Policy, chores: Iterator[None]) -> None:
        self.control = control
        self.policy = policy
        self.chores: Iterator[None] | None = chores
        self.births = 0
        self.children: dict[int, Child] = {}
        self.poll = select.poll()
        self.poll.register(control, select.POLLIN)

    def serve(self) -> None:
        while True:
            events = self.poll.poll(self.patience())
            if not events and not self.at_leisure():
                self.kill_all()
                return
            for descriptor, _event in events:
                if descriptor in self.children:
                    self.bury(descriptor)
                elif not self.take_order():
                    self.kill_all()
                    return

    def patience(self) -> int:
        """How long to wait for something to happen: for the next chore, or for our end."""
        if self.chores is not None:
            return 0 if self.births >= BUSY_BIRTHS else LEISURE_MS
        return IDLE_SECONDS * 1000

    def at_leisure(self) -> bool:
        """Do chores until something happens; say whether there was anything left to do."""
        if self.chores is None:
            return False
        for _ in self.chores:
            if self.poll.poll(0):
                return True
        self.chores = None
        return True

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
        with self.policy.ready(order) as readied:
            pid = os.fork()
            if pid == 0:
                self.forget()
                channel.detach()
                worker.live(pipes, zygote, readied)
        self.births += 1
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
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)  # the compiler it may have started; others have no children
        _pid, status, usage = os.wait4(pid, 0)
        wire.send_note(channel, {"status": status, "cpu": usage.ru_utime + usage.ru_stime})
        channel.close()

    def kill_all(self) -> None:
        for pidfd, (pid, _channel) in self.children.items():
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            os.waitpid(pid, 0)
