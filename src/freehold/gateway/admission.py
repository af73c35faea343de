"""Whether a call may be made now: rate limits, then budgets; and the account of it when it ends."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from freehold.access.subject import Subject
from freehold.errors import PriceUnknown
from freehold.gateway.meter import Size, most_tokens, most_usd
from freehold.gateway.routing.deployment import Deployment
from freehold.usage.budgets import Reservation
from freehold.usage.holders import Budget, Holder, Limit
from freehold.usage.limits import Claim
from freehold.usage.money import to_nano
from freehold.usage.record import UsageRecord
from freehold.usage.rules import KeyRules, Rules
from freehold.usage.service import UsageService
from freehold.usage.shared_limits import SharedClaim


@dataclass(slots=True)
class Place:
    """A place under some limits and budgets, for every model of a call or for one of them."""

    model: str | None
    claim: Claim | SharedClaim
    reservation: Reservation | None

    def settle(self, records: Iterable[UsageRecord]) -> None:
        """Give it back for what the call's records took together."""
        tokens, cost = 0, 0
        unknown_tokens = unknown_cost = False
        for record in records:
            if self.model is not None and self.model != record.model:
                continue
            read, written = record.input_tokens, record.output_tokens
            if read is None:
                if record.status != "ok":
                    continue  # it took nothing
                unknown_tokens |= written is None
            tokens += (read or 0) + (written or 0)
            if record.cost_usd is None:
                unknown_cost = True
            else:
                cost += to_nano(record.cost_usd)
        self.claim.release(None if unknown_tokens else tokens)
        if self.reservation is not None:
            self.reservation.settle(max(cost, self.reservation.amount) if unknown_cost else cost)


class Ticket:
    """A call that was let in; settle it exactly once, however it ended.

    The limits and budgets of a key and a person hold for the call as a whole, those of models for each attempt: `enter`
    before a deployment is asked that `covers` does not name.
    """

    __slots__ = ("_admission", "_free", "_key", "_places", "_rules", "_subject")

    def __init__(
        self,
        admission: "Admission",
        subject: Subject,
        key: KeyRules | None,
        *,
        rules: Rules,
        place: Place,
        free: str | None,
    ) -> None:
        """`free`: a model that nothing limits."""
        self._admission, self._subject, self._key, self._rules = admission, subject, key, rules
        self._places = [place]
        self._free = free

    @property
    def headers(self) -> Mapping[str, str]:
        """`x-ratelimit-*` as they stand now; empty for a caller without limits."""
        usage = self._admission.usage
        return (usage.shared or usage.limits).headers(self._rules.limits)

    def covers(self, model: str) -> bool:
        """Whether the model may be asked without `enter`."""
        return model == self._free

    async def enter(self, deployment: Deployment, size: Size, *, again: bool = False) -> None:
        """Take a place under every limit and budget of that model, once. `again`, and raises, as Admission.admit."""
        ref = deployment.ref
        if any(place.model == ref for place in self._places):
            return
        subject = self._subject
        rules = self._admission.usage.rules.of(subject.user_id, self._key, ref, subject.groups)
        its = Rules(*_split(rules)[1])
        cost = Decimal(0) if deployment.config.self_hosted else most_usd(deployment.card, size)
        self._places.append(await self._admission.place(ref, its, ref, most_tokens(size), cost, again=again))
        if its.limits:
            self._rules = Rules((*self._rules.limits, *its.limits), self._rules.budgets)

    def settle(self, records: Sequence[UsageRecord]) -> None:
        """Correct limits and budgets by what the call took and write it down; empty: nothing was asked of a provider.

        Never waits. A call without counts or price is settled as if it took what was estimated, so that a failure to
        count is no way around a budget.
        """
        for record in records:
            self._admission.usage.ledger.record(record)
        for place in self._places:
            place.settle(records)


