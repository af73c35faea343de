"""The typed services of the running app, built in the lifespan; the only reader of `app.state`.

The service classes are imported for type checkers alone, so every layer may ask for `Services` without depending on the
layers above it; `app.py` is what imports and builds them.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, FastAPI
from starlette.requests import HTTPConnection

if TYPE_CHECKING:
    from anyio.abc import TaskGroup

    from freehold.arena.service import Arena
    from freehold.chat.bulk.service import Bulk
    from freehold.chat.compaction.service import Compactions
    from freehold.chat.gallery.service import Gallery
    from freehold.chat.generation import Generations
    from freehold.chat.memory.service import Memory
    from freehold.chat.search.service import Search
    from freehold.chat.service import Chat
    from freehold.chat.translation.service import Translations
    from freehold.db import Database
    from freehold.evals.service import Evals
    from freehold.files.service import Files
    from freehold.gateway.cache import AnswerCache
    from freehold.gateway.call import Gateway
    from freehold.gateway.faq.service import Faq
    from freehold.gateway.learning.service import Learning
    from freehold.gateway.ready import ReadyAnswers
    from freehold.gateway.routing.rulebook import Rulebook
    from freehold.identity.keys.service import Keys
    from freehold.identity.people.service import People
    from freehold.identity.service import Identity
    from freehold.kit.bus import MemoryBus
    from freehold.kit.crypto import SecretBox
    from freehold.moving.exports import Exports
    from freehold.moving.imports import Imports
    from freehold.moving.service import ChatExports
    from freehold.prompts.service import Prompts
    from freehold.providers.service import Providers
    from freehold.providers.upstream import Upstream
    from freehold.savings.following import Following
    from freehold.savings.trials.service import Trials
    from freehold.settings import Settings
    from freehold.settings.reload import Reloader
    from freehold.sharing.service import Sharing
    from freehold.usage.service import UsageService
    from freehold.voice.service import Voice


@dataclass(slots=True, kw_only=True)
class Services:
    """Everything an endpoint may need, one instance per process."""

    settings: "Settings"
    database: "Database"
    bus: "MemoryBus"
    secret_box: "SecretBox"
    upstream: "Upstream"
    identity: "Identity"
    keys: "Keys"
    people: "People"
    providers: "Providers"
    usage: "UsageService"
    gateway: "Gateway"
    rulebook: "Rulebook"
    trials: "Trials"
    following: "Following"
    learning: "Learning"
    answer_cache: "AnswerCache"
    faq: "Faq"
    ready: "ReadyAnswers"
    files: "Files"
    compactions: "Compactions"
    generations: "Generations"
    chat: "Chat"
    bulk: "Bulk"
    memory: "Memory"
    gallery: "Gallery"
    translations: "Translations"
    moving: "ChatExports"
    search: "Search"
    imports: "Imports"
    exports: "Exports"
    sharing: "Sharing"
    prompts: "Prompts"
    evals: "Evals"
    arena: "Arena"
    voice: "Voice"
    tasks: "TaskGroup"
    reloader: "Reloader | None" = None  # only under `freehold serve`


def install(app: FastAPI, built: Services) -> None:
    """Hand the built services to the app; called once, in the lifespan."""
    app.state.services = built


def services(connection: HTTPConnection) -> Services:
    """The services of the app that serves this request or WebSocket."""
    return connection.app.state.services


def services_of(app: FastAPI) -> Services:
    """The services of a running app, for whoever runs it."""
    return app.state.services


ServicesDep = Annotated[Services, Depends(services)]
