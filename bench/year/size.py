"""What a filled store weighs, how long it takes to come back from the disk, and what a report costs in it."""

import asyncio
import sys
from collections import Counter
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from msgspec import Struct

from bench import start
from bench.processes import port_of, started
from bench.year.filling import at_rest, ended_at, settings_of
from bot.app import open_house
from bot.house import House
from bot.messages import Inbound
from bot.store.embedded import Embedded

AT_ONCE = 32
DAY = 86_400_000
TIMES = 3


class Weight(Struct, frozen=True):
    """Bytes."""

    memory: int
    log: int
    """The server's own log on disk, written anew."""
    files: int
    """The archive."""


class Return(Struct, frozen=True):
    """Seconds from a store at rest."""

    loaded: float
    """Until the server answers."""
    dialled: float
    """Until the gateway answers the first dial."""


class Cost(Struct, frozen=True):
    """Processor time of one report, dialled in one go and kept, in µs."""

    gateway: float
    store: float


async def weighed(house: House) -> Weight:
    """Memory first: the server has buffers of its own while it writes."""
    memory = await _said(house, "memory", "used_memory")
    await house.server.tick.call("BGREWRITEAOF")
    await at_rest(house)
    data = Path(house.settings.store.data)
    return Weight(int(memory), _bytes(data / "appendonlydir"), _bytes(data / "archives"))


async def kinds(house: House) -> Counter[str]:
    """Bytes in memory by kind of key; what was said in a month, and counts of days, under names of their own."""
    call, sums = house.server.tick.call, Counter[str]()
    names = sorted(await house.server.tick.names())
    for first in range(0, len(names), AT_ONCE * AT_ONCE):
        some = names[first : first + AT_ONCE * AT_ONCE]
        weights = await asyncio.gather(*(call("MEMORY", "USAGE", name, "SAMPLES", 0) for name in some))
        for name, weight in zip(some, weights, strict=True):
            sums[_kind(name.decode())] += weight or 0
    return sums


def _kind(name: str) -> str:
    _, kind, *rest = name.split(":")
    return f"{kind} a day" if kind in {"count", "packed"} and len(rest[0]) == len("20260821") else kind


async def as_commands(house: House) -> None:
    """The log without its image of the memory: what is slowest to read."""
    await house.server.tick.call("CONFIG", "SET", "aof-use-rdb-preamble", "no")
    await house.server.tick.call("BGREWRITEAOF")
    await at_rest(house)


async def archived(house: House, months: int) -> int:
    """As the worker does it, `months` after they were over; how many entries and alerts."""
    at = ended_at() + DAY
    await house.archiving.pack(at)
    return sum(moved.many for moved in await house.archiving.older(at, months))


def returned(data: Path, times: int = TIMES) -> Return:
    """The median of some times; one more goes before them, so that the files are in memory."""
    loads = [asyncio.run(_loaded(data)) for _ in range(times + 1)][1:]
    return Return(median(loads), median([_dialled(data) for _ in range(times)]))


async def _loaded(data: Path) -> float:
    began = perf_counter()
    store = await Embedded.start(data)
    seconds = perf_counter() - began
    await store.stop()
    return seconds


def _dialled(data: Path) -> float:
    log = data.with_name(f"{data.name}.log")
    command = [sys.executable, "-m", "bot", "gateway", "--data", str(data), "--port", "0", "--no-demo"]
    began = perf_counter()
    with started(command, log) as gateway:
        shown = start.dial(port_of(gateway, log))
        seconds = perf_counter() - began
    if not shown.startswith("CON "):
        raise ValueError(f"the first dial was answered {shown!r}")
    return seconds


def cost(data: Path, number: int) -> Cost:
    return asyncio.run(_cost(data, number))


async def _cost(data: Path, number: int) -> Cost:
    """So many check-ins, each ASC's once a day, some at a time; on the days after the year."""
    now = ended_at() + DAY
    async with open_house(settings_of(data), lambda: now, line=lambda _: None) as house:
        people = [one.msisdn async for one in house.contacts.contacts() if one.role == "asc"][:number]
        await _dials(house, people[:AT_ONCE], 0)
        ours, stores, count, day = process_time(), await _busy(house), 0, 0
        while count < number:
            day, now, count = day + 1, now + DAY, count + len(people)
            await _dials(house, people, day)
        return Cost((process_time() - ours) * 1e6 / count, (await _busy(house) - stores) * 1e6 / count)


async def _dials(house: House, people: list[str], day: int) -> None:
    for first in range(0, len(people), AT_ONCE):
        some = people[first : first + AT_ONCE]
        calls = [Inbound("africastalking", "ussd", f"ATUid_{day}_{one}", one, "1*1*1") for one in some]
        for reply in await asyncio.gather(*map(house.gateway.dial, calls)):
            if not reply.ends:
                raise ValueError(f"a check-in ended at {reply.text!r}")


async def _busy(house: House) -> float:
    return float(await _said(house, "cpu", "used_cpu_user")) + float(
        await _said(house, "cpu", "used_cpu_sys")
    )


async def _said(house: House, section: str, name: str) -> str:
    told = (await house.server.tick.call("INFO", section)).decode()
    return str(dict(line.split(":", 1) for line in told.splitlines() if ":" in line)[name])


def _bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob("*") if file.is_file())
