"""Providers from LobeChat's variables: OPENAI_API_KEY, OPENAI_PROXY_URL, OPENAI_MODEL_LIST, and so for each vendor."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from freehold.settings.environment import read_variable
from freehold.settings.sources import Problem


class VendorNames(Protocol):
    """What has to be known of a vendor; `environment` is LobeChat's prefix where it is not the id in capitals."""

    @property
    def id(self) -> str: ...
    @property
    def environment(self) -> str | None: ...
    @property
    def needs_key(self) -> bool: ...


ABILITIES = {
    "vision": "vision",
    "fc": "tools",
    "functionCall": "tools",
    "reasoning": "reasoning",
    "imageOutput": "image_output",
}
"""LobeChat's names of abilities and ours; those without a counterpart (search, file, video) are dropped."""

_OFF = frozenset({"0", "false", "no", "off"})
_ON = frozenset({"1", "true", "yes", "on"})
_ENTRY = re.compile(r"^(?P<id>[^=<>]+?)(?:->(?P<deployment>[^=<>]+))?(?:=(?P<name>[^<>]+))?(?:<(?P<facts>[^<>]*)>)?$")


def providers_from_environment(
    environ: Mapping[str, str], vendors: Iterable[VendorNames]
) -> tuple[list[dict[str, Any]], list[Problem], list[str]]:
    """The providers that variables declare (as input of DeclaredProvider), what is wrong, and what deserves a warning.

    A vendor counts as declared when its key is set, or when it needs none and its address is set or ENABLED_X is on.
    ENABLED_X=0 turns it off.
    """
    declared: list[dict[str, Any]] = []
    problems: list[Problem] = []
    warnings: list[str] = []
    for vendor in vendors:
        prefix = vendor.environment or re.sub(r"[^A-Z0-9]+", "_", vendor.id.upper())
        key, problem = read_variable(environ, f"{prefix}_API_KEY")
        if problem:
            problems.append(problem)
        switch = environ.get(f"ENABLED_{prefix}", "").strip().lower()
        address = environ.get(f"{prefix}_PROXY_URL") or None
        wanted = bool(key) or (not vendor.needs_key and (address is not None or switch in _ON))
        if not wanted or switch in _OFF:
            continue
        origin = f"{prefix}_API_KEY" if key else (f"{prefix}_PROXY_URL" if address else f"ENABLED_{prefix}")
        entry: dict[str, Any] = {"id": vendor.id, "kind": vendor.id, "origin": "environment", "origin_detail": origin}
        if key:
            keys = [item.strip() for item in key.split(",") if item.strip()]
            entry |= {"api_keys": keys} if len(keys) > 1 else {"api_key": keys[0] if keys else key}
        if address:
            entry["base_url"] = address
        models, more = parse_model_list(environ.get(f"{prefix}_MODEL_LIST", ""), f"{prefix}_MODEL_LIST")
        problems += more
        declared.append(entry | models)
    return declared, problems, warnings


def parse_model_list(text: str, origin: str) -> tuple[dict[str, Any], list[Problem]]:
    """Read `-all,+id->deployment=Name<128000:vision:fc>,-other`: fields of a DeclaredProvider, and problems.

    The syntax is https://lobehub.com/docs/self-hosting/advanced/model-list. With `-all` only the added models are
    offered; without it they come on top of what the provider lists.
    """
    added: dict[str, dict[str, Any]] = {}
    hidden: list[str] = []
    only = False
    problems: list[Problem] = []
    for entry in (part.strip() for part in text.split(",")):
        if entry == "-all":
            only = True
        elif entry.startswith("-"):
            hidden.append(entry[1:].strip())
        elif entry:
            model = _model(entry.removeprefix("+").strip())
            if model is None:
                problems.append(Problem(origin, f"cannot read {entry!r}; write +id=Name<128000:vision:fc>"))
            else:
                added[model["id"]] = model
    models = list(added.values())
    if only:
        return {"models": models, "hidden_models": hidden}, problems
    return {"extra_models": models, "hidden_models": hidden}, problems


def _model(entry: str) -> dict[str, Any] | None:
    match = _ENTRY.match(entry)
    if match is None:
        return None
    model: dict[str, Any] = {"id": match["id"].strip()}
    for field in ("deployment", "name"):
        if match[field]:
            model[field] = match[field].strip()
    facts = [fact.strip() for fact in (match["facts"] or "").split(":") if fact.strip()]
    if facts and facts[0].isdigit():
        if int(facts[0]) > 0:
            model["context_tokens"] = int(facts[0])
        facts = facts[1:]
    abilities = sorted({ABILITIES[fact] for fact in facts if fact in ABILITIES})
    if abilities:
        model["abilities"] = abilities
    return model
