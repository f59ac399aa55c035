"""One channel's desk: what is ready to leave by it, the most pressing first, as fast as it takes them."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from heapq import heappop, heappush
from itertools import count

from msgspec import Struct

from bot.messages import Outbound, Sender
from bot.store.keys import LANES
from bot.store.outbox import Claimed
from bot.store.rates import Rates


class Route(Struct, frozen=True):
    """How a channel sends: messages a second (0: as many as it takes), and how many requests may be under way."""

    sender: Sender
    rate: float
    width: int


class Letter(Struct, frozen=True):
    """What leaves as one SMS: a message, or a group of alerts, the first of which carries the others."""

    claimed: tuple[Claimed, ...]
    out: Outbound

    @property
    def carrier(self) -> Claimed:
        return self.claimed[0]

    @property
    def attempts(self) -> int:
        return max(message.attempts for message in self.claimed)


HandOver = Callable[[Sender, Sequence[Letter], asyncio.Semaphore], Awaitable[None]]
"""Begins and sends letters in one request, while it has a seat; then settles them."""
CROWD = 4
"""Letters on their way for each seat: some are being settled, or wait for theirs."""


class Desk:
    """Letters ready to leave by one channel, and those on their way."""

    def __init__(
        self, channel: str, route: Route, rates: Rates, hand_over: HandOver, freed: asyncio.Event
    ) -> None:
        self._channel = channel
        self._route = route
        self._rates = rates
        self._hand_over = hand_over
        self._freed = freed
        """Set when there is room for more on the way."""
        self._ready: list[tuple[int, int, Letter]] = []
        self._order = count()
        self._aloft: set[asyncio.Task[None]] = set()
        self._under_way = 0
        self._seats = asyncio.Semaphore(route.width)

    def __len__(self) -> int:
        return len(self._ready)

    @property
    def busy(self) -> bool:
        return bool(self._ready or self._aloft)

    def held(self, lane: str) -> int:
        """How many of a lane wait here."""
        return sum(place == LANES.index(lane) for place, _, _ in self._ready)

    def put(self, letter: Letter) -> None:
        heappush(self._ready, (LANES.index(letter.carrier.lane), next(self._order), letter))

    async def let_go(self) -> float | None:
        """Sends off as many as may leave now; seconds until the next may (None: when one on its way has arrived)."""
        many, wait = min(len(self._ready), CROWD * self._route.width - self._under_way), 0.0
        if many <= 0:
            return None
        if self._route.rate:
            many, wait = await self._rates.take(self._channel, self._route.rate, many)
        by_text: defaultdict[str, list[Letter]] = defaultdict(list)
        for _ in range(many):
            letter = heappop(self._ready)[-1]
            by_text[letter.out.text].append(letter)
        for letters in by_text.values():
            self._send_off(letters)
        return wait

    def _send_off(self, letters: Sequence[Letter]) -> None:
        """What says the same may share one request; each request keeps no other waiting."""
        self._under_way += len(letters)
        task = asyncio.create_task(self._carried(letters))
        self._aloft.add(task)
        task.add_done_callback(self._aloft.discard)

    async def _carried(self, letters: Sequence[Letter]) -> None:
        try:
            await self._hand_over(self._route.sender, letters, self._seats)
        finally:
            self._under_way -= len(letters)
            self._freed.set()

    async def close(self) -> list[Letter]:
        """Waits for those on their way; those that are still here."""
        while self._aloft:
            await asyncio.wait(self._aloft)
        left, self._ready = self._ready, []
        return [letter for _, _, letter in left]
