"""Whether a call may be made now: rate limits, then budgets; and the account of it when it ends."""

from collections.abc import Mapping
from decimal import Decimal

from freehold.access.subject import Subject
from freehold.errors import BudgetExceeded, PriceUnknown, RateLimited
from freehold.observability import metrics
from freehold.usage.budgets import Reservation
from freehold.usage.holders import Budget, Holder, Limit
from freehold.usage.limits import Claim
from freehold.usage.money import to_nano
from freehold.usage.record import UsageRecord
from freehold.usage.rules import KeyRules, Rules
from freehold.usage.service import UsageService


class Ticket:
    """A call that was let in; settle it exactly once, however it ended."""

    __slots__ = ("_claim", "_reservation", "_rules", "_usage")

    def __init__(self, usage: UsageService, rules: Rules, claim: Claim, reservation: Reservation | None) -> None:
        self._usage, self._rules, self._claim, self._reservation = usage, rules, claim, reservation

    @property
    def headers(self) -> Mapping[str, str]:
        """`x-ratelimit-*` as they stand now; empty for a caller without limits."""
        return self._usage.limits.headers(self._rules.limits)

    def settle(self, record: UsageRecord | None) -> None:
        """Correct limits and budgets by what the call took and write it down; None: nothing was asked of a provider.

        Never waits. A call without counts or price is settled as if it took what was estimated, so that a failure to
        count is no way around a budget.
        """
        if record is None:
            self._claim.release(0)
            if self._reservation is not None:
                self._reservation.settle(0)
            return
        self._usage.ledger.record(record)
        nothing = record.status != "ok" and record.input_tokens is None
        tokens = 0 if nothing else _sum(record.input_tokens, record.output_tokens)
        self._claim.release(tokens)
        if self._reservation is not None:
            cost = None if record.cost_usd is None else to_nano(record.cost_usd)
            self._reservation.settle(0 if nothing else self._reservation.amount if cost is None else cost)


class Admission:
    """Lets calls in; one per process."""

    def __init__(self, usage: UsageService) -> None:
        self._usage = usage
        self._keys: dict[str, tuple[object, KeyRules]] = {}

    async def admit(
        self, subject: Subject, model: str, estimated_tokens: int, max_cost_usd: Decimal | float | None
    ) -> Ticket:
        """Take a place under every limit and reserve the cost of every budget that holds for this call, or refuse it.

        `model` is `provider/model`. `max_cost_usd` is 0 for what costs nothing, which no budget keeps from being used,
        and None when the price is unknown. Waits only when a budget's lease is used up. Raises RateLimited,
        BudgetExceeded, PriceUnknown; StorageError when a budget cannot be asked.
        """
        rules = self._usage.rules.of(subject.user_id, self._key(subject), model)
        try:
            claim = self._usage.limits.claim(rules.limits, estimated_tokens)
            if not rules.budgets or max_cost_usd == 0:
                return Ticket(self._usage, rules, claim, None)
            try:
                if max_cost_usd is None:
                    raise _unpriced(model, rules.budgets[0])
                reservation = await self._usage.budgets.reserve(rules.budgets, max(1, to_nano(max_cost_usd)))
            except BaseException:
                claim.release(0)
                raise
        except (RateLimited, BudgetExceeded) as refusal:
            metrics.REFUSALS.labels(refusal.code).inc()
            raise
        return Ticket(self._usage, rules, claim, reservation)

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


def _unpriced(model: str, budget: Budget) -> PriceUnknown:
    return PriceUnknown(
        f"The price of {model} is unknown, so it cannot be counted against the budget of {budget.holder}.",
        model=model,
        holder=budget.holder.kind,
        holder_name=budget.holder.name or budget.holder.id,
        retry_after_s=None,
    )


def _sum(*counts: int | None) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
