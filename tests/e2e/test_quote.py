"""Words that are selected go into what one writes next; what is long is folded."""

import pytest
from playwright.async_api import expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import violations

pytestmark = pytest.mark.browser

SELECT = """(text) => {
    const prose = [...document.querySelectorAll('article .prose')].at(-1)
    const walk = document.createTreeWalker(prose, NodeFilter.SHOW_TEXT)
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        const at = node.data.indexOf(text)
        if (at < 0) continue
        const range = document.createRange()
        range.setStart(node, at)
        range.setEnd(node, at + text.length)
        getSelection().removeAllRanges()
        getSelection().addRange(range)
        return true
    }
    return false
}"""


async def select(chat: Chat, text: str) -> None:
    await chat.page.wait_for_function(SELECT, arg=text)


@pytest.mark.parametrize("phone", [False, True])
async def test_a_selection_is_quoted(open_chat: OpenChat, phone: bool) -> None:
    chat = await open_chat(phone=phone)
    await chat.ask("The quick brown fox jumps over the lazy dog")
    quote = chat.page.get_by_role("button", name="Quote")
    await select(chat, "brown fox")
    await expect(quote).to_be_visible()
    assert await violations(chat.page) == []
    await chat.composer.fill("First:")
    await select(chat, "brown fox")
    await quote.click()
    await expect(chat.composer).to_have_value("First:\n\n> brown fox\n\n")
    await expect(chat.composer).to_be_focused()
    await expect(quote).to_have_count(0)
    await chat.page.keyboard.type("why?")
    await chat.page.keyboard.press("Enter")
    await expect(chat.answers).to_have_count(2)
    await chat.finished()
    texts = [part["text"] for part in chat.saved()["messages"][2]["parts"]]
    assert texts == ["First:\n\n> brown fox\n\nwhy?"]


async def test_a_selection_by_mouse(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.ask("choose me with a double click")
    # the paragraph, and not the plain words that stand until Markdown has come: a selection in those is lost
    await chat.answer.locator(".prose p").dblclick(position={"x": 20, "y": 10})
    await chat.page.get_by_role("button", name="Quote").click()
    await expect(chat.composer).to_have_value("> choose\n\n")


RICH = r"""Here $a^2$ is and `x`:

$$
\frac{1}{2}
$$

| n | what |
| --- | --- |
| 1 | $b_1$ |
| 2 | two |

```python
if x:
    print("1")
```

end"""

SELECT_RANGE = """([from, to]) => {
    const prose = [...document.querySelectorAll('article .prose')].at(-1)
    const first = prose.querySelector(from), last = prose.querySelector(to)
    if (!first || !last || !prose.querySelector('.katex')) return false
    const range = document.createRange()
    range.setStart(first, 0)
    range.setEnd(last, last.childNodes.length)
    getSelection().removeAllRanges()
    getSelection().addRange(range)
    return true
}"""


async def quoted(chat: Chat, start: str, end: str) -> str:
    await chat.page.wait_for_function(SELECT_RANGE, arg=[start, end])
    await chat.composer.fill("")
    await chat.page.wait_for_function(SELECT_RANGE, arg=[start, end])
    await chat.page.get_by_role("button", name="Quote").click()
    words = await chat.composer.input_value()
    return "\n".join(line.removeprefix(">").removeprefix(" ") for line in words.splitlines()).strip()


async def test_formulas_tables_and_code_are_quoted_as_they_are_written(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.ask(RICH)
    assert await quoted(chat, "p", "p:last-of-type") == RICH
    assert await quoted(chat, ".math-inline .katex-html", ".math-inline .katex-html") == "$a^2$"
    assert (
        await quoted(chat, "tbody tr:last-child", "tbody tr:last-child") == "| n | what |\n| --- | --- |\n| 2 | two |"
    )
    assert await quoted(chat, "tbody td", "tbody td") == "1"
    assert await quoted(chat, "pre", "pre") == '```python\nif x:\n    print("1")\n```'
    assert await quoted(chat, "pre .line:last-child", "pre .line:last-child") == 'print("1")'


async def test_nothing_else_is_quoted(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.ask("words of an answer")
    await chat.composer.fill("selected in the composer")
    await chat.page.keyboard.press("Control+a")
    await chat.page.wait_for_timeout(200)
    await expect(chat.page.get_by_role("button", name="Quote")).to_have_count(0)


async def test_what_is_long_is_folded(open_chat: OpenChat) -> None:
    chat = await open_chat(language="zh-CN")
    text = "\n".join(f"第 {at} 行" for at in range(60))
    await chat.page.get_by_role("textbox").last.fill(text)
    await chat.page.keyboard.press("Enter")
    article = chat.page.get_by_role("article").first
    show = article.get_by_role("button", name="显示全部")
    await expect(show).to_have_attribute("aria-expanded", "false")
    await expect(chat.page.locator("article[aria-busy=false]")).to_have_count(1)
    folded = await article.bounding_box()
    assert await violations(chat.page) == []
    await show.focus()
    await show.press("Enter")
    less = article.get_by_role("button", name="收起")
    await expect(less).to_be_focused()
    assert folded is not None
    await chat.page.wait_for_function(
        "height => document.querySelector('article').getBoundingClientRect().height > 2 * height",
        arg=folded["height"],
    )
