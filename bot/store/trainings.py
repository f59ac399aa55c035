"""The sessions of the programme, in one hash, and the invitation that each invited contact keeps."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Literal

from msgspec import Struct, json

from bot.store.functions import Functions
from bot.store.keys import TRAININGS, shard_of


class Session(Struct, frozen=True, omit_defaults=True):
    """One training as it is planned; times are on the programme's clock."""

    id: str
    topic: str
    """A name with words, `malaria`, or the topic as it is to be said."""
    place: str
    begins: str
    """`2026-11-30T08:00`."""
    ends: str = ""
    """Its last day, `2026-12-02`; empty: the day it begins."""
    quiz: str = ""
    """The quiz it ends with; empty: its topic's."""
    state: Literal["planned", "cancelled"] = "planned"
    changes: int = 0
    """How often it was changed: what tells of each is another message."""

    @property
    def last(self) -> str:
        return self.ends or self.begins[:10]


class Trainings:
    """Sessions and invitations in the store."""

    def __init__(self, functions: Functions, shards: int) -> None:
        self._functions = functions
        self._shards = shards

    async def sessions(self) -> Mapping[str, Session]:
        """By id, the earliest first."""
        found = await self._functions.line.call("HGETALL", TRAININGS)
        held = [json.decode(one, type=Session) for one in found.values()]
        return {one.id: one for one in sorted(held, key=lambda one: (one.begins, one.id))}

    async def put(self, sessions: Iterable[Session]) -> None:
        pairs = [(one.id, json.encode(one)) for one in sessions]
        if pairs:
            await self._functions.line.call("HSET", TRAININGS, *(part for pair in pairs for part in pair))

    async def invite(
        self, numbers: Iterable[str], invitation: bytes, forget: str, *, only_held: bool = False
    ) -> list[str]:
        """Notes the invitation (JSON) with each of them; those who were not invited before."""
        asked = list(numbers)
        new = await asyncio.gather(
            *(
                self._functions.call("k_invite", [self._contact(number)], invitation, int(only_held), forget)
                for number in asked
            )
        )
        return [number for number, added in zip(asked, new, strict=True) if added]

    async def attend(self, number: str, session: str, attended: str) -> bool:
        """Notes whether she came; False when she was not invited."""
        return bool(await self._functions.call("k_attend", [self._contact(number)], session, attended))

    def _contact(self, number: str) -> str:
        return shard_of(number, self._shards).contact(number)
