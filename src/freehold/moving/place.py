"""Puts one conversation of an export into the database, once: what is there already stays as it is.

Ids are made from the owner, the product and the export's own ids, so the same message has the same id in every import,
and those of a chat that went on elsewhere are added to it. Freehold's own exports keep their ids where those are free.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.chat import models, tree
from freehold.chat.schemas import ErrorInfo, FilePart, ImagePart, ReasoningPart, Run, TextPart, ToolCallPart
from freehold.chat.translation.schemas import Translation
from freehold.chat.turns import shown_file
from freehold.errors import PayloadTooLarge, UnsupportedMedia
from freehold.files.service import Files
from freehold.kit.clock import now
from freehold.kit.ids import id_of, is_id

Json = dict[str, Any]

TITLE = 200
AT_A_TIME = 500
NAMES = {"chatgpt": "ChatGPT", "claude": "Claude", "lobechat": "LobeChat", "open_webui": "Open WebUI"}
NAMES |= {"librechat": "LibreChat", "freehold": "Freehold"}


@dataclass(slots=True)
class Landed:
    """What became of some of an export."""

    imported: int = 0
    already: int = 0
    lost: dict[str, Json] = field(default_factory=dict)

    def lose(self, code: str, name: str = "") -> None:
        """Note something that is not taken."""
        entry = self.lost.setdefault(code, {"count": 0, "messages": 0, "names": []})
        entry["count"] += 1
        if name:
            entry["names"].append(name[:TITLE])


@dataclass(slots=True)
class Placed(Landed):
    """What became of a conversation; its messages are those of the export, which may be more than rows."""

    thread_id: str | None = None
    fresh: bool = False  # the thread was made, or taken out of the bin
    files: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """The ids that a conversation has here, and which of its messages are new."""

    thread_id: str
    thread: models.Thread | None
    ids: dict[str, str]
    new: list[Json]


async def plan(session: AsyncSession, owner_id: str, product: str, conversation: Json) -> Plan:
    """Find what is there already. All rows are the owner's, or the ids are others."""
    thread_id, ids = _own_ids(conversation) if product == "freehold" else (None, {})
    if thread_id is not None and not await _free(session, owner_id, thread_id, list(ids.values())):
        thread_id = None
    if thread_id is None:
        thread_id, ids = _made_ids(owner_id, product, conversation)
    thread = await session.get(models.Thread, thread_id)
    there: set[str] = set()
    if thread is not None:
        rows = await session.scalars(select(models.Message.id).where(models.Message.thread_id == thread_id))
        there = set(rows)
    new = [node for node in conversation["nodes"] if ids[node["key"]] not in there]
    return Plan(thread_id, thread, ids, new)


async def _free(session: AsyncSession, owner_id: str, thread_id: str, message_ids: list[str]) -> bool:
    """Whether the ids are nobody's, or of this very thread of the owner's."""
    thread = await session.get(models.Thread, thread_id)
    if thread is not None and thread.owner_id != owner_id:
        return False
    for start in range(0, len(message_ids), AT_A_TIME):
        wanted = message_ids[start : start + AT_A_TIME]
        elsewhere = select(models.Message.id).where(
            models.Message.id.in_(wanted), models.Message.thread_id != thread_id
        )
        if await session.scalar(elsewhere.limit(1)) is not None:
            return False
    return True


def _own_ids(conversation: Json) -> tuple[str | None, dict[str, str]]:
    """The ids of Freehold's own export, where they are such and each message is younger than its parent."""
    keys = {node["key"]: node["parent"] for node in conversation["nodes"]}
    sound = all(is_id(key) and (parent is None or parent < key) for key, parent in keys.items())
    if not sound or not is_id(conversation["source_id"]):
        return None, {}
    return conversation["source_id"], {key: key for key in keys}


