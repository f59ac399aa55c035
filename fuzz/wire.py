"""What comes over the wire, read by us and by aiohttp alone: whoever sends it, and the house, must hear the same."""

import asyncio
from functools import lru_cache

from aiohttp import web

from tests.channels.house import House, post
from tests.wire import Paper, answers, server

BODY = b"sessionId=ATUid_1&serviceCode=%2A123%23&phoneNumber=%2B22376123456&text=2%2A1&networkCode=61002"
DIAL = post("ussd", BODY)


class Sides:
    """A house behind our wire, and one behind aiohttp."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.ours, self.theirs = (
            self.loop.run_until_complete(_served(quick=quick)) for quick in (True, False)
        )


sides = lru_cache(1)(Sides)


def wire(data: bytes) -> None:
    """These bytes, then a plain dial."""
    both = sides()
    ours, theirs = (both.loop.run_until_complete(_heard(*side, data)) for side in (both.ours, both.theirs))
    assert ours == theirs, f"{ours} is not {theirs}"


async def _served(*, quick: bool) -> tuple[House, web.Server]:
    house = House()
    return house, await server(house, quick=quick)


async def _heard(house: House, serving: web.Server, data: bytes) -> object:
    house.told.clear()
    paper = Paper(serving())
    written = await paper.say(data, DIAL)
    ended = paper.closed
    paper.close()
    await paper.turn()
    return answers(written), list(house.told), ended
