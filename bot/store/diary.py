"""Who said what on which day, from the days' projections: kept for a hundred days."""

import asyncio
from collections.abc import Mapping, Sequence

from msgspec import msgpack

from bot.store.functions import Functions
from bot.store.keys import Shard

Places = Mapping[str, tuple[int, ...]]
"""By number, the places of the days on which she said it."""


class Diary:
    def __init__(self, functions: Functions, shards: int) -> None:
        self._functions = functions
        self._shards = [Shard(number) for number in range(shards)]
        self._decode = msgpack.Decoder(dict[str, tuple[int, ...]]).decode

    async def said(self, kind: str, days: Sequence[str]) -> Places:
        """Who said a kind of report on these days (`20261121`)."""
        packed = await asyncio.gather(
            *(
                self._functions.call("k_diary", [shard.contacts], shard.days, kind, *days)
                for shard in self._shards
            )
        )
        return {number: places for one in packed if one for number, places in self._decode(one).items()}