def _made_ids(owner_id: str, product: str, conversation: Json) -> tuple[str, dict[str, str]]:
    """Ids that every import of the conversation makes alike. A message is younger than its parent and its elder
    siblings, whatever the export says of times: the order of ids is that of the tree.
    """
    nodes = conversation["nodes"]
    name = conversation["source_id"] or _fingerprint(conversation)
    root = f"{owner_id}/{product}/{name}"
    thread_id = made_id(root, conversation["created_at"])
    times: dict[str | None, int] = {None: _milliseconds(conversation["created_at"])}
    youngest: dict[str | None, int] = {}
    ids: dict[str, str] = {}
    for node in nodes:
        key, parent = node["key"], node["parent"]
        at = max(_milliseconds(node["created_at"]), times[parent] + 1, youngest.get(parent, 0) + 1)
        times[key] = youngest[parent] = at
        ids[key] = id_of(at, hashlib.sha256(f"{root}/{key}".encode()).digest())
    return thread_id, ids


def _fingerprint(conversation: Json) -> str:
    """What tells conversations without an id apart: the title and how they begin."""
    first = conversation["nodes"][0] if conversation["nodes"] else {}
    said = f"{conversation['title']}\n{first.get('created_at')}\n{first.get('parts')}"
    return hashlib.sha256(said.encode()).hexdigest()


def made_id(root: str, created_at: float | None) -> str:
    """The id of what every import calls `root`, of its time."""
    return id_of(_milliseconds(created_at), hashlib.sha256(root.encode()).digest())


def _milliseconds(at: float | None) -> int:
    """Of a time in the export; one that has not come yet is taken for none."""
    return int(at * 1000) if at is not None and 0 < at < now().timestamp() else 0


async def store_files(files: Files, owner_id: str, scratch: Path, planned: Plan, placed: Placed) -> None:
    """Keep the files of the new messages; in their parts what shows it takes the place of what names it."""
    for node in planned.new:
        parts: list[Json] = []
        for part in node["parts"]:
            if part["type"] != "file":
                parts.append(part)
                continue
            shown = await _file(files, owner_id, scratch, part, placed)
            if shown is not None:
                parts.append(shown.model_dump(mode="json"))
        node["parts"] = parts


async def _file(files: Files, owner_id: str, scratch: Path, part: Json, placed: Placed) -> ImagePart | FilePart | None:
    name = part["name"] or "file"
    if part["path"] is None:
        here = await files.described(owner_id, [part.get("file_id") or ""])
        if not here:
            placed.lose("file_missing", name)
            return None
        (info,) = here
    else:
        # the reader counts its files: what it calls a path is a number
        data = await anyio.Path(scratch / Path(part["path"]).name).read_bytes()
        try:
            info = await files.store(owner_id, name, data)
        except (UnsupportedMedia, PayloadTooLarge):
            placed.lose("file_refused", name)
            return None
        placed.files += 1
    return shown_file(info)


async def write(
    session: AsyncSession, owner_id: str, conversation: Json, planned: Plan, placed: Placed, *, product: str
) -> None:
    """Make the rows. Of a thread that is there, only the new messages; one in the bin is taken out of it."""
    placed.thread_id = planned.thread_id
    new = {node["key"] for node in planned.new}
    placed.imported = sum(node["sources"] for node in planned.new)
    placed.already = sum(node["sources"] for node in conversation["nodes"] if node["key"] not in new)
    thread = await session.get(models.Thread, planned.thread_id)
    made = thread is None
    if thread is None:
        thread = await _thread(session, owner_id, conversation, planned)
    elif thread.state == "deleted":
        thread.state = "archived" if conversation["archived"] else "active"
        thread.deleted_at, thread.expires_at, thread.updated_at = None, None, now()
        placed.fresh = True
    placed.fresh |= made
    rows = [_row(planned, node, product, placed) for node in planned.new]
    for start in range(0, len(rows), AT_A_TIME):
        # as objects: what keeps the search looks at what a session flushes
        session.add_all([models.Message(**row) for row in rows[start : start + AT_A_TIME]])
        await session.flush()
    if made:
        leaf = conversation["leaf"]
        shown = [models.Message(id=row["id"], parent_id=row["parent_id"]) for row in rows]
        thread.leaf_id = tree.leaf_below(shown, planned.ids.get(leaf) if leaf else None)
        thread.choices = _choices(planned, conversation.get("choices") or {})


def _choices(planned: Plan, told: Json) -> tree.Choices | None:
    """The way that was taken at each fork, by the ids that the messages have here."""
    known = {**planned.ids, tree.ROOT: tree.ROOT, tree.ALL: tree.ALL}
    taken = {
        known[fork]: known[way] for fork, way in told.items() if fork in known and isinstance(way, str) and way in known
    }
    return taken or None


