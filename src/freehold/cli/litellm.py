"""What LiteLLM's configuration means here: providers, aliases with their fallbacks, and what is left over; pure."""

from collections.abc import Collection, Mapping
from typing import Any

STRATEGIES = {
    "simple-shuffle": "weighted",
    "least-busy": "least_busy",
    "latency-based-routing": "lowest_latency",
    "cost-based-routing": "lowest_cost",
}
_KINDS = {"ollama_chat": "ollama", "azure_ai": "azure"}
_SAME_ANYWAY = {
    "enable_pre_call_checks": "contexts are always compared",
    "context_window_fallbacks": "a model with a larger context is always looked for among the fallbacks",
    "cooldown_time": "providers say how long to wait, else the pause doubles",
    "allowed_fails": "each deployment has a breaker of its own",
    "retry_after": "providers say how long to wait",
}


class Import:
    """`fragment` is what freehold.yaml gets, `left` what could not be taken, each in a sentence."""

    def __init__(self, config: Mapping[str, Any], vendors: Collection[str]) -> None:
        self.left: list[str] = []
        self._vendors = vendors
        self._providers: dict[tuple[str, str | None, str | None], dict[str, Any]] = {}
        self._models: dict[str, dict[str, Any]] = {}
        for entry in config.get("model_list") or ():
            self._take_model(entry)
        settings = {**(config.get("litellm_settings") or {}), **(config.get("router_settings") or {})}
        self._take_settings(settings)

    @property
    def fragment(self) -> dict[str, Any]:
        """The sections of freehold.yaml."""
        return {"providers": list(self._providers.values()), "models": self._models}

    def _take_model(self, entry: Mapping[str, Any]) -> None:
        name, params = str(entry.get("model_name")), entry.get("litellm_params") or {}
        prefix, slash, model = str(params.get("model", "")).partition("/")
        if "*" in name or not slash or not model:
            self.left.append(f"model_list: {name}: its model is not written as provider/model, or stands for many.")
            return
        provider = self._provider(prefix, params)
        if provider is None:
            self.left.append(f"model_list: {name}: {prefix} is no provider here, and there is no api_base.")
            return
        target = {"provider": provider["id"], "model": model}
        target |= {
            ours: params[theirs] for theirs, ours in (("weight", "weight"), ("order", "priority")) if theirs in params
        }
        self._models.setdefault(name, {"targets": []})["targets"].append(target)
        for limit in ("rpm", "tpm", "max_parallel_requests"):
            if limit in params:
                self.left.append(
                    f"model_list: {name}: {limit}; set limits.models for {provider['id']}/{model} instead."
                )

    def _provider(self, prefix: str, params: Mapping[str, Any]) -> dict[str, Any] | None:
        base, key = params.get("api_base"), params.get("api_key")
        known = self._providers.get((prefix, base, key))
        if known is not None:
            return known
        kind = _KINDS.get(prefix, prefix)
        if kind not in self._vendors:
            if base is None:
                return None
            kind = "openai_compatible"
        taken = {one["id"] for one in self._providers.values()}
        wanted = kind.replace("_", "-")
        name = next(at for at in (wanted, *(f"{wanted}-{number}" for number in range(2, 1000))) if at not in taken)
        made = {"id": name, "kind": kind}
        if base is not None:
            made["base_url"] = base
        if key is not None:
            made["api_key"] = self._key(str(key), name)
        self._providers[(prefix, base, key)] = made
        return made

    def _take_settings(self, settings: Mapping[str, Any]) -> None:
        for name, value in settings.items():
            if name == "routing_strategy":
                self._take_strategy(str(value))
            elif name == "num_retries":
                for alias in self._models.values():
                    alias["retries"] = value
            elif name == "fallbacks":
                self._take_fallbacks(value)
            elif name == "model_group_alias":
                for alias, other in value.items():
                    self._take_alias(alias, other)
            elif name in _SAME_ANYWAY:
                self.left.append(f"{name}: needs no setting here, {_SAME_ANYWAY[name]}.")
            else:
                self.left.append(f"{name}: there is nothing like it here.")

    def _take_strategy(self, value: str) -> None:
        strategy = STRATEGIES.get(value)
        if strategy is None:
            self.left.append(f"routing_strategy: {value}; least_busy is the closest, and was not taken for it.")
            return
        for alias in self._models.values():
            alias["strategy"] = strategy

    def _take_fallbacks(self, value: Any) -> None:
        for pairs in value or ():
            for name, others in pairs.items():
                if name not in self._models:
                    self.left.append(f"fallbacks: {name} is no model of the list.")
                    continue
                known = [other for other in others if other in self._models]
                self._models[name]["fallback"] = known
                self.left += [f"fallbacks: {other} is no model of the list." for other in others if other not in known]

    def _take_alias(self, name: str, other: Any) -> None:
        target = other.get("model") if isinstance(other, dict) else other
        if target in self._models:
            self._models[name] = dict(self._models[target])
        else:
            self.left.append(f"model_group_alias: {name}: {target} is no model of the list.")

    def _key(self, value: str, provider: str) -> str:
        """A key as freehold.yaml has it: by its variable; one that is written out is not copied."""
        if value.startswith("os.environ/"):
            return "${" + value.removeprefix("os.environ/") + "}"
        variable = f"{provider.upper().replace('-', '_')}_API_KEY"
        self.left.append(f"model_list: the key of {provider} is written out: put it into the variable {variable}.")
        return "${" + variable + "}"
