"""The router: from a reference to the plan of a call, and the memory of how every deployment has been doing."""

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from freehold.errors import (
    FreeholdError,
    ModelNotAllowed,
    ModelNotFound,
    ModelNotInstalled,
    NoModelAvailable,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderUnreachable,
)
from freehold.gateway.routing import ability, aliases, retry, strategies
from freehold.gateway.routing.aliases import Alias
from freehold.gateway.routing.circuit import Circuit, State
from freehold.gateway.routing.deployment import ANYTHING, Deployment, Need, Skipped, Step
from freehold.gateway.routing.live import Keys, Live
from freehold.gateway.routing.plan import Plan
from freehold.kit import clock
from freehold.providers import choice
from freehold.providers.base import ProviderConfig
from freehold.providers.directory import Directory
from freehold.settings.areas import Strategy

Allowed = Callable[[str], bool]
"""Whether the caller may use what a name stands for: an alias, provider/model, or a bare id."""

_MOST_KNOWN = 4096
"""A provider that takes any id must not fill the memory with ids that somebody made up."""


def everything(ref: str) -> bool:
    """Allows all."""
    del ref
    return True


@dataclass(frozen=True, slots=True)
class Condition:
    """How one deployment is doing. Times in milliseconds; `free_at`: when it is asked again, None means now."""

    ref: str
    aliases: tuple[str, ...]
    state: State
    free_at: datetime | None
    failures: int  # one after the other
    in_flight: int
    calls: int
    first_token_ms: float | None
    tokens_per_second: float | None
    keys: int
    keys_resting: int


