"""The server: from a free port to the end of the last program."""

import asyncio
import contextlib
import errno
import secrets
import signal
import socket
from collections.abc import Callable, Sequence

from aiohttp import web

from studykit.errors import StudykitError
from studykit.serving.access import access, is_loopback
from studykit.serving.site import Site

_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


def serve(
    host: str, port: int, decks: Sequence[str], announce: Callable[[str], None], *, token: bool = False
) -> None:
    """Serve until ctrl+c; `announce` is called with the address once it is there. Raises StudykitError.

    Without a token only this machine can connect; any other host has one, and `token` asks for one here too.
    """
    asyncio.run(_serve(host, port, decks, announce, secret=token or not is_loopback(host)))


async def _serve(
    host: str, port: int, decks: Sequence[str], announce: Callable[[str], None], *, secret: bool
) -> None:
    rules = access(host, secrets.token_urlsafe(24) if secret else None)
    runner = web.AppRunner(
        Site(rules, decks).application(),
        access_log=None,  # it would hold the token
        shutdown_timeout=1.0,
    )
    await runner.setup()
    end = _end()
    try:
        await _listen(runner, host, port)
        bound = runner.addresses[0][1]
        announce(f"http://{_shown(host)}:{bound}{rules.prefix}/")
        await end.wait()
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host.strip("[]"), port).start()
    except OSError as error:
        raise StudykitError(_fault(host, port, error)) from error


def _fault(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is in use: choose another with `--port`, or `--port 0` for any that is free"
    if error.errno == errno.EACCES:
        return f"port {port} is not for you: choose one above 1023 with `--port`"
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is no address of this machine: choose another with `--host`"
    return f"cannot listen on {host}, port {port}: {error.strerror or error}"


def _end() -> asyncio.Event:
    """Return what a signal to end sets."""
    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in _SIGNALS:
        number = getattr(signal, name, None)
        if number is not None:
            with contextlib.suppress(NotImplementedError):  # on Windows ctrl+c cancels the task
                loop.add_signal_handler(number, end.set)
    return end


def _shown(host: str) -> str:
    bare = host.strip("[]")
    if bare in _EVERYWHERE:
        return socket.gethostname()
    return f"[{bare}]" if ":" in bare else bare
