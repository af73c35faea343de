"""When an answer may come from the cache, and what is kept for the next time."""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import anyio.to_thread
import structlog

from freehold.access.subject import Subject
from freehold.db import Database
from freehold.errors import StorageError
from freehold.gateway.cache.key import answer_key, may_be_cached, normalised, tenant_tag
from freehold.gateway.cache.models import KEY_BYTES
from freehold.gateway.cache.redis_store import RedisStore
from freehold.gateway.cache.store import DatabaseStore, Entry, Recent, Store
from freehold.gateway.call import Gateway
from freehold.kit import clock
from freehold.kit.crypto import SecretBox
from freehold.observability import metrics
from freehold.settings.areas import CacheSettings, Settings

if TYPE_CHECKING:
    from freehold.gateway.cache.semantic.service import Place, Semantic

CacheState = Literal["hit", "similar", "miss", "refresh", "bypass"]
"""`miss` and `refresh` are kept afterwards; `refresh` did not look; `bypass` neither looks nor keeps. `similar` is the
answer to the question in other words."""

_MAX_AGE = re.compile(r"max-age\s*=\s*(\d{1,9})")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Lookup:
    """What the cache says of one request."""

    state: CacheState
    key: bytes = b""
    entry: Entry | None = None
    place: "Place | None" = None  # of the question, where it may be found in other words

    @property
    def keeps(self) -> bool:
        """Whether the answer is wanted for the next time."""
        return self.state in ("miss", "refresh")


BYPASS = Lookup("bypass")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the settings and the request's headers say together. `max_age_s`: an older answer does not count."""

    looks: bool
    keeps: bool
    max_age_s: float | None = None

    def takes(self, entry: Entry) -> bool:
        """Whether an answer is young enough."""
        return self.max_age_s is None or clock.time() - entry.made_at <= self.max_age_s


_LOOKS_AND_KEEPS, _NEITHER = Wish(True, True), Wish(False, False)


def wish(mode: str, header: str | None, cache_control: str | None) -> Wish:
    """`header` is x-freehold-cache: on, off or refresh. Cache-Control as in RFC 9111, 5.2.1."""
    asked = header.strip().lower() if header else ""
    on = mode == "always" or (mode == "on_request" and asked in ("on", "refresh"))
    if not on or asked == "off":
        return _NEITHER
    if not cache_control:
        return Wish(False, True) if asked == "refresh" else _LOOKS_AND_KEEPS
    control = cache_control.lower()
    if "no-store" in control:
        return _NEITHER
    age = _MAX_AGE.search(control)
    return Wish(asked != "refresh" and "no-cache" not in control, True, float(age[1]) if age else None)


def of_person(user_id: str) -> str:
    """The tenant of what a person asked."""
    return f"user {user_id}"


def of_key(key_id: str) -> str:
    """The tenant of what was asked with a key."""
    return f"key {key_id}"


def of_groups(group_ids: Iterable[str]) -> str:
    """The tenant of everybody who is in just these groups, and may know what each of them does."""
    return " ".join(("groups", *sorted(group_ids)))


def _semantic(settings: Settings, database: Database, store: Store, secret: bytes, gateway: Gateway) -> "Semantic":
    """Imported where one turns it on: its patterns would be compiled at each start. Raises ConfigurationError."""
    from freehold.gateway.cache.semantic.encoder import open_encoder
    from freehold.gateway.cache.semantic.service import Semantic

    return Semantic(database, store, secret, open_encoder(settings.cache.encoder, gateway))


