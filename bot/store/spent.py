"""What messages have cost, by month, unit and kind: written when each is settled, read as a sum of the shards."""

import asyncio
from collections import defaultdict

from msgspec import Struct

from bot.store.functions import Functions
from bot.store.keys import Shard

TOTAL = b"total"


class Spent(Struct, frozen=True):
    """The messages of one kind about one unit (its org path) in a month; in 1/100 FCFA."""

    unit: str
    kind: str
    segments: int
    cents: int


class Expenses:
    """Costs in the store."""

    def __init__(self, functions: Functions, shards: int) -> None:
        self._line = functions.line
        self._shards = [Shard(number) for number in range(shards)]

    async def month(self, month: str) -> list[Spent]:
        """By unit and kind, for a month (`202611`)."""
        found = await asyncio.gather(
            *(self._line.call("HGETALL", shard.spent(month)) for shard in self._shards)
        )
        sums: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(lambda: {"segments": 0, "cost": 0})
        for field, number in (pair for hash_ in found for pair in hash_.items() if pair[0] != TOTAL):
            unit, kind, what = field.decode().rsplit("|", 2)
            sums[unit, kind][what] += int(number)
        return [Spent(*about, one["segments"], one["cost"]) for about, one in sorted(sums.items())]

    async def total(self, month: str) -> int:
        """All of a month, in 1/100 FCFA."""
        found = await asyncio.gather(
            *(self._line.call("HGET", shard.spent(month), TOTAL) for shard in self._shards)
        )
        return sum(int(one or 0) for one in found)
