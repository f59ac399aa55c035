"""The draft of the next release: one for the whole programme, every save a version; its law: no save hides another.

It is kept as releases are: a version is written only upon the one its author had seen.
"""

from msgspec import Struct, json

from bot.flow.release import Source
from bot.store.functions import Functions
from bot.store.keys import EDITED

KEPT = 30
"""Versions that can be gone back to."""


class Draft(Struct, frozen=True):
    """The next release as it is being written: upon which release, by whom, when (Unix ms)."""

    base: int
    source: Source
    at: int
    by: str
    editors: tuple[str, ...] = ()
    """Everybody who changed something in it."""
    what: str = ""
    """What the last change was, for whoever meets it."""
    asked_by: str = ""
    """Who asked another person to publish it as it is, and why; empty: nobody since its last change."""
    asked: str = ""


class Held(Struct, frozen=True):
    """What the store holds: the version (0: there never was one) and its draft, if one is open."""

    version: int
    draft: Draft | None


class Drafts:
    """The draft in the store."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    async def held(self, version: int = 0) -> Held:
        """The current version, or that one while it is kept."""
        line = self._functions.line
        number = version or int(await line.call("HGET", EDITED, "current") or 0)
        found = await line.call("HGET", EDITED, number)
        return Held(number, json.decode(found, type=Draft | None) if found else None)

    async def save(self, seen: int, draft: Draft | None) -> bool:
        """Writes the version after the one seen (None: there is no draft any more); False: another came first."""
        if not await self._functions.call("k_publish", [EDITED], seen, json.encode(draft)):
            return False
        await self._functions.line.call("HDEL", EDITED, seen + 1 - KEPT)
        return True
