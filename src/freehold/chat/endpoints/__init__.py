"""The HTTP and WebSocket endpoints of conversations."""

from fastapi import APIRouter

from freehold.chat.bulk import endpoints as bulk
from freehold.chat.endpoints import drafts, generations, live, messages, projects, threads, turns
from freehold.chat.gallery import endpoints as gallery
from freehold.chat.memory import endpoints as memory
from freehold.chat.translation import endpoints as translation

router = APIRouter(prefix="/api")
for _part in (bulk, threads, turns, messages, translation, generations, projects, drafts, gallery, memory, live):
    router.include_router(_part.router)
