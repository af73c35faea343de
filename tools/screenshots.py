"""Takes the pictures of docs/screenshots from the real product: `python -m tools.screenshots [FOLDER]`.

The answers in the pictures come from scripted servers on loopback that speak the OpenAI dialect, one declared as
in-house and one as outside, so that a picture is the same each time; everything else in them is the product.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from tests.fakes.openai import OpenAIDialect
from tests.fakes.upstream import API_KEY, Counts, FakeUpstream, Script
from tests.services import chromium
from tests.services.freehold_server import FreeholdServer, serving

FOLDER = Path(__file__).parents[1] / "docs" / "screenshots"
DESKTOP, PHONE = (1440, 900), (390, 844)

ANSWERS = {
    "en": (
        "How big a heat pump does a 140 m² brick house from 1930 need?",
        """### About 8 kW

A semi of that age with loft insulation but bare brick walls loses 50 to 60 W per square metre on the coldest day.

- **Walls.** Solid brick doubles the loss of a filled cavity.
- **Flow temperature.** Radiators that work at 45 °C, not 60, are worth a third of the bill.

| Flow temperature | Output | Efficiency |
|---|--:|--:|
| 60 °C, as it is | 8.4 kW | 2.6 |
| 50 °C, four larger radiators | 8.4 kW | 3.2 |

$$ H = \\frac{\\eta \\cdot \\sum Q}{24 \\cdot \\sum (T_{in} - T_{out})} $$
""",
        (
            "Sourdough that will not rise",
            "Rename photos by date taken",
            "Why is the boiler short cycling",
            "Lisbon in four days",
        ),
    ),
    "zh-CN": (
        "一百四十平米的老砖房，热泵要装多大？",
        """### 八千瓦左右

这个年代的房子，屋顶做了保温、外墙没做，最冷那天每平米要散掉 50 到 60 瓦。

- **外墙。** 实心砖墙的散热是空心墙的两倍。
- **出水温度。** 暖气片能在 45 °C 工作，账单能省三分之一。

| 出水温度 | 功率 | 能效 |
|---|--:|--:|
| 60 °C，现状 | 8.4 kW | 2.6 |
| 50 °C，换四组大暖气片 | 8.4 kW | 3.2 |

