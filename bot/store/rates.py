"""How many messages a second a channel takes, of all workers together."""

from bot.store.functions import Functions
from bot.store.keys import RATES

CATCH_UP = 250_000
"""Microseconds of silence that may be made up for: under 1 % of a minute."""


class Rates:
    """The pace of each channel, kept by the store's own clock."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    async def take(self, channel: str, rate: float, most: int) -> tuple[int, float]:
        """How many of `most` may leave now, at `rate` a second, and in how many seconds the next."""
        many, wait = await self._functions.call("k_take", [f"{RATES}{channel}"], rate, most, CATCH_UP)
        return many, wait / 1000
