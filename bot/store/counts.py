"""Counts by unit and indicator, a day or a month: a hash while it changes, packed when it rests, added up when read.

The names of units and indicators repeat in every shard and period: packed, they weigh a seventh. What is corrected
later is counted in a hash again, beside what is packed.
"""

import asyncio
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec import json

from bot.store.archived import digest, digest_of
from bot.store.functions import Functions
from bot.store.keys import Shard


class Counts:
    def __init__(self, functions: Functions) -> None:
        self._functions = functions
        self._line = functions.line

    async def of(self, shard: Shard, period: str) -> Mapping[str, int]:
        """What was counted on a day (`20260821`) or in a month (`202608`): `FALO|stock.SRO` → 3."""
        counted, packed = await asyncio.gather(
            self._line.call("HGETALL", f"{shard.counts}{period}"),
            self._line.call("GET", shard.packed(period)),
        )
        return _sum(counted, packed)

    async def pack(self, shards: Sequence[Shard], periods: Iterable[str]) -> int:
        """Packs what there is of periods that are over; how many."""
        periods, many = list(periods), 0
        for shard in await self._counting(shards, periods):
            sizes = await asyncio.gather(
                *(self._line.call("HLEN", f"{shard.counts}{period}") for period in periods)
            )
            for period, size in zip(periods, sizes, strict=True):
                many += await self._pack(shard, period) if size else 0
        return many

    async def _counting(self, shards: Sequence[Shard], periods: Sequence[str]) -> list[Shard]:
        """Where there is anything to pack: as a rule nowhere, and this is asked for every period at once."""
        found = await asyncio.gather(
            *(
                self._line.call("EXISTS", *(f"{shard.counts}{period}" for period in periods))
                for shard in shards
            )
        )
        return [shard for shard, many in zip(shards, found, strict=True) if many]

    async def _pack(self, shard: Shard, period: str) -> int:
        """1, or 0 when something was counted meanwhile: another time."""
        keys = [f"{shard.counts}{period}", shard.packed(period)]
        counted = await self._line.call("HGETALL", keys[0])
        packed = await self._line.call("GET", keys[1])
        told = zlib.compress(json.encode(dict(sorted(_sum(counted, packed).items()))), 9)
        return int(
            await self._functions.keep("k_pack", keys, digest_of(counted), digest([packed or b""]), told)
        )


def _sum(counted: Mapping[bytes, bytes], packed: bytes | None) -> dict[str, int]:
    sums: Counter[str] = Counter(json.decode(zlib.decompress(packed)) if packed else {})
    for name, number in counted.items():
        sums[name.decode()] += int(number)
    return {name: number for name, number in sums.items() if number}
