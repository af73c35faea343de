"""Slowing down guesses of a password: by account and by address, with a growing pause and no lock for good."""

import ipaddress
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from freehold.identity import repository
from freehold.identity.models import SignInThrottle

FREE_FAILURES = {"account": 5, "address": 20}  # an office behind one address fails more often than one person
LONGEST_PAUSE = timedelta(minutes=15)
FORGET_AFTER = timedelta(hours=24)


def keys_of(email: str, ip_address: str) -> list[str]:
    """The counters that a try concerns; IPv6 counts by /64, because one line has that many addresses."""
    try:
        address = ipaddress.ip_address(ip_address)
    except ValueError:
        place = ip_address
    else:
        place = str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else str(address)
    return [f"account:{email.strip().lower()[:320]}", f"address:{place}"]


def pause_after(kind: str, failures: int) -> timedelta:
    """0 for the first few, then 1, 2, 4 ... seconds up to a quarter of an hour."""
    over = failures - FREE_FAILURES[kind]
    if over < 0:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(over, 12)), LONGEST_PAUSE)


async def note_failure(session: AsyncSession, keys: list[str], now: datetime) -> None:
    """Count a failure on each key and set its pause."""
    rows = await repository.throttle_rows(session, keys)
    for key in keys:
        row = rows.get(key)
        if row is None:
            row = SignInThrottle(key=key, failures=0, blocked_until=None, updated_at=now)
            session.add(row)
        row.failures += 1
        row.updated_at = now
        pause = pause_after(key.partition(":")[0], row.failures)
        row.blocked_until = now + pause if pause else None
