"""The commands `person export` and `person erase`; each leaves a note in the audit log."""

import sys

from msgspec import json

from bot.app import open_house
from bot.config import Settings
from bot.house import House
from bot.services.person import Person, named, shown
from bot.store.traces import Traces

WHO = "command line"


def person_of(house: House) -> Person:
    return Person(Traces(house.server.tick, house.functions), house.words, house.contacts)


async def tell(settings: Settings, msisdn: str) -> None:
    async with open_house(settings) as house:
        await house.audit.note(house.clock(), WHO, "person.export", named(msisdn))
        async for trace in person_of(house).held(msisdn):
            sys.stdout.write(json.encode(shown(trace)).decode() + "\n")


async def take_out(settings: Settings, msisdn: str) -> str:
    """The code that stands for her now."""
    async with open_house(settings) as house:
        await house.audit.note(house.clock(), WHO, "person.erase", named(msisdn))
        return await person_of(house).erase(msisdn)
