"""The prompt library: each save is a version, an administrator's word shares, and search reads title, text and tags."""

from freehold.access.subject import Subject
from freehold.db import Database
from freehold.errors import Conflict, Forbidden, InvalidRequest, TooManyAttempts
from freehold.kit.clock import now
from freehold.kit.ids import new_id
from freehold.prompts import models, repository, schemas

MAX_PROMPTS = 500  # of one person
MAX_SHOWN = 2_000
KEPT_VERSIONS = 100


class Prompts:
    """What the endpoints call."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def usable(self, subject: Subject, text: str | None, tag: str | None) -> schemas.PromptList:
        """One's own and those shared with one; perhaps only those with each word of `text`, or so tagged."""
        async with self._database.read() as session:
            found = await repository.prompts(session, subject, MAX_SHOWN)
        words = (text or "").casefold().split()
        wanted = tag.casefold() if tag else None
        # here and not in SQL: SQLite knows upper and lower case of ASCII alone
        items = [
            _info(subject, one)
            for one in found
            if all(word in _words_of(one) for word in words)
            and (wanted is None or wanted in [known.casefold() for known in one.prompt.tags])
        ]
        return schemas.PromptList(items=items)

    async def mine(self, subject: Subject) -> list[schemas.Prompt]:
        """One's own, as they are now."""
        return [prompt for prompt in (await self.usable(subject, None, None)).items if prompt.mine]

    async def prompt(self, subject: Subject, prompt_id: str) -> schemas.Prompt:
        """Raises NotFound."""
        async with self._database.read() as session:
            return _info(subject, await repository.find(session, subject, prompt_id))

    async def make(self, subject: Subject, new: schemas.PromptPut) -> schemas.Prompt:
        """Raises Forbidden for a member who would share, InvalidRequest for an unknown group, TooManyAttempts."""
        at = now()
        row = models.Prompt(
            id=new_id(),
            owner_id=subject.user_id,
            audience=new.audience,
            group_id=new.group_id,
            tags=distinct(new.tags),
            version=1,
            created_at=at,
            updated_at=at,
        )
        async with self._database.begin() as session:
            if await repository.count(session, subject.user_id) >= MAX_PROMPTS:
                raise TooManyAttempts(f"You have {MAX_PROMPTS} prompts.", next_step="Delete some of them.")
            _may_share(subject, new)
            if new.group_id is not None and not await repository.group_exists(session, new.group_id):
                raise InvalidRequest("There is no such group.", fields=["group_id"])
            session.add(row)
            await session.flush()
            session.add(_version(row, new.title, new.text))
        return await self.prompt(subject, row.id)

    async def change(self, subject: Subject, prompt_id: str, wish: schemas.PromptPut) -> schemas.Prompt:
        """Raises NotFound, Forbidden, InvalidRequest, and Conflict when another version came meanwhile."""
        async with self._database.begin() as session:
            shown = await repository.find(session, subject, prompt_id, lock=True)
            row = shown.prompt
            _may_change(subject, row)
            _may_share(subject, wish)
            if wish.seen is not None and wish.seen != row.version:
                raise Conflict("This prompt was changed meanwhile.", next_step="Open it again, and make your change.")
            if wish.group_id is not None and not await repository.group_exists(session, wish.group_id):
                raise InvalidRequest("There is no such group.", fields=["group_id"])
            row.audience, row.group_id, row.tags = wish.audience, wish.group_id, distinct(wish.tags)
            row.updated_at = now()
            if (wish.title, wish.text) != (shown.present.title, shown.present.text):
                row.version += 1
                session.add(_version(row, wish.title, wish.text))
                await repository.forget_before(session, row.id, row.version - KEPT_VERSIONS + 1)
        return await self.prompt(subject, prompt_id)

    async def delete(self, subject: Subject, prompt_id: str) -> None:
        """With every version. Raises NotFound, Forbidden."""
        async with self._database.begin() as session:
            row = (await repository.find(session, subject, prompt_id, lock=True)).prompt
            _may_change(subject, row)
            await session.delete(row)

    async def versions(self, subject: Subject, prompt_id: str) -> list[schemas.PromptVersion]:
        """Of a prompt that the subject may change, the newest first. Raises NotFound, Forbidden."""
        async with self._database.read() as session:
            _may_change(subject, (await repository.find(session, subject, prompt_id)).prompt)
            rows = await repository.versions(session, prompt_id)
        return [
            schemas.PromptVersion(number=row.number, title=row.title, text=row.text, created_at=row.created_at)
            for row in rows
        ]

    async def restore(self, subject: Subject, prompt_id: str, number: int) -> schemas.Prompt:
        """The title and text of that version again, as a new one. Raises NotFound, Forbidden."""
        async with self._database.begin() as session:
            row = (await repository.find(session, subject, prompt_id, lock=True)).prompt
            _may_change(subject, row)
            if row.audience != "nobody" and not subject.is_admin:
                raise _not_shared_by()
            old = await repository.version(session, prompt_id, number)
            if number != row.version:
                row.version, row.updated_at = row.version + 1, now()
                session.add(_version(row, old.title, old.text))
        return await self.prompt(subject, prompt_id)


def _may_change(subject: Subject, row: models.Prompt) -> None:
    """The owner may, and of what is shared every administrator."""
    if row.owner_id != subject.user_id and not subject.is_admin:
        raise Forbidden("This prompt is shared with you; it is not yours to change.", next_step="Make a copy of it.")


def _may_share(subject: Subject, wish: schemas.PromptPut) -> None:
    if wish.audience != "nobody" and not subject.is_admin:
        raise _not_shared_by()


def _not_shared_by() -> Forbidden:
    return Forbidden("Only administrators share prompts.", next_step="Keep it to yourself, or ask an administrator.")


def _version(row: models.Prompt, title: str, text: str) -> models.PromptVersion:
    return models.PromptVersion(prompt_id=row.id, number=row.version, title=title, text=text, created_at=row.updated_at)


def distinct(tags: list[str]) -> list[str]:
    """In their order, each once, whatever the case."""
    return list({tag.casefold(): tag for tag in reversed(tags)}.values())[::-1]


def _words_of(shown: repository.Shown) -> str:
    return "\n".join((shown.present.title, shown.present.text, *shown.prompt.tags)).casefold()


def _info(subject: Subject, shown: repository.Shown) -> schemas.Prompt:
    row, mine = shown.prompt, shown.prompt.owner_id == subject.user_id
    return schemas.Prompt(
        id=row.id,
        title=shown.present.title,
        text=shown.present.text,
        tags=row.tags,
        audience=row.audience,  # type: ignore[arg-type]
        group_id=row.group_id,
        group_name=shown.group_name,
        mine=mine,
        editable=mine or subject.is_admin,
        owner_name=shown.owner_name,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
