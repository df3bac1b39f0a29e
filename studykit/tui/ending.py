"""Being told to end from outside: by `kill`, by a session that closes."""

import asyncio
import signal
from contextlib import suppress
from functools import partial
from typing import Any

from textual.app import App

_TERMINATED = 128 + signal.SIGTERM
"""The exit code by which shells know it."""


def end_in_order(app: App[Any]) -> None:
    """Leave the terminal as it was, and keep what was typed, also when the program is told to end."""
    with suppress(NotImplementedError, RuntimeError):  # on Windows, or in a thread, nobody is told
        asyncio.get_running_loop().add_signal_handler(
            signal.SIGTERM, partial(app.exit, return_code=_TERMINATED)
        )
