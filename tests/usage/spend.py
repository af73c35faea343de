"""One process of a race: `python -m tests.usage.spend URL CALLS COST LIMIT` (nano-dollars) prints how many passed."""

import asyncio
import sys
from pathlib import Path

from freehold.db import open_database, parse_target
from freehold.errors import BudgetExceeded
from freehold.usage.budgets import Budgets
from freehold.usage.holders import Budget, Holder


async def race(budgets: Budgets, held: list[Budget], calls: int, cost: int) -> int:
    """Make so many calls at the same time, each of which costs `cost`; how many passed."""

    async def one() -> bool:
        try:
            reservation = await budgets.reserve(held, cost)
        except BudgetExceeded:
            return False
        await asyncio.sleep(0.01)
        reservation.settle(cost)
        return True

    return sum(await asyncio.gather(*(one() for _ in range(calls))))


async def main(url: str, calls: int, cost: int, limit: int) -> None:
    database = open_database(parse_target(url, Path()))
    budgets = Budgets(database)
    passed = await race(budgets, [Budget(Holder("key", "shared"), "total", limit)], calls, cost)
    await budgets.flush(give_back=True)
    await database.dispose()
    print(passed)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], *map(int, sys.argv[2:])))
