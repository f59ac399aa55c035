"""A figure that is read from the store at most every few seconds, whoever asks; and what is made of figures."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from contextlib import suppress
from operator import is_
from typing import Any, Generic, TypeVar

from bot.store.tick import StoreUnavailable

FRESH = 5.0
"""Seconds for which it is not read again."""
SPARED = 20
"""Nor for so many times as long as it took to read: a twentieth of a process is enough, however much there is."""
STALE = 120.0
"""Seconds until which the last one is shown while the next is read."""
KEPT = 128
"""Things made of figures that are held: one for each page, area and choice somebody looked at last."""
T = TypeVar("T")


class Fresh(Generic[T]):
    def __init__(self, read: Callable[[], Awaitable[T]]) -> None:
        self._read = read
        self._held: list[T] = []
        self._at = float("-inf")
        self._took = 0.0
        self._changes = 0
        """How often what it holds was changed: what is read meanwhile may be from before."""
        self._reading = asyncio.Lock()
        self._renewing: asyncio.Task[T] | None = None

    async def get(self) -> T:
        age = time.monotonic() - self._at
        if self._held and age < STALE:
            if age > max(FRESH, SPARED * self._took):
                self._begin()
            return self._held[0]
        return await self._renew()

    def _begin(self) -> None:
        """One at a time; whoever cannot wait for it goes on with the last one."""
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._renew())
            self._renewing.add_done_callback(_ended)

    def warm(self) -> None:
        """Begins to read it, where there is none to show."""
        if time.monotonic() - self._at >= STALE:
            self._begin()

    def forget(self) -> None:
        """What it holds has been changed."""
        self._changes += 1
        self._at = float("-inf")

    def change(self, changed: Callable[[T], T]) -> None:
        """Puts right what it holds, where that costs less than to read it again."""
        self._changes += 1
        if self._held:
            self._held = [changed(self._held[0])]

    async def _renew(self) -> T:
        async with self._reading:
            if time.monotonic() - self._at >= FRESH:
                begun, changes = time.monotonic(), self._changes
                self._held = [await self._read()]
                self._took = time.monotonic() - begun
                self._at = begun if changes == self._changes else float("-inf")
            return self._held[0]


class Kept:
    """What was made of figures, for as long as the figures are the same."""

    def __init__(self) -> None:
        self._held: dict[tuple[Hashable, ...], tuple[tuple[object, ...], Any]] = {}

    async def get(
        self, key: tuple[Hashable, ...], of: tuple[object, ...], make: Callable[[], Awaitable[T]]
    ) -> T:
        """`key`: what it is, then of what area and choice. `of`: what it is made of; another object, another figure.

        Whatever of its kind was made of another first figure is forgotten: of these only the last is held.
        """
        held = self._held.get(key)
        if held and len(held[0]) == len(of) and all(map(is_, held[0], of)):
            made: T = held[1]
            return made
        made = await make()
        self._held = {
            other: held for other, held in self._held.items() if other[0] != key[0] or held[0][0] is of[0]
        }
        if len(self._held) >= KEPT:
            del self._held[next(iter(self._held))]
        self._held[key] = of, made
        return made


def _ended(task: "asyncio.Task[T]") -> None:
    """The store is away: whoever asks when this one is stale will hear of it."""
    with suppress(StoreUnavailable, asyncio.CancelledError):
        task.result()
