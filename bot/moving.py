"""The commands `contacts move`, `contacts merge` and `contacts alike`."""

from bot.app import open_house
from bot.config import Settings
from bot.services.alike import Pair, alike

WHO = "command line"


async def move(settings: Settings, old: str, new: str) -> None:
    """Raises CannotMove."""
    async with open_house(settings) as house:
        await house.moving.move(old, new, WHO)


async def merge(settings: Settings, gone: str, kept: str) -> None:
    """Raises CannotMove."""
    async with open_house(settings) as house:
        await house.moving.merge(gone, kept, WHO)


async def pairs(settings: Settings) -> list[Pair]:
    async with open_house(settings) as house:
        return alike([one async for one in house.contacts.contacts()])