class Admission:
    """Lets calls in; one per process."""

    def __init__(self, usage: UsageService) -> None:
        self.usage = usage
        self._keys: dict[str, tuple[object, KeyRules]] = {}

    async def admit(
        self,
        subject: Subject,
        model: str,
        estimated_tokens: int,
        max_cost_usd: Decimal | float | None,
        unpriced: str | None = None,
        *,
        again: bool = False,
        of_models: bool = False,
    ) -> Ticket:
        """Take a place under every limit and reserve the cost of every budget of the caller's, or refuse the call.

        `model` is `provider/model`, the one that is asked first. `max_cost_usd` is 0 for what costs nothing, which no
        budget keeps from being used, and None when a price is unknown: that of `unpriced`, if not of `model`. Waits
        only when a budget's lease is used up.
        `again`: a budget had no room for the same call a moment ago, which counted as its request.
        `of_models`: work of the server's own, for which what limits the caller is of no matter.
        Raises RateLimited, BudgetExceeded, PriceUnknown; StorageError when a budget cannot be asked.
        """
        key = self._key(subject)
        rules = self.usage.rules.of(subject.user_id, key, model, subject.groups)
        free = None if rules.of_models else model
        if of_models:
            rules = Rules((), ())
        elif rules.of_models:
            rules = Rules(*_split(rules)[0])
        place = await self.place(None, rules, model, estimated_tokens, max_cost_usd, unpriced=unpriced, again=again)
        return Ticket(self, subject, key, rules=rules, place=place, free=free)

    async def place(
        self,
        of: str | None,
        rules: Rules,
        model: str,
        estimated_tokens: int,
        max_cost_usd: Decimal | float | None,
        *,
        unpriced: str | None = None,
        again: bool,
    ) -> Place:
        """A place under all these rules, or under none. Raises as `admit`."""
        shared, limits, requests = self.usage.shared, rules.limits, 0 if again else 1
        if shared is None:
            claim = self.usage.limits.claim(limits, estimated_tokens, requests)
        else:
            claim = await shared.claim(limits, estimated_tokens, requests)
        if not rules.budgets or max_cost_usd == 0:
            return Place(of, claim, None)
        try:
            if max_cost_usd is None:
                raise _unpriced(unpriced or model, rules.budgets[0])
            reservation = await self.usage.budgets.reserve(rules.budgets, max(1, to_nano(max_cost_usd)))
        except BaseException:
            claim.release(0)
            raise
        return Place(of, claim, reservation)

    def _key(self, subject: Subject) -> KeyRules | None:
        """The rules of the subject's key, made once for each state of it."""
        grant = subject.grant
        if grant is None:
            return None
        known = self._keys.get(grant.key_id)
        if known is not None and known[0] is grant:
            return known[1]
        holder = Holder("key", grant.key_id, grant.name)
        limits, budget = grant.limits, grant.budget
        rules = KeyRules(
            Limit(holder, limits.requests_per_minute, limits.tokens_per_minute, limits.concurrency),
            None if budget is None else Budget(holder, budget.period, to_nano(budget.usd)),
        )
        self._keys[grant.key_id] = (grant, rules)
        return rules


_Rules = tuple[tuple[Limit, ...], tuple[Budget, ...]]


def _split(rules: Rules) -> tuple[_Rules, _Rules]:
    """Those of the caller, and those of models."""

    def only(models: bool) -> _Rules:
        return (
            tuple(one for one in rules.limits if (one.holder.kind == "model") is models),
            tuple(one for one in rules.budgets if (one.holder.kind == "model") is models),
        )

    return only(False), only(True)


def _unpriced(model: str, budget: Budget) -> PriceUnknown:
    return PriceUnknown(
        f"The price of {model} is unknown, so it cannot be counted against the budget of {budget.holder}.",
        model=model,
        provider_id=model.partition("/")[0],
        holder=budget.holder.kind,
        holder_name=budget.holder.name or budget.holder.id,
        retry_after_s=None,
    )
