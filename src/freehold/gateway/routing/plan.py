"""The tries of one call, one after the other: which deployment first, and which after each failure; no I/O."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol

from freehold.errors import FreeholdError
from freehold.gateway.privacy.passed import Passed
from freehold.gateway.routing import retry
from freehold.gateway.routing.cascade.judging import Cascade
from freehold.gateway.routing.deployment import ANYTHING, Deployment, Kind, Need, Skipped, Step, Why
from freehold.gateway.routing.live import Keys
from freehold.kit import clock

MAX_ATTEMPTS = 12
"""No call asks more often than this, however many deployments there are."""


class Conditions(Protocol):
    """What a plan asks about the present; the Router is it. Seconds, monotonic."""

    def now(self) -> float: ...
    def chance(self) -> float: ...
    def free_at(self, deployment: Deployment, now: float) -> float:
        """When the deployment may be asked; minus infinity, or the past, means now."""
        ...

    def keys_of(self, deployment: Deployment) -> Keys: ...


class Plan:
    """Made by `Router.plan` for one call. `first()`, then `after(error)` for each failure before the first token."""

    __slots__ = (
        "_attempts",
        "_conditions",
        "_last",
        "_order",
        "_retries",
        "_timeout_s",
        "_tried",
        "_tries",
        "alias",
        "cascade",
        "hedge_after_s",
        "need",
        "passed",
        "retries",
        "route",
        "skipped",
    )

    def __init__(
        self,
        conditions: Conditions,
        order: Sequence[Deployment],
        *,
        alias: str | None = None,
        need: Need = ANYTHING,
        skipped: Sequence[Skipped] = (),
        retries: int = retry.MAX_RETRIES,
        first_token_timeout_s: float | None = None,
        hedge_after_s: float | None = None,
        route: Mapping[str, Any] | None = None,
    ) -> None:
        """`route`: how it was chosen, where there was a choice."""
        self.alias = alias
        self.route = route
        self.need = need
        self.skipped: list[Skipped] = list(skipped)
        self.retries = retries
        self.passed: Passed | None = None
        self.cascade: Cascade | None = None
        self.hedge_after_s = hedge_after_s
        self._conditions = conditions
        self._order = order
        self._timeout_s = first_token_timeout_s
        self._tried: dict[str, set[int]] = {}  # the keys that each deployment was asked with
        self._tries: dict[str, int] = {}
        self._attempts = 0
        self._retries = 0
        self._last: Step | None = None

    @property
    def deployments(self) -> Sequence[Deployment]:
        """Everything that may be asked, in the order of this plan; at least one."""
        return self._order

    def narrow(self, order: Sequence[Deployment], skipped: Sequence[Skipped], route: Mapping[str, Any]) -> None:
        """Ask only these, before anybody was asked."""
        self._order, self.skipped, self.route = order, list(skipped), route

    def keep_in_house(self, why: Why) -> bool:
        """Ask nobody outside, for that reason. False: nobody in the house, or nobody else, is there to ask."""
        inside = [deployment for deployment in self._order if deployment.config.self_hosted]
        if not inside or len(inside) == len(self._order):
            return False
        self.skipped += [Skipped(item.ref, why) for item in self._order if item not in inside]
        self._order = inside
        return True

    def first(self) -> Step:
        """Whom to ask. When all are cooling down, the one that comes back soonest: it is better than a refusal."""
        found = self._free() or self._soonest()
        assert found is not None
        return self._go(found, "chosen", None)

    def after(self, error: FreeholdError, failed: Step | None = None) -> Step | None:
        """What to do after `failed` (by default the last step) ended with `error`; None: that is the call's error.

        `Router.ended` must have been told of the error before.
        """
        step = failed or self._last
        assert step is not None
        fault, cause = retry.fault(error), retry.in_words(error)
        if fault == "request" or self._attempts >= MAX_ATTEMPTS:
            return None
        if fault == "key" and (key := self._other_key(step.deployment)) is not None:
            return self._go(step.deployment, "next_key", cause, key=key)
        fits = self._larger_than(step.deployment) if fault == "larger" else _any
        found = self._free(fits)
        if found is None and fault not in ("larger", "limit"):
            again = self._again(error, cause)
            if again is not None:
                return again
        found = found or self._soonest(fits)
        return self._go(found, "fallback", cause) if found is not None else None

    def hedge(self) -> Step | None:
        """Another deployment to ask beside the one that is silent; only one that is well. None: there is no other."""
        found = self._free() if self._attempts < MAX_ATTEMPTS else None
        return self._go(found, "hedge", None) if found is not None else None

    def outside(self) -> Deployment | None:
        """The first one outside that was not asked yet and may be asked now."""
        return self._free(lambda deployment: not deployment.config.self_hosted)

    def escalate(self, cause: str) -> Step | None:
        """The house has answered, and not well enough: whom to ask outside. From here on nobody else is asked."""
        found = self.outside() if self._attempts < MAX_ATTEMPTS else None
        if found is None:
            return None
        self._order = [deployment for deployment in self._order if not deployment.config.self_hosted]
        return self._go(found, "escalation", cause.replace("_", " "))

    def aside(self, deployment: Deployment) -> Step:
        """Ask this one beside the one that answered."""
        return self._go(deployment, "second", None)

    # --- choosing ---------------------------------------------------------------------------------------------------

    def _free(self, fits: "Callable[[Deployment], bool] | None" = None) -> Deployment | None:
        """The first that was not asked yet and may be asked now."""
        now = self._conditions.now()
        for deployment in self._order:
            if deployment.ref in self._tried or (fits is not None and not fits(deployment)):
                continue
            free_at = self._conditions.free_at(deployment, now)
            if free_at <= now:
                return deployment
            self._skip(deployment, free_at - now)
        return None

    def _soonest(self, fits: "Callable[[Deployment], bool] | None" = None) -> Deployment | None:
        """Of those not asked yet the one that may be asked soonest."""
        now = self._conditions.now()
        left = [
            deployment
            for deployment in self._order
            if deployment.ref not in self._tried and (fits is None or fits(deployment))
        ]
        return min(left, key=lambda deployment: self._conditions.free_at(deployment, now), default=None)

    def _other_key(self, deployment: Deployment) -> int | None:
        keys = self._conditions.keys_of(deployment)
        if keys.count == 1:
            return None
        return keys.pick(deployment.card.id, self._conditions.now(), self._tried[deployment.ref])

    def _again(self, error: FreeholdError, cause: str) -> Step | None:
        """Everybody was asked: the one that can be asked soonest once more, after a pause."""
        wait = retry.wait_before_retry(error, self._retries + 1, self._conditions.chance(), self.retries)
        if wait is None:
            return None
        now = self._conditions.now()
        tried = [deployment for deployment in self._order if deployment.ref in self._tried]
        best = min(tried, key=lambda item: (max(now, self._conditions.free_at(item, now)), self._tries[item.ref]))
        wait = max(wait, self._conditions.free_at(best, now) - now)
        if wait > retry.LONGEST_WAIT_S + 0.2:  # the spread that wait_before_retry adds
            return None
        self._retries += 1
        return self._go(best, "retry", cause if len(self._order) > 1 else None, wait_s=wait)

    def _larger_than(self, failed: Deployment) -> Callable[[Deployment], bool]:
        """Whether a deployment is known to read more than the one that could not."""
        window = failed.card.context_tokens or self.need.tokens or math.inf
        return lambda deployment: (deployment.card.context_tokens or 0) > window

    def _go(
        self, deployment: Deployment, kind: Kind, cause: str | None, *, key: int | None = None, wait_s: float = 0.0
    ) -> Step:
        if key is None:
            keys = self._conditions.keys_of(deployment)
            key = 0 if keys.count == 1 else keys.pick(deployment.card.id, self._conditions.now())
            if key is None:
                key = keys.soonest(deployment.card.id)
        ref = deployment.ref
        if ref in self._tried:
            self._tried[ref].add(key)
            self._tries[ref] += 1
        else:
            self._tried[ref], self._tries[ref] = {key}, 1
        self._attempts += 1
        self._last = Step(deployment, kind, cause, key, wait_s, self.alias, self._timeout_s)
        return self._last

    def _skip(self, deployment: Deployment, seconds: float) -> None:
        if not any(skipped.ref == deployment.ref for skipped in self.skipped):
            until = clock.now() + timedelta(seconds=seconds)
            self.skipped.append(Skipped(deployment.ref, "cooling_down", until))


def _any(deployment: Deployment) -> bool:
    del deployment
    return True
