"""Money as whole nano-dollars, so that any number of calls adds up exactly.

Prices are US dollars per million tokens with at most three decimals, so one token costs a whole number of nano-dollars;
a 64-bit integer holds nine billion dollars of them.
"""

from decimal import Decimal

NANO = 1_000_000_000


def to_nano(usd: Decimal | float) -> int:
    """Nano-dollars, rounded to the nearest."""
    return round(usd * NANO)


def to_usd(nano: int) -> float:
    """US dollars for showing; a float is exact to the nano-dollar up to nine million dollars."""
    return nano / NANO


def shown(nano: int) -> str:
    """`$20.00`; with four decimals below ten cents, where cents would hide what was spent."""
    usd = nano / NANO
    return f"${usd:,.2f}" if usd == 0 or abs(usd) >= 0.1 else f"${usd:.4f}"
