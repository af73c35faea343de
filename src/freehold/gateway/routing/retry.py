"""What a failure before the first token means for the next try, and how long to wait for one; pure."""

from typing import Literal

from freehold.errors import (
    BudgetExceeded,
    ContextTooLong,
    FreeholdError,
    ModelCannot,
    ModelNotFound,
    ModelNotInstalled,
    PriceUnknown,
    ProviderKeyMissing,
    ProviderKeyRejected,
    ProviderOverloaded,
    ProviderProtocolError,
    ProviderQuotaExceeded,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderUnreachable,
    QueueFull,
    RateLimited,
)

MAX_RETRIES = 2
"""Further tries of a deployment when there is no other, unless an alias says otherwise."""

LONGEST_WAIT_S = 5.0
_FIRST_STEP_S = 0.4
_LONGEST_STEP_S = 3.2
_LEAST_S = 0.05

Fault = Literal["request", "elsewhere", "limit", "larger", "key", "deployment"]
"""Whose a failure is: the request's own (stop), one that another deployment may not have, a limit or budget of this
server's on the model (as before, but nobody is asked again), one of the context (a larger one may read it), the key's,
or the deployment's.
"""

_FAULTS: dict[type[FreeholdError], tuple[Fault, str]] = {
    RateLimited: ("limit", "limit reached"),
    BudgetExceeded: ("limit", "budget used up"),
    PriceUnknown: ("limit", "price unknown"),
    ProviderRateLimited: ("key", "rate limited"),
    ProviderKeyRejected: ("key", "key rejected"),
    ProviderQuotaExceeded: ("key", "no credit left"),
    ProviderKeyMissing: ("elsewhere", "no key"),
    ModelCannot: ("elsewhere", "the model cannot do it"),
    ModelNotFound: ("elsewhere", "no such model"),
    ModelNotInstalled: ("elsewhere", "model not installed"),
    QueueFull: ("elsewhere", "queue full"),
    ContextTooLong: ("larger", "context too long"),
    ProviderOverloaded: ("deployment", "overloaded"),
    ProviderUnreachable: ("deployment", "unreachable"),
    ProviderTimeout: ("deployment", "no answer in time"),
    ProviderProtocolError: ("deployment", "broken answer"),
}


def fault(error: FreeholdError) -> Fault:
    """Whose fault an error is."""
    found = _FAULTS.get(type(error))
    return found[0] if found else "request"


def in_words(error: FreeholdError) -> str:
    """An error in two or three words, for the reason of the next try."""
    found = _FAULTS.get(type(error))
    return found[1] if found else error.code.replace("_", " ")


def told_wait(error: FreeholdError) -> float | None:
    """How long the provider asked to be left alone (Retry-After), in seconds."""
    said = error.params.get("retry_after_s")
    return float(said) if isinstance(said, int | float) else None


def wait_before_retry(error: FreeholdError, failures: int, chance: float, most: int = MAX_RETRIES) -> float | None:
    """Seconds to wait before the same deployment is asked again, or None to give up.

    `failures` counts those so far, this one included; `chance` in [0, 1) spreads the tries of many clients over the
    whole step ("full jitter", which doubles each time). A provider that names a time (Retry-After) is believed up to
    5 seconds; a longer wait is the person's to decide on, and so is another one after a time-out or in a full queue.
    """
    if not error.retryable or isinstance(error, ProviderTimeout | QueueFull) or failures > most:
        return None
    said = told_wait(error)
    if said is not None:
        return said + 0.2 * chance if said <= LONGEST_WAIT_S else None
    step = min(_FIRST_STEP_S * 2 ** (failures - 1), _LONGEST_STEP_S)
    return max(_LEAST_S, step * chance)
