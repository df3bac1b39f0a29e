"""The real thing: `studykit serve`, and a card answered in headless Chromium."""

import asyncio
import shutil
from contextlib import asynccontextmanager

import pytest

playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None
)

pytestmark = pytest.mark.skipif(
    BROWSER is None, reason="no Chromium is installed: on Debian, apt-get install chromium"
)

FLAGS = [
    "--no-sandbox",  # for root, as in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SECONDS = 60


class Watched:
    """A page, what reached its terminal, and what went wrong in it."""

    def __init__(self, page):
        self.page = page
        self.seen = b""
        self.faults = []
        self.asked = []
        self._more = asyncio.Event()
        page.on("websocket", lambda socket: socket.on("framereceived", self._received))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("requestfailed", lambda request: self.faults.append(request.url))
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)

    def _received(self, frame):
        self.seen += frame if isinstance(frame, bytes) else frame.encode()
        self._more.set()

    async def until(self, text):
        """Wait until the terminal is sent `text`; what came before is forgotten."""
        wanted = text.encode()
        async with asyncio.timeout(SECONDS):
            while wanted not in self.seen:
                self._more.clear()
                await self._more.wait()
        self.seen = self.seen.partition(wanted)[2]

    async def press(self, *keys):
        for key in keys:
            await self.page.keyboard.press(key)


@asynccontextmanager
async def browsing(address):
    async with playwright.async_playwright() as tools:
        browser = await tools.chromium.launch(executable_path=BROWSER, args=FLAGS)
        page = await browser.new_page(viewport={"width": 1000, "height": 600})
        watched = Watched(page)
        await page.goto(address)
        await page.wait_for_selector("body.-first-byte", timeout=SECONDS * 1000)
        await page.click("#terminal")
        yield watched
        await browser.close()


async def test_a_card_answered_in_the_browser_is_in_the_database(serving, grades):
    server = serving("--port", "0")
    async with browsing(server.address) as watched:
        await watched.until("What is counting?")
        await watched.press("Space")
        await watched.until("Matching things")
        await watched.press("3")
        await watched.until("a word")
        assert grades() == [4]
        await watched.press("u")
        await watched.until("What is counting?")
        await watched.press("Space")
        await watched.until("Matching things")
        await watched.press("1")
        await watched.until("a word")
        assert grades() == [1]
        assert watched.faults == []
        here = server.address
        assert all(url.startswith((here, "data:", here.replace("http", "ws"))) for url in watched.asked)
    assert server.end()[0] == 0


async def test_behind_a_token_the_page_its_files_and_its_socket_work(serving):
    server = serving("--port", "0", "--token")
    async with browsing(server.address) as watched:
        await watched.until("What is counting?")
        assert watched.faults == []


async def test_quitting_says_so_and_begins_again_on_request(serving):
    server = serving("--port", "0")
    async with browsing(server.address) as watched:
        await watched.until("What is counting?")
        await watched.press("q")
        await watched.page.wait_for_selector("#ended", state="visible")
        await watched.page.click("#again")
        await watched.until("What is counting?")


async def test_another_sites_page_gets_no_socket(serving):
    victim, other = serving("--port", "0"), serving("--port", "0")
    async with browsing(other.address) as watched:
        # Without the page's own policy, as the page of an attacker would be.
        page = await watched.page.context.browser.new_page()
        await page.route(
            "**/attack", lambda route: route.fulfill(body="<html></html>", content_type="text/html")
        )
        await page.goto(other.address + "attack")
        outcome = await page.evaluate(
            """url => new Promise(done => {
                const socket = new WebSocket(url);
                socket.onopen = () => done("open");
                socket.onerror = () => done("refused");
            })""",
            victim.address.replace("http", "ws") + "ws",
        )
        assert outcome == "refused"
    assert victim.children == []
