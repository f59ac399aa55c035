"""Thousands of phones, some of them at once, by USSD and by SMS; each number is reported once by each of them."""

import asyncio
from collections import deque
from random import Random
from uuid import uuid4

from aiohttp import ClientSession, ClientTimeout

from tests.calls import Phone
from tests.chaos.account import Account
from tests.chaos.load import HEARD, report_stock
from tests.servers import until

FULL = 40
"""What she has at first; every report is one less, so that none is asked about. With nothing left she stops."""
SMS = 1 / 3
"""Of the reports; the provider repeats an SMS until it hears 200."""


class Load:
    """So many at once, each time the phone that has waited longest, until they hang up."""

    def __init__(self, url: str, numbers: list[str], at_once: int, chance: Random) -> None:
        self.account = Account()
        self.by_sms = 0
        self._url = url
        self._chance = chance
        self._rested = deque((number, FULL) for number in numbers)
        self._stop = False
        self._callers = [asyncio.create_task(self._calls()) for _ in range(at_once)]

    async def goes_on(self, reports: int, seconds: float = 60) -> None:
        """Waits until so many more are acknowledged."""
        wanted = len(self.account.kept) + reports

        async def kept() -> bool:
            return len(self.account.kept) >= wanted

        await until(kept, seconds)

    async def hangs_up(self) -> None:
        self._stop = True
        await asyncio.gather(*self._callers)

    async def _calls(self) -> None:
        async with ClientSession(timeout=ClientTimeout(total=15)) as client:
            while not self._stop and self._rested:
                number, left = self._rested.popleft()
                await self._reports(Phone(client, self._url, number), left)
                if left > 1:
                    self._rested.append((number, left - 1))

    async def _reports(self, phone: Phone, left: int) -> None:
        if self._chance.random() < SMS:
            await self._writes(phone, left)
            return
        try:
            await report_stock(phone, left, self.account)
        except HEARD:
            self.account.silent += 1
            await asyncio.sleep(0.05)  # she looks at her phone, and calls again another day

    async def _writes(self, phone: Phone, left: int) -> None:
        told, name = (phone.msisdn, left), uuid4().hex
        self.account.tried.add(told)
        while not self._stop:
            try:
                await phone.writes(f"STOCK SRO {left}", name)
            except HEARD:
                self.account.silent += 1
                await asyncio.sleep(0.2)  # the provider tells us again
            else:
                self.account.kept.append(told)
                self.by_sms += 1
                return
