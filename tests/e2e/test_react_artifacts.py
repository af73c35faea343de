"""A React component that a model wrote is live beside the chat, and what goes wrong with it is said."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, FrameLocator, Locator, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import DESKTOP, OpenChat
from tests.e2e.test_accessibility import LOOKS, violations
from tests.services.freehold_server import FreeholdServer

pytestmark = pytest.mark.browser

COUNTER = """```tsx
import { useEffect, useState } from "react";

interface Props {
  start?: number;
}

export default function Counter({ start = 3 }: Props) {
  const [count, setCount] = useState<number>(start);
  const [twice, setTwice] = useState(0);
  useEffect(() => setTwice(count * 2), [count]);
  return (
    <main>
      <h1>Counter</h1>
      <p>
        Count <b>{count}</b>, twice <i>{twice}</i>
      </p>
      <button onClick={() => setCount((before) => before + 1)}>More</button>
    </main>
  );
}
```"""

PHRASES = {
    "en": {"preview": "Preview", "code": "Code", "ask": "Ask for another", "about": "Ask about it", "close": "Close"},
    "zh-CN": {"preview": "预览", "code": "代码", "ask": "让模型重写", "about": "就此提问", "close": "关闭"},
}


@pytest.fixture
async def open_any(browser: Browser, server: FreeholdServer) -> AsyncIterator[OpenChat]:
    """As `open_chat`, but what a component throws, and complaints of the policy, are no failure."""
    contexts: list[BrowserContext] = []

    async def open_page(language: str = "en") -> Chat:
        locale = {"en": "en-GB", "zh-CN": "zh-CN"}[language]
        contexts.append(await browser.new_context(locale=locale, viewport=DESKTOP))
        chat = Chat(await contexts[-1].new_page(), server.url)
        await chat.open()
        return chat

    yield open_page
    for context in contexts:
        await context.close()


def panel(chat: Chat) -> Locator:
    return chat.page.locator("aside.panel")


def frame(chat: Chat) -> FrameLocator:
    return chat.page.frame_locator("iframe.artifact-frame:not(.is-coming)")


def trouble(chat: Chat) -> Locator:
    return panel(chat).get_by_role("alert")


async def show(chat: Chat, text: str, language: str = "en") -> None:
    """The answer is that text, and the reader asks to see its component."""
    area = chat.page.locator(".composer-text").last
    await area.fill(text)
    await area.press("Enter")
    answer = chat.page.get_by_role("article").last
    await expect(answer).to_have_attribute("aria-busy", "false")
    await answer.get_by_role("button", name=PHRASES[language]["preview"]).click()
    await expect(panel(chat)).to_be_focused()


async def component(chat: Chat, code: str, language: str = "en") -> None:
    await show(chat, f"```jsx\n{code}\n```", language)


@pytest.mark.parametrize(("theme", "phone"), LOOKS)
async def test_a_component_is_live(open_chat: OpenChat, theme: str, phone: bool) -> None:
    chat = await open_chat(theme=theme, phone=phone)
    await show(chat, COUNTER)
    await expect(panel(chat).get_by_role("heading", name="Counter")).to_be_visible()
    more = frame(chat).get_by_role("button", name="More")
    await more.click()
    await more.click()
    await expect(frame(chat).locator("b")).to_have_text("5")
    await expect(frame(chat).locator("i")).to_have_text("10")
    await expect(trouble(chat)).to_have_count(0)
    paper = await frame(chat).locator("html").evaluate("(page) => getComputedStyle(page).backgroundColor")
    assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(29, 28, 27)"}[theme]
    assert await violations(chat.page) == []


async def test_it_is_changed_and_saved_as_the_other_artifacts(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await show(chat, COUNTER)
    await expect(frame(chat).get_by_role("button", name="More")).to_be_visible()
    await panel(chat).get_by_role("tab", name="Code").click()
    code = panel(chat).get_by_role("textbox", name="Code")
    original = await code.input_value()
    await code.fill(original.replace("start = 3", "start = 40"))
    await expect(panel(chat).get_by_role("group", name="Version 2/2")).to_be_visible()
    await panel(chat).get_by_role("tab", name="Preview").click()
    await expect(frame(chat).locator("b")).to_have_text("40")
    async with chat.page.expect_download() as download:
        await panel(chat).get_by_role("button", name="Download").click()
    assert (await download.value).suggested_filename == "Counter.tsx"
    # what cannot be read is said, and what worked stays to be seen
    await panel(chat).get_by_role("tab", name="Code").click()
    await code.fill(original.replace("<b>", "<b"))
    await panel(chat).get_by_role("tab", name="Preview").click()
    await expect(trouble(chat)).to_contain_text("The code cannot be read, see line 15")
    await expect(frame(chat).locator("b")).to_have_text("40")
    await panel(chat).get_by_role("tab", name="Code").click()
    await code.fill(original)
    await panel(chat).get_by_role("tab", name="Preview").click()
    await expect(trouble(chat)).to_have_count(0)
    await expect(frame(chat).locator("b")).to_have_text("3")


async def test_it_is_code_until_it_is_whole(open_chat: OpenChat) -> None:
    chat = await open_chat()
    rows = "\n".join(f"      <li>row {number}</li>" for number in range(60))
    code = f"export default function Rows() {{\n  return (\n    <ul>\n{rows}\n    </ul>\n  );\n}}"
    await chat.composer.fill(f"/pause 50ms\n```jsx\n{code}\n```\n\nThat is all.")
    await chat.composer.press("Enter")
    await chat.answer.get_by_role("button", name="Preview").click()
    await expect(panel(chat).locator("pre")).to_contain_text("row 1")
    await expect(chat.answer).to_have_attribute("aria-busy", "true")
    assert await chat.page.locator("iframe").count() == 0, "half a component was run"
    await chat.finished()
    await expect(frame(chat).get_by_role("listitem")).to_have_count(60)
    await expect(trouble(chat)).to_have_count(0)


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("en", True), ("zh-CN", False), ("zh-CN", True)])
async def test_an_import_that_is_not_here_is_named(open_chat: OpenChat, language: str, phone: bool) -> None:
    chat = await open_chat(language=language, phone=phone)
    words = PHRASES[language]
    await component(
        chat,
        'import { LineChart } from "recharts";\nimport { Card } from "@/components/ui/card";\n'
        "export default function Chart() {\n  return <Card><LineChart /></Card>;\n}",
        language,
    )
    await expect(trouble(chat)).to_contain_text("recharts, @/components/ui/card")
    assert await violations(chat.page) == []
    await trouble(chat).get_by_role("button", name=words["ask"]).click()
    draft = chat.page.locator(".composer-text").last
    await expect(draft).to_be_focused()
    assert "recharts, @/components/ui/card" in await draft.input_value()


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_errors_are_said_with_their_line(open_any: OpenChat, language: str) -> None:
    chat = await open_any(language=language)
    said = {
        "en": ("The component failed in line 3", "The code cannot be read, see line 2", "exports no component"),
        "zh-CN": ("组件在第 3 行运行出错", "代码有语法错误，见第 2 行", "没有导出组件"),
    }[language]
    await component(
        chat,
        "export default function Late() {\n  const press = () => {\n    undefined.name;\n  };\n"
        "  return <button onClick={press}>press</button>;\n}",
        language,
    )
    await frame(chat).get_by_role("button", name="press").click()
    await expect(trouble(chat)).to_contain_text(said[0])
    await expect(trouble(chat)).to_contain_text("TypeError")
    await trouble(chat).get_by_role("button", name=PHRASES[language]["about"]).click()
    draft = chat.page.locator(".composer-text").last
    await expect(draft).to_be_focused()
    assert "TypeError" in await draft.input_value()
    await panel(chat).get_by_role("button", name=PHRASES[language]["close"], exact=True).click()

    await component(chat, "export default function Early() {\n  const a = {};\n  return a.b.c;\n}", language)
    await expect(trouble(chat)).to_contain_text(said[0])
    # the compiler takes it, the browser does not
    await component(chat, "export default function A() {\n  const b = 1; const b = 2;\n}", language)
    await expect(trouble(chat)).to_contain_text(said[1])
    await component(chat, "export const A_ = 1;\nexport default undefined;", language)
    await expect(trouble(chat)).to_contain_text(said[2])


async def test_what_went_wrong_is_still_said_after_an_undo(open_any: OpenChat) -> None:
    chat = await open_any()
    await component(chat, "export default function Early() {\n  const a = {};\n  return a.b.c;\n}")
    await expect(trouble(chat)).to_contain_text("The component failed in line 3")
    code = panel(chat).get_by_role("textbox", name="Code")
    await panel(chat).get_by_role("tab", name="Code").click()
    original = await code.input_value()
    await code.fill(f"{original}<")
    await panel(chat).get_by_role("tab", name="Preview").click()
    await expect(trouble(chat)).to_contain_text("The code cannot be read")
    await panel(chat).get_by_role("tab", name="Code").click()
    await code.fill(original)
    await panel(chat).get_by_role("tab", name="Preview").click()
    await expect(trouble(chat)).to_contain_text("The component failed in line 3")


async def test_one_that_cannot_be_read_does_not_show_the_one_before_it(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await show(chat, COUNTER)
    await expect(frame(chat).get_by_role("button", name="More")).to_be_visible()
    await component(chat, "export default function Other() {\n  return <b>\n}")
    await expect(panel(chat).get_by_role("heading", name="Other")).to_be_visible()
    await expect(trouble(chat)).to_contain_text("The code cannot be read")
    await expect(chat.page.locator("iframe")).to_have_count(0)


async def test_icons_styles_and_a_root_of_its_own(open_chat: OpenChat) -> None:
    chat = await open_chat(theme="dark")
    await component(
        chat,
        'import { Camera } from "lucide-react";\nimport { createRoot } from "react-dom/client";\n'
        'const box = "p-4 bg-slate-100 text-slate-900";\n'
        'function App() {\n  return <div id="box" className={box}><Camera /> hello</div>;\n}\n'
        'export default App;\ncreateRoot(document.getElementById("root")).render(<App />);',
    )
    box = frame(chat).locator("#box")
    await expect(box.locator("svg.lucide-camera")).to_be_visible()
    await expect(box).to_have_count(1)
    await expect(box).to_have_css("padding", "16px")
    # its colours are made for light paper
    await expect(frame(chat).locator("html")).to_have_css("background-color", "rgb(255, 255, 255)")
    await expect(trouble(chat)).to_have_count(0)
    await component(
        chat, 'import { Kamera } from "lucide-react";\nexport default function Made() {\n  return <Kamera />;\n}'
    )
    await expect(trouble(chat)).to_contain_text('lucide-react has no "Kamera".')
