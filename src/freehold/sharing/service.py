"""Share links: a snapshot of a chat under a secret address, with an end and a password where its owner wants them."""

import hashlib
import hmac
import math
import secrets
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.access.subject import Subject
from freehold.chat import schemas as chat_schemas
from freehold.chat.models import Thread
from freehold.chat.repository import is_there, tree_rows
from freehold.chat.service import Chat
from freehold.chat.tree import visible
from freehold.db import Database
from freehold.errors import Forbidden, InvalidRequest, NotFound, TooManyAttempts, WrongCredentials
from freehold.files.service import Files, Size, Stored
from freehold.identity import repository as identity_rows
from freehold.identity import throttle
from freehold.identity.passwords import hash_password, verify_password
from freehold.kit.clock import now
from freehold.kit.ids import new_id
from freehold.moving.document import Line, branch_to, shown_path, whole_tree
from freehold.sharing import schemas
from freehold.sharing.models import Share

MAX_SHARES = 1000  # of one person
TICKET_SECONDS = 3600

Json = dict[str, Any]
_log = structlog.get_logger(__name__)


class PasswordNeeded(WrongCredentials):
    """The link is right, its password is not, or was not given."""

    code = "share_password_needed"
    default_next_step = "Ask whoever gave you the link for its password."

    def __init__(self) -> None:
        super().__init__("This chat is shared with a password.")


class SharingOff(Forbidden):
    code = "sharing_off"

    def __init__(self) -> None:
        super().__init__("An administrator has turned sharing off on this server.")


class SelectionRefused(InvalidRequest):
    """`params`: `why`: gone, branches."""

    code = "selection_refused"


