"""Where there is no sandbox: each run is a fresh Python with a deadline and whatever limits there are.

For macOS, Windows, and Linux without what `zygote.py` needs. Nothing here keeps foreign code from files or
the network, so `Sandbox.contained` is false, and code that nobody vouches for does not come here.
"""

import contextlib
import importlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from studykit.running import errand, scratch, wire
from studykit.running.jobs import Facts, Job
from studykit.running.launch import PYTHON_FLAGS, START_SECONDS, environment, import_roots
from studykit.running.supervise import CHUNK, MAX_RESULT, Stream, output_stream

LOOK_SECONDS = 0.02
ORPHAN_SECONDS = 0.5

_BOOT = """
import sys
root, torch, seconds, memory, app = sys.argv[1:6]
sys.path += sys.argv[6:]
sys.path.insert(0, root)
from studykit.running import alone
sys.path.remove(root)
alone.live(torch == "torch", float(seconds), int(memory), int(app))
"""


def run(job: Job, payload: bytes, cancelled: Callable[[], bool]) -> Facts:
    """Run the payload in a process of its own and return what was seen of it."""
    folder = scratch.create()
    try:
        with _start(job, folder) as process:
            return _Keeper(process).keep(job, payload, folder, cancelled)
    finally:
        scratch.remove(folder)


def _start(job: Job, folder: Path) -> "subprocess.Popen[bytes]":
    kind = "torch" if job.torch else "plain"
    settings = [kind, str(job.seconds), str(job.memory_mb * 2**20), str(os.getpid())]
    root = str(Path(__file__).resolve().parents[2])
    return subprocess.Popen(  # noqa: S603 - our own interpreter and our own code
        [sys.executable, *PYTHON_FLAGS, "-c", _BOOT, root, *settings, *import_roots()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=environment("torch", str(folder)),
        start_new_session=True,
    )


class _Keeper:
    """Feeds and reads one process through threads, which work on every system."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process
        self.result = Stream("result", MAX_RESULT, MAX_RESULT)
        self.stdout = output_stream()
        self.killed = self.detail = ""

    def keep(self, job: Job, payload: bytes, folder: Path, cancelled: Callable[[], bool]) -> Facts:
        process = self.process
        assert process.stdin is not None  # noqa: S101 - it was asked for
        workers = [
            threading.Thread(target=_feed, args=(process.stdin, payload), daemon=True),
            threading.Thread(target=self._read, args=(process.stdout, self.result), daemon=True),
            threading.Thread(target=self._read, args=(process.stderr, self.stdout), daemon=True),
        ]
        for worker in workers:
            worker.start()
        try:
            ms = self._wait(job, folder, cancelled)
        finally:
            self._end_all()
        for worker in workers:
            worker.join(1)
        code = process.returncode
        return Facts(
            result=bytes(self.result.data),
            stdout=bytes(self.stdout.data),
            killed=self.killed,
            detail=self.detail,
            signal=-code if code < 0 else 0,
            code=code if code >= 0 else None,
            ms=ms,
        )

    def _wait(self, job: Job, folder: Path, cancelled: Callable[[], bool]) -> float:
        """Wait for the end, or bring it about; the clock starts when Python and torch are there."""
        launched = begin = time.perf_counter()
        begun = False
        while self.process.poll() is None:
            now = time.perf_counter()
            if not begun and self.result.seen:
                begun, begin = True, now
            if cancelled():
                self._kill("cancel")
            elif now - begin > job.seconds if begun else now - launched > START_SECONDS:
                self._kill("time")
            elif excess := scratch.measure(folder).excess:
                self._kill("scratch", excess)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(LOOK_SECONDS)
        return (time.perf_counter() - begin) * 1000

    def _read(self, pipe: IO[bytes], stream: Stream) -> None:
        while chunk := os.read(pipe.fileno(), CHUNK):
            stream.add(chunk)
            if stream.seen > stream.limit:
                self._kill(stream.name)

    def _kill(self, why: str, detail: str = "") -> None:
        self.killed, self.detail = self.killed or why, self.detail or detail
        self._end_all()

    def _end_all(self) -> None:
        """Kill it and what it has started, but for what has left its process group."""
        self.process.kill()
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


def _feed(pipe: IO[bytes], payload: bytes) -> None:
    with contextlib.suppress(OSError), pipe:
        pipe.write(payload)


def live(torch: bool, seconds: float, memory: int, app: int) -> None:
    """Be that process: its answer goes where stdout was, and what is printed to stderr's pipe."""
    if os.name == "posix":
        threading.Thread(target=_end_with, args=(app,), daemon=True).start()
    result = os.dup(1)
    os.dup2(2, 1)
    errors = os.open(os.devnull, os.O_WRONLY)
    errand.open_streams(1, errors)
    sys.argv = ["snippet"]
    tempfile.tempdir = str(Path.cwd())
    if torch:
        with contextlib.suppress(ImportError):
            importlib.import_module("torch").set_num_threads(1)
    _limit(seconds, memory)
    os.write(result, wire.CONFINED)
    errand.do(errand.read_payload(0), result)


def _end_with(app: int) -> None:
    """End when the app has gone, however it went: somebody else is our parent then."""
    while os.getppid() == app:
        time.sleep(ORPHAN_SECONDS)
    os.killpg(0, signal.SIGKILL)


def _limit(seconds: float, memory: int) -> None:
    try:
        limits = importlib.import_module("studykit.running.confine_limits")
    except ImportError:  # Windows has no resource limits
        return
    order = wire.Order(scratch="", seconds=seconds, memory=memory)
    with contextlib.suppress(OSError, ValueError):
        limits.apply(limits.limits(order))
