"""Conversations of many people: English and Chinese, with words of every frequency at known places."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any

from freehold.chat.search import documents
from freehold.kit.ids import id_at, new_id

Json = dict[str, Any]

POOL = 20_000  # texts that the messages share: their words are counted once
PER_THREAD = 20
YEARS = 3
OTHERS = 200  # people who share the second half
MODELS = [f"house/model-{number}" for number in range(6)]
RARE_MODEL = "outside/rare"

# word -> one message in so many has it
FREQUENT = {"the": 2, "我们": 3, "project": 20, "项目": 20, "kubernetes": 300, "服务器": 300}
RARE = ("zanzibar", "穿山甲")  # in five messages of the largest owner, over all the years
FORGOTTEN = ("diskette", "软盘")  # in each third message of the first two years, never since


@dataclass(frozen=True, slots=True)
class Text:
    """A text, and what the search keeps of it."""

    said: str
    tokens: str


def pool(seed: int = 7) -> list[Text]:
    """Distinct texts, English and Chinese by turns, of 30 to 90 words or 40 to 200 characters."""
    dice = random.Random(seed)
    words = ["".join(dice.choices("abcdefghiklmnoprstuvwy", k=dice.randint(3, 10))) for _ in range(20_000)]
    characters = [chr(0x4E00 + number * 5) for number in range(3_000)]
    weights = {len(of): list(accumulate(1 / (rank + 3) for rank in range(len(of)))) for of in (words, characters)}

    def draw(of: list[str], count: int) -> list[str]:
        return dice.choices(of, cum_weights=weights[len(of)], k=count)

    texts = []
    for number in range(POOL):
        if number % 2:
            said = "，".join("".join(draw(characters, dice.randint(6, 20))) for _ in range(dice.randint(5, 10)))
        else:
            said = " ".join(draw(words, dice.randint(30, 90)))
        common = [word for word, each in FREQUENT.items() if dice.randrange(each) == 0]
        said = f"{said} {' '.join(common)}"
        texts.append(
            Text(said, documents.message_values("user", [_text(said)], None)["tokens"].partition(documents.FACET)[0])
        )
    return texts


def _text(said: str) -> Json:
    return {"type": "text", "text": said}


def threads(
    size: int, owners: list[str], texts: list[Text], seed: int = 11
) -> Iterator[tuple[Json, list[Json], list[Json]]]:
    """Threads with their messages and documents, oldest first; the first owner has half of `size` messages."""
    dice = random.Random(seed)
    start = datetime.now(UTC) - timedelta(days=365 * YEARS)
    count = max(1, size // PER_THREAD)
    step = timedelta(days=365 * YEARS) / count
    rare = {count * part // 5 // 2 * 2 for part in range(5)}
    taken: set[int] = set()
    for number in range(count):
        owner = (
            owners[0]
            if number % 2 == 0 or len(owners) == 1
            else owners[1 + int(dice.random() ** 3 * (len(owners) - 1))]
        )
        at = start + step * number
        thread = _thread(owner, texts[dice.randrange(POOL)].said[:40], at)
        messages, docs = [], []
        title = documents.title_values(thread["title"], thread["model"])
        docs.append(_document(thread, None, title, at, taken))
        parent = None
        for turn in range(min(PER_THREAD, size)):
            text = texts[dice.randrange(POOL)]
            extra = " ".join(RARE) if turn == 6 and number in rare else ""
            if number < count * 2 // 3 and dice.randrange(3) == 0:
                extra += " " + " ".join(FORGOTTEN)
            message, doc = _message(thread, parent, turn, text, extra, at + timedelta(seconds=40 * turn), taken, dice)
            parent = message["id"]
            messages.append(message)
            docs.append(doc)
        thread["leaf_id"] = parent
        yield thread, messages, docs


def _thread(owner: str, title: str, at: datetime) -> Json:
    return {
        "id": id_at(at),
        "owner_id": owner,
        "title": title,
        "title_source": "auto",
        "model": MODELS[0],
        "state": "active",
        "pinned": False,
        "last_activity_at": at,
        "read_at": at,
        "created_at": at,
        "updated_at": at,
    }


def _message(
    thread: Json,
    parent: str | None,
    turn: int,
    text: Text,
    extra: str,
    at: datetime,
    taken: set[int],
    dice: random.Random,
) -> tuple[Json, Json]:
    role = "assistant" if turn % 2 else "user"
    model = RARE_MODEL if dice.randrange(5_000) == 0 else dice.choice(MODELS)
    run = {"model": model} if role == "assistant" else None
    parts: list[Json] = [_text(f"{text.said} {extra}".strip())]
    if dice.randrange(100) == 0:
        parts.append({"type": "image", "file_id": new_id(), "name": f"picture-{turn}.png"})
    message = {
        "id": id_at(at),
        "thread_id": thread["id"],
        "parent_id": parent,
        "role": role,
        "status": "complete",
        "parts": parts,
        "run": run,
        "created_at": at,
    }
    # the tokens of the shared text are known; only what was added to it is cut into tokens here
    values = documents.message_values(role, [*parts[1:], _text(extra or "-")], run)
    facets = values["tokens"] or documents.message_values(role, [_text("-x")], run)["tokens"].removeprefix(" x")
    return message, _document(thread, message, {**values, "tokens": text.tokens.rstrip() + facets}, at, taken)


def _document(thread: Json, message: Json | None, values: Json, at: datetime, taken: set[int]) -> Json:
    of = message or thread
    doc_id = documents.moment_bits(of["id"], at)
    while doc_id in taken:
        doc_id += 1
    taken.add(doc_id)
    return {
        **values,
        "id": doc_id,
        "owner_id": thread["owner_id"],
        "thread_id": thread["id"],
        "message_id": message["id"] if message else None,
        "scope": documents.scope(thread["owner_id"], "message" if message else "title"),
        "hidden": False,
    }
