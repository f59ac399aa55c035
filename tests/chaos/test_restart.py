"""A gateway is replaced by another on the same port while phones go on: nobody hears an error, nothing is lost."""

import asyncio
from collections import Counter
from socket import create_server

from aiohttp import ClientSession, TCPConnector

from bot.app import open_house
from bot.config import Settings
from tests.calls import Phone
from tests.chaos.running import start, stop
from tests.servers import until

PHONES = 8
TURNS = 1


class Callers:
    """Phones that report, each request on a connection of its own as through most proxies; every failure is kept."""

    def __init__(self, client: ClientSession, url: str) -> None:
        self.failed: list[str] = []
        self.kept: Counter[str] = Counter()
        self.stop = False
        numbers = [f"+223700000{number:02d}" for number in range(1, PHONES + 1)]
        self.tasks = [asyncio.create_task(self._reports(Phone(client, url, number))) for number in numbers]

    async def _reports(self, phone: Phone) -> None:
        while not self.stop:
            try:
                await phone.dials()
                shown = await phone.types("5", "1")
            except Exception as error:  # noqa: BLE001 - whatever it is, the phone heard it
                self.failed.append(repr(error))
                self.stop = True
                return
            if shown.startswith("END "):
                self.kept[phone.msisdn] += 1
            else:
                self.failed.append(shown)

    async def go_on(self, reports: int) -> None:
        wanted = self.kept.total() + reports

        async def gone_on() -> bool:
            return self.kept.total() >= wanted or bool(self.failed)

        await until(gone_on, 30)


async def test_gateways_replace_one_another_under_load(own: Settings) -> None:
    """The service manager holds the socket; the new gateway serves beside the old before that is told to stop."""
    said = ("gateway", "--data", own.store.data, "--demo")
    async with open_house(own) as house:  # it holds the store, as a worker does
        with create_server(("127.0.0.1", 0), backlog=128) as door:
            old, url = await start(*said, socket=door.fileno())
            async with ClientSession(connector=TCPConnector(force_close=True)) as client:
                callers = Callers(client, url)
                await callers.go_on(PHONES)
                for _ in range(TURNS):
                    new, _ = await start(*said, socket=door.fileno())
                    assert await stop(old) == 0
                    await callers.go_on(2 * PHONES)
                    old = new
                callers.stop = True
                await asyncio.gather(*callers.tasks)
            assert await stop(old) == 0
        rows = Counter([row.msisdn async for row in house.ledger.read(kind="payment")])
    assert callers.failed == []
    assert rows == callers.kept
