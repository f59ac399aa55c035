"""How many conversations are under way on which release, counted from the drafts that wait to be taken up."""

import asyncio
from collections import Counter

from msgspec import Struct, json

from bot.store.functions import Functions
from bot.store.keys import Shard

CHUNK = 500


class _Pin(Struct):
    release: int


class _Run(Struct):
    pin: _Pin


class Running:
    """Reads what is under way."""

    def __init__(self, functions: Functions, shards: int) -> None:
        self._line = functions.line
        self._shards = shards

    async def by_release(self) -> Counter[int]:
        """Conversations begun and not finished, by the number of their release."""
        found: Counter[int] = Counter()
        for shard in map(Shard, range(self._shards)):
            numbers = await self._line.call("ZRANGE", shard.drafts, 0, -1)
            for start in range(0, len(numbers), CHUNK):
                found.update(await self._releases(shard, numbers[start : start + CHUNK]))
        return found

    async def _releases(self, shard: Shard, numbers: list[bytes]) -> list[int]:
        asked = (self._line.call("HGET", shard.draft(number.decode()), "draft") for number in numbers)
        return [json.decode(run, type=_Run).pin.release for run in await asyncio.gather(*asked) if run]