```python
months = list(csv.DictReader(file))
heat = BOILER * sum(float(m["kwh"]) for m in months)
```
""",
        ("酸面团发不起来", "按拍摄日期给照片改名", "锅炉为什么老是启停", "里斯本四日"),
    ),
}


@dataclass(frozen=True)
class Look:
    language: str
    theme: str
    size: tuple[int, int]

    @property
    def name(self) -> str:
        phone = ".phone" if self.size == PHONE else ""
        return f"{self.language}.{self.theme}{phone}"


async def open_page(browser: Browser, server: FreeholdServer, look: Look, path: str = "/") -> Page:
    width, height = look.size
    phone = look.size == PHONE
    context = await browser.new_context(
        locale={"en": "en-GB", "zh-CN": "zh-CN"}[look.language],
        color_scheme="dark" if look.theme == "dark" else "light",
        viewport={"width": width, "height": height},
        device_scale_factor=2 if phone else 1,
        has_touch=phone,
        is_mobile=phone,
        reduced_motion="reduce",
    )
    page = await context.new_page()
    await page.goto(f"{server.url}{path}")
    return page


async def shoot(page: Page, folder: Path, name: str) -> None:
    await page.wait_for_timeout(1500)  # lazy parts and fonts
    await page.screenshot(path=folder / f"{name}.png")
    await page.context.close()


def configuration(inside: str, outside: str) -> str:
    """A freehold.yaml with an in-house and an outside provider."""
    providers = [
        {"id": "cupboard", "kind": "vllm", "name": "vLLM in the cupboard", "base_url": inside, "api_key": API_KEY},
        {"id": "deepseek", "kind": "deepseek", "base_url": outside, "api_key": API_KEY},
    ]
    models = {
        "local": {"provider": "cupboard", "model": "qwen3:8b", "tier": "local"},
        "premium": {"provider": "deepseek", "model": "deepseek-chat", "tier": "premium"},
    }
    rules = [
        {"id": "stays-home", "when": {"data_class": "confidential"}, "then": {"require": {"self_hosted": True}}},
        {"id": "legal", "when": {"group": "legal", "keyword": ["contract", "合同"]}, "then": {"pin": "premium"}},
        {"id": "interns", "when": {"role": "intern"}, "then": {"deny": ["premium"]}},
    ]
    tests = [
        {"given": {"role": "intern", "text": "证明根号2是无理数"}, "expect": {"model": ["local"], "rule": "interns"}}
    ]
    return json.dumps(
        {
            "providers": [{**provider, "models": ["*"]} for provider in providers],
            "models": models,
            "routing": {"auto": {"baseline": "premium"}, "rules": rules, "tests": tests},
            "privacy": {"classes": [{"id": "confidential", "detect": ["secret", "chinese_id"], "action": "in_house"}]},
        }
    )


async def ask(page: Page, question: str) -> None:
    box = page.get_by_role("textbox").last
    await box.fill(question)
    await box.press("Enter")
    await page.locator("article[aria-busy=false]").last.wait_for(timeout=60_000)


KEYS = {
    "en": (("Notes on the laptop", 10.0), ("Nightly summaries", None), ("Editor of Anna", 5.0)),
    "zh-CN": (("笔记本上的摘记", 10.0), ("每夜的摘要", None), ("安娜的编辑器", 5.0)),
}
"""Names of API keys with their budgets in US dollars a month."""


PROMPTS = {
    "en": (
        ("Reply to a letter", "Answer this letter in a {{tone:friendly|formal}} tone:\n\n{{letter}}", ["letters"]),
        ("Minutes", "Write minutes of this: who, what, by when.\n\n{{notes}}", ["work"]),
        ("Explain", "Explain {{topic}} to somebody who is {{age=12}}.", []),
    ),
    "zh-CN": (
        ("回信", "用{{语气:客气|正式}}的口吻回复这封信：\n\n{{来信}}", ["信件"]),
        ("会议纪要", "整理成纪要：谁、做什么、什么时候。\n\n{{笔记}}", ["工作"]),
        ("讲明白", "给{{年龄=12}}岁的人讲明白{{主题}}。", []),
    ),
}
"""Titles, texts and tags."""

FOUND = {"en": "boiler", "zh-CN": "锅炉"}
"""What is searched for."""

MAKE_PROMPT = """async ([title, text, tags]) => {
    const headers = {"Content-Type": "application/json"}
    await fetch("/api/prompts", {method: "POST", headers, body: JSON.stringify({title, text, tags})})
}"""

MAKE_KEY = """async (key) => {
    const headers = {"Content-Type": "application/json"}
    const made = await fetch("/api/keys", {method: "POST", headers, body: JSON.stringify(key)})
    return (await made.json()).secret
}"""


async def use_keys(page: Page, server: FreeholdServer, language: str) -> None:
    """Makes the keys and asks with each of them, in-house and outside."""
    for number, (name, usd) in enumerate(KEYS[language], start=1):
        budget = {"usd": usd, "period": "month"} if usd else None
        secret = await page.evaluate(MAKE_KEY, {"name": name, "budget": budget})
        for model in ("cupboard/qwen3:8b", "cupboard/gemma3:12b", "deepseek/deepseek-chat")[:number]:
            for _ in range(2 * number):
                await page.request.post(
                    f"{server.url}/v1/chat/completions",
                    data={"model": model, "messages": [{"role": "user", "content": "Hello"}]},
                    headers={"Authorization": f"Bearer {secret}"},
                )


async def with_models(browser: Browser, folder: Path, looks: Sequence[Look]) -> None:
    """The thread, the picker, the search and pages of the settings, in a fresh workspace for each language."""
    for language in dict.fromkeys(look.language for look in looks):
        question, answer, others = ANSWERS[language]
        async with FakeUpstream(OpenAIDialect()) as inside, FakeUpstream(OpenAIDialect()) as outside:
            inside.models, outside.models = ["qwen3:8b", "gemma3:12b"], ["deepseek-chat", "deepseek-reasoner"]
            with tempfile.TemporaryDirectory() as scratch:
                config = Path(scratch) / "freehold.yaml"
                config.write_text(configuration(inside.url, outside.url))
                environment = {"FREEHOLD_CONFIG": str(config), "FREEHOLD_ECHO__ENABLED": "false"}
                with serving(Path(scratch) / "data", environment) as server:
                    first = await open_page(browser, server, Look(language, "light", DESKTOP))
                    for title in others:
                        inside.script = Script(text=(title,), pause_s=0.01)
                        await first.goto(server.url)
                        await ask(first, title)
                    pieces = tuple(answer[i : i + 4] for i in range(0, len(answer), 4))
                    inside.script = Script(
                        text=pieces,
                        pause_s=0.02,
                        usage=Counts(42, len(pieces)),
                        reasoning=("Loss per square metre first.",),
                    )
                    await first.goto(server.url)
                    await ask(first, question)
                    await first.wait_for_function("() => !/^(New chat|新对话)/.test(document.title)")
                    address = first.url.removeprefix(server.url)
                    counts = Counts(3200, 640)
                    inside.script = outside.script = Script(text=("Hello.",), usage=counts)
                    await use_keys(first, server, language)
                    for prompt in PROMPTS[language]:
                        await first.evaluate(MAKE_PROMPT, prompt)
                    await first.context.close()
                    for look in looks:
                        if look.language == language:
                            await shoot(await open_page(browser, server, look, address), folder, f"thread.{look.name}")
                            page = await open_page(browser, server, look)
                            await page.locator(".model-btn").click()
                            await shoot(page, folder, f"picker.{look.name}")
                            page = await open_page(browser, server, look, f"/search?q={FOUND[language]}")
                            await shoot(page, folder, f"search.{look.name}")
                            for section in ("providers", "keys", "usage", "routing", "savings", "prompts"):
                                page = await open_page(browser, server, look, f"/settings/{section}")
                                await shoot(page, folder, f"{section}.{look.name}")


async def first_run(browser: Browser, folder: Path, looks: Sequence[Look]) -> None:
    """What a newcomer sees."""
    environment = {"FREEHOLD_ECHO__ENABLED": "false", "FREEHOLD_EMBEDDED__ENABLED": "true"}
    with tempfile.TemporaryDirectory() as scratch, serving(Path(scratch) / "data", environment) as server:
        for look in looks:
            await shoot(await open_page(browser, server, look), folder, f"welcome.{look.name}")


async def main(folder: Path) -> None:
    program = chromium.find_chromium()
    if program is None:
        raise SystemExit(f"There is no Chromium. {chromium.REMEDY}")
    looks = [
        Look("en", "light", DESKTOP),
        Look("en", "dark", DESKTOP),
        Look("zh-CN", "light", DESKTOP),
        Look("zh-CN", "dark", PHONE),
        Look("en", "light", PHONE),
    ]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(program), args=chromium.launch_flags())
        await first_run(browser, folder, looks)
        await with_models(browser, folder, looks)
        await browser.close()


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    chosen.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(chosen))
