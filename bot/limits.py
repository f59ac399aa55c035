"""How much one number and one address may ask of us: a flood is turned away at the door, for next to nothing."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from ipaddress import IPv6Address, ip_address
from time import monotonic

from aiohttp import web

from bot.channels import CallEnd, Port, Quick, Unavailable
from bot.messages import DeliveryReport, Inbound, Reply
from bot.metrics import Metrics
from bot.text.msisdn import mask

_log = logging.getLogger("kunnafoni.limits")

BURST = 60.0
"""Seconds' worth of requests that a number or an address may have saved up."""
SWEPT = 10_000
"""Names remembered before those that have nothing to make good are forgotten."""
SAY_EVERY = 10.0
"""Seconds between two lines of the log about one kind of flood."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Pace:
    """A token bucket for each name, kept as one number: until when it has used up what it may (GCRA)."""

    def __init__(self, rate: float, burst: float = BURST, clock: Callable[[], float] = monotonic) -> None:
        """`rate`: requests a second, 0 for any number; `burst`: seconds of it that may be saved up."""
        self._gap = 1 / rate if rate else 0.0
        self._ahead = max(burst, self._gap)
        self._clock = clock
        self._until: dict[str, float] = {}
        self._sweep_at = SWEPT

    def takes(self, name: str) -> bool:
        """Whether this one is still within bounds; one that is not costs the sender nothing more."""
        if not self._gap:
            return True
        now = self._clock()
        until = max(self._until.get(name, now), now) + self._gap
        if until > now + self._ahead:  # not their difference: rounded, it may be more than it is
            return False
        self._until[name] = until
        if len(self._until) > self._sweep_at:
            self._sweep(now)
        return True

    def __len__(self) -> int:
        return len(self._until)

    def _sweep(self, now: float) -> None:
        self._until = {name: until for name, until in self._until.items() if until > now}
        self._sweep_at = max(SWEPT, 2 * len(self._until))


class Flood:
    """Counts what was turned away, and says so in the log now and then: the log must not be flooded in its turn."""

    def __init__(self, metrics: Metrics, by: str, clock: Callable[[], float] = monotonic) -> None:
        self._refused = metrics.refused.labels(by)
        self._by = by
        self._clock = clock
        self._said = float("-inf")

    def met(self, who: str) -> None:
        self._refused.inc()
        now = self._clock()
        if now - self._said >= SAY_EVERY:
            self._said = now
            _log.warning("flood by=%s of=%s", self._by, who)


class Turnstile:
    """The house as a channel sees it, for a number that does not ask more than a person can (a channels' `Port`)."""

    def __init__(self, port: Port, numbers: Pace, flood: Flood, busy: Callable[[], Reply]) -> None:
        self._port = port
        self._numbers = numbers
        self._flood = flood
        self._busy = busy

    async def dial(self, inbound: Inbound) -> Reply:
        if self._numbers.takes(inbound.msisdn):
            return await self._port.dial(inbound)
        self._flood.met(mask(inbound.msisdn))
        return self._busy()

    async def receive(self, inbound: Inbound) -> None:
        """An SMS too many is not taken, and not thanked either: the provider tells it again, and then there is room."""
        if not self._numbers.takes(inbound.msisdn):
            self._flood.met(mask(inbound.msisdn))
            raise Unavailable("more than a person can send")
        await self._port.receive(inbound)

    async def delivered(self, report: DeliveryReport) -> None:
        await self._port.delivered(report)

    async def hung_up(self, call: CallEnd) -> None:
        await self._port.hung_up(call)

    async def opted_out(self, msisdn: str) -> None:
        await self._port.opted_out(msisdn)


def spared(address: str | None) -> bool:
    """A proxy on this machine carries all the world, and has limits of its own; a socket has no address at all."""
    return not address or ip_address(address).is_loopback


def party(address: str | None) -> str:
    """Who stands behind an address: of IPv6 a line has a whole /64, and could come from another one each time."""
    if not address or ":" not in address:
        return str(address)
    return str(IPv6Address(int(IPv6Address(address.partition("%")[0])) >> 64 << 64))


class Addresses:
    """Lets in what comes from addresses that do not ask more than they may."""

    def __init__(self, pace: Pace, flood: Flood, *, free: Callable[[str | None], bool] = spared) -> None:
        self._pace = pace
        self._flood = flood
        self._free = free
        self._near: set[str | None] = set()

    def routes(self, routes: Iterable[web.RouteDef]) -> list[web.RouteDef]:
        """The same routes; who asks too much hears 429 before its key is read."""
        return [
            web.RouteDef(route.method, route.path, self._behind(route.handler), route.kwargs)
            for route in routes
        ]

    def quick(self, ways: Mapping[str, Quick]) -> dict[str, Quick]:
        """The same ways; who asks too much is left to the route, and so is, counted twice, what is out of order."""
        return {path: self._before(answer) for path, answer in ways.items()}

    def _lets_in(self, address: str | None) -> bool:
        if address in self._near or self._pace.takes(party(address)):
            return True
        if self._free(address):
            self._near.add(address)
            return True
        return False

    def _behind(self, handler: Handler) -> Handler:
        async def let_in(request: web.Request) -> web.StreamResponse:
            if self._lets_in(request.remote):
                return await handler(request)
            self._flood.met(str(request.remote))
            return web.Response(status=429, headers={"Retry-After": "60"})

        return let_in

    def _before(self, answer: Quick) -> Quick:
        return lambda post: answer(post) if self._lets_in(post.address) else None
