"""Builds the services of a server in the order in which they need each other, and ends them in the reverse order."""

import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import anyio
import anyio.to_thread
from anyio.abc import TaskGroup
from pydantic import SecretStr

from freehold.access import idempotency
from freehold.arena.service import Arena
from freehold.chat import jobs as chat_jobs
from freehold.chat.bulk.service import Bulk
from freehold.chat.compaction.service import Compactions
from freehold.chat.gallery.service import Gallery
from freehold.chat.generation import Generations
from freehold.chat.memory.service import Memory
from freehold.chat.search.service import Search
from freehold.chat.service import Chat
from freehold.chat.translation.service import Translations
from freehold.db import Database, migrate, open_database, parse_target
from freehold.db.lock import ProcessLock, network_file_system
from freehold.deps import Services
from freehold.errors import ConfigurationError
from freehold.evals.service import Evals
from freehold.files.service import Files
from freehold.gateway.cache import AnswerCache
from freehold.gateway.call import Gateway
from freehold.gateway.faq.service import Faq
from freehold.gateway.learning.service import Learning
from freehold.gateway.ready import ReadyAnswers
from freehold.gateway.routing.rulebook import Rulebook
from freehold.gateway.routing.shared_circuits import SharedCircuits
from freehold.identity.keys.service import Keys
from freehold.identity.people.service import People
from freehold.identity.policy import IdentityPolicy
from freehold.identity.service import Identity
from freehold.kit.bus import MemoryBus
from freehold.kit.crypto import SecretBox
from freehold.moving.exports import Exports
from freehold.moving.imports import Imports
from freehold.moving.service import ChatExports
from freehold.observability import metrics
from freehold.observability.redaction import register_secrets
from freehold.observability.tracing import Tracing
from freehold.prompts import moving as prompt_library
from freehold.prompts.service import Prompts
from freehold.providers.service import Providers
from freehold.providers.upstream import Upstream
from freehold.savings.following import Following
from freehold.savings.trials.service import Trials
from freehold.settings import Settings
from freehold.settings.master_key import open_secret_box
from freehold.sharing.service import Sharing
from freehold.sweeping import HOUR, sweep_for_ever
from freehold.usage.budget_store import spent_by_keys
from freehold.usage.repository import drop_group
from freehold.usage.service import UsageService
from freehold.voice.service import Voice

_log = logging.getLogger(__name__)


@asynccontextmanager
async def open_data(settings: Settings, *, serving: bool = True, migrating: bool = True) -> AsyncGenerator[Database]:
    """The database of `settings`, migrated; a server also takes the lock that keeps a second one away from its file.

    A command that may run beside a server passes `serving=False`: it migrates only a database that no server uses.
    Raises ConfigurationError, DatabaseLocked, SchemaTooNew and other StorageErrors.
    """
    target = parse_target(secret_text(settings.database.url), settings.data_dir)
    lock: ProcessLock | None = None
    async with AsyncExitStack() as stack:
        await anyio.to_thread.run_sync(prepare_folder, settings.data_dir)
        if target.path is not None:
            await anyio.to_thread.run_sync(prepare_folder, target.path.parent)
            refuse_network(target.path.parent)
            lock = ProcessLock(target.path.with_name(f"{target.path.name}.lock"))
            if serving:
                await anyio.to_thread.run_sync(lock.acquire)
                stack.callback(lock.release)
        database = open_database(
            target,
            pool_size=settings.database.pool_size,
            statement_timeout_seconds=settings.database.statement_timeout_seconds,
            own_file=serving,
        )
        stack.push_async_callback(database.dispose)
        if migrating:
            await _upgrade(settings, database, lock if not serving else None)
        yield database


async def _upgrade(settings: Settings, database: Database, lock: ProcessLock | None) -> None:
    """Migrate where needed; `lock` is taken meanwhile when it is not held already."""
    before = await migrate.current_revision(database)
    if before == migrate.head():
        return
    if lock is not None:
        await anyio.to_thread.run_sync(lock.acquire)
    try:
        await migrate.upgrade(database, backups=settings.data_dir / "backups")
    finally:
        if lock is not None:
            lock.release()
    _log.info("database schema upgraded", extra={"from": before, "to": migrate.head()})