class Sharing:
    """What the endpoints call. Whoever reads a link is nobody: none of these methods gives away its owner."""

    def __init__(self, database: Database, chat: Chat, files: Files, *, enabled: bool) -> None:
        self._database = database
        self._chat = chat
        self._files = files
        self._enabled = enabled

    # --- the owner --------------------------------------------------------------------------------------------------

    async def mine(self, subject: Subject, thread_id: str | None) -> schemas.ShareList:
        """The subject's links, newest first, perhaps of one chat alone."""
        query = select(Share).where(Share.owner_id == subject.user_id).order_by(Share.created_at.desc(), Share.id)
        if thread_id is not None:
            query = query.where(Share.thread_id == thread_id)
        async with self._database.read() as session:
            rows = (await session.scalars(query.limit(MAX_SHARES))).all()
        chats = {row.thread_id for row in rows if "ids" in row.snapshot}
        there = await self._there(chats) if chats else set[str]()
        return schemas.ShareList(enabled=self._enabled, items=[_info(row, _left(row.snapshot, there)) for row in rows])

    async def share(self, subject: Subject, new: schemas.ShareNew) -> schemas.ShareMade:
        """Make a link to the chat as it is now. Raises NotFound, SharingOff, SelectionRefused, TooManyAttempts."""
        self._check()
        snapshot = await self._snapshot(subject, new.thread_id, new.scope, new.message_ids)
        token, at = secrets.token_urlsafe(24), now()  # 192 bits
        row = Share(
            id=new_id(),
            owner_id=subject.user_id,
            thread_id=new.thread_id,
            token_hash=_digest(token),
            scope="selected" if new.message_ids else new.scope,
            snapshot=snapshot,
            password_hash=await hash_password(new.password.get_secret_value()) if new.password else None,
            expires_at=at + timedelta(days=new.days) if new.days else None,
            created_at=at,
            updated_at=at,
        )
        async with self._database.begin() as session:
            counted = select(func.count()).select_from(Share).where(Share.owner_id == subject.user_id)
            if (await session.scalar(counted) or 0) >= MAX_SHARES:
                raise TooManyAttempts(f"You have {MAX_SHARES} links.", next_step="Revoke some of them.")
            session.add(row)
        _log.info("share_created", share_id=row.id, user_id=subject.user_id)
        return schemas.ShareMade(share=_info(row, row.snapshot), token=token)

    async def update(self, subject: Subject, share_id: str) -> schemas.ShareInfo:
        """Let the link show the chat, or what is left of the selection, as it is now.

        Raises NotFound, SharingOff, SelectionRefused.
        """
        self._check()
        async with self._database.read() as session:
            row = await self._find(session, subject, share_id)
        ids = (await self._shown(row)).get("ids")
        snapshot = await self._snapshot(subject, row.thread_id, row.scope, ids)
        async with self._database.begin() as session:
            row = await self._find(session, subject, share_id)
            row.snapshot, row.updated_at = snapshot, now()
        return _info(row, snapshot)

    async def revoke(self, subject: Subject, share_id: str) -> None:
        """End a link at once. Raises NotFound."""
        async with self._database.begin() as session:
            await session.delete(await self._find(session, subject, share_id))
        _log.info("share_revoked", share_id=share_id, user_id=subject.user_id)

    async def _find(self, session: AsyncSession, subject: Subject, share_id: str) -> Share:
        row = await session.scalar(select(Share).where(Share.id == share_id, Share.owner_id == subject.user_id))
        if row is None:
            raise NotFound
        return row

    async def _snapshot(self, subject: Subject, thread_id: str, scope: str, ids: list[str] | None) -> Json:
        detail = await self._chat.thread(subject, thread_id)
        kept: Json = {}
        if ids is None:
            lines = whole_tree(detail) if scope == "tree" else shown_path(detail)
        else:
            lines, branch = _selection(detail, set(ids))
            kept = {"ids": [line.message.id for line in lines], "of": len(branch), "branch": branch}
        shown = schemas.SharedChat(
            title=detail.thread.title, shared_at=now(), lines=[_line(line, scope) for line in lines]
        )
        return shown.model_dump(mode="json", exclude={"ticket"}) | kept

    async def _shown(self, row: Share) -> Json:
        """The snapshot as its readers see it: without what was selected and is deleted now."""
        if "ids" not in row.snapshot:
            return row.snapshot
        return _left(row.snapshot, await self._there({row.thread_id}))

    async def _there(self, thread_ids: set[str]) -> set[str]:
        """The messages of these threads that are neither deleted nor below a deleted one."""
        async with self._database.read() as session:
            return {row.id for row in visible(await tree_rows(session, thread_ids))}

    def _check(self) -> None:
        if not self._enabled:
            raise SharingOff

    # --- whoever has the link ---------------------------------------------------------------------------------------

    async def open(self, token: str, password: str | None, ip_address: str) -> schemas.SharedChat:
        """The chat as it was shared.

        Raises NotFound, also for a link that has ended, PasswordNeeded, TooManyAttempts.
        """
        row = await self._live(token)
        if row.password_hash is not None:
            await self._check_password(row, password, ip_address)
        shown = schemas.SharedChat.model_validate(await self._shown(row))
        if row.password_hash is not None:
            shown.ticket = _ticket(row, int(now().timestamp()) + TICKET_SECONDS)
        return shown

    async def _check_password(self, row: Share, password: str | None, ip_address: str) -> None:
        if not password:
            raise PasswordNeeded
        keys, at = throttle.keys_of(f"share/{row.id}", ip_address), now()
        async with self._database.read() as session:
            blocked = await identity_rows.blocked_until(session, keys)
        if blocked is not None and blocked > at:
            seconds = math.ceil((blocked - at).total_seconds())
            raise TooManyAttempts(f"Too many tries. Wait {seconds} s.", retry_after_s=seconds)
        if not await verify_password(password, row.password_hash):
            async with self._database.begin() as session:
                await throttle.note_failure(session, keys, at)
            raise PasswordNeeded
        async with self._database.begin() as session:
            await identity_rows.forget_failures(session, keys[:1], at - throttle.FORGET_AFTER)

    async def file(self, token: str, file_id: str, ticket: str | None, size: Size) -> Stored:
        """An image that the shared chat shows, and no other. Raises NotFound."""
        row = await self._live(token)
        if row.password_hash is not None and not _admits(row, ticket):
            raise NotFound
        if file_id not in _files_of(row.snapshot) or file_id not in _files_of(await self._shown(row)):
            raise NotFound
        return await self._files.open(row.owner_id, file_id, size)

    async def _live(self, token: str) -> Share:
        """The link, while it lives: not revoked, not ended, its chat not deleted, sharing not turned off."""
        if not self._enabled:
            raise NotFound
        query = (
            select(Share)
            .join(Thread, Thread.id == Share.thread_id)
            .where(Share.token_hash == _digest(token), is_there())
        )
        async with self._database.read() as session:
            row = await session.scalar(query)
        if row is None or (row.expires_at is not None and row.expires_at <= now()):
            raise NotFound
        return row

    # --- clearing away ----------------------------------------------------------------------------------------------

    async def sweep(self) -> None:
        """Drop links that have ended, and of selections the messages that cannot come back any more."""
        async with self._database.begin() as session:
            await session.execute(delete(Share).where(Share.expires_at <= now()))
        async with self._database.read() as session:
            selections = list(await session.scalars(select(Share.id).where(Share.scope == "selected")))
        for share_id in selections:
            async with self._database.begin() as session:
                row = await session.get(Share, share_id)
                if row is None:
                    continue
                stored = {one.id for one in await tree_rows(session, {row.thread_id})}
                left = _left(row.snapshot, stored)
                if left != row.snapshot:
                    row.snapshot = left

    async def files_in_use(self) -> set[str]:
        """The files that any link shows, which must outlive the messages they were in."""
        used: set[str] = set()
        async with self._database.read() as session:
            rows = await session.stream_scalars(select(Share.snapshot).execution_options(yield_per=50))
            async for snapshot in rows:
                used |= _files_of(snapshot)
        return used


