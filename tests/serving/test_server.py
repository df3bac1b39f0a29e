"""`studykit serve` as a process: its address, its end, and that nothing stays behind."""

import re
import signal
import socket
import sys
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession

from studykit.cli import run

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


@asynccontextmanager
async def answered(server):
    """Open a page, answer the first card in it, and return the pids of the programs behind."""
    origin = re.match(r"http://[^/]+", server.address).group()
    async with (
        ClientSession() as session,
        session.ws_connect(server.address + "ws", headers={"Origin": origin}) as page,
    ):
        seen = b""
        while b"What is counting?" not in seen:
            seen += (await page.receive()).data
        children = server.children
        await page.send_json(["stdin", " "])
        while b"Matching things" not in seen:
            seen += (await page.receive()).data
        await page.send_json(["stdin", "3"])
        while b"a word" not in seen:
            seen += (await page.receive()).data
        yield children


async def test_a_card_answered_in_a_page_is_in_the_database_and_the_program_ends_with_the_page(
    serving, grades, wait_for_the_end_of
):
    server = serving("--port", "0")
    assert re.fullmatch(r"studykit is at http://127\.0\.0\.1:\d+/\n", server.said)
    async with answered(server) as children:
        assert len(children) == 1
    assert grades() == [4]
    wait_for_the_end_of(children)
    code, out, err = server.end()
    assert (code, err) == (0, "")
    assert out.endswith("Press ctrl+c to end it.\nstudykit: stopped; every answer is saved.\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_every_way_to_end_it_ends_the_programs(serving, grades, wait_for_the_end_of, number):
    server = serving("--port", "0")
    async with answered(server) as children:
        code, _, err = server.end(number)
        assert (code, err) == (0, "")
        wait_for_the_end_of(children)
    assert grades() == [4]


async def test_programs_end_even_when_the_server_is_killed(serving, grades, wait_for_the_end_of):
    server = serving("--port", "0")
    async with answered(server) as children:
        assert server.end(signal.SIGKILL)[0] == -signal.SIGKILL
        wait_for_the_end_of(children)
    assert grades() == [4]


async def test_another_host_has_a_token_in_its_address(serving):
    server = serving("--host", "0.0.0.0", "--port", "0")
    found = re.fullmatch(r"studykit is at http://(\S+):(\d+)/([\w-]{32})/\n", server.said)
    assert found
    base = f"http://127.0.0.1:{found[2]}"
    async with ClientSession() as session:
        assert (await session.get(f"{base}/")).status == 403
        assert (await session.get(f"{base}/{found[3]}/")).status == 200
    code, out, _ = server.end()
    assert code == 0
    assert "It is not encrypted" in out


async def test_a_token_can_be_asked_for_here_too(serving):
    server = serving("--port", "0", "--token")
    assert re.fullmatch(r"studykit is at http://127\.0\.0\.1:\d+/[\w-]{32}/\n", server.said)
    assert server.end()[0] == 0


def test_a_busy_port_is_said(capsys, home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert run(["serve", "--port", str(port)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        f"studykit: port {port} is in use: choose another with `--port`, or `--port 0` for any that is free\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--port", "70000"), "'70000' is no port: give a number from 0 to 65535"),
        (("--port", "http"), "'http' is no port"),
        (("--port", "0", "nodeck"), "nodeck"),
        (("--port", "0", "--host", "203.0.113.7"), "203.0.113.7 is no address of this machine"),
    ],
)
def test_what_cannot_be_served_is_exit_code_2(capsys, home, arguments, message):
    assert run(["serve", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err


def test_without_the_library_it_says_how_to_get_it(capsys, home, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert run(["serve"]) == 2
    assert capsys.readouterr().err == (
        "studykit: the browser needs textual-serve: `pip install 'studykit[serve]'`\n"
    )