def prepare_folder(folder: Path) -> None:
    """Make a folder that only this user may enter; one that is there keeps its rights. Blocks."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"The folder {folder} cannot be used: {error.strerror}.",
            next_step="Make it writable for the user that runs Freehold, or name another one with --data-dir.",
        ) from error


def refuse_network(folder: Path) -> None:
    """Raise ConfigurationError when SQLite would lie on a network file system, whose locks cannot be trusted."""
    kind = network_file_system(folder)
    if kind is not None:
        raise ConfigurationError(
            f"The folder {folder} is on a network file system ({kind}), on which SQLite loses data.",
            next_step="Use a local disk for the data directory, or PostgreSQL by DATABASE_URL.",
        )


def secret_text(secret: SecretStr | None) -> str | None:
    """What a secret setting holds."""
    return secret.get_secret_value() if secret is not None else None


def remember_secrets(settings: Settings) -> None:
    """Keep what the settings hold in secret out of every log."""
    keys = [settings.auth.access_code, settings.security.master_key, settings.redis.url]
    keys += [key for provider in settings.declared.providers for key in provider.keys]
    keys += [declared.key for declared in settings.declared.keys]
    register_secrets(secret_text(key) for key in keys)


@asynccontextmanager
async def running_services(settings: Settings) -> AsyncGenerator[Services]:
    """Every service, started; stopped again at the end of the block."""
    remember_secrets(settings)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_data(settings))
        secret_box = await open_secret_box(settings, database)
        # before the tasks: what still asks a model for a title is cancelled before the connections close
        upstream = Upstream()
        stack.push_async_callback(upstream.aclose)
        usage = UsageService(database, settings, settings.data_dir)
        stack.push_async_callback(usage.stop)  # after the tasks, whose last calls it still writes down
        tasks = await stack.enter_async_context(_task_group())
        await usage.start(tasks)
        bus = MemoryBus()
        identity = Identity(database, IdentityPolicy.of(settings))
        await identity.start()
        keys = Keys(database, secret_box, settings.declared.keys, spent=spent_by_keys)
        stack.push_async_callback(keys.stop)
        await keys.start()
        tasks.start_soon(keys.run)

        def people_changed() -> None:
            identity.forget()
            keys.forget()

        people = People(database, identity, changed=people_changed, drop_rules=drop_group)
        providers = Providers(settings, database, bus, secret_box, upstream)
        stack.push_async_callback(providers.stop)
        await providers.start()
        tracing = Tracing.opened(settings)
        if tracing is not None:
            stack.push_async_callback(anyio.to_thread.run_sync, tracing.stop)
        gateway = Gateway(providers, usage, tracing=tracing)
        rulebook, learning = await _routing(settings, database, gateway, usage, tasks)
        trials = Trials(database, gateway.policy)
        await trials.refresh()
        tasks.start_soon(trials.run)
        answer_cache = await stack.enter_async_context(_answer_cache(settings, database, secret_box, gateway, tasks))
        faq = await stack.enter_async_context(_faq(settings, database, secret_box, gateway, tasks))
        ready = ReadyAnswers(answer_cache, faq, gateway, usage.ledger)
        files = Files(database, settings.data_dir)
        await files.start()
        compactions = Compactions(database, gateway, files, bus, tasks)
        generations = Generations(
            database=database,
            bus=bus,
            gateway=gateway,
            ready=ready,
            files=files,
            compactions=compactions,
            tasks=tasks,
        )
        stack.push_async_callback(generations.stop)
        await generations.start()
        chat = Chat(
            database=database,
            bus=bus,
            generations=generations,
            ready=ready,
            temporary_for=timedelta(hours=settings.chat.temporary_hours),
        )
        sharing = Sharing(database, chat, files, enabled=settings.sharing.enabled)
        imports = Imports(
            database,
            bus,
            files,
            data_dir=settings.data_dir,
            largest=settings.limits.import_bytes,
            takes={"prompts": prompt_library.take},
        )
        tasks.start_soon(imports.run)
        memory = Memory(database, bus)
        prompts = Prompts(database)
        evals = Evals(database, gateway)
        tasks.start_soon(evals.runner.run)
        arena = Arena(database, gateway)
        exports = Exports(
            database,
            bus,
            chat,
            files,
            data_dir=settings.data_dir,
            tasks=tasks,
            about={
                "account": lambda subject: identity.me(subject.user_id),
                "projects": chat.projects,
                "memory": memory.shown,
                "prompts": partial(prompt_library.everything, database, prompts),
                "arena": arena.everything,
            },
        )
        await exports.start()
        tasks.start_soon(
            sweep_for_ever,
            {
                "sessions": identity.sweep,
                "API keys": keys.sweep,
                "idempotency keys": partial(idempotency.purge, database),
                "budgets": usage.budgets.sweep,
                "usage records": usage.sweep,
                "cached answers": answer_cache.sweep,
                "frequent questions": faq.frequent.sweep,
                "chat": partial(chat_jobs.sweep, database, files, sharing.files_in_use),
                "share links": sharing.sweep,
                "imports": imports.sweep,
                "routing": learning.sweep,  # the last one: it may compute for minutes
            },
        )
        following = Following(database, gateway.policy, learning.acting.floor)
        hourly = {
            "exports": exports.sweep,
            "quality floor": following.follow,
            "temporary chats": partial(chat_jobs.sweep_temporary, database),
        }
        tasks.start_soon(sweep_for_ever, hourly, HOUR)
        if settings.metrics.port is not None:
            stack.callback(serve_metrics(settings.metrics.host, settings.metrics.port))
        yield Services(
            settings=settings,
            database=database,
            bus=bus,
            secret_box=secret_box,
            upstream=upstream,
            identity=identity,
            keys=keys,
            people=people,
            providers=providers,
            usage=usage,
            gateway=gateway,
            rulebook=rulebook,
            trials=trials,
            following=following,
            learning=learning,
            answer_cache=answer_cache,
            faq=faq,
            ready=ready,
            files=files,
            compactions=compactions,
            generations=generations,
            chat=chat,
            memory=memory,
            gallery=Gallery(database),
            translations=Translations(database, gateway, bus),
            bulk=Bulk(database, bus, generations),
            moving=ChatExports(chat, files),
            search=Search(database),
            imports=imports,
            exports=exports,
            sharing=sharing,
            prompts=prompts,
            evals=evals,
            arena=arena,
            voice=Voice(settings.voice, database, gateway),
            tasks=tasks,
        )


async def _routing(
    settings: Settings, database: Database, gateway: Gateway, usage: UsageService, tasks: TaskGroup
) -> tuple[Rulebook, Learning]:
    rulebook = Rulebook(database, gateway.policy, gateway.router, usage)
    await rulebook.start()
    tasks.start_soon(gateway.providers.run)
    tasks.start_soon(rulebook.run)
    tasks.start_soon(gateway.baseline.run)
    tasks.start_soon(gateway.shadows.run)
    learning = Learning(database, gateway.policy, gateway.shadows, gateway.baseline)
    await learning.refresh()
    tasks.start_soon(learning.run)
    if settings.redis.url is not None:
        circuits = await SharedCircuits.at(settings.redis.url.get_secret_value(), gateway.router)
        tasks.start_soon(circuits.run)
    return rulebook, learning


@asynccontextmanager
async def _answer_cache(
    settings: Settings, database: Database, secret_box: SecretBox, gateway: Gateway, tasks: TaskGroup
) -> AsyncGenerator[AnswerCache]:
    cache = await AnswerCache.opened(settings, database, secret_box, gateway)
    if cache.semantic is not None:
        tasks.start_soon(cache.semantic.run)
    try:
        yield cache
    finally:
        await cache.stop()


@asynccontextmanager
async def _faq(
    settings: Settings, database: Database, secret_box: SecretBox, gateway: Gateway, tasks: TaskGroup
) -> AsyncGenerator[Faq]:
    faq = Faq.opened(settings, database, secret_box, gateway.border)
    try:
        await faq.start()
        tasks.start_soon(faq.run)
        yield faq
    finally:
        await faq.stop()


def serve_metrics(host: str, port: int) -> Callable[[], None]:
    """Open the metrics port and return what closes it; raises ConfigurationError when it cannot be had."""
    try:
        server, _thread = metrics.serve(host, port)
    except OSError as error:
        raise ConfigurationError(
            f"The metrics port {port} on {host} cannot be used: {error.strerror or error}.",
            next_step="Choose another metrics.port, or leave it out.",
        ) from error
    _log.info("metrics", extra={"url": f"http://{host}:{server.server_port}/metrics"})

    def close() -> None:
        server.shutdown()
        server.server_close()

    return close


@asynccontextmanager
async def _task_group() -> AsyncGenerator[TaskGroup]:
    """A task group whose tasks end with the block; a single error leaves it as itself and not as a group of one."""
    try:
        async with anyio.create_task_group() as tasks:
            try:
                yield tasks
            finally:
                tasks.cancel_scope.cancel()
    except BaseExceptionGroup as group:
        if len(group.exceptions) == 1:
            raise group.exceptions[0] from None
        raise
