"""What a channel is and what it asks of the house; a new one is one new module, named as in config."""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, NamedTuple, Protocol, TypeAlias, cast, runtime_checkable

from aiohttp import web
from msgspec import Struct

from bot.messages import DeliveryReport, Inbound, Reply, Sender


class Unavailable(Exception):  # noqa: N818 - said of the house, as `Refused` is of an answer
    """The house can keep nothing just now: whoever told it something must tell it again."""


class CallEnd(Struct, frozen=True):
    """How a call ended, told afterwards or never: to be counted, not to be relied on."""

    session: str
    msisdn: str
    status: str
    """The provider's own word: `Success`, `Incomplete`, `Failed`, or one we do not know."""
    duration_ms: int = 0
    hops: int = 0
    """How many screens she saw."""
    error: str = ""


class Port(Protocol):
    """What a channel needs of the house: all but `dial` return once it is durable, or raise Unavailable."""

    async def dial(self, inbound: Inbound) -> Reply:
        """Answer a phone. Never raises: whatever happens, it is shown something."""
        ...

    async def receive(self, inbound: Inbound) -> None: ...

    async def delivered(self, report: DeliveryReport) -> None: ...

    async def hung_up(self, call: CallEnd) -> None: ...

    async def opted_out(self, msisdn: str) -> None: ...


class Post(NamedTuple):
    """What was posted to one of our addresses, all of it at hand."""

    query: str
    """As it stands in the URL, after the question mark."""
    content_type: str
    body: bytes
    address: str | None
    """Whoever is at the other end; a socket has none."""


Quick: TypeAlias = Callable[[Post], Awaitable[str] | None]
"""Answers what is in order with 200 and this text. None: it may not be, and the route of the same path shall say."""


class Channel(Protocol):
    """One way to reach a phone, and for a phone to reach us."""

    @property
    def name(self) -> str: ...

    @property
    def rate(self) -> float:
        """Messages a second that the provider takes from us; 0: as many as it can."""
        ...

    @property
    def width(self) -> int:
        """How many messages may be on their way to it at once."""
        ...

    @property
    def sender(self) -> Sender: ...

    @property
    def sends(self) -> bool:
        """Whether it can send at all: an account without a key only listens."""
        ...

    def routes(self, port: Port) -> list[web.RouteDef]:
        """A handler at a plain path is asked straight away: its requests have no `app`."""
        ...


@runtime_checkable
class Quickened(Protocol):
    """A channel that has shorter ways to the same answers, for what comes in one piece and in order."""

    def quick(self, port: Port) -> Mapping[str, Quick]:
        """By path."""
        ...


class Kind(Protocol):
    """What every module here offers: the settings of its section in config.toml, and the channel of them."""

    Settings: type[Struct]
    create: Callable[[Any], Channel]


def load(names: Iterable[str]) -> dict[str, Kind]:
    """Find the modules of these channels; LookupError names those there are."""
    there = sorted(module.name for module in pkgutil.iter_modules(__path__))
    kinds = {}
    for name in names:
        if name not in there:
            raise LookupError(f"there is no channel {name!r}, only {', '.join(there)}")
        kinds[name] = cast("Kind", importlib.import_module(f"{__name__}.{name}"))
    return kinds
