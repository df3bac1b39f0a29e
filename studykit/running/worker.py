"""The life of one child: let go of everything, confine itself, read the payload, run it, answer once.

From the moment the payload runs, nothing in this process can be relied on: foreign code can change all of
it. What holds is outside: the kernel's layers, and the app, which reads the answer as hostile bytes.
"""

import contextlib
import errno
import fcntl
import io
import mmap
import os
import signal
import struct
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

from studykit.running import confine, plain, tasks
from studykit.running.confine_limits import die_with

PAYLOAD, RESULT = 3, 4
HEADER = struct.Struct("<cQ")
"""Before the content of an answer: its kind (D done, E exception) and its length."""

NOT_CONFINED = 70
"""The exit code of a child that could not close a layer and therefore ran nothing."""

BALLAST = 8 * 2**20
"""Addresses set aside so that a child out of memory can still say so."""

_DENIALS = (errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EFBIG)


def live(pipes: list[int], zygote: int, readied: confine.Readied) -> NoReturn:
    """Be the child that was ordered; never return."""
    try:
        _settle(pipes, keep=readied.descriptors)
        die_with(zygote)
        readied.apply()
    except BaseException as error:  # noqa: BLE001 - a child that is not confined must end
        os.write(2, f"{type(error).__name__}: {error}".encode())
        os._exit(NOT_CONFINED)
    try:
        os.write(RESULT, b"C")
        _work(_read_payload())
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
    out, err = _text(1), _text(2)
    vars(sys).update(stdout=out, __stdout__=out, stderr=err, __stderr__=err)
    sys.argv = ["snippet"]
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _text(descriptor: int) -> io.TextIOWrapper:
    # Line by line, so that what was printed before a time limit is not lost.
    return open(descriptor, "w", buffering=1, encoding="utf8", errors="backslashreplace", closefd=False)


def _read_payload() -> Any:
    with open(PAYLOAD, "rb") as pipe:
        return plain.decode(pipe.read())


def _work(task: Mapping[str, Any]) -> NoReturn:
    ballast = mmap.mmap(-1, BALLAST, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    watch = _Watch()
    sys.addaudithook(watch)
    try:
        kind, content = b"D", plain.encode(tasks.run(task))
    except BaseException as error:  # noqa: BLE001 - foreign code may raise anything
        ballast.close()
        kind, content = b"E", _told(error, watch)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(BaseException):
            stream.flush()
    _write(HEADER.pack(kind, len(content)) + content)
    os._exit(0)


def _write(frame: bytes) -> None:
    rest = memoryview(frame)
    while rest:
        rest = rest[os.write(RESULT, rest) :]


def _told(error: BaseException, watch: "_Watch") -> bytes:
    try:
        return plain.encode(
            {"error": tasks.describe(error), "denied": _denied(error, watch), "memory": _out_of_memory(error)}
        )
    except MemoryError:
        return plain.encode({"error": None, "denied": "", "memory": True})


def _out_of_memory(error: BaseException) -> bool:
    # torch says it with a RuntimeError.
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
    )


def _denied(error: BaseException, watch: "_Watch") -> str:
    """Say what was refused, if that is what ended the run."""
    if any(isinstance(one, OSError) and one.errno in _DENIALS for one in _chain(error)):
        return watch.last or "do something that the sandbox forbids"
    return ""


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    for _ in range(10):
        if link is None:
            return
        yield link
        link = link.__cause__ or link.__context__


class _Watch:
    """Remembers the last thing that Python was asked to do to the world, to name it if it is refused.

    This explains; it prevents nothing.
    """

    def __init__(self) -> None:
        self.last = ""

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        say = _SAYINGS.get(event) or _SAYINGS.get(event.partition(".")[0])
        if say is not None:
            self.last = say(arguments)


def _path(arguments: tuple[Any, ...]) -> str:
    return repr(arguments[0])[:200] if arguments else "a file"


def _named(verb: str) -> Callable[[tuple[Any, ...]], str]:
    return lambda arguments: f"{verb} {_path(arguments)}"


def _fixed(text: str) -> Callable[[tuple[Any, ...]], str]:
    return lambda _arguments: text


_PROCESS = _fixed("start another process")
_SAYINGS: dict[str, Callable[[tuple[Any, ...]], str]] = {
    "open": _named("open"),
    "socket": _fixed("use the network"),
    "subprocess": _PROCESS,
    "pty": _PROCESS,
    **dict.fromkeys(
        ("os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "os.system"), _PROCESS
    ),
    **dict.fromkeys(("os.kill", "os.killpg", "signal.pthread_kill"), _fixed("signal a process")),
    **dict.fromkeys(("os.listdir", "os.scandir"), _named("list")),
    **dict.fromkeys(("os.remove", "os.rmdir", "shutil.rmtree"), _named("delete")),
    **dict.fromkeys(("os.rename", "shutil.move"), _named("rename")),
    **dict.fromkeys(("os.mkdir", "os.truncate"), _named("make or cut")),
    **dict.fromkeys(("os.link", "os.symlink"), _named("link")),
    **dict.fromkeys(("os.chmod", "os.chown", "os.utime", "os.setxattr"), _named("change the attributes of")),
    "ctypes.dlopen": _named("load the library"),
}
