"""Lets asyncio run where there are no sockets.

An event loop wakes itself through a pair of connected sockets, and does no more with them than a pipe does:
one end sends bytes, the other waits for them. So in the sandbox a pair of pipe ends stands in for the pair of
sockets, and no family of sockets has to be let through.
"""

import contextlib
import os
import socket
from typing import Self


class PipeEnd:
    """As much of a connected socket as an event loop asks for."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def fileno(self) -> int:
        """Return the descriptor, -1 when closed."""
        return self._descriptor

    def setblocking(self, flag: bool) -> None:
        """Choose whether reading and writing wait."""
        os.set_blocking(self._descriptor, flag)

    def send(self, data: bytes) -> int:
        """Write what fits."""
        return os.write(self._descriptor, data)

    def recv(self, size: int) -> bytes:
        """Read what there is."""
        return os.read(self._descriptor, size)

    def close(self) -> None:
        """Close it, once."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        with contextlib.suppress(OSError):
            self.close()


def pipe_pair(*_: object, **__: object) -> tuple[PipeEnd, PipeEnd]:
    """Return a reading and a writing end, in the order in which a loop uses its pair."""
    reading, writing = os.pipe()
    return PipeEnd(reading), PipeEnd(writing)


def install() -> None:
    """Put pipes in the place of socket pairs, in this process and the children it will have."""
    vars(socket)["socketpair"] = pipe_pair
