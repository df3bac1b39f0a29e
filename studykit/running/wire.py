"""The words between the app and a zygote: one datagram each way, with descriptors attached.

A zygote reads limits and descriptors, never a payload: what foreign code gets to work on must not be in the
memory that the next child inherits.
"""

import json
import socket
import struct
from dataclasses import asdict, dataclass
from typing import Any, TypedDict

MAX_MESSAGE = 65536
MAX_DESCRIPTORS = 8

LAYERS = ("limits", "privileges", "landlock", "seccomp")
"""In the order in which they are applied: each leaves the next one possible."""


class Settings(TypedDict):
    """What a zygote is started with."""

    kind: str
    """`plain`, `torch` or `cuda`."""

    control: int
    folder: str
    """Where scratch folders will be; the zygote removes it at its end."""

    package_root: str
    import_roots: list[str]
    hidden: list[str]
    """Folders that may not be read even where they lie among Python's packages."""

    landlock_abi: int | None
    """Pretend to have no newer Landlock than this."""


CONFINED = b"C"
"""What a child says on its result pipe when the sandbox is closed and before it reads its payload."""

HEADER = struct.Struct("<cQ")
"""Before the content of an answer: its kind (D done, E exception) and its length."""

NOT_CONFINED = 70
"""The exit code of a child that could not close a layer and therefore ran nothing."""


@dataclass(frozen=True, slots=True)
class Order:
    """One child, please. Descriptors: payload to read, result, stdout, stderr to write, status socket."""

    scratch: str
    seconds: float
    memory: int
    """Bytes on top of what the process has when it is forked."""

    device: str = "cpu"
    tools: bool = False
    """Whether it may start a compiler: Triton does, for CUDA."""

    layers: tuple[str, ...] = LAYERS
    """The layers to apply, without any of which the child must not run."""


def send_order(control: socket.socket, order: Order, descriptors: list[int]) -> None:
    """Ask for a child."""
    socket.send_fds(control, [json.dumps(asdict(order)).encode()], descriptors)


def read_order(message: bytes) -> Order:
    """Understand what `send_order` sent."""
    fields = json.loads(message)
    return Order(layers=tuple(fields.pop("layers")), **fields)


def send_note(channel: socket.socket, note: dict[str, Any], descriptors: tuple[int, ...] = ()) -> None:
    """Tell the app something; an app that no longer listens is no error."""
    try:
        socket.send_fds(channel, [json.dumps(note).encode()], list(descriptors), socket.MSG_NOSIGNAL)
    except OSError:
        return


def read_note(channel: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """Return the next note and its descriptors; None when the other side is gone."""
    try:
        message, descriptors, _flags, _address = socket.recv_fds(channel, MAX_MESSAGE, MAX_DESCRIPTORS)
    except ConnectionError:
        return None, []
    return (json.loads(message) if message else None), list(descriptors)
