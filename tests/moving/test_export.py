"""One chat as Markdown, JSON and web page: all of it, in order, and nothing in it that could act."""

import io
import json
import re
from html.parser import HTMLParser
from typing import Any, get_args

import pytest
from PIL import Image
from sqlalchemy import update

from freehold.access.subject import Subject
from freehold.chat import models
from freehold.chat.translation.schemas import Language
from freehold.deps import Services
from freehold.errors import NotFound
from freehold.kit.headers import content_disposition
from freehold.moving.markdown import fenced
from freehold.moving.words import TONGUES
from tests.moving.conftest import plant, text

HOSTILE = (
    "<script>alert(1)</script> <img src=x onerror=alert(2)>\n\n![cat](https://evil.example/cat.png)\n\n"
    "[click](javascript:alert(3)) [out](https://example.org/a?b=1&c=2)\n\n"
    "| a | b |\n|---|---|\n| 1 | `x<y` |\n\n```html\n</code></pre><script>alert(4)</script>\n```\n"
)


async def export(services: Services, who: Subject, thread_id: str, form: Any, **wish: Any) -> str:
    wanted: dict[str, Any] = {"scope": "path", "language": "en"} | wish
    found = await services.moving.export(who, thread_id, form=form, **wanted)
    return b"".join([chunk async for chunk in found.chunks]).decode()


async def branched(services: Services, who: Subject) -> tuple[str, dict[str, str]]:
    thought = {"type": "reasoning", "text": "ice", "seconds": 2.6}
    return await plant(
        services,
        who,
        [
            ("q", None, "user", text("What is a fjord?")),
            ("a1", "q", "assistant", text("A valley.")),
            ("a2", "q", "assistant", [thought, *text("A drowned valley.")]),
            ("q2", "a1", "user", text("And a firth?")),
        ],
        title="Fjords / 峡湾",
        leaf="a2",
    )


async def test_markdown_holds_the_branch_that_is_shown_or_all(services: Services, ann: Subject) -> None:
    thread_id, _ = await branched(services, ann)
    path = await export(services, ann, thread_id, "markdown")
    assert path.startswith("# Fjords / 峡湾\n")
    assert re.findall("^## .*$", path, re.M) == ["## You", "## large · Acme (version 2 of 2)"]
    assert "Reasoning, 3 s" in path
    assert "And a firth?" not in path
    tree = await export(services, ann, thread_id, "markdown", scope="tree", language="zh-CN")
    assert re.findall("^## .*$", tree, re.M) == [
        "## 你",
        "## large · Acme (第 1 版，共 2 版)",
        "## 你",
        "## large · Acme (第 2 版，共 2 版)",
    ]
    assert tree.index("A valley.") < tree.index("And a firth?") < tree.index("A drowned valley.")


async def test_json_is_complete(services: Services, ann: Subject) -> None:
    thread_id, ids = await branched(services, ann)
    found = json.loads(await export(services, ann, thread_id, "json"))
    assert (found["format"], found["version"]) == ("freehold.chat", 1)
    assert [(message["id"], message["parent_id"]) for message in found["messages"]] == [
        (ids["q"], None),
        (ids["a1"], ids["q"]),
        (ids["a2"], ids["q"]),
        (ids["q2"], ids["a1"]),
    ]
    assert found["thread"]["leaf_id"] == ids["a2"]
    assert found["messages"][2]["parts"][0]["seconds"] == 2.6
    assert found["messages"][1]["run"]["model"] == "acme/large"


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


async def test_the_page_runs_nothing_and_asks_for_nothing(services: Services, ann: Subject) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (30, 20), "green").save(picture, "PNG")
    file = await services.files.store(ann.user_id, 'a" onload="x.png', picture.getvalue())
    image = {"type": "image", "file_id": file.id, "name": file.name, "media_type": file.media_type}
    gone = {"type": "image", "file_id": "0192d7a0-0000-7000-8000-000000000001", "name": "<gone>"}
    thread_id, _ = await plant(
        services,
        ann,
        [
            ("q", None, "user", [*text(HOSTILE), image, gone]),
            ("a", "q", "assistant", text(HOSTILE)),
        ],
        title="</title><script>alert(0)</script>",
        leaf="a",
    )
    html = await export(services, ann, thread_id, "html")
    page = Page()
    page.feed(html)
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "iframe", "object", "embed", "form", "base", "link", "svg"}, tags
    assert not [attrs for _, attrs in page.tags if any(name.startswith("on") for name in attrs)]
    sources = [attrs["src"] or "" for _, attrs in page.tags if "src" in attrs]
    assert [source[:22] for source in sources] == ["data:image/png;base64,"]
    links = [attrs for tag, attrs in page.tags if tag == "a"]
    assert [link["href"] for link in links] == ["https://evil.example/cat.png", "https://example.org/a?b=1&c=2"]
    assert all("noopener" in (link["rel"] or "") for link in links)
    assert "default-src 'none'" in html
    assert tags >= {"table", "pre"}


