"""How long it takes to find who is due, among the ASC of a large country: half have checked in, some are away."""

import asyncio
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path

from msgspec import Struct, structs

from bench.processes import ROOT
from bot import files
from bot.app import open_house, prepare
from bot.config import load
from bot.house import House
from bot.people import Contact, Unit
from bot.services.reminders import Due
from bot.store.keys import shard_of

NOW = "2026-11-23T16:00+00:00"
PLACES = 2_000
CHUNK = 2_000
PRODUCTS = ("TDR", "CTE", "SRO", "ZIN", "AMX", "PAR")


class Found(Struct, frozen=True):
    people: int
    due: int
    seconds: float
    queued: float
    """Seconds to queue them all."""
    again: float
    """Seconds to find that nothing is due any more."""


def measure(folder: Path, number: int) -> Found:
    """Everybody is read, judged and queued, by one process."""
    return asyncio.run(_measure(folder / "due", number))


async def _measure(data: Path, number: int) -> Found:
    now = _ms(NOW)
    settings = load(ROOT / "config.toml", {})
    store = structs.replace(settings.store, url="embedded", data=str(data))
    async with open_house(structs.replace(settings, store=store), lambda: now) as house:
        await prepare(house, files.source(ROOT), with_demo=False)
        await _fill(house, number)
        began = time.perf_counter()
        due = await _due(house, now)
        seconds = time.perf_counter() - began
        await house.reminders.run(now)
        queued = time.perf_counter() - began - seconds
        left = await _due(house, now)
        if left or not due:
            raise ValueError(f"{due} were due, and {left} still are")
        return Found(number, due, seconds, queued, time.perf_counter() - began - seconds - queued)


async def _due(house: House, now: int) -> int:
    return sum([sum(isinstance(one, Due) for one in found) async for found in house.reminders.due(now)])


async def _fill(house: House, number: int) -> None:
    await house.contacts.put_units(Unit(f"CS{place}", f"CSCom {place}") for place in range(PLACES))
    people = _people(number)
    while chunk := list(islice(people, CHUNK)):
        await house.contacts.put(chunk)
        await asyncio.gather(*(_says(house, place, one) for place, one in enumerate(chunk)))


async def _says(house: House, place: int, contact: Contact) -> None:
    """One of two checked in today and reported stock, one of ten is on leave; the others were there on Friday."""
    today, friday = _ms("2026-11-23T08:00+00:00"), _ms("2026-11-20T16:30+00:00")
    checkin = f"absent:leave@{friday}" if place % 10 == 1 else f"present@{friday if place % 2 else today}"
    said = (
        "checkin",
        checkin,
        "stock",
        f"@{friday if place % 2 else today}",
        "payment",
        f"yes 10/2026@{friday}",
    )
    shard = shard_of(contact.msisdn, house.settings.store.shards)
    await house.server.tick.call("HSET", shard.known(contact.msisdn), *said)


def _people(number: int) -> Iterator[Contact]:
    for asc in range(number):
        unit = f"CS{asc % PLACES}"
        path = f"ML/R{asc % 19}/D{asc % 75}/{unit}"
        yield Contact(
            f"+223{70_000_000 + asc}",
            f"Aminata {asc}",
            "asc",
            unit,
            "bm" if asc % 3 else "fr",
            f"+223{60_000_000 + asc % PLACES}",
            products=PRODUCTS,
            path=path,
        )


def _ms(said: str) -> int:
    return round(datetime.fromisoformat(said).timestamp() * 1000)


def lines(found: Found) -> Iterator[str]:
    yield ""
    yield "Reminders: who is due, read and judged by one process (aim: 100,000 in under 5 s)"
    yield f"  contacts {found.people:,}, due {found.due:,}: found in {found.seconds:.2f} s"
    yield f"  queued in {found.queued:.1f} s more; that nothing is left to queue: {found.again:.2f} s"
