"""Requests with a good key that were refused before anybody was asked, as lines of the ledger, and how many of them."""

from collections.abc import Callable

from freehold.access.subject import Subject
from freehold.errors import FreeholdError
from freehold.kit import clock
from freehold.observability.request_id import current_request_id
from freehold.usage.ledger import Ledger
from freehold.usage.record import UsageRecord

MOST_A_MINUTE = 60
"""Of one key; those beyond are in the access log and the metrics alone, so that no program fills the database."""


class Refusals:
    """One per process. What anonymous callers send, or with a wrong key, never comes here."""

    def __init__(self, ledger: Callable[[], Ledger]) -> None:
        self._ledger = ledger
        self._minute = 0
        self._counts: dict[str, int] = {}

    def note(self, subject: Subject, requested: str, error: FreeholdError) -> None:
        """Write one down; `requested` is the model that the request names, empty where that was not read."""
        key_id = subject.grant.key_id if subject.grant else None
        minute = int(clock.monotonic() // 60)
        if minute != self._minute:
            self._minute = minute
            self._counts.clear()
        count = self._counts[key_id or subject.user_id] = self._counts.get(key_id or subject.user_id, 0) + 1
        if count > MOST_A_MINUTE:
            return
        self._ledger().record(
            UsageRecord(
                at=clock.now(),
                user_id=subject.user_id,
                key_id=key_id,
                source="api",
                requested=requested,
                model="",
                provider_id="",
                self_hosted=True,  # nothing left the house
                status="refused",
                error=error.code,
                cost_usd=0.0,
                attempts=0,
                request_id=current_request_id(),
            )
        )
