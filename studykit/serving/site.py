"""The site: one page, its files, and the socket through which the page speaks to its program."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from string import Template

import textual_serve
from aiohttp import WSCloseCode, WSMsgType, web

from studykit.serving.access import Access
from studykit.serving.program import Program, within

MAX_PAGES = 8
"""Pages open at once; each is a process."""

MAX_MESSAGE = 2_000_000
"""Bytes of one message from a page: a long text that is pasted fits."""

HEARTBEAT = 15.0

_OWN = Path(__file__).parent / "static"
_THEIRS = Path(textual_serve.__file__).parent / "static"

_OWN_FILES = r"/static/own/{name:[a-z]+\.(?:js|css)}"
_THEIR_FILES = r"/static/{path:(?:js|css|fonts)/[\w-]+\.\w+}"

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

_POLICY = Template(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
    "img-src 'self' data:; connect-src 'self' ws://$host wss://$host; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'"
)

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Site:
    """Serves the program to those who may come in."""

    def __init__(self, rules: Access, decks: Sequence[str] = ()) -> None:
        self._rules = rules
        self._decks = tuple(decks)
        self._open: dict[Program, web.WebSocketResponse] = {}

    @property
    def programs(self) -> tuple[Program, ...]:
        """The programs that run now."""
        return tuple(self._open)

    def application(self) -> web.Application:
        """Return the site as aiohttp serves it."""
        application = web.Application(middlewares=[self._guard])
        prefix = "/{token}" if self._rules.token else ""
        application.add_routes(
            [
                web.get(f"{prefix}/", self._page),
                web.get(f"{prefix}/ws", self._socket),
                web.get(prefix + _OWN_FILES, self._own_file),
                web.get(prefix + _THEIR_FILES, self._their_file),
            ]
        )
        application.on_shutdown.append(self._shut)
        return application

    @web.middleware
    async def _guard(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        host, origin = request.headers.get("Host", ""), request.headers.get("Origin")
        socket = request.path.endswith("/ws")
        refusal = self._rules.refusal(request.path, host, origin, socket=socket)
        if refusal:
            return web.Response(status=403, text=f"{refusal}\n", headers=_HEADERS)
        try:
            response = await handler(request)
        except web.HTTPException as error:
            error.headers.update(_HEADERS)
            raise
        if not response.prepared:
            response.headers.update(_HEADERS)
        return response

    async def _page(self, request: web.Request) -> web.StreamResponse:
        policy = _POLICY.substitute(host=request.headers["Host"])
        headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store"}
        return web.Response(
            text=(_OWN / "page.html").read_text("utf8"), content_type="text/html", headers=headers
        )

    async def _own_file(self, request: web.Request) -> web.StreamResponse:
        return _file(_OWN / request.match_info["name"])

    async def _their_file(self, request: web.Request) -> web.StreamResponse:
        return _file(_THEIRS / request.match_info["path"])

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        if len(self._open) >= MAX_PAGES:
            raise web.HTTPServiceUnavailable(text=f"{MAX_PAGES} pages are open already: close one.\n")
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=MAX_MESSAGE)
        program = Program(
            self._decks, write_bytes=socket.send_bytes, write_str=socket.send_str, close=socket.close
        )
        self._open[program] = socket
        try:
            await socket.prepare(request)
            await program.start(_size(request, "width", 80), _size(request, "height", 24))
            await _listen(socket, program)
        finally:
            try:
                await asyncio.shield(program.stop())
            finally:
                del self._open[program]
        return socket

    async def _shut(self, _application: web.Application) -> None:
        """End every program, all at once."""
        await asyncio.gather(*(program.stop() for program in self._open))
        going = (socket.close(code=WSCloseCode.GOING_AWAY) for socket in list(self._open.values()))
        await asyncio.gather(*going)


async def _listen(socket: web.WebSocketResponse, program: Program) -> None:
    async for message in socket:
        if message.type is not WSMsgType.TEXT:
            continue
        try:
            await program.receive(message.data)
        except (ValueError, RecursionError):
            await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"no page says that")


def _file(path: Path) -> web.StreamResponse:
    if not path.is_file():
        raise web.HTTPNotFound
    return web.FileResponse(path)


def _size(request: web.Request, name: str, otherwise: int) -> int:
    text = request.query.get(name, "")
    return within(int(text)) if text.isdecimal() and len(text) < 5 else otherwise