class AnswerCache:
    """One per process, over a store that all processes may share."""

    def __init__(
        self, settings: CacheSettings, store: Store, secret: bytes, semantic: "Semantic | None" = None
    ) -> None:
        self.settings = settings
        self.semantic = semantic
        self._settings = settings
        self._store = store
        self._secret = secret
        self._recent = Recent(settings.memory_bytes)
        self._writing: set[asyncio.Task[None]] = set()

    @classmethod
    async def opened(
        cls, settings: Settings, database: Database, secret_box: SecretBox, gateway: Gateway
    ) -> "AnswerCache":
        """The cache as the settings want it: in Redis where there is one, else in the database.

        Raises ConfigurationError when the encoder is not there that they want.
        """
        secret = secret_box.derive("answer cache")
        assert secret is not None  # the newest key is always there
        url = settings.redis.url
        wants_redis = url is not None and settings.cache.mode != "off"
        store = await RedisStore.at(url.get_secret_value()) if url and wants_redis else DatabaseStore(database)
        semantic = None
        if settings.cache.semantic and settings.cache.mode != "off":
            # reads files
            semantic = await anyio.to_thread.run_sync(_semantic, settings, database, store, secret, gateway)
        return cls(settings.cache, store, secret, semantic)

    @property
    def enabled(self) -> bool:
        """Whether any request can be answered from it."""
        return self._settings.mode != "off"

    def tenant(self, subject: Subject) -> str:
        """Who shares answers with the subject, by the setting `cache.share`."""
        if self._settings.share == "server":
            return of_groups(group.id for group in subject.groups)
        if self._settings.share == "key" and subject.grant is not None:
            return of_key(subject.grant.key_id)
        return of_person(subject.user_id)

    def asked(self, header: bytes | None) -> bool:
        """Whether a request with this x-freehold-cache may be answered from it; `find` says whether it is."""
        mode = self._settings.mode
        return mode == "always" or (mode == "on_request" and header is not None)

    async def find_for_chat(self, subject: Subject, body: dict[str, Any], *, looks: bool) -> Lookup:
        """As `find` for an answer in the web app. Without `looks` it is written anew, and kept."""
        if self._settings.mode != "always" or not self._settings.chat:
            return BYPASS
        return await self.find(subject, "chat", body, None if looks else "refresh", None)

    async def find(
        self, subject: Subject, dialect: str, body: dict[str, Any], header: str | None, cache_control: str | None
    ) -> Lookup:
        """The answer kept for the subject's tenant under this request, or what to keep it under.

        A store or an encoder that fails is a miss.
        """
        if not self.enabled:
            return BYPASS
        wanted = wish(self._settings.mode, header, cache_control)
        if not wanted.keeps or not may_be_cached(body):
            return self._counted(BYPASS)
        tenant = self.tenant(subject)
        key = answer_key(self._secret, tenant, dialect, normalised(body) if self._settings.normalise else body)
        entry = await self._get(key) if wanted.looks else None
        if entry is not None and wanted.takes(entry):
            return self._counted(Lookup("hit", key, entry))
        place = None
        if self.semantic is not None:
            place = await self.semantic.place(subject, tenant, dialect, body)
        if place is not None and wanted.looks:
            for other in await self._near(place):
                entry = await self._get(other)
                if entry is not None and wanted.takes(entry):
                    return self._counted(Lookup("similar", other, entry))
        return self._counted(Lookup("miss" if wanted.looks else "refresh", key, place=place))

    def keep(
        self,
        lookup: Lookup,
        body: bytes,
        media_type: str,
        model: str,
        tokens: tuple[int | None, int | None] = (None, None),
    ) -> bool:
        """Keep an answer that ended well, for the requests that `lookup` was about; written in the background.

        `tokens`: read and written for it. False when it is not kept.
        """
        if not lookup.keeps or len(body) > self._settings.largest_answer_bytes:
            return False
        now = clock.time()
        entry = Entry(body, media_type, model, now, now + self._settings.ttl_seconds, *tokens)
        self._recent.put(lookup.key, entry, now)
        task = asyncio.get_running_loop().create_task(self._put(lookup, entry), name="keep an answer")
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)
        return True

    async def forget(self, tenant: str, key: bytes) -> bool:
        """Forget an answer that turned out bad; False when the key is none of the tenant's. Raises StorageError."""
        if len(key) != KEY_BYTES or not key.startswith(tenant_tag(self._secret, tenant)):
            return False
        await self._drop(key)
        return True

    async def forget_all(self, tenants: Iterable[str] | None = None) -> None:
        """Forget every answer of these tenants, or all there are. Raises StorageError.

        Other processes may give one again for RECENT_SECONDS.
        """
        for beginning in [b""] if tenants is None else [tenant_tag(self._secret, tenant) for tenant in tenants]:
            await self._drop(beginning)

    async def _drop(self, beginning: bytes) -> None:
        await self.written()
        self._recent.drop(beginning)
        await self._store.drop(beginning)

    async def sweep(self) -> None:
        """Forget what has expired; run by the daily sweep."""
        await self._store.sweep()

    async def written(self) -> None:
        """Wait until everything kept so far is in the store."""
        await asyncio.gather(*self._writing, return_exceptions=True)

    async def stop(self) -> None:
        """Finish what is being written, and close the store."""
        await self.written()
        await self._store.aclose()

    async def _get(self, key: bytes) -> Entry | None:
        entry = self._recent.get(key, clock.time())
        if entry is not None:
            return entry
        try:
            entry = await self._store.get(key)
        except StorageError as error:  # an answer is worth more than its saving
            _log.warning("answer_cache_not_read", code=error.code)
            return None
        if entry is not None:
            self._recent.put(key, entry, clock.time())
        return entry

    async def _near(self, place: "Place") -> list[bytes]:
        assert self.semantic is not None
        try:
            return await self.semantic.near(place)
        except StorageError as error:
            _log.warning("answer_cache_not_read", code=error.code)
            return []

    async def _put(self, lookup: Lookup, entry: Entry) -> None:
        try:
            await self._store.put(lookup.key, entry)
            if self.semantic is not None and lookup.place is not None:
                await self.semantic.keep(lookup.place, lookup.key, entry.expires_at)
        except StorageError as error:
            _log.warning("answer_cache_not_written", code=error.code)

    @staticmethod
    def _counted(lookup: Lookup) -> Lookup:
        metrics.cache_lookups(lookup.state).inc()
        return lookup
