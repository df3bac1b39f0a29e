"""The words between the app and a zygote: one datagram each way, with descriptors attached.

A zygote reads limits and descriptors, never a payload: what foreign code gets to work on must not be in the
memory that the next child inherits.
"""

import json
import socket
from dataclasses import asdict, dataclass
from typing import Any

MAX_MESSAGE = 65536
MAX_DESCRIPTORS = 8


@dataclass(frozen=True, slots=True)
class Order:
    """One child, please. Descriptors: payload to read, result, stdout, stderr to write, status socket."""

    scratch: str
    seconds: float
    memory: int
    """Bytes on top of what the process has when it is forked."""

    device: str = "cpu"
    layers: tuple[str, ...] | None = None
    """The layers without which the child must not run; None: apply what can be had."""


def send_order(control: socket.socket, order: Order, descriptors: list[int]) -> None:
    """Ask for a child."""
    socket.send_fds(control, [json.dumps(asdict(order)).encode()], descriptors)


def read_order(message: bytes) -> Order:
    """Understand what `send_order` sent."""
    fields = json.loads(message)
    layers = fields.pop("layers")
    return Order(layers=None if layers is None else tuple(layers), **fields)


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
