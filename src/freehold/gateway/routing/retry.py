"""When a call that failed before its first token is tried again; pure."""

from freehold.errors import ProviderError, ProviderTimeout

MAX_RETRIES = 2
LONGEST_WAIT_S = 5.0
_FIRST_WAIT_S = 0.4


def wait_before_retry(error: ProviderError, failures: int, chance: float) -> float | None:
    """Seconds to wait before the next try, or None to give up.

    `failures` counts those so far, this one included; `chance` in [0, 1) spreads the tries of many clients ("equal
    jitter": half of the step is fixed). A provider that names a time (Retry-After) is believed up to 5 seconds; a
    longer wait is the person's to decide on, and so is another one after a time-out.
    """
    if not error.retryable or isinstance(error, ProviderTimeout) or failures > MAX_RETRIES:
        return None
    said = error.params.get("retry_after_s")
    if isinstance(said, int | float):
        return float(said) + 0.2 * chance if said <= LONGEST_WAIT_S else None
    step = _FIRST_WAIT_S * 2 ** (failures - 1)
    return step / 2 + step / 2 * chance
