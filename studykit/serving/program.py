"""The program behind one page: a process that ends with its page, and with the server."""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

GRACE = 5.0
"""Seconds to end in; then it is killed."""

DRIVER = "studykit.tui.web:PageDriver"

_START = """
import sys
sys.path.append({root!r})
from studykit.tui.web import main
sys.exit(main({decks!r}))
"""


class Program(AppService):
    """Speaks to the review in a process of its own, as textual-serve does, but without a shell."""

    def __init__(
        self,
        decks: Sequence[str],
        *,
        write_bytes: Callable[[bytes], Awaitable[None]],
        write_str: Callable[[str], Awaitable[None]],
        close: Callable[[], Awaitable[object]],
    ) -> None:
        super().__init__(
            "studykit review",
            write_bytes=write_bytes,
            write_str=write_str,
            close=close,  # type: ignore[arg-type]  # what it returns is not used
            download_manager=DownloadManager(),
        )
        self._decks = tuple(decks)

    async def _open_app_process(self, width: int = 80, height: int = 24) -> asyncio.subprocess.Process:
        root = str(Path(__file__).parents[2])
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # what lies in the current folder is no library of ours
            "-c",
            _START.format(root=root, decks=self._decks),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._environment(width, height),
            start_new_session=True,  # ctrl+c is for the server, which ends its programs in order
        )
        self._stdin = process.stdin
        return process

    def _environment(self, width: int, height: int) -> dict[str, str]:
        return {
            **os.environ,
            "TEXTUAL_DRIVER": DRIVER,
            "TEXTUAL_COLOR_SYSTEM": "truecolor",
            "TERM_PROGRAM": "textual",
            "TERM_PROGRAM_VERSION": version("textual-serve"),
            "COLUMNS": str(width),
            "ROWS": str(height),
        }

    @property
    def pid(self) -> int | None:
        """The process, once it was started."""
        return self._process.pid if self._process is not None else None

    async def receive(self, message: str) -> None:
        """Hand over what the page says. Raises ValueError if it is not what pages say."""
        match json.loads(message):
            case ["stdin", str(text)]:
                await self.send_bytes(text.encode("utf8", "replace"))
            case ["resize", {"width": int(width), "height": int(height)}]:
                await self.set_terminal_size(within(width), within(height))
            case ["ping", str(sent)]:
                await self.remote_write_str(json.dumps(["pong", sent[:40]]))
            case ["focus"]:
                await self.focus()
            case ["blur"]:
                await self.blur()
            case _:
                raise ValueError("no page says that")

    async def stop(self) -> None:
        """End the process: it is asked, and killed if it does not listen."""
        process = self._process
        if process is None:
            return
        try:
            async with asyncio.timeout(GRACE):
                await super().stop()
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def within(size: int) -> int:
    """Return a number of columns or rows that a terminal can have."""
    return max(1, min(size, 1_000))
