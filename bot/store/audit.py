"""The audit log: an append-only stream of who changed or took out what; nothing in it is ever altered."""

from collections.abc import AsyncIterator

from bot.accounts import Note
from bot.store.functions import Functions
from bot.store.keys import AUDIT

CHUNK = 500


class Audit:
    def __init__(self, functions: Functions) -> None:
        self._line = functions.line

    async def note(
        self, at: int, who: str, what: str, subject: str, before: str = "", after: str = ""
    ) -> None:
        """Written before the change itself: nothing changes without a trace."""
        told: dict[str, str | int] = {"at": at, "who": who, "what": what, "subject": subject}
        told |= {"before": before, "after": after}
        await self._line.durable("XADD", AUDIT, "*", *(part for pair in told.items() for part in pair))

    async def newest(self, until: int = 0) -> AsyncIterator[Note]:
        """Every note, newest first; those written until then (Unix ms; 0: until now)."""
        end = str(until) if until else "+"
        while chunk := await self._line.call("XREVRANGE", AUDIT, end, "-", "COUNT", CHUNK):
            for xid, fields in chunk:
                yield _note(xid.decode(), [field.decode() for field in fields])
            end = f"({chunk[-1][0].decode()}"


def _note(xid: str, fields: list[str]) -> Note:
    told = dict(zip(fields[::2], fields[1::2], strict=True))
    return Note(id=xid, at=int(told.pop("at")), **told)
