"""Gateway and store killed under load: every report that was acknowledged is there, once, after the restart."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
from aiohttp import ClientConnectionError, ClientSession

from bot.app import open_house
from bot.config import Settings
from bot.people import Contact, Unit
from tests.calls import Phone
from tests.chaos.account import Account, agrees
from tests.chaos.running import running

PHONES = 24
ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "5"))
"""Kills of each kind: `CHAOS_ROUNDS=67 make chaos` makes two hundred."""
SECONDS = 1.2


async def reports(client: ClientSession, url: str, msisdn: str, account: Account, first: int) -> None:
    """One phone: report after report, each with a number of its own, until the line goes dead."""
    phone = Phone(client, url, msisdn)
    number = first
    while True:
        number += 1
        try:
            await phone.dials()
            if (await phone.types("2")).startswith("CON Stock"):
                await phone.types("2")
            await phone.types("2")
            account.tried.add((msisdn, number))
            shown = await phone.types(str(number))
        except (ClientConnectionError, AssertionError, TimeoutError):
            return
        if shown.startswith("CON SRO"):
            shown = await _confirmed(phone)
        if shown.startswith("END Stock enregistr"):
            account.kept.append((msisdn, number))


async def _confirmed(phone: Phone) -> str:
    """More than before without a receipt: it asks, and she says yes."""
    try:
        return await phone.types("1")
    except (ClientConnectionError, AssertionError, TimeoutError):
        return ""


@pytest.mark.parametrize("victim", ["gateway", "store", "both"])
async def test_nothing_acknowledged_is_lost_or_doubled(own: Settings, tmp_path: Path, victim: str) -> None:
    data = Path(own.store.data)
    numbers = [f"+2237610{n:04d}" for n in range(PHONES)]
    async with open_house(own) as house:
        await house.contacts.put_units([Unit("U", "Unité")])
        await house.contacts.put(
            Contact(number, "Awa", "asc", "U", "fr", products=("SRO",), path="U") for number in numbers
        )
    account = Account()
    for turn in range(ROUNDS):
        async with running(data) as (process, url), ClientSession() as client:
            phones = [
                asyncio.create_task(reports(client, url, number, account, turn * 100)) for number in numbers
            ]
            await asyncio.sleep(SECONDS)
            _kill(process.pid, data, victim)
            if victim == "store":
                process.kill()
            await asyncio.gather(*phones)
    async with open_house(own) as house:
        await agrees(account, house)
    assert len(account.kept) > PHONES * ROUNDS, "the load never got going"


def _kill(gateway: int, data: Path, victim: str) -> None:
    """Kill -9; the store's process is the gateway's child with this data folder."""
    if victim in ("store", "both"):
        for child in Path(f"/proc/{gateway}/task").glob("*/children"):
            for pid in child.read_text().split():
                if "valkey" in Path(f"/proc/{pid}/cmdline").read_text():
                    os.kill(int(pid), signal.SIGKILL)
    if victim in ("gateway", "both"):
        os.kill(gateway, signal.SIGKILL)