async def _thread(session: AsyncSession, owner_id: str, conversation: Json, planned: Plan) -> models.Thread:
    title = " ".join(conversation["title"].split())[:TITLE]
    times = [node["created_at"] for node in conversation["nodes"] if node["created_at"]]
    created = time_of(conversation["created_at"] or min(times, default=None))
    active = max(created, time_of(conversation["updated_at"] or max(times, default=None) or conversation["created_at"]))
    thread = models.Thread(
        id=planned.thread_id,
        owner_id=owner_id,
        project_id=(await project(session, owner_id, conversation["project"]))[0],
        title=title,
        title_source="auto" if title and conversation.get("title_source") == "auto" else "user" if title else "none",
        model=(conversation["model"] or "")[:500] or None,
        state="archived" if conversation["archived"] else "active",
        pinned=conversation["pinned"],
        in_house=conversation.get("in_house", False),
        folding="never" if conversation.get("folding") == "never" else "auto",
        parameters=conversation.get("parameters"),
        last_activity_at=active,
        read_at=active,
        created_at=created,
        updated_at=now(),
    )
    session.add(thread)
    await session.flush()
    return thread


async def project(session: AsyncSession, owner_id: str, name: str | None) -> tuple[str | None, bool]:
    """The owner's project of that name, and whether it was made because there was none; none for no name."""
    name = " ".join((name or "").split())[:TITLE]
    if not name:
        return None, False
    mine = select(models.Project.id).where(models.Project.owner_id == owner_id, models.Project.name == name)
    known = await session.scalar(mine.order_by(models.Project.id).limit(1))
    if known is not None:
        return known, False
    at = now()
    made = id_of(int(at.timestamp() * 1000), hashlib.sha256(f"{owner_id}/project/{name}".encode()).digest())
    session.add(models.Project(id=made, owner_id=owner_id, name=name, created_at=at, updated_at=at))
    await session.flush()
    return made, True


def time_of(at: float | None) -> datetime:
    known = now()
    return datetime.fromtimestamp(at, UTC) if at is not None and 0 < at < known.timestamp() else known


def _row(planned: Plan, node: Json, product: str, placed: Placed) -> Json:
    edited = node["edited_at"]
    translation = _checked(Translation, node["translation"])
    if translation is None and node["translation"] is not None:
        placed.lose("translation")
    if node["rated"]:  # it counts in the reports of the server that gave the answer, and in no other's
        placed.lose("feedback")
    parts = []
    for part in node["parts"]:
        made = _checked(_PARTS[part["type"]], part)
        if made is None:
            placed.lose("content_kind", part["type"])
        else:
            parts.append(made)
    return {
        "id": planned.ids[node["key"]],
        "thread_id": planned.thread_id,
        "parent_id": planned.ids[node["parent"]] if node["parent"] is not None else None,
        "role": node["role"],
        "status": node["status"],
        "parts": parts,
        "run": _run(node, product),
        "error": _checked(ErrorInfo, node["error"]),
        "pinned": node["pinned"],
        "translation": translation,
        "created_at": time_of(node["created_at"]),
        "edited_at": time_of(edited) if edited else None,
        "deleted_at": None,
    }


_PARTS = {"text": TextPart, "reasoning": ReasoningPart, "image": ImagePart, "file": FilePart, "tool_call": ToolCallPart}


def _checked(schema: Any, value: Json | None) -> Json | None:
    """The value as the schema has it; None where it is not of its form."""
    if value is None:
        return None
    try:
        return schema.model_validate(value).model_dump(mode="json")
    except ValueError:
        return None


def _run(node: Json, product: str) -> Json | None:
    """Which model answered, as the export says; nothing else is known of an answer that was written elsewhere."""
    if node["run"] is not None:
        return _checked(Run, node["run"])
    model = (node["model"] or "")[:400]
    if node["role"] != "assistant" or not model:
        return None
    run = Run(
        model=f"{product}/{model}",
        model_id=model,
        provider_id=product,
        provider_name=NAMES[product],
        self_hosted=False,
    )
    return run.model_dump(mode="json")
