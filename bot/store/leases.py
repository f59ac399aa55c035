"""Who does a repeating job: whoever holds its lease. A holder that dies is replaced when the lease ends."""

from bot.store.functions import Functions
from bot.store.keys import LEASES


class Leases:
    """Leases in the store."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    async def hold(self, job: str, holder: str, ms: int) -> bool:
        """Takes the lease, or keeps it, for so long; False when it is another's."""
        return bool(await self._functions.call("k_hold", [f"{LEASES}{job}"], holder, ms))

    async def leave(self, job: str, holder: str) -> None:
        """Frees the lease, if it is this holder's."""
        await self._functions.call("k_leave", [f"{LEASES}{job}"], holder)
