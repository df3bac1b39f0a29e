"""Things that a confined process must not be able to do, each tried for real.

`layers.py` sends this file's text into children with one layer each. An act returns when it succeeded, and
raises OSError or ValueError when it was refused.
"""

import ctypes
import os
import resource
import socket
from pathlib import Path


def read_outside(outside: Path) -> None:
    outside.read_bytes()


def list_outside(outside: Path) -> None:
    list(outside.parent.iterdir())


def write_outside(outside: Path) -> None:
    os.close(os.open(outside, os.O_WRONLY | os.O_APPEND))


def cut_outside(outside: Path) -> None:
    os.close(os.open(outside, os.O_RDONLY | os.O_TRUNC))


def make_outside(outside: Path) -> None:
    outside.with_suffix(".made").mkdir()


def change_outside(outside: Path) -> None:
    outside.chmod(0o600)


def open_tcp(_: Path) -> None:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()


def open_udp(_: Path) -> None:
    socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).close()


def open_unix(_: Path) -> None:
    socket.socket(socket.AF_UNIX).close()


def start_process(_: Path) -> None:
    if os.fork() == 0:
        os._exit(0)


def signal_parent(_: Path) -> None:
    os.kill(os.getppid(), 0)


def raise_limit(_: Path) -> None:
    for which in (resource.RLIMIT_AS, resource.RLIMIT_DATA, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE):
        _soft, hard = resource.getrlimit(which)
        if hard == resource.RLIM_INFINITY:
            return
    raise OSError("every limit is set")


def hold_capabilities(_: Path) -> None:
    header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    if ctypes.CDLL(None).capget(header, sets) == 0 and not any(sets):
        raise OSError("there are none")


def attempts(outside: str, acts: list[str]) -> list[str]:
    """Try each act; return those that succeeded."""
    return [act for act in acts if _succeeds(act, Path(outside))]


def _succeeds(act: str, outside: Path) -> bool:
    try:
        globals()[act](outside)
    except (OSError, ValueError):
        return False
    return True
