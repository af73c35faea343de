"""A chat as Markdown. Pure."""

import re
from collections.abc import Callable, Iterable, Iterator

from freehold.chat import schemas
from freehold.chat.attached import fenced
from freehold.chat.translation.schemas import Translation
from freehold.kit.clock import now
from freehold.moving.document import Line
from freehold.moving.words import TONGUES, WORDS, Language, Words

FileLink = Callable[[schemas.ImagePart | schemas.FilePart], str]


def as_markdown(thread: schemas.Thread, lines: Iterable[Line], link: FileLink, language: Language) -> Iterator[str]:
    """The title and the messages as they are read; `link` says where a file is."""
    words = WORDS[language]
    yield f"# {one_line(thread.title) or words.untitled}\n\n*{words.exported.format(date=now().date().isoformat())}*\n"
    for line in lines:
        yield f"\n## {heading(line, words)}\n\n"
        yield "\n\n".join(_parts(line.message, link, words)) + "\n"


def heading(line: Line, words: Words) -> str:
    """Who speaks: `You`, or the model and where it ran; with the version where there are several."""
    message = line.message
    speaker = words.you
    if message.role == "assistant":
        run = message.run
        where = "" if run is None else words.house if run.self_hosted else run.provider_name
        speaker = words.answer if run is None else f"{run.model_id} · {where}" if where else run.model_id
    if line.count > 1:
        speaker += f" ({words.version.format(number=line.number, count=line.count)})"
    return one_line(speaker)


def one_line(text: str) -> str:
    """The text without line ends."""
    return " ".join(text.split())


def outcome(message: schemas.Message, words: Words) -> str | None:
    """What is to be said of an answer that did not end as it should."""
    if message.error is not None:
        return words.failed.format(message=message.error.message)
    return words.stopped if message.role == "assistant" and message.status != "complete" else None


def reasoning_title(part: schemas.ReasoningPart, words: Words) -> str:
    """`Reasoning`, with its seconds where they are known."""
    if part.seconds is None:
        return words.reasoning
    return words.reasoning_seconds.format(seconds=round(part.seconds))


def translation_title(translation: Translation, words: Words) -> str:
    """The language, and who translated."""
    where = words.house if translation.self_hosted else translation.provider_name
    language = words.translation.format(language=TONGUES[translation.language])
    return f"{language} · {translation.model_id} · {where}"


def _parts(message: schemas.Message, link: FileLink, words: Words) -> Iterator[str]:
    for part in message.parts:
        if isinstance(part, schemas.TextPart):
            yield part.text.strip("\n")
        elif isinstance(part, schemas.ReasoningPart):
            title = reasoning_title(part, words)
            yield f"<details><summary>{title}</summary>\n\n{part.text.strip()}\n\n</details>"
        elif isinstance(part, schemas.ImagePart):
            yield f"![{_label(part.name) or words.image}]({link(part)})"
        elif isinstance(part, schemas.FilePart):
            yield f"[{_label(part.name) or words.file}]({link(part)})"
        else:
            yield f"**{words.tool.format(name=part.name)}**\n\n{fenced(part.arguments)}"
            if part.result is not None:
                yield f"**{words.result}**\n\n{fenced(part.result)}"
    said = outcome(message, words)
    if said is not None:
        yield f"> {one_line(said)}"
    if message.translation is not None:
        yield _quoted(f"**{one_line(translation_title(message.translation, words))}**\n\n{message.translation.text}")
        if message.translation.cut:
            yield f"> {words.cut}"


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def _label(name: str) -> str:
    return re.sub(r"[][]", " ", name)