FORMULAS = (
    ("The sum $a_1 + \\frac{b}{c}$.", "<p>The sum <code>a_1 + \\frac{b}{c}</code>.</p>"),
    ("From \\(x < y\\) to \\[x\\,y\\], and on.", "<p>From <code>x &lt; y</code> to <code>x\\,y</code>, and on.</p>"),
    ("$$\na \\\\ b\n$$", "<pre><code>a \\\\ b</code></pre>"),
    ("$$<img src=x>$$ then $$*b*$$ (1)", "<p><code>&lt;img src=x&gt;</code> then <code>*b*</code> (1)</p>"),
    ("It costs $5 or $ 6, not \\(7.", "<p>It costs $5 or $ 6, not (7.</p>"),
    ("`$a$` \\(\\) $$", "<p><code>$a$</code> () $$</p>"),
)


@pytest.mark.parametrize(("written", "shown"), FORMULAS)
async def test_formulas_keep_their_backslashes(services: Services, ann: Subject, written: str, shown: str) -> None:
    said = [("q", None, "user", text("?")), ("a", "q", "assistant", text(written))]
    thread_id, _ = await plant(services, ann, said, title="", leaf="a")
    page = await export(services, ann, thread_id, "html")
    answer = page.split("<article", 2)[2].split("<div class=what dir=auto>", 1)[1].split("</div>", 1)[0]
    assert answer.strip() == shown


async def test_another_persons_chat_is_not_exported(services: Services, ann: Subject, bob: Subject) -> None:
    thread_id, _ = await branched(services, ann)
    with pytest.raises(NotFound):
        await export(services, bob, thread_id, "json")


async def test_an_empty_chat_is_exported_too(services: Services, ann: Subject) -> None:
    thread_id, _ = await plant(services, ann, [], title="")
    assert "Chat without a title" in await export(services, ann, thread_id, "markdown")
    assert json.loads(await export(services, ann, thread_id, "json"))["messages"] == []


def test_a_fence_is_longer_than_what_it_holds() -> None:
    assert fenced("a\n````\nb") == "`````\na\n````\nb\n`````"


def test_a_file_name_may_be_in_any_language_and_no_path() -> None:
    assert content_disposition("attachment", "峡湾/../a\n.md") == (
        "attachment; filename*=UTF-8''%E5%B3%A1%E6%B9%BE_.._a_.md"
    )


async def test_a_translation_follows_what_it_is_of(services: Services, ann: Subject) -> None:
    thread_id, ids = await branched(services, ann)
    kept = {"language": "ja", "text": "# 谷\n\n- <b>沈んだ</b>", "model": "acme/large", "model_id": "large"}
    kept |= {"provider_name": "Acme", "self_hosted": True, "cut": True, "at": "2026-05-04T12:31:00Z"}
    async with services.database.begin() as session:
        await session.execute(update(models.Message).where(models.Message.id == ids["a2"]).values(translation=kept))
    markdown = await export(services, ann, thread_id, "markdown")
    assert markdown.endswith(
        "A drowned valley.\n\n> **Translation: 日本語 · large · in-house**\n>\n> # 谷\n>\n> - <b>沈んだ</b>\n\n"
        "> Cut off at the model's longest answer.\n"
    )
    page = await export(services, ann, thread_id, "html", language="zh-CN")
    translated = page.split("A drowned valley.</p>", 1)[1].split("</article>", 1)[0]
    assert translated.startswith("\n</div><section class=translated><p class=who>译文：日本語 · large · 本地运行</p>")
    assert '<div class=what lang="ja" dir=auto><h1>谷</h1>' in translated
    assert "&lt;b&gt;沈んだ&lt;/b&gt;" in translated
    assert "后面的内容没有译出" in translated


def test_every_language_of_translations_has_a_name() -> None:
    assert set(TONGUES) == set(get_args(Language))
