"""Watches one child from its birth to its end: feeds it, reads what it says, kills it when it is too much.

All that is measured is measured here, from outside.
"""

import contextlib
import os
import select
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from studykit.running import scratch, wire
from studykit.running.child import Child
from studykit.running.jobs import Facts
from studykit.running.launch import START_SECONDS, ZygoteLostError
from studykit.running.plain import MAX_BYTES

WATCH_MS = 25
KEPT_OUTPUT = 64 * 1024
MAX_OUTPUT = 2**20
MAX_RESULT = MAX_BYTES + 4096
MAX_THREADS = 64
MAX_WRITTEN = 4 * scratch.MAX_BYTES
CHUNK = 2**18


def supervise(child: Child, payload: bytes, seconds: float, cancelled: Callable[[], bool]) -> Facts:
    """Run the child on the payload and return what was seen. It has ended when this returns."""
    watcher = _Watcher(child, payload, seconds, cancelled)
    watcher.watch()
    return watcher.facts()


@dataclass(slots=True)
class Stream:
    """What came out of one pipe, as far as it is kept."""

    name: str
    limit: int
    kept: int
    data: bytearray = field(default_factory=bytearray)
    seen: int = 0

    def add(self, chunk: bytes) -> None:
        self.seen += len(chunk)
        self.data += chunk[: max(0, self.kept - len(self.data))]


def output_stream() -> Stream:
    """What is kept of what is printed."""
    return Stream("output", MAX_OUTPUT, KEPT_OUTPUT)


class _Watcher:
    def __init__(self, child: Child, payload: bytes, seconds: float, cancelled: Callable[[], bool]) -> None:
        self.child = child
        self.rest = memoryview(payload)
        self.seconds = seconds
        self.cancelled = cancelled
        self.result = Stream("result", MAX_RESULT, MAX_RESULT)
        self.stdout, self.stderr = output_stream(), output_stream()
        self.streams = {child.result: self.result, child.stdout: self.stdout, child.stderr: self.stderr}
        self.poll = select.poll()
        self.killed = self.detail = ""
        self.status: int | None = None
        self.cpu = self.ms = 0.0

    def watch(self) -> None:
        self._begin()
        begin = next_look = time.perf_counter()
        confined = False
        while self.status is None:
            for descriptor, _events in self.poll.poll(WATCH_MS):
                self._handle(descriptor)
            now = time.perf_counter()
            if not confined and self.result.seen:
                # The clock starts when foreign code may: making CUDA ready takes longer than most runs.
                confined, begin = True, now
            if now >= next_look and not self.killed:
                self._look(now - begin, self.seconds if confined else START_SECONDS)
                next_look = time.perf_counter() + WATCH_MS / 1000
        self.ms = (time.perf_counter() - begin) * 1000
        for descriptor in list(self.streams):
            self._drain(descriptor)
        self._look_at_folder()

    def _begin(self) -> None:
        for descriptor in self.streams:
            os.set_blocking(descriptor, False)
            self.poll.register(descriptor, select.POLLIN)
        os.set_blocking(self.child.payload, False)
        self.poll.register(self.child.payload, select.POLLOUT)
        self.poll.register(self.child.status, select.POLLIN)

    def _handle(self, descriptor: int) -> None:
        if descriptor == self.child.payload:
            self._feed()
        elif descriptor in self.streams:
            self._read(descriptor)
        else:
            self._bury()

    def _feed(self) -> None:
        try:
            self.rest = self.rest[os.write(self.child.payload, self.rest[:CHUNK]) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self.rest = self.rest[:0]
        if not self.rest:
            self.poll.unregister(self.child.payload)
            self.child.shut(self.child.payload)

    def _read(self, descriptor: int) -> bool:
        """Take what is there; say whether there may be more."""
        try:
            chunk = os.read(descriptor, CHUNK)
        except BlockingIOError:
            return False
        if not chunk:
            self.poll.unregister(descriptor)
            del self.streams[descriptor]
            return False
        stream = self.streams[descriptor]
        stream.add(chunk)
        if stream.seen > stream.limit:
            self._kill(stream.name)
        return True

    def _drain(self, descriptor: int) -> None:
        while descriptor in self.streams and not self.killed and self._read(descriptor):
            pass

    def _bury(self) -> None:
        note, _descriptors = wire.read_note(self.child.status)
        if note is None or "status" not in note:
            raise ZygoteLostError("the process that snippets are forked from has ended")
        self.status, self.cpu = int(note["status"]), float(note["cpu"])

    def _look(self, elapsed: float, allowed: float) -> None:
        if self.cancelled():
            self._kill("cancel")
        elif elapsed > allowed:
            self._kill("time")
        elif _count_threads(self.child.pid) > MAX_THREADS:
            self._kill("threads")
        elif _written(self.child.pid) > MAX_WRITTEN:
            self._kill("scratch", "too much to disk")
        elif _unlisted(self.child.pid) > scratch.MAX_BYTES:
            self._kill("scratch", "more than 64 MB of deleted files")
        else:
            self._look_at_folder()

    def _look_at_folder(self) -> None:
        excess = scratch.measure(self.child.folder).excess
        if excess and not self.killed:
            self._kill("scratch", excess)

    def _kill(self, why: str, detail: str = "") -> None:
        self.killed, self.detail = self.killed or why, self.detail or detail
        self.child.kill()

    def facts(self) -> Facts:
        status = self.status or 0
        signal = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        return Facts(
            result=bytes(self.result.data),
            stdout=bytes(self.stdout.data),
            stderr=bytes(self.stderr.data),
            killed=self.killed,
            detail=self.detail,
            signal=signal,
            code=None if signal else os.WEXITSTATUS(status),
            cpu=self.cpu,
            ms=self.ms,
        )


def _count_threads(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:  # ended, or hidden from us
        return 0
    return int(fields[17])


def _unlisted(pid: int) -> int:
    """Room of files that were deleted while they are open; no other count has it where scratch is memory."""
    taken = 0
    with contextlib.suppress(OSError), os.scandir(f"/proc/{pid}/fd") as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                status = entry.stat()
                if stat.S_ISREG(status.st_mode) and status.st_nlink == 0:
                    taken += status.st_blocks * 512
    return taken


def _written(pid: int) -> int:
    """Bytes written to disk so far: what was deleted while it was open is in no folder."""
    try:
        lines = Path(f"/proc/{pid}/io").read_text().splitlines()
    except OSError:
        return 0
    fields = dict(line.split(": ") for line in lines)
    return int(fields.get("write_bytes", 0))
