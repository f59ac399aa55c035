"""Phones that report and report, through whatever happens to us, and keep account of what they were told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import ClientError, ClientSession, ClientTimeout
from msgspec import structs

from bot.app import listening, open_house, prepare
from bot.config import Settings
from bot.flow.release import Source
from bot.house import House
from bot.people import Contact, Unit
from bot.store.sessions import now_ms
from tests.calls import Phone
from tests.chaos.account import Account
from tests.servers import until

PHONES = 12
NUMBERS = [f"+2237610{number:04d}" for number in range(PHONES)]
HEARD = (ClientError, TimeoutError, AssertionError, OSError)
"""What a phone meets on a bad line."""


class Load:
    """Every phone makes one report after another, each with a number of its own, until it is told to hang up."""

    def __init__(self, url: str, client: ClientSession) -> None:
        self.account = Account()
        self._url = url
        self._client = client
        self._stop = False
        self._phones = [asyncio.create_task(self._reports(number)) for number in NUMBERS]

    async def goes_on(self, reports: int = 2 * PHONES, seconds: float = 30) -> None:
        """Waits until so many more are kept."""
        wanted = len(self.account.kept) + reports

        async def kept() -> bool:
            return len(self.account.kept) >= wanted

        await until(kept, seconds)

    async def hears_sorry(self, times: int = 1) -> None:
        wanted = self.account.sorry + times

        async def heard() -> bool:
            return self.account.sorry >= wanted

        await until(heard, 30)

    async def hangs_up(self) -> Account:
        self._stop = True
        await asyncio.gather(*self._phones)
        return self.account

    async def _reports(self, msisdn: str) -> None:
        phone = Phone(self._client, self._url, msisdn)
        number = 0
        while not self._stop:
            number += 1
            try:
                await report_stock(phone, number, self.account)
            except HEARD:
                self.account.silent += 1
                await asyncio.sleep(0.05)  # she dials again


async def report_stock(phone: Phone, number: int, account: Account) -> None:
    """One call that says so many sachets are left; what was left of the call before is not gone on with."""
    shown = await phone.dials()
    if shown.startswith("CON"):
        shown = await phone.types("2")
    if shown.startswith("CON Stock"):
        shown = await phone.types("2")
    if shown.startswith("CON"):
        shown = await phone.types("2")
    if shown.startswith("CON SRO"):
        account.tried.add((phone.msisdn, number))
        shown = await phone.types(str(number))
    if shown.startswith("CON SRO"):
        shown = await phone.types("1")
    if shown.startswith("END Stock enregistr"):
        account.kept.append((phone.msisdn, number))
    elif shown.startswith("END Service en panne"):
        account.sorry += 1
        await asyncio.sleep(0.02)


async def people(house: House) -> None:
    """Who reports; each asked for one product."""
    await house.contacts.put_units([Unit("U", "Unité")])
    await house.contacts.put(
        Contact(number, "Awa", "asc", "U", "fr", products=("SRO",), path="U") for number in NUMBERS
    )


@asynccontextmanager
async def house_at(
    url: str,
    settings: Settings,
    shipped: Source,
    *,
    replicas: int = 0,
    data: str = "",
    clock: Callable[[], int] = now_ms,
) -> AsyncIterator[House]:
    """A house over the store at this URL, with the people who report."""
    store = structs.replace(settings.store, url=url, wait_replicas=replicas, data=data or settings.store.data)
    own = structs.replace(settings, store=store, server=structs.replace(settings.server, port=0))
    async with open_house(own, clock=clock) as house:
        await prepare(house, shipped, with_demo=False)
        await people(house)
        yield house


@asynccontextmanager
async def under_load(house: House) -> AsyncIterator[tuple[Load, "Door"]]:
    """The house serves, and every phone is reporting."""
    async with (
        listening(house, simulator=False) as url,
        ClientSession(timeout=ClientTimeout(total=15)) as client,
    ):
        load = Load(url, client)
        await load.goes_on()
        yield load, Door(url, client)
        await load.hangs_up()


class Door:
    """What an operator's tools see of a gateway."""

    def __init__(self, url: str, client: ClientSession) -> None:
        self._url = url
        self._client = client

    async def ready(self) -> bool:
        async with self._client.get(f"{self._url}/readyz") as response:
            return response.status == 200

    async def red(self) -> bool:
        return not await self.ready()
