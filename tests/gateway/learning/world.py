"""A house and a cloud on real sockets that know how hard a prompt is, and a judge that knows a good answer."""

import re
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from freehold.settings import Settings
from tests.fakes.openai import OpenAIDialect
from tests.fakes.upstream import API_KEY, Counts, FakeUpstream, Script

HARD, EASY = "prove|证明", "write|写"
GOOD, POOR = "a fine answer", "no idea"
_script: ContextVar[Script] = ContextVar("script", default=Script())  # noqa: B039 - frozen


class Thinker(FakeUpstream):
    """Answers by what it is sent: `think` gives the text, or a whole Script."""

    think: Callable[[Any], str | Script] = staticmethod(lambda _body: GOOD)

    @property
    def script(self) -> Script:  # type: ignore[override]
        return _script.get()

    @script.setter
    def script(self, script: Script) -> None:
        """What the base class begins with is of no use here."""

    async def record(self, request: Any) -> Any:
        recorded = await super().record(request)
        if recorded.body:
            said = self.think(recorded.body)
            _script.set(said if isinstance(said, Script) else Script(text=(said,), usage=Counts(100, 20)))
        return recorded

    @property
    def asked(self) -> list[str]:
        """The last message of every request."""
        return [one.body["messages"][-1]["content"] for one in self.requests if one.method == "POST"]


def as_local(body: Any) -> str:
    """Up to what is easy."""
    return POOR if re.search(HARD, body["messages"][-1]["content"].lower()) else GOOD


def as_cloud(body: Any) -> str:
    """Always good; as a judge it prefers what is good, and is not sure of what is alike."""
    if not body.get("response_format"):
        return GOOD
    material = body["messages"][-1]["content"]
    a, b = (material.split(f"answer {name}>")[1] for name in "AB")
    if (POOR in a) == (POOR in b):
        return '{"better": "A"}'  # whichever comes first: in both orders that is no difference
    return '{"better": "B"}' if POOR in a else '{"better": "A"}'


@dataclass
class Pair:
    house: Thinker
    cloud: Thinker


def thinkers() -> Pair:
    """Both, not started yet."""
    house, cloud = (Thinker(OpenAIDialect(), models=["m"]) for _ in range(2))
    house.think, cloud.think = as_local, as_cloud
    return Pair(house, cloud)


def declared(pair: Pair, auto: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """The settings of freehold.yaml: one of each, and a share of all answers to be compared."""
    providers = [
        {
            "id": name,
            "kind": "openai_compatible",
            "base_url": server.url,
            "api_key": API_KEY,
            "models": [{"id": "m", "prices": {"input": 1.0, "output": 2.0}}],
            "self_hosted": name == "house",
        }
        for name, server in (("house", pair.house), ("cloud", pair.cloud))
    ]
    models = {
        "local": {"provider": "house", "model": "m", "tier": "local"},
        "premium": {"provider": "cloud", "model": "m", "tier": "premium"},
    }
    routing = {"auto": {"baseline": "premium", "shadow": 1.0, **(auto or {})}, **more.pop("routing", {})}
    return {"providers": providers, "models": models, "routing": routing, **more}


def settings_of(file: dict[str, Any], data_dir: Any, url: str) -> Settings:
    """Settings of a server on that database."""
    return Settings.model_validate(
        {"data_dir": data_dir, "database": {"url": url}, "embedded": {"enabled": False}, "declared": file}
    )
