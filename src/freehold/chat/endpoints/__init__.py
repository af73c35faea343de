"""The HTTP and WebSocket endpoints of conversations."""

from fastapi import APIRouter

from freehold.chat.endpoints import drafts, generations, live, messages, projects, threads, turns

router = APIRouter(prefix="/api")
for _part in (threads, turns, messages, generations, projects, drafts, live):
    router.include_router(_part.router)
