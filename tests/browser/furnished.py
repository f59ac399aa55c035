"""A house with something on every page: the demo programme, reports, an alert, a broadcast, a training, a token."""

import asyncio
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from msgspec import structs

from bot import files
from bot.app import open_house, prepare
from bot.config import load
from bot.house import House
from bot.messages import Inbound
from bot.services.audience import Audience
from tests.browser.running import running
from tests.conftest import ROOT

NAME, PASSWORD = "Cheffe", "une phrase assez longue"
AMINATA, OUMOU, NANA = "+22370000001", "+22370000002", "+22370000015"
"""Oumou is of Bla, and has run out of SRO; Nana is of Niono, and has run out of CTE."""
SMS = ((OUMOU, "PRESENT"), (OUMOU, "STOCK SRO 0 ZIN 40"), (OUMOU, "CORRIGER ZIN 45"), (NANA, "STOCK CTE 0"))


@contextmanager
def furnished(folder: Path) -> Iterator[str]:
    """Where its console listens."""
    # In a thread: Playwright keeps a loop of its own in this one.
    with ThreadPoolExecutor(1) as aside:
        aside.submit(asyncio.run, _furnish(folder / "data")).result()
    with running(folder) as address:
        yield f"{address}/admin"


async def _furnish(data: Path) -> None:
    settings = load(ROOT / "config.toml", os.environ)
    store = structs.replace(settings.store, url="embedded", data=str(data))
    async with open_house(structs.replace(settings, store=store)) as house:
        await prepare(house, files.source(ROOT), with_demo=True)
        await house.keeper.add(NAME, "admin", PASSWORD)
        await house.admission.issue("DHIS2", ["reports:read"], "", NAME)
        await say(house)


async def say(house: House) -> None:
    for number, (msisdn, text) in enumerate(SMS):
        await house.gateway.receive(Inbound("simulator", "sms", f"m{number}", msisdn, text))
    whom = Audience(roles=("asc",), unit="ML/SEG/NIO")
    plan = await house.broadcasts.plan(whom, {"fr": "Bonjour {name}"}, {"fr": ("Oui", "Non")}, urgent=True)
    await house.broadcasts.send(plan, NAME)