class Router:
    """One per process. Decides from memory and never waits; `now` is monotonic seconds, `chance` in [0, 1)."""

    def __init__(
        self,
        directory: Directory,
        *,
        now: Callable[[], float] = clock.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.directory = directory
        self.now = now
        self.chance = chance
        self._version: int | None = None
        self._known: dict[str, Deployment] = {}
        self._aliases: dict[str, Alias] = {}
        self._live: dict[str, Live] = {}
        self._keys: dict[str, Keys] = {}
        self._configs: dict[str, ProviderConfig] = {}

    # --- deciding ---------------------------------------------------------------------------------------------------

    def plan(self, ref: str, allowed: Allowed = everything, need: Need = ANYTHING) -> Plan:
        """The plan for what `ref` names: an alias, provider/model, or a model id that only one provider has.

        Whoever may use an alias may use all that it asks; whoever may not, those of its targets that they may use by
        name. Raises ModelNotFound with near matches, ModelNotAllowed, ModelCannot, NoModelAvailable.
        """
        self._refresh()
        alias = self._aliases.get(ref)
        if alias is not None:
            return self._plan_alias(alias, allowed, need)
        deployment = self._known.get(ref) or self._find(ref, allowed)
        if not allowed(ref) and not allowed(deployment.ref):
            raise _not_allowed(ref)
        if need.images and deployment.offer.sees_images is False:
            raise ability.blind(deployment.config, deployment.offer)
        return Plan(self, (deployment,), need=need)

    def _plan_alias(self, alias: Alias, allowed: Allowed, need: Need) -> Plan:
        by_name = allowed(alias.name)
        skipped = [Skipped(ref, "not_offered") for ref in alias.missing]
        order: list[Deployment] = []
        for group in alias.groups:
            usable = []
            for deployment in group.deployments:
                if not by_name and not allowed(deployment.ref):
                    skipped.append(Skipped(deployment.ref, "not_allowed"))
                elif need.images and deployment.offer.sees_images is False:
                    skipped.append(Skipped(deployment.ref, "cannot_see_images"))
                else:
                    usable.append(deployment)
            order += self.in_order(usable, group.strategy)
        order = _with_room(order, need, skipped)
        if not order:
            raise _nobody(alias, skipped)
        settings = alias.settings
        return Plan(
            self,
            order,
            alias=alias.name,
            need=need,
            skipped=skipped,
            retries=settings.retries,
            first_token_timeout_s=settings.first_token_timeout_s,
            hedge_after_s=settings.hedge_after_s,
        )

    def knows(self, ref: str) -> bool:
        """Whether `plan` can tell without looking what the reference stands for."""
        self._refresh()
        return ref in self._aliases or ref in self._known

    def alias(self, name: str) -> Alias | None:
        """The alias of that name with what stands behind it now."""
        self._refresh()
        return self._aliases.get(name)

    def aliases(self) -> list[Alias]:
        """Every alias of which something can be asked, in the order of the file."""
        self._refresh()
        return [alias for alias in self._aliases.values() if alias.groups]

    def _refresh(self) -> None:
        """Look again at what is configured, where that changed."""
        directory = self.directory
        if self._version == directory.version:
            return
        self._version = directory.version
        self._known.clear()
        declared = directory.settings.declared.models
        self._aliases = {name: aliases.resolve(name, declared, directory.find) for name in declared}
        before, self._configs = self._configs, {item.config.id: item.config for item in directory.configs()}
        changed = {name for name, config in before.items() if self._configs.get(name) != config}
        # what is known against a provider was said of another address, or of other keys
        self._keys = {name: keys for name, keys in self._keys.items() if name not in changed}
        for ref, live in self._live.items():
            if ref.partition("/")[0] in changed:
                live.circuit = Circuit()

    def _find(self, ref: str, allowed: Allowed) -> Deployment:
        try:
            found = self.directory.find(ref)
        except ModelNotFound as error:
            if not allowed(ref):
                raise _not_allowed(ref) from None  # whether it exists is not theirs to know
            names = [*self._aliases, *(candidate.ref for candidate in self.directory.candidates())]
            near = error.params.get("near") or choice.near_matches(ref, names)
            near = [name for name in near if allowed(name)]
            step = f"Did you mean {' or '.join(near)}? Else pick another model." if near else None
            params = {**error.params, "near": near}
            raise ModelNotFound(error.message, next_step=step, **params) from None
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        deployment = self._known[ref] = Deployment(found.ref, found.config, found.offer, found.card)
        return deployment

    def expected_first_token_s(self, ref: str) -> float:
        """How long a deployment lately took to begin; 0 when nobody knows."""
        live = self._live.get(ref)
        return live.expected_first_token_s(self.now()) if live is not None else 0.0

    def in_order(self, deployments: Sequence[Deployment], strategy: Strategy) -> list[Deployment]:
        """Equal ones in the order of the strategy."""
        region = self.directory.settings.server.region
        return strategies.order(deployments, strategy, self._live, now=self.now(), chance=self.chance, region=region)

    def known_aliases(self) -> Mapping[str, Alias]:
        """Every alias by its name."""
        self._refresh()
        return self._aliases

    # --- what a plan asks about the present -------------------------------------------------------------------------

    def free_at(self, deployment: Deployment, now: float) -> float:
        """When the deployment may be asked, in monotonic seconds; the past means now."""
        live = self._live.get(deployment.ref)
        keys = self._keys.get(deployment.config.id)
        free_at = keys.free_at(deployment.card.id) if keys is not None else -math.inf
        if live is None or live.circuit.reopens_at is None or live.circuit.lets_through(now):
            return free_at
        return max(free_at, live.circuit.free_at(now))

    def keys_of(self, deployment: Deployment) -> Keys:
        """The keys of the deployment's provider."""
        config = deployment.config
        keys = self._keys.get(config.id)
        if keys is None or keys.count != config.key_count:
            keys = self._keys[config.id] = Keys(config.key_count)
        return keys

    # --- what happened ----------------------------------------------------------------------------------------------

    def began(self, step: Step) -> None:
        """The step's request goes out; `ended` or `left` must follow."""
        step.began_at = now = self.now()
        step.probe = self._live_of(step.deployment.ref).began(now)

    def first_token(self, step: Step) -> None:
        """The step's first token came."""
        now = self.now()
        self._live_of(step.deployment.ref).first_token(now, now - step.began_at)

    def ended(self, step: Step, error: FreeholdError | None = None) -> None:
        """The step's answer is complete, or failed with `error`, before or after its first token."""
        deployment, now = step.deployment, self.now()
        live, model_id = self._live_of(deployment.ref), deployment.card.id
        live.ended()
        if error is None:
            live.circuit.succeeded(now)
            if (keys := self._keys.get(deployment.config.id)) is not None:
                keys.worked(step.key, model_id)
            return
        fault = retry.fault(error)
        if fault == "deployment" or isinstance(error, ModelNotFound | ModelNotInstalled):
            live.circuit.failed(now, retry.told_wait(error), probe=step.probe)
        elif fault in ("request", "larger"):
            live.circuit.succeeded(now)  # it works: what it was asked is at fault
        elif step.probe:
            live.circuit.let_go()
        if isinstance(error, ProviderRateLimited):
            self.keys_of(deployment).limited(step.key, model_id, now, retry.told_wait(error))
        elif fault == "key":
            self.keys_of(deployment).rejected(step.key, now)
        elif not isinstance(error, ProviderUnreachable | ProviderTimeout):
            self.keys_of(deployment).accepted(step.key)

    def left(self, step: Step) -> None:
        """The step's request was given up: its client left, or another deployment was faster."""
        live = self._live_of(step.deployment.ref)
        live.ended()
        if step.probe:
            live.circuit.let_go()

    def slow(self, step: Step) -> None:
        """Another one was faster: the step's deployment took at least as long as has passed."""
        now = self.now()
        self._live_of(step.deployment.ref).first_token(now, now - step.began_at)

    def reset(self, ref: str) -> bool:
        """Forget what is known against a deployment, so that it is asked again; False: it was never asked."""
        self._refresh()
        live = self._live.get(ref)
        if live is None:
            return False
        live.circuit = Circuit()
        provider_id, _, model_id = ref.partition("/")
        deployment = self._known.get(ref)
        keys = self._keys.get(provider_id)
        if keys is not None:
            keys.forget(deployment.card.id if deployment is not None else model_id)
        return True

    def circuits(self) -> Mapping[str, Circuit]:
        """The circuit of every deployment that was asked."""
        return {ref: live.circuit for ref, live in self._live.items()}

    def circuit(self, ref: str) -> Circuit:
        """The circuit of one deployment, which may be one that this process never asked."""
        return self._live_of(ref).circuit

    def spoke(self, ref: str, tokens_per_second: float) -> None:
        """An answer of the deployment came at that speed."""
        self._live_of(ref).spoke(tokens_per_second)

    def _live_of(self, ref: str) -> Live:
        live = self._live.get(ref)
        if live is None:
            if len(self._live) >= _MOST_KNOWN:
                self._live = {name: kept for name, kept in self._live.items() if kept.in_flight}
            live = self._live[ref] = Live()
        return live

    # --- telling ----------------------------------------------------------------------------------------------------

    def speeds(self) -> Mapping[str, float]:
        """Tokens per second of each deployment that was measured."""
        return {ref: live.tokens_per_s for ref, live in self._live.items() if live.tokens_per_s is not None}

    def state(self, deployment: Deployment) -> State:
        """The deployment's circuit."""
        live = self._live.get(deployment.ref)
        return live.circuit.state(self.now()) if live is not None else "closed"

    def conditions(self) -> list[Condition]:
        """How every deployment is doing that an alias names or that was asked since the start."""
        self._refresh()
        known: dict[str, Deployment | None] = {}
        named: dict[str, list[str]] = {}
        for alias in self._aliases.values():
            for deployment in alias.deployments:
                known[deployment.ref] = deployment
                named.setdefault(deployment.ref, []).append(alias.name)
        by_ref = {deployment.ref: deployment for deployment in self._known.values()}
        for ref in self._live:
            known.setdefault(ref, by_ref.get(ref))
        return [self._condition(ref, item, tuple(named.get(ref, ()))) for ref, item in known.items()]

    def _condition(self, ref: str, deployment: Deployment | None, names: tuple[str, ...]) -> Condition:
        now, live = self.now(), self._live.get(ref) or Live()
        free_at, keys, resting = live.circuit.free_at(now), 1, 0
        if deployment is not None:
            held, model_id = self.keys_of(deployment), deployment.card.id
            free_at = max(free_at, held.free_at(model_id))
            keys = held.count
            resting = sum(held.rests_until(key, model_id) > now for key in range(keys))
        return Condition(
            ref=ref,
            aliases=names,
            state=live.circuit.state(now),
            free_at=clock.now() + timedelta(seconds=free_at - now) if free_at > now else None,
            failures=live.circuit.failures,
            in_flight=live.in_flight,
            calls=live.calls,
            first_token_ms=None if live.first_token_s is None else clock.milliseconds(live.first_token_s),
            tokens_per_second=None if live.tokens_per_s is None else round(live.tokens_per_s, 1),
            keys=keys,
            keys_resting=resting,
        )


def _with_room(order: list[Deployment], need: Need, skipped: list[Skipped]) -> list[Deployment]:
    """Those whose context is not known to be too small; all, when it is for each: the count is only an estimate."""
    if need.tokens is None:
        return order
    small = [item for item in order if item.card.context_tokens is not None and item.card.context_tokens < need.tokens]
    if not small or len(small) == len(order):
        return order
    skipped += [Skipped(item.ref, "context_too_small") for item in small]
    return [item for item in order if item not in small]


def _not_allowed(ref: str) -> ModelNotAllowed:
    return ModelNotAllowed(f"This key may not use {ref}.", model=ref)


def _nobody(alias: Alias, skipped: list[Skipped]) -> FreeholdError:
    why = {item.why for item in skipped} - {"not_offered"}
    if why == {"not_allowed"}:
        return _not_allowed(alias.name)
    if "cannot_see_images" in why:
        blind = next(item for item in alias.deployments if item.offer.sees_images is False)
        return ability.blind(blind.config, blind.offer)
    return NoModelAvailable(
        f"Nothing behind {alias.name} can be asked: {'; '.join(map(str, skipped))}.",
        next_step="Turn one of these models on, or pick another one.",
        model=alias.name,
    )
