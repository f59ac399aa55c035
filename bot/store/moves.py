"""A contact goes on under another number: what is hers leaves one shard and arrives in the other, each in one piece.

The move is noted first. Whatever stops it in the middle, the same steps again finish it and double nothing.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from msgspec import Struct, json

from bot.store.alerts import alert_names
from bot.store.functions import Functions
from bot.store.keys import BROADCASTS, MOVES, SESSION, Shard, shard_of
from bot.store.sessions import Draft, projection_keys

MARKED = timedelta(days=45)
"""How far back messages to the old number count as sent to her: reminders look no further."""
CHUNK = 500


class Move(Struct, frozen=True, omit_defaults=True):
    """Whoever has the number `gone` has `kept` from now on."""

    id: str
    gone: str
    kept: str
    at: int
    """Unix ms."""
    by: str
    done: bool = False
    """All steps were taken: they must not be taken again, for she may have come back since."""

    @property
    def late(self) -> "Move":
        """What was said under the old number since, in a call that was under way."""
        return Move(f"{self.id}:late", self.gone, self.kept, self.at, self.by)


class When(Struct, frozen=True):
    """A move's moment in the names that the projections give it."""

    month: str
    years: Sequence[str]
    """Those in which she may have said something."""
    days: Sequence[str]
    """Those whose projections are still there."""


class Moves:
    """The steps of a move; each may be done again."""

    def __init__(self, functions: Functions, shards: int) -> None:
        self._functions = functions
        self._line = functions.line
        self._shards = [Shard(number) for number in range(shards)]

    async def note(self, move: Move) -> None:
        await self._line.durable("HSET", MOVES, move.id, json.encode(move))

    async def noted(self) -> list[Move]:
        """Those under way, the earliest first."""
        found = await self._line.call("HGETALL", MOVES)
        return sorted((json.decode(one, type=Move) for one in found.values()), key=lambda one: one.at)

    async def over(self, move: Move) -> None:
        await self._line.call("HDEL", MOVES, move.id)

    async def out(self, move: Move, when: When, *, late: bool = False) -> dict[str, Any] | None:
        """What is carried; None when nothing, or nothing any more, is to be carried."""
        polls = [name.decode() for name in await self._line.call("HKEYS", BROADCASTS)]
        order = self._order(move, when) | {
            "late": late,
            "years": list(when.years),
            "days": list(when.days),
            "polls": polls,
        }
        shard = self._shard(move.gone)
        told = json.encode(order), json.encode(self._names(shard, move.gone, when))
        found = await self._functions.keep("k_move_out", [shard.contacts], *told)
        return json.decode(found) if found else None

    async def arrive(self, move: Move, when: When, carried: dict[str, Any]) -> list[tuple[str, str]]:
        """Puts it in its place; her open alerts' old and new numbers."""
        shard = self._shard(move.kept)
        order, names = self._order(move, when), self._names(shard, move.kept, when)
        told = [json.encode(one) for one in (order, names, carried)]
        found = json.decode(await self._functions.keep("k_move_in", [shard.contacts], *told))
        return [(str(old), str(new)) for old, new in found]

    async def mark(self, move: Move) -> None:
        """A reminder she had under the old number is not due again under the new one."""
        old, new = self._shard(move.gone), self._shard(move.kept)
        life = MARKED // timedelta(milliseconds=1)
        names = await self._line.call("ZRANGEBYSCORE", old.outbox, move.at - life, "+inf", "WITHSCORES")
        for some in _chunks([(name.decode(), int(made)) for name, made in names]):
            hers = [(name, made) for name, made in some if name.endswith(f":{move.gone}")]
            await asyncio.gather(*(self._mark(new, move, name, made) for name, made in hers))

    async def _mark(self, shard: Shard, move: Move, name: str, made: int) -> None:
        key = f"{shard.messages}{name.removesuffix(move.gone)}{move.kept}"
        if await self._line.call("HSETNX", key, "made", made):
            await self._line.call("EXPIRE", key, int(MARKED.total_seconds()))

    async def lead(self, move: Move, team: Iterable[str], supervisor: str, name: str) -> None:
        """Whose supervisor she was, she is; and she is in the team she was in."""
        await asyncio.gather(*(self._led(move, one, name) for one in team))
        if supervisor:
            key = self._shard(supervisor).team(supervisor)
            await self._line.call("SREM", key, move.gone)
            await self._line.call("SADD", key, move.kept)

    async def _led(self, move: Move, member: str, name: str) -> None:
        """Unless a roster has given her another meanwhile."""
        key = self._shard(member).contact(member)
        if await self._functions.call("k_led", [key], move.gone, move.kept, name):
            await self._line.call("SADD", self._shard(move.kept).team(move.kept), member)

    async def tell(self, move: Move, numbers: Iterable[tuple[str, str]]) -> None:
        """Alerts that she was told of are hers under the new number; those about her answer to their old number too."""
        await asyncio.gather(
            *(
                self._functions.call(
                    "k_alert_moved", [one.open_alerts], one.alert, one.held, move.gone, move.kept
                )
                for one in self._shards
            )
        )
        old = self._shard(move.gone)
        for before, after in numbers:
            await self._line.call("HSET", f"{old.alert}{before}", "moved", after)

    async def leave(self, move: Move) -> None:
        """All has arrived: nothing of it is held for the way any more."""
        await self._line.call("HDEL", self._shard(move.gone).left(move.gone), "carried")

    async def drafts(self, msisdn: str, *, enrolled: bool = False) -> bool:
        """Whether a conversation waits to be finished; `enrolled`: of somebody on the roster when it began."""
        found = await self._line.call("HGET", self._shard(msisdn).draft(msisdn), "draft")
        if found is None:
            return False
        return not enrolled or bool(json.decode(found, type=Draft).pin.contact.get("role"))

    async def alerts(self, msisdn: str) -> int:
        """How many about her are not resolved."""
        return int(await self._line.call("HLEN", self._shard(msisdn).subjects(msisdn)))

    def _order(self, move: Move, when: When) -> dict[str, Any]:
        return {
            "id": move.id,
            "from": move.gone,
            "to": move.kept,
            "at": move.at,
            "by": move.by,
            "month": when.month,
        }

    def _names(self, shard: Shard, msisdn: str, when: When) -> dict[str, Any]:
        return {
            **projection_keys(shard, msisdn),
            "ledger": shard.ledger(when.month),
            "contact": shard.contact(msisdn),
            "contacts": shard.contacts,
            "leaders": shard.leaders,
            "team": shard.team(msisdn),
            "left": shard.left(msisdn),
            "came": shard.came(msisdn),
            "polls": shard.polls,
            "draft": shard.draft(msisdn),
            "drafts": shard.drafts,
            "session_life": SESSION // timedelta(milliseconds=1),
            "alerts": alert_names(shard, len(self._shards)),
        }

    def _shard(self, msisdn: str) -> Shard:
        return shard_of(msisdn, len(self._shards))


def _chunks(things: Sequence[tuple[str, int]]) -> Iterator[Sequence[tuple[str, int]]]:
    for start in range(0, len(things), CHUNK):
        yield things[start : start + CHUNK]
