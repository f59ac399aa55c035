"""A figure that is read from the store at most every few seconds, whoever asks."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Generic, TypeVar

from bot.store.tick import StoreUnavailable

FRESH = 5.0
"""Seconds for which it is not read again."""
STALE = 120.0
"""Seconds until which the last one is shown while the next is read."""
T = TypeVar("T")


class Fresh(Generic[T]):
    def __init__(self, read: Callable[[], Awaitable[T]]) -> None:
        self._read = read
        self._held: list[T] = []
        self._at = float("-inf")
        self._reading = asyncio.Lock()
        self._renewing: asyncio.Task[T] | None = None

    async def get(self) -> T:
        age = time.monotonic() - self._at
        if self._held and age < STALE:
            if age > FRESH and (self._renewing is None or self._renewing.done()):
                self._renewing = asyncio.create_task(self._renew())
                self._renewing.add_done_callback(_ended)
            return self._held[0]
        return await self._renew()

    def forget(self) -> None:
        """What it holds has been changed."""
        self._at = float("-inf")

    async def _renew(self) -> T:
        async with self._reading:
            if time.monotonic() - self._at >= FRESH:
                begun = time.monotonic()
                self._held = [await self._read()]
                self._at = begun
            return self._held[0]


def _ended(task: "asyncio.Task[T]") -> None:
    """The store is away: whoever asks when this one is stale will hear of it."""
    with suppress(StoreUnavailable, asyncio.CancelledError):
        task.result()
