"""Our functions on the server: loaded where they are missing, called by name, their failures told apart."""

from collections.abc import Awaitable, Callable, Sequence
from importlib.resources import files
from typing import Any, Protocol

from redis.exceptions import ResponseError

from bot.store.tick import Argument

LIBRARIES = (
    "kunnafoni.lua",
    "outbox.lua",
    "alerts.lua",
    "copy.lua",
    "due.lua",
    "privacy.lua",
    "archive.lua",
)


class Line(Protocol):
    """What carries one command to the store: `store.tick.Tick`."""

    def call(self, *args: Argument) -> Awaitable[Any]: ...

    def durable(self, *args: Argument) -> Awaitable[Any]: ...

    @property
    def moves(self) -> bool:
        """Whether its keys may be moved to another server while it is used."""
        ...

    async def every_primary(self, *args: Argument) -> None:
        """The same command on each primary."""
        ...


class Functions:
    """Calls our functions; loads them again where a primary does not have them: a new one, or one that was flushed."""

    def __init__(self, line: Line) -> None:
        self.line = line

    async def load(self) -> None:
        for library in LIBRARIES:
            source = files("bot.store").joinpath(library).read_text(encoding="utf-8")
            await self.line.every_primary("FUNCTION", "LOAD", "REPLACE", source)

    async def call(self, name: str, keys: Sequence[str | bytes], *args: Argument) -> Any:
        return await self._call(self.line.call, name, keys, *args)

    async def keep(self, name: str, keys: Sequence[str | bytes], *args: Argument) -> Any:
        """The same for what must be on the replicas' disks too, where the operator asks for it."""
        return await self._call(self.line.durable, name, keys, *args)

    async def _call(
        self, ask: Callable[..., Awaitable[Any]], name: str, keys: Sequence[str | bytes], *args: Argument
    ) -> Any:
        if self.line.moves:
            keys = (*keys, never(keys[0]))
        try:
            return await ask("FCALL", name, len(keys), *keys, *args)
        except ResponseError as error:
            if "Function not found" not in str(error):
                raise
        await self.load()
        return await ask("FCALL", name, len(keys), *keys, *args)


def never(key: str | bytes) -> str:
    """A key of the same slot that is never there.

    A function touches more keys than those it is given. While a slot is moved to another server, half of its keys are
    here and half are there, and a function would begin anew what has not arrived yet. Beside a key that is on neither
    side, the servers refuse every call (TRYAGAIN) until the slot has moved.
    """
    name = key if isinstance(key, str) else key.decode()
    return f"{name[: name.index('}') + 1]}:never"
