"""A model on a real socket that answers, names chats, and folds what it is told to."""

from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

from tests.chat.spoken_model import Call, SpokenModel


@dataclass
class Summariser(SpokenModel):
    """Answers what it is asked, and folds what it is told to with the words of `summary`."""

    summary: str = "They planned a journey."
    facts: list[str] = field(default_factory=list)
    broken: bool = False
    folded: list[str] = field(default_factory=list)  # what it was asked to fold

    async def name(self, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        if body["response_format"]["json_schema"]["name"] != "summary":
            return await super().name(request, body)
        self.folded.append(body["messages"][-1]["content"])
        call = Call(body)
        call.say("no" if self.broken else orjson.dumps({"summary": self.summary, "facts": self.facts}).decode())
        call.finish()
        return await self.speak(request, call)
