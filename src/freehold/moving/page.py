"""A chat as one web page that needs nothing else: no script, no other address, light and dark, fit to be printed."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from freehold.chat import schemas
from freehold.chat.translation.schemas import Translation
from freehold.kit.clock import now
from freehold.moving.document import Line
from freehold.moving.markdown import heading, one_line, outcome, reasoning_title, translation_title
from freehold.moving.words import WORDS, Language, Words

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)
"""Sent with the page and written into it: whatever a model wrote, nothing runs and nothing is fetched."""

Load = Callable[[schemas.ImagePart | schemas.FilePart], Awaitable[str | None]]

STYLE = """
:root{color-scheme:light dark;--paper:#fbfaf7;--raised:#f3f1ea;--ink:#23241f;--soft:#62645b;--line:#dedbd0;
--pine:#1f6f5c}
@media (prefers-color-scheme:dark){:root{--paper:#171815;--raised:#21231e;--ink:#e9e7df;--soft:#a3a598;--line:#383a33;
--pine:#74c2aa}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,
"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main{max-width:48rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
h1{font:600 1.75rem/1.25 ui-serif,Georgia,"Songti SC","Noto Serif CJK SC",serif;margin:0 0 .25rem}
.about,.who,.said{color:var(--soft);font-size:.875rem}
.about{margin:0 0 2rem}
article{margin:0 0 2rem;overflow-wrap:break-word}
.who{font-weight:600;margin:0 0 .375rem}
.user>.what{background:var(--raised);border-radius:.75rem;padding:.75rem 1rem;white-space:pre-wrap}
.translated{margin:.75rem 0 0;padding-inline-start:1rem;border-inline-start:3px solid var(--line)}
.what>:first-child{margin-top:0}.what>:last-child{margin-bottom:0}
.what h1,.what h2,.what h3,.what h4{font-size:1.125rem;line-height:1.4;font-weight:600;
margin:1.25em 0 .5em}
a{color:var(--pine)}
img{max-width:100%;height:auto;border-radius:.5rem}
pre{background:var(--raised);border:1px solid var(--line);border-radius:.5rem;padding:.75rem 1rem;overflow-x:auto}
code{font:.875em/1.5 ui-monospace,"SF Mono",Menlo,Consolas,"Noto Sans Mono CJK SC",monospace}
:not(pre)>code{background:var(--raised);border-radius:.25rem;padding:.1em .3em}
table{border-collapse:collapse;display:block;overflow-x:auto}
th,td{border:1px solid var(--line);padding:.35rem .65rem;text-align:start;vertical-align:top}
blockquote{margin:0;padding-inline-start:1rem;border-inline-start:3px solid var(--line);color:var(--soft)}
details{border:1px solid var(--line);border-radius:.5rem;padding:.5rem .875rem;margin:0 0 .75rem;color:var(--soft)}
summary{cursor:pointer}
.said{border-inline-start:3px solid var(--line);padding-inline-start:.75rem}
@media print{:root{--paper:#fff;--raised:#f5f5f3;--ink:#000;--soft:#444;--line:#ccc;--pine:#000;color-scheme:light}
main{max-width:none;padding:0}body{font-size:11pt}pre{white-space:pre-wrap;overflow:visible}
pre,img,tr,blockquote{break-inside:avoid}.who,h1,h2,h3{break-after:avoid}table{display:table}}
@page{margin:18mm}
"""


async def as_page(thread: schemas.Thread, lines: Iterable[Line], load: Load, language: Language) -> AsyncIterator[str]:
    """The page in pieces of a message; `load` gives an image as a `data:` address and a text as its words, or None."""
    words = WORDS[language]
    title = escape(one_line(thread.title) or words.untitled)
    about = escape(words.exported.format(date=now().date().isoformat()))
    yield (
        f'<!doctype html>\n<html lang="{language}">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{PAGE_POLICY.partition("; frame-ancestors")[0]}">\n'
        '<meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n<main>\n<h1>{title}</h1>\n<p class=about>{about}</p>\n"
    )
    for line in lines:
        message = line.message
        who = escape(heading(line, words))
        yield f'<article class="{message.role}"><h2 class=who>{who}</h2><div class=what dir=auto>'
        for part in message.parts:
            yield await _part(part, message.role, load, words)
        said = outcome(message, words)
        yield f"<p class=said>{escape(said)}</p></div>" if said else "</div>"
        if message.translation is not None:
            yield _translation(message.translation, words)
        yield "</article>\n"
    yield "</main>\n</html>\n"


def _translation(translation: Translation, words: Words) -> str:
    """Below the words that it is of."""
    title, cut = escape(translation_title(translation, words)), escape(words.cut) if translation.cut else ""
    return (
        f'<section class=translated><p class=who>{title}</p><div class=what lang="{translation.language}" dir=auto>'
        f"{_markdown().render(translation.text)}</div>{cut and f'<p class=said>{cut}</p>'}</section>"
    )


async def _part(part: Any, role: str, load: Load, words: Words) -> str:
    if isinstance(part, schemas.TextPart):
        # a person's words are shown as they were typed
        return escape(part.text) if role == "user" else _markdown().render(part.text)
    if isinstance(part, schemas.ReasoningPart):
        title = escape(reasoning_title(part, words))
        return f"<details><summary>{title}</summary>{_markdown().render(part.text)}</details>"
    if isinstance(part, schemas.ImagePart):
        name = escape(part.name or words.image, quote=True)
        source = await load(part)
        return f'<p><img src="{source}" alt="{name}"></p>' if source else f"<p>[{name}]</p>"
    if isinstance(part, schemas.FilePart):
        name, text = escape(part.name or words.file), await load(part)
        return f"<details><summary>{name}</summary><pre>{escape(text)}</pre></details>" if text else f"<p>[{name}]</p>"
    result = (
        "" if part.result is None else f"<p>{escape(words.result)}</p><pre><code>{escape(part.result)}</code></pre>"
    )
    title = escape(words.tool.format(name=part.name))
    return f"<details><summary>{title}</summary><pre><code>{escape(part.arguments)}</code></pre>{result}</details>"


_CLOSING = {"\\(": "\\)", "\\[": "\\]"}
_LONGEST_FORMULA = 5_000  # characters; each opening bracket is looked for its end so far


def _brackets(state: Any, silent: bool) -> bool:
    """Formulas in \\(...\\) and \\[...\\], which the plugin leaves to Markdown, and so without their backslashes."""
    text, begin = state.src, state.pos + 2
    closing = _CLOSING.get(text[state.pos : begin])
    end = text.find(closing, begin, min(state.posMax, begin + _LONGEST_FORMULA)) if closing else -1
    if end <= begin:
        return False
    if not silent:
        state.push("math_inline", "code", 0).content = text[begin:end]
    state.pos = end + 2
    return True


@cache
def _markdown() -> "MarkdownIt":
    """CommonMark with tables, strikethrough, formulas; HTML stays text, an image a link: the page asks for nothing."""
    from markdown_it import MarkdownIt  # sixty modules, which every start of the server would read
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    markdown = MarkdownIt("js-default", {"html": False, "linkify": False})
    # as the app reads formulas: a dollar sign before a space, or beside a digit, is money
    markdown.use(dollarmath_plugin, allow_labels=False, allow_space=False, allow_digits=False, double_inline=True)
    markdown.inline.ruler.before("escape", "brackets", _brackets)
    renderer: Any = markdown.renderer  # its declared type is a protocol without these two

    def image(tokens: Any, at: int, _options: Any, _env: Any) -> str:
        token = tokens[at]
        address = escape(str(token.attrGet("src") or ""), quote=True)
        return f'<a href="{address}" rel="noopener noreferrer nofollow">{escape(token.content or address)}</a>'

    def link(tokens: Any, at: int, options: Any, _env: Any) -> str:
        tokens[at].attrSet("rel", "noopener noreferrer nofollow")
        return renderer.renderToken(tokens, at, options, _env)

    def formula(tokens: Any, at: int, _options: Any, _env: Any) -> str:
        return f"<code>{escape(tokens[at].content.strip())}</code>"

    def formula_block(tokens: Any, at: int, _options: Any, _env: Any) -> str:
        return f"<pre><code>{escape(tokens[at].content.strip())}</code></pre>\n"

    renderer.rules |= {"image": image, "link_open": link}
    # LaTeX as it was written: a page without scripts cannot set it
    renderer.rules |= dict.fromkeys(("math_inline", "math_inline_double"), formula)
    renderer.rules |= dict.fromkeys(("math_block", "math_block_label", "math_block_eqno"), formula_block)
    return markdown
