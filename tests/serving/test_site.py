"""The site over real HTTP and WebSocket on loopback; the programs behind it are stand-ins."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession, WSMsgType, WSServerHandshakeError
from aiohttp.test_utils import TestServer

from studykit.serving import site as site_module
from studykit.serving.access import access
from studykit.serving.site import Site


class FakeProgram:
    """Echoes; remembers what was done to it."""

    made: list["FakeProgram"] = []  # noqa: RUF012 - emptied by the fixture

    def __init__(self, decks, *, write_bytes, write_str, close):  # noqa: ARG002 - not used
        self.decks, self.write, self.close = decks, write_bytes, close
        self.size = (0, 0)
        self.stopped = 0
        FakeProgram.made.append(self)

    async def start(self, width, height):
        self.size = (width, height)
        await self.write(b"welcome")

    async def receive(self, message):
        if message == "nonsense":
            raise ValueError(message)
        if message == "bye":
            await self.close()
        else:
            await self.write(message.encode())

    async def stop(self):
        self.stopped += 1


@pytest.fixture(autouse=True)
def programs(monkeypatch):
    FakeProgram.made.clear()
    monkeypatch.setattr(site_module, "Program", FakeProgram)
    return FakeProgram.made


class Visitor:
    def __init__(self, session, server, site):
        self.session, self.site = session, site
        self.host = f"127.0.0.1:{server.port}"
        self.url = f"http://{self.host}"

    async def get(self, path, **headers):
        async with self.session.get(self.url + path, headers=headers, allow_redirects=False) as response:
            return response.status, await response.read(), response.headers

    def socket(self, path="/ws", **headers):
        return self.session.ws_connect(self.url + path, headers={"Origin": self.url, **headers})


@asynccontextmanager
async def visiting(token=None, host="127.0.0.1") -> AsyncIterator[Visitor]:
    site = Site(access(host, token), ("demo",))
    async with TestServer(site.application()) as server, ClientSession() as session:
        yield Visitor(session, server, site)


FILES = ("/static/own/page.js", "/static/own/page.css", "/static/js/textual.js", "/static/css/xterm.css")


async def test_page_and_files_are_served():
    async with visiting() as visitor:
        status, body, headers = await visitor.get("/")
        assert status == 200
        assert b'src="static/js/textual.js"' in body
        assert b"//" not in body.replace(b"<!DOCTYPE html>", b"")  # nothing from another host
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        for file in (*FILES, "/static/fonts/RobotoMono-VariableFont_wght.ttf"):
            status, body, headers = await visitor.get(file)
            assert (status, headers["X-Content-Type-Options"]) == (200, "nosniff")
            assert body


@pytest.mark.parametrize(
    "path",
    [
        "/static/",
        "/static/own/",
        "/static/own/../site.py",
        "/static/js/..%2f..%2fserver.py",
        "/download/x",
        "/x",
    ],
)
async def test_nothing_else_is_served(path):
    async with visiting() as visitor:
        assert (await visitor.get(path))[0] == 404


@pytest.mark.parametrize("path", ["/", "/ws", "/wrong/", *FILES])
async def test_with_a_token_nothing_is_served_without_it(path):
    async with visiting("secret", "0.0.0.0") as visitor:
        status, body, _ = await visitor.get(path)
        assert (status, body) == (
            403,
            b"The token is missing or wrong: use the address that `studykit serve` printed.\n",
        )


async def test_with_a_token_everything_is_served_below_it(programs):
    async with visiting("secret", "0.0.0.0") as visitor:
        for path in ("/", *FILES):
            assert (await visitor.get("/secret" + path))[0] == 200
        async with visitor.socket("/secret/ws") as socket:
            assert (await socket.receive()).data == b"welcome"
        with pytest.raises(WSServerHandshakeError, match="403"):
            await visitor.socket("/wrong/ws")
        with pytest.raises(WSServerHandshakeError, match="403"):
            await visitor.socket("/ws")
    assert len(programs) == 1


async def test_what_the_page_says_reaches_the_program_and_back(programs):
    async with visiting() as visitor:
        async with visitor.socket("/ws?width=100&height=30") as socket:
            assert (await socket.receive()).data == b"welcome"
            await socket.send_str("hello")
            assert (await socket.receive()).data == b"hello"
            assert visitor.site.programs == tuple(programs)
        [program] = programs
    assert (program.decks, program.size) == (("demo",), (100, 30))
    assert program.stopped >= 1


@pytest.mark.parametrize("query", ["?width=0&height=99999", "?width=-1&height=x", "", "?width=1e3&height=²"])
async def test_any_size_that_is_said_becomes_one_that_can_be(programs, query):
    async with visiting() as visitor, visitor.socket("/ws" + query) as socket:
        await socket.receive()
        width, height = programs[0].size
        assert 1 <= width <= 1000
        assert 1 <= height <= 1000


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:1", "null"])
async def test_another_sites_page_gets_no_socket(programs, origin):
    async with visiting() as visitor:
        with pytest.raises(WSServerHandshakeError, match="403"):
            await visitor.socket(Origin=origin)
    assert programs == []


async def test_a_socket_without_origin_is_refused(programs):
    async with visiting() as visitor:
        with pytest.raises(WSServerHandshakeError, match="403"):
            await visitor.session.ws_connect(visitor.url + "/ws")
    assert programs == []


async def test_a_rebound_name_is_refused(programs):
    async with visiting() as visitor:
        assert (await visitor.get("/", Host="evil.example"))[0] == 403
        with pytest.raises(WSServerHandshakeError, match="403"):
            await visitor.socket(Host="evil.example", Origin="http://evil.example")
    assert programs == []


async def test_nonsense_and_endless_messages_end_the_session(programs):
    async with visiting() as visitor:
        async with visitor.socket() as socket:
            await socket.receive()
            await socket.send_str("nonsense")
            assert (await socket.receive()).type is WSMsgType.CLOSE
            assert socket.close_code == 1008
        async with visitor.socket() as socket:
            await socket.receive()
            await socket.send_str("x" * 2_000_001)
            await socket.receive()
            assert socket.close_code == 1009
    assert all(program.stopped for program in programs)


async def test_a_program_that_ends_closes_its_page(programs):
    async with visiting() as visitor, visitor.socket() as socket:
        await socket.receive()
        await socket.send_str("bye")
        assert (await socket.receive()).type is WSMsgType.CLOSE


async def test_only_so_many_pages_are_open_at_once(programs, monkeypatch):
    monkeypatch.setattr(site_module, "MAX_PAGES", 1)
    async with visiting() as visitor, visitor.socket() as socket:
        await socket.receive()
        with pytest.raises(WSServerHandshakeError, match="503"):
            await visitor.socket()
    assert len(programs) == 1


async def test_the_end_of_the_server_ends_every_program(programs):
    async with visiting() as visitor:
        sockets = [await visitor.socket() for _ in range(3)]
        for socket in sockets:
            await socket.receive()
    assert len(programs) == 3
    assert all(program.stopped for program in programs)
