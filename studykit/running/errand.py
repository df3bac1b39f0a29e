"""Does one task in this process, and answers once: the last of our own code before foreign code runs.

From the moment the task runs, nothing in this process can be relied on: foreign code can change all of it.
The app reads what comes out as hostile bytes.
"""

import contextlib
import errno
import io
import mmap
import os
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from studykit.running import plain, tasks, wire

BALLAST = 8 * 2**20
"""Addresses set aside so that a process out of memory can still say so."""

_DENIALS = (errno.EPERM, errno.EACCES, errno.ENOSYS)


def open_streams(out: int, err: int) -> None:
    """Make these two descriptors what Python prints to."""
    streams = _text(out), _text(err)
    vars(sys).update(dict(zip(("stdout", "stderr"), streams, strict=True)))
    vars(sys).update(dict(zip(("__stdout__", "__stderr__"), streams, strict=True)))


def _text(descriptor: int) -> io.TextIOWrapper:
    # Line by line, so that what was printed before a time limit is not lost.
    return open(descriptor, "w", buffering=1, encoding="utf8", errors="backslashreplace", closefd=False)


def read_payload(descriptor: int) -> Any:
    """Read the task, up to the end of the pipe."""
    with open(descriptor, "rb") as pipe:
        return plain.decode(pipe.read())


def do(task: Mapping[str, Any], result: int) -> NoReturn:
    """Do the task, write the answer to the descriptor `result`, and end."""
    ballast = mmap.mmap(-1, BALLAST, access=mmap.ACCESS_COPY)
    watch = _Watch()
    sys.addaudithook(watch)
    try:
        kind, content = b"D", plain.encode(tasks.run(task))
    except BaseException as error:  # noqa: BLE001 - foreign code may raise anything
        ballast.close()
        kind, content = b"E", _told(error, watch)
    for name in ("stdout", "stderr"):
        with contextlib.suppress(BaseException):
            getattr(sys, name).flush()
    _write(result, wire.HEADER.pack(kind, len(content)) + content)
    os._exit(0)


def _write(descriptor: int, frame: bytes) -> None:
    rest = memoryview(frame)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _told(error: BaseException, watch: "_Watch") -> bytes:
    told: dict[str, object] = {"error": {"type": tasks.class_name(error)}, "denied": "", "memory": False}
    try:
        told |= {"denied": _denied(error, watch), "memory": _out_of_memory(error)}
        told["error"] = tasks.describe(error)
    except MemoryError:
        told["memory"] = True
    except BaseException:  # noqa: BLE001, S110 - an exception that cannot be looked at; its type is told
        pass
    return plain.encode(told)


def _out_of_memory(error: BaseException) -> bool:
    # torch says it with a RuntimeError.
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
    )


def _denied(error: BaseException, watch: "_Watch") -> str:
    """Say what was refused, if that is what ended the run."""
    for one in _chain(error):
        if isinstance(one, OSError) and one.errno == errno.EFBIG:
            return "write a file of more than 16 MB"
        if isinstance(one, OSError) and one.errno in _DENIALS:
            return watch.name(one.filename)
    return ""


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    for _ in range(10):
        if link is None:
            return
        yield link
        link = link.__cause__ or link.__context__


class _Watch:
    """Remembers what Python was last asked to do to the world, to name it if it is refused.

    This explains; it prevents nothing.
    """

    def __init__(self) -> None:
        self.last = "do something that the sandbox forbids"
        self.paths: deque[tuple[str, Any]] = deque(maxlen=20)

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in _ON_PATHS:
            self.paths.append((_ON_PATHS[event], arguments[0]))
        else:
            self.last = _SAYINGS.get(event) or _SAYINGS.get(event.partition(".")[0]) or self.last

    def name(self, path: object) -> str:
        """Say it: by its path where the refusal has one."""
        if path is None:
            return self.last
        verbs = [verb for verb, seen in self.paths if seen == path]
        return f"{verbs[-1] if verbs else 'use'} {str(path)[:200]!r}"


_PROCESS, _SIGNAL = "start another process", "signal a process"
_SAYINGS = {
    "socket": "use the network",
    "subprocess": _PROCESS,
    "pty": _PROCESS,
    **dict.fromkeys(
        ("os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "os.system"), _PROCESS
    ),
    **dict.fromkeys(("os.kill", "os.killpg", "signal.pthread_kill"), _SIGNAL),
}
_ON_PATHS = {
    "open": "open",
    "sqlite3.connect": "open",
    "ctypes.dlopen": "load",
    **dict.fromkeys(("os.listdir", "os.scandir"), "list"),
    **dict.fromkeys(("os.remove", "os.rmdir", "shutil.rmtree"), "delete"),
    **dict.fromkeys(("os.rename", "shutil.move"), "rename"),
    **dict.fromkeys(("os.link", "os.symlink"), "link"),
    **dict.fromkeys(("os.mkdir", "os.truncate"), "make or cut"),
    **dict.fromkeys(("os.chmod", "os.chown", "os.utime", "os.setxattr"), "change the attributes of"),
}
