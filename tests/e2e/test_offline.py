"""Chats are read while the server is away, where one wants that; and nothing of it stays when one leaves."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

import freehold
from bench.long_thread import fill
from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import violations
from tests.e2e.test_chats import call
from tests.services.freehold_server import FreeholdServer, serving

pytestmark = pytest.mark.browser

WORDS = {
    "en": {
        "keep": "Keep chats on this device for reading offline", "now": "Kept now", "erase": "Erase now",
        "erased": "Erased and turned off", "away": "No connection to Freehold. You can read the chats",
        "waits": "No connection: what you send waits", "missing": "This is not kept on this device",
        "sidebar": "Show sidebar", "list": "Chats", "field": "Message", "temporary": "Make this chat temporary",
    },
    "zh-CN": {
        "keep": "在这台设备上保存对话，供离线阅读", "now": "已保存", "erase": "立即清除",
        "erased": "已清除并关闭", "away": "连不上 Freehold。这台设备上保存的对话还能看",
        "waits": "连不上：发出的消息先存在这台设备上", "missing": "这台设备上没有保存此内容",
        "sidebar": "打开侧栏", "list": "对话", "field": "消息", "temporary": "设为临时对话",
    },
}  # fmt: skip
PASSWORD = "four unrelated words walk"

KEPT = """async () => {
    const names = (await indexedDB.databases()).map(({ name }) => name)
    if (!names.includes('freehold-kept')) return null
    const open = indexedDB.open('freehold-kept')
    const database = await new Promise((resolve, reject) => {
        open.onsuccess = () => resolve(open.result)
        open.onerror = reject
    })
    const all = database.transaction('rows').objectStore('rows').getAll()
    await new Promise((resolve) => { all.onsuccess = resolve })
    database.close()
    return all.result.map(({ key, json }) => `${key} ${json}`)
}"""
LEFT = """async () => [
    ...(await indexedDB.databases()).map(({ name }) => name),
    ...await caches.keys(),
    ...(await navigator.serviceWorker.getRegistrations()).map(({ scope }) => scope),
]"""


async def kept(page: Page) -> str:
    """Everything of chats that the browser holds, as one text; empty without any."""
    return "\n".join(await page.evaluate(KEPT) or [])


async def until(page: Page, held: str, gone: str | None = None) -> None:
    """Wait until something is kept, and something else is not."""
    for _ in range(150):
        text = await kept(page)
        if held in text and (gone is None or gone not in text):
            return
        await page.wait_for_timeout(100)
    raise AssertionError(f"kept: {text[:3000]}")


async def turn_on(chat: Chat, language: str = "en") -> None:
    """By the switch in the settings, until the app itself is kept as well."""
    await chat.open("/settings/account")
    await chat.page.get_by_role("switch", name=WORDS[language]["keep"]).click()
    await expect(chat.page.get_by_text(WORDS[language]["now"], exact=True)).to_be_visible()
    await app_is_kept(chat.page)


async def app_is_kept(page: Page) -> None:
    await page.wait_for_function("() => navigator.serviceWorker.controller?.state === 'activated'", timeout=60_000)


async def left(page: Page) -> list[str]:
    return await page.evaluate(LEFT)


@pytest.mark.parametrize(("language", "theme", "phone"), [("en", "light", False), ("zh-CN", "dark", True)])
async def test_chats_are_read_while_the_server_is_away(
    open_chat: OpenChat, own_server: FreeholdServer, tmp_path: Path, language: str, theme: str, phone: bool
) -> None:
    words = WORDS[language]
    never_opened = await fill(own_server.data_dir, 4)
    chat = await open_chat(at=own_server, language=language, theme=theme, phone=phone)
    page = chat.page

    async def begin(text: str, *, temporary: bool = False) -> str:
        await chat.open()
        if temporary:
            await page.get_by_role("button", name=words["temporary"]).click()
        await page.get_by_role("textbox", name=words["field"], exact=True).last.fill(text)
        await page.keyboard.press("Enter")
        await expect(page.locator("article")).to_have_count(2)
        await expect(page.locator("article").last).to_have_attribute("aria-busy", "false")
        return chat.thread_id

    opened = await begin("The words of the question")
    locked, passing = await begin("Locked words"), await begin("Passing words", temporary=True)
    call(own_server, "PATCH", f"/api/threads/{locked}", {"in_house": True})
    await turn_on(chat, language)
    assert await violations(page) == []
    await page.get_by_role("switch", name=words["keep"]).scroll_into_view_if_needed()
    await page.screenshot(path=tmp_path / f"offline-settings-{language}.png")
    for path in (f"/c/{locked}", f"/c/{passing}", f"/c/{opened}"):  # looked at, and not kept for that
        await chat.open(path)
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await expect(page.get_by_text("The words of the question").last).to_be_visible()
    await until(page, f'["thread","{never_opened}"]')
    assert '["threads",{"pinned":false}]' in await kept(page), "a chat is kept after the list that leads to it"
    await until(page, "The words of the question")
    own_server.stop()

    await page.reload()
    await expect(page.get_by_text(words["away"])).to_be_visible()
    await expect(page.locator("article").first).to_contain_text("The words of the question")
    await expect(page.locator("article")).to_have_count(2)
    await expect(page.get_by_text(words["waits"])).to_be_visible()
    assert await violations(page) == []
    await page.screenshot(path=tmp_path / f"offline-thread-{language}.png")
    if phone:
        await page.get_by_role("button", name=words["sidebar"]).click()
    row = page.get_by_role("navigation", name=words["list"]).get_by_role("link", name="A long chat")
    await expect(row).to_be_visible()
    await page.wait_for_timeout(300)  # the drawer
    await page.screenshot(path=tmp_path / f"offline-list-{language}.png")
    for text in ("Passing words", "Locked words"):
        assert text not in await kept(page)
        await expect(page.get_by_role("link", name=text)).to_have_count(0)
    await row.click()
    await expect(page.locator("article.turn")).to_have_count(4)

    await chat.open(f"/c/{locked}")
    await expect(page.get_by_text(words["missing"])).to_be_visible()
    if phone:  # in an app of its own there is no other way back
        await expect(page.get_by_role("button", name=words["sidebar"])).to_be_visible()
    await page.screenshot(path=tmp_path / f"offline-missing-{language}.png")
    await chat.open(f"/c/{opened}")
    await page.get_by_role("textbox", name=words["field"], exact=True).last.fill("Said without a server")
    await page.keyboard.press("Enter")
    await expect(page.locator("article")).to_have_count(3)
    await page.reload()
    await expect(page.locator("article")).to_have_count(3)
    own_server.start()
    await expect(page.locator("article")).to_have_count(4, timeout=40_000)
    await expect(page.get_by_text(words["away"])).to_have_count(0)
    await until(page, "Said without a server")


async def test_what_the_server_says_always_comes_first(open_chat: OpenChat, own_server: FreeholdServer) -> None:
    chat = await open_chat(at=own_server)
    await chat.ask("Hello")
    thread = f"/api/threads/{chat.thread_id}"
    await turn_on(chat)
    await until(chat.page, thread.rpartition("/")[2])
    await chat.page.goto("about:blank")
    call(own_server, "PATCH", thread, {"title": "Named elsewhere"})
    await chat.open(f"/c/{thread.rpartition('/')[2]}")
    await expect(chat.page.get_by_role("heading", level=1, name="Named elsewhere")).to_be_visible()
    await until(chat.page, "Named elsewhere")
    answers = await chat.page.evaluate("(path) => fetch(path).then((answer) => answer.json())", thread)
    assert answers["thread"]["title"] == "Named elsewhere"
    own_server.stop()
    # no answer of the API passes through the service worker, so there is none without the server
    assert await chat.page.evaluate("(path) => fetch(path).then(() => 'an answer', () => 'none')", thread) == "none"


async def renamed_since_it_was_kept(chat: Chat, server: FreeholdServer) -> str:
    """Keep a chat and change its title while no page is open; give the path of the API that tells it."""
    await chat.ask("Hello")
    thread_id = chat.thread_id
    await turn_on(chat)
    await until(chat.page, f'["thread","{thread_id}"]')
    await chat.page.goto("about:blank")
    call(server, "PATCH", f"/api/threads/{thread_id}", {"title": "Named elsewhere"})
    return f"/api/threads/{thread_id}"


def says_hello(page: Page) -> asyncio.Event:
    """Set once the live connection stands."""
    said = asyncio.Event()

    def hear(frame: str | bytes) -> None:
        if '"hello"' in str(frame):
            said.set()

    page.on("websocket", lambda socket: socket.on("framereceived", hear))
    return said


class Held:
    """The first answer to a GET of the path comes when it is let go; those after it never come."""

    def __init__(self) -> None:
        self.asked, self.goes = asyncio.Event(), asyncio.Event()

    async def hold(self, route: Route) -> None:
        if self.asked.is_set():
            return
        self.asked.set()
        await self.goes.wait()
        await route.continue_()


@pytest.mark.parametrize("connected", [True, False])
async def test_a_late_answer_comes_first_all_the_same(
    open_chat: OpenChat, own_server: FreeholdServer, connected: bool
) -> None:
    chat = await open_chat(at=own_server)
    page = chat.page
    thread = await renamed_since_it_was_kept(chat, own_server)
    held, hello = Held(), says_hello(page)
    await page.route(f"**{thread}", held.hold)
    if not connected:  # a proxy that lets no live connection through
        await page.route_web_socket("**/api/live", lambda _socket: None)
    await page.clock.install()
    await chat.open(f"/c/{thread.rpartition('/')[2]}")
    await held.asked.wait()
    title = page.get_by_role("heading", level=1, name="Named elsewhere")
    await expect(page.get_by_role("navigation", name="Chats")).to_be_visible()
    if connected:
        await hello.wait()
    await page.clock.fast_forward(6_000)  # longer than a page waits for a server that it has not heard of
    if not connected:
        await expect(chat.answers).to_have_count(1)
        await expect(title).to_have_count(0)
    held.goes.set()
    await expect(title).to_be_visible()
    await expect(chat.answers).to_have_count(1)


async def test_a_failure_that_passes_brings_nothing_old_back(open_chat: OpenChat, own_server: FreeholdServer) -> None:
    chat = await open_chat(at=own_server)
    page = chat.page
    thread = await renamed_since_it_was_kept(chat, own_server)
    asked = 0

    async def fail_once(route: Route) -> None:
        nonlocal asked
        asked += 1
        await (route.continue_() if asked > 1 else route.fulfill(status=503, body="<h1>Busy</h1>"))

    hello = says_hello(page)
    await chat.open("/")
    await hello.wait()
    await page.route(f"**{thread}", fail_once)
    await page.get_by_role("link", name="Named elsewhere").click()
    await expect(page.get_by_role("heading", level=1, name="Named elsewhere")).to_be_visible()
    await expect(chat.answers).to_have_count(1)
    assert asked > 1


async def test_what_is_deleted_locked_or_turned_off_is_kept_no_more(
    open_chat: OpenChat, own_server: FreeholdServer
) -> None:
    chat = await open_chat(at=own_server)
    page = chat.page
    ids = {}
    for word in ("apples", "pears", "plums"):
        await chat.open()
        await chat.ask(f"About {word}")
        ids[word] = chat.thread_id
    await turn_on(chat)
    await chat.open()
    for word in ids:
        await until(page, f"About {word}")
    call(own_server, "DELETE", f"/api/threads/{ids['apples']}")
    await until(page, "About pears", gone="About apples")
    await chat.open(f"/c/{ids['pears']}")
    await page.get_by_role("button", name="Keep this chat in the house").click()
    await until(page, "About plums", gone="About pears")
    # deleted while no page is open: the next one hears of it
    await page.goto("about:blank")
    call(own_server, "DELETE", f"/api/threads/{ids['plums']}")
    await chat.open()
    await until(page, '["projects"]', gone="About plums")
    await chat.open("/settings/account")
    await page.get_by_role("button", name="Erase now").click()
    await expect(page.get_by_text("Erased and turned off")).to_be_visible()
    await expect(page.get_by_role("switch", name=WORDS["en"]["keep"])).not_to_be_checked()
    await expect(page.get_by_role("switch", name=WORDS["en"]["keep"])).to_be_focused()
    assert await left(page) == []
    await page.reload()
    await expect(page.get_by_role("heading", name="On this device")).to_be_visible()
    assert await left(page) == []


async def test_it_is_off_until_one_turns_it_on(open_chat: OpenChat, server: FreeholdServer) -> None:
    chat = await open_chat()
    await chat.ask("Hello")
    await chat.open("/settings/account")
    await expect(chat.page.get_by_role("switch", name=WORDS["en"]["keep"])).not_to_be_checked()
    assert await left(chat.page) == []


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FreeholdServer]:
    """A server with two accounts."""
    data = tmp_path_factory.mktemp("offline") / "data"
    for name in ("ada", "bo"):
        command = [sys.executable, "-m", "freehold", "user", "add", f"{name}@example.org", "--password-stdin"]
        environment = {**os.environ, "FREEHOLD_DATA_DIR": str(data)}
        subprocess.run(command, input=f"{PASSWORD}\n", text=True, check=True, env=environment, capture_output=True)
    with serving(data) as server:
        yield server


async def sign_in(chat: Chat, name: str) -> None:
    await chat.page.get_by_label("E-mail").fill(f"{name}@example.org")
    await chat.page.get_by_role("textbox", name="Password").fill(PASSWORD)
    await chat.page.get_by_role("button", name="Sign in").click()
    await expect(chat.composer).to_be_visible()


async def test_nothing_stays_after_signing_out(open_chat: OpenChat, house: FreeholdServer) -> None:
    chat = await open_chat(at=house)
    page = chat.page
    await sign_in(chat, "ada")
    await chat.ask("A secret of Ada's")
    await turn_on(chat)
    await until(page, "A secret of Ada's")
    second = Chat(await page.context.new_page(), house.url)  # another tab must not bring it back
    await second.open()
    await expect(second.composer).to_be_visible()
    await page.get_by_role("button", name="Sign out here").click()
    await expect(page.get_by_label("E-mail")).to_be_visible()
    await expect(second.page.get_by_label("E-mail")).to_be_visible()
    await page.wait_for_timeout(3000)  # longer than anything waits before it is written
    assert await left(page) == []
    # on her own device it goes on when she is back
    await sign_in(chat, "ada")
    await until(page, "A secret of Ada's")


async def test_signing_out_while_the_server_is_away_erases_and_says_what_is_left_to_do(
    open_chat: OpenChat, house: FreeholdServer
) -> None:
    chat = await open_chat(at=house)
    page = chat.page
    await sign_in(chat, "ada")
    await chat.ask("A secret of Ada's")
    await turn_on(chat)
    await until(page, "A secret of Ada's")
    house.stop()
    await page.get_by_role("button", name="Sign out here").click()
    said = page.get_by_role("region", name="Notifications")
    await expect(said).to_contain_text("so you are still signed in")
    assert await kept(page) == ""
    house.start()
    await chat.open("/settings/account")
    await expect(page.get_by_role("switch", name=WORDS["en"]["keep"])).not_to_be_checked()
    assert await kept(page) == "", "nor is it kept again"
    await page.get_by_role("button", name="Sign out here").click()
    await expect(page.get_by_label("E-mail")).to_be_visible()


async def test_nothing_stays_for_somebody_else(open_chat: OpenChat, house: FreeholdServer) -> None:
    chat = await open_chat(at=house)
    page = chat.page
    await sign_in(chat, "ada")
    await chat.ask("Another secret of Ada's")
    await turn_on(chat)
    await until(page, "Another secret of Ada's")
    await page.goto("about:blank")
    await page.context.clear_cookies()  # her session has ended
    await chat.open()
    await expect(page.get_by_label("E-mail")).to_be_visible()
    await nothing_left(page)
    await sign_in(chat, "bo")
    await page.wait_for_timeout(3000)
    assert await left(page) == []


async def test_a_session_that_ended_meanwhile_is_over_when_the_server_is_back(
    open_chat: OpenChat, house: FreeholdServer
) -> None:
    chat = await open_chat(at=house)
    await sign_in(chat, "ada")
    await chat.ask("One more secret of Ada's")
    await turn_on(chat)
    await until(chat.page, "One more secret of Ada's")
    house.stop()
    await chat.page.context.clear_cookies()
    await chat.open()
    await expect(chat.page.get_by_text(WORDS["en"]["away"])).to_be_visible()
    house.start()
    await expect(chat.page.get_by_label("E-mail")).to_be_visible(timeout=60_000)
    await nothing_left(chat.page)


async def test_signing_out_ends_the_session_though_the_storage_fails_and_the_next_page_erases(
    open_chat: OpenChat, house: FreeholdServer
) -> None:
    chat = await open_chat(at=house)
    page = chat.page
    await sign_in(chat, "ada")
    await chat.ask("A secret on a broken disk")
    await turn_on(chat)
    await until(page, "A secret on a broken disk")
    broken = "() => { IDBObjectStore.prototype.clear = () => { throw new DOMException('', 'UnknownError') } }"
    await page.evaluate(broken)
    await page.get_by_role("button", name="Sign out here").click()
    await expect(page.get_by_text("chats may still be on this device").first).to_be_visible()
    await expect(page.get_by_label("E-mail")).to_be_visible()
    assert "A secret on a broken disk" in await kept(page)
    await page.reload()
    await expect(page.get_by_label("E-mail")).to_be_visible()
    await nothing_left(page)
    assert await page.evaluate("localStorage.getItem('freehold.kept')") is None


async def nothing_left(page: Page) -> None:
    for _ in range(100):
        if await left(page) == []:
            return
        await page.wait_for_timeout(100)
    assert await left(page) == []


async def test_what_is_kept_is_over_after_a_week(open_chat: OpenChat, own_server: FreeholdServer) -> None:
    chat = await open_chat(at=own_server)
    await chat.ask("Old words")
    await turn_on(chat)
    await until(chat.page, "Old words")
    own_server.stop()
    await chat.page.goto("about:blank")
    await chat.page.clock.install(time="2036-01-01")
    await chat.open()
    await expect(chat.page.get_by_text("The server cannot be reached")).to_be_visible(timeout=60_000)
    await nothing_left(chat.page)


@pytest.fixture
def two_releases(tmp_path: Path) -> Iterator[tuple[FreeholdServer, Path]]:
    """A server whose build can be made anew under it."""
    ours = Path(freehold.__file__).parent
    copy = tmp_path / "src" / "freehold"
    shutil.copytree(ours, copy, ignore=shutil.ignore_patterns("__pycache__", "*.br", "*.gz", "pyodide*", "lang-*"))
    with serving(tmp_path / "data", {"PYTHONPATH": str(copy.parent)}) as server:
        yield server, copy / "web_dist"


def release(build: Path) -> str:
    """The build of a newer version: another first script, and the service worker that comes with it."""
    page = (build / "index.html").read_text()
    found = re.search(r'src="(/assets/index-[^"]+[.]js)"', page)
    assert found
    before, after = found[1], "/assets/index-newer.js"
    (build / after[1:]).write_text(f"document.documentElement.dataset.release = 'newer'; import '{before}'")
    worker = build / "service-worker.js"
    script = worker.read_text().replace(f'"entry":"{before}"', f'"entry":"{after}"')
    script = re.sub('"name":"[^"]+"', '"name":"freehold-shell-newer"', script)
    worker.write_text(script.replace('"files":[', f'"files":["{after}",'))
    (build / "index.html").write_text(page.replace(before, after))
    return after


async def test_a_newer_version_takes_over(open_chat: OpenChat, two_releases: tuple[FreeholdServer, Path]) -> None:
    server, build = two_releases
    chat = await open_chat(at=server)
    page = chat.page
    await chat.ask("Hello")
    thread_id = chat.thread_id
    await turn_on(chat)
    await chat.open(f"/c/{thread_id}")
    await until(page, f'["thread","{thread_id}"]')
    server.stop()
    release(build)
    server.start()
    # the open page goes on, says so, and what was typed is there after it was loaded anew
    note = page.get_by_text("There is a new version of Freehold")
    await expect(note).to_be_visible(timeout=60_000)
    await chat.composer.fill("half a thought")
    await page.get_by_role("button", name="Reload").click()
    await expect(page.locator("html[data-release=newer]")).to_be_attached()
    await expect(chat.composer).to_have_value("half a thought")
    await expect(note).to_have_count(0)
    # it is the newer one that opens without the server
    server.stop()
    await page.reload()
    await expect(page.get_by_text(WORDS["en"]["away"])).to_be_visible()
    await expect(page.locator("html[data-release=newer]")).to_be_attached()
    await expect(chat.answers).to_have_count(1)
