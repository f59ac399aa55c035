"""What a year weighs in the store: ASC who check in each day and count ten products each week, on a clock of ours."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec import Struct, structs

from bench.processes import ROOT
from bot import files
from bot.app import open_house, prepare
from bot.config import load
from bot.house import House
from bot.messages import Inbound
from bot.people import Contact, Unit
from bot.store.keys import DAY_KEPT, Shard

PRODUCTS = ("TDR", "CTE", "SRO", "ZIN", "AMX", "PAR", "CTN", "PIL", "INJ", "PRE")
DAYS = 365
WEEKS = 52
ASC_OF_A_UNIT = 4
NEW_YEAR = datetime(2026, 1, 1, 17, 0, tzinfo=UTC)
SHARD = Shard(0)
_POLL = 0.02
_LIVE_FILE = re.compile(r"^file (\S+) seq \d+ type [bi]", re.MULTILINE)


class Size(Struct, frozen=True):
    """Bytes in memory, and on disk once the log is rewritten."""

    memory: float
    disk: float

    def __sub__(self, other: "Size") -> "Size":
        return Size(self.memory - other.memory, self.disk - other.disk)

    def __truediv__(self, number: int) -> "Size":
        return Size(self.memory / number, self.disk / number)


class Sizes(Struct, frozen=True):
    contact: Size
    checkin: Size
    stock_row: Size
    asc_year: Size
    kinds: tuple[tuple[str, float], ...]
    """Each kind of key, and its bytes in memory for one ASC and year."""


class Clock:
    """A clock that is moved by hand."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> int:
        return int(self.at.timestamp() * 1000)


def measure(folder: Path, number: int) -> Sizes:
    """The weight of a year of that many ASC."""
    return asyncio.run(_measure(folder / "year", number))


async def _measure(data: Path, number: int) -> Sizes:
    settings = load(ROOT / "config.toml", {})
    # In one shard, forty ASC are as dense as 2,560 in sixty-four: streams and counts are shared by as many.
    store = structs.replace(settings.store, url="embedded", data=str(data), shards=1)
    clock = Clock(NEW_YEAR)
    async with open_house(structs.replace(settings, store=store), clock) as house:
        await prepare(house, files.source(ROOT), with_demo=False)
        people = tuple(_people(number))
        empty = await _size(house)
        await house.contacts.put_units(_units(number))
        await house.contacts.put(people)
        with_roster = await _size(house)
        await _a_year(house, clock, people, _checkins)
        with_checkins = await _size(house)
        await _a_year(house, clock, people, _stock)
        full = await _size(house)
        rows = Counter([row.kind async for row in house.ledger.read()])
        if rows != (expected := {"checkin": number * DAYS, "stock": number * WEEKS * len(PRODUCTS)}):
            raise ValueError(f"the ledger holds {rows}, not {expected}")
        return Sizes(
            contact=(with_roster - empty) / number,
            checkin=(with_checkins - with_roster) / rows["checkin"],
            stock_row=(full - with_checkins) / rows["stock"],
            asc_year=(full - with_roster) / number,
            kinds=await _kinds(house, number),
        )


async def _a_year(
    house: House, clock: Clock, people: Sequence[Contact], said: Callable[[int, int], str]
) -> None:
    """Everybody who has something to say on a day dials it in one go, `*123*1*1*1#`, and reaches the last screen."""
    for day in range(DAYS):
        clock.at = NEW_YEAR + timedelta(days=day)
        await asyncio.gather(
            *(
                _dial(house, person.msisdn, f"ATUid_{said.__name__}_{day}_{person.msisdn}", text)
                for asc, person in enumerate(people)
                if (text := said(day, asc))
            )
        )
    await _forget(house, f"{clock.at - DAY_KEPT:%Y%m%d}")


async def _dial(house: House, msisdn: str, session: str, text: str) -> None:
    reply = await house.gateway.dial(Inbound("africastalking", "ussd", session, msisdn, text))
    if not reply.ends:
        raise ValueError(f"{text} ended at {reply.text!r}")


def _checkins(day: int, asc: int) -> str:
    """At her post: nobody ill on one day of three, else fever and diarrhoea."""
    return "1*1*1" if (day + asc) % 3 == 0 else f"1*1*23*{1 + day % 9}*{1 + asc % 4}"


def _stock(day: int, _asc: int) -> str:
    """On one day of seven: nothing came, and a little less of everything."""
    week, weekday = divmod(day, 7)
    return "*".join(["2", "2", *(str(70 - week) for _ in PRODUCTS)]) if weekday == 0 and week < WEEKS else ""


async def _forget(house: House, before: str) -> None:
    """Deletes what would have expired by the end of the year: the server's clock did not move."""
    gone = [*await _keys(house, SHARD.session("*", "*")), *await _keys(house, SHARD.seen("*"))]
    for prefix in SHARD.counts, SHARD.days:
        days = await _keys(house, f"{prefix}????????")
        gone += [key for key in days if key.removeprefix(prefix.encode()).decode() < before]
    await asyncio.gather(*(house.server.tick.call("UNLINK", key) for key in gone))


async def _size(house: House) -> Size:
    """Memory first, for a rewrite that is under way has buffers of its own."""
    memory = int(await _info(house, "memory", "used_memory"))
    await house.server.tick.call("BGREWRITEAOF")
    while await _info(house, "persistence", "aof_rewrite_in_progress") == "1":  # noqa: ASYNC110 - told only when asked
        await asyncio.sleep(_POLL)
    log = Path(house.settings.store.data) / "appendonlydir"
    named = _LIVE_FILE.findall((log / "appendonly.aof.manifest").read_text())
    return Size(memory, sum((log / name).stat().st_size for name in named))


async def _kinds(house: House, number: int) -> tuple[tuple[str, float], ...]:
    weights: Counter[str] = Counter()
    for key in await _keys(house, f"{SHARD.tag}:*"):
        kind = key.decode().split(":")[1]
        weights[kind] += await house.server.tick.call("MEMORY", "USAGE", key, "SAMPLES", 0)
    return tuple((kind, weight / number) for kind, weight in weights.most_common())


async def _keys(house: House, pattern: str) -> list[bytes]:
    return list(await house.server.tick.call("KEYS", pattern))


async def _info(house: House, section: str, name: str) -> str:
    told = (await house.server.tick.call("INFO", section)).decode()
    return str(dict(line.split(":", 1) for line in told.splitlines() if ":" in line)[name])


def _units(number: int) -> Iterator[Unit]:
    yield Unit("BLA", "Bla", type="district")
    for unit in range(-(-number // ASC_OF_A_UNIT)):
        yield Unit(f"CS{unit}", f"CSCom {unit}", "BLA", "cscom")


def _people(number: int) -> Iterator[Contact]:
    for asc in range(number):
        unit = f"CS{asc // ASC_OF_A_UNIT}"
        yield Contact(
            msisdn=f"+223{71_000_000 + asc}",
            name=f"Aminata Coulibaly {asc}",
            role="asc",
            org_unit=unit,
            language="fr",
            products=PRODUCTS,
            external_id=f"ASC-{asc:03d}",
            path=f"BLA/{unit}",
        )