def _selection(detail: chat_schemas.ThreadDetail, ids: set[str]) -> tuple[list[Line], list[str]]:
    """These messages in their order, and the ids of their branch. Raises SelectionRefused."""
    chosen = [message.id for message in detail.messages if message.id in ids]
    if not chosen or len(chosen) < len(ids):
        raise SelectionRefused(
            "Some of the selected messages are not in this chat, or were deleted.",
            next_step="Load the chat again and select the messages that are there.",
            why="gone",
            fields=["message_ids"],
        )
    for branch in (shown_path(detail), branch_to(detail, chosen[-1])):
        lines = [line for line in branch if line.message.id in ids]
        if len(lines) == len(ids):
            return lines, [line.message.id for line in branch]
    raise SelectionRefused(
        "The selected messages are on different branches of the chat.",
        next_step="Select messages of one branch.",
        why="branches",
        fields=["message_ids"],
    )


def _left(snapshot: Json, there: set[str]) -> Json:
    """The snapshot without the selected messages that are there no more; `of` counts what is left of their branch."""
    if "ids" not in snapshot:
        return snapshot
    if "branch" in snapshot:  # links of before did not keep it, and their number stays
        branch = [message_id for message_id in snapshot["branch"] if message_id in there]
        snapshot = snapshot | {"branch": branch, "of": len(branch)}
    pairs = [pair for pair in zip(snapshot["ids"], snapshot["lines"], strict=True) if pair[0] in there]
    return snapshot | {"ids": [message_id for message_id, _ in pairs], "lines": [line for _, line in pairs]}


def _info(row: Share, shown: Json) -> schemas.ShareInfo:
    return schemas.ShareInfo(
        id=row.id,
        thread_id=row.thread_id,
        title=shown["title"],
        scope=row.scope,  # type: ignore[arg-type]
        messages=len(shown["lines"]),
        of=shown.get("of"),
        has_password=row.password_hash is not None,
        expires_at=row.expires_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _line(line: Line, scope: str) -> schemas.SharedLine:
    """What of a message its readers see: no ids, prices, errors, names of files or of accounts at a provider.

    Of other versions nothing is said where they are not shown.
    """
    message, run = line.message, line.message.run
    return schemas.SharedLine(
        role=message.role,
        parts=[_part(part) for part in message.parts],
        model=run.model_id if run else None,
        provider=run.provider_name if run and not run.self_hosted else None,
        self_hosted=run.self_hosted if run else None,
        complete=message.status == "complete",
        number=line.number if scope == "tree" else 1,
        count=line.count if scope == "tree" else 1,
    )


def _part(part: chat_schemas.Part) -> chat_schemas.Part:
    if isinstance(part, chat_schemas.ImagePart | chat_schemas.FilePart):
        return part.model_copy(update={"name": ""})
    if isinstance(part, chat_schemas.ReasoningPart):
        return part.model_copy(update={"signature": None})
    return part


def _files_of(snapshot: Json) -> set[str]:
    return {part["file_id"] for line in snapshot["lines"] for part in line["parts"] if "file_id" in part}


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _ticket(row: Share, until: int) -> str:
    """Proof that the password was known until a moment; it ends with the password or the link."""
    assert row.password_hash is not None
    proof = hmac.new(row.token_hash + row.password_hash.encode(), str(until).encode(), hashlib.sha256).hexdigest()
    return f"{until}.{proof}"


def _admits(row: Share, ticket: str | None) -> bool:
    until = (ticket or "").partition(".")[0]
    if not ticket or not until.isascii() or not until.isdigit() or len(until) > 12:
        return False
    in_time = int(until) > now().timestamp()
    return in_time and hmac.compare_digest(_ticket(row, int(until)).encode(), ticket.encode())
