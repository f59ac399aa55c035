"""The ledger told again beside what was kept from it: a difference is something lost, or written elsewhere."""

import asyncio
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from msgspec import json, structs

from bot.store.counts import Counts
from bot.store.days import Day
from bot.store.functions import Functions
from bot.store.keys import Shard
from bot.store.ledger import Ledger, Moved, Told
from bot.store.sessions import projection_keys

SPACE = ":again"
AT_ONCE = 100
"""Entries told in one call: a few milliseconds in which the server does nothing else."""
SHARDS_AT_ONCE = 8
"""Shards side by side: they share each write to disk, and no call waits behind more than a few others."""
COUNT = ":count:"
PASSING = re.compile(r":(?:day|count):\d{8}")
"""What is kept for a hundred days: that it is gone is no difference."""

UNTOLD = {"conversation", "session", "kind", "subject", "msisdn", "corrects", "void"}
"""In a standing row: what only the call knew, and what rows once repeated of their key and their field."""

DAYS = {"yday": "checkin", "week": "stock"}
"""What a standing row says of its day, and the only kind whose rows say it."""


async def differences(
    functions: Functions, ledger: Ledger, shards: int, local: Callable[[int], datetime]
) -> list[str]:
    """Every key whose value is not what the ledger says. The store should be at rest."""
    months = await ledger.months()
    seats = asyncio.Semaphore(SHARDS_AT_ONCE)

    async def of_shard(shard: Shard) -> list[str]:
        telling = _Telling(functions, shard, local)
        entries: list[Told | Moved] = []
        async with seats:
            async for told in ledger.written(shard, months):
                entries.append(told)
                if len(entries) == AT_ONCE:
                    await telling.tell(entries)
                    entries = []
            await telling.tell(entries)
            return await telling.compare()

    # One shard's entries follow from one another.
    return list(chain.from_iterable(await asyncio.gather(*map(of_shard, map(Shard, range(shards))))))


class _Telling:
    """One shard's ledger told again into another space, name by name."""

    def __init__(self, functions: Functions, shard: Shard, local: Callable[[int], datetime]) -> None:
        self._functions = functions
        self._kept, self._again = shard, Shard(shard.number, SPACE)
        self._local = local
        self._names: set[str] = set()

    async def tell(self, entries: Sequence[Told | Moved]) -> None:
        told = [self._telling(entry) for entry in entries]
        names = {name.removeprefix(self._again.tag) for entry in entries for name in self._names_of(entry)}
        # Nothing of an earlier telling may be under a name that is told now for the first time.
        fresh = [f"{self._again.tag}{name}" for name in names - self._names]
        self._names |= names
        document = json.encode({"fresh": fresh, "told": told})
        await self._functions.call("k_replay", [self._again.months], document)

    def _telling(self, entry: Told | Moved) -> dict[str, Any]:
        if isinstance(entry, Moved):
            return {"keys": projection_keys(self._again, entry.msisdn), "moved": entry.told}
        day = Day.of(self._local(entry.entry.at))
        return {
            "keys": projection_keys(self._again, entry.entry.msisdn),
            "rows": [_row(entry, index, day) for index in range(len(entry.answers))],
        }

    def _names_of(self, entry: Told | Moved) -> set[str]:
        if isinstance(entry, Told):
            return _names(self._again, entry.entry.msisdn, Day.of(self._local(entry.entry.at)))
        again, number, gone = self._again, entry.msisdn, entry.told.get("gone", {})
        names = {again.last(number), again.known(number)}
        names |= {f"{again.years(number)}{year}" for year in gone.get("years", ())}
        return names | {f"{again.days}{day}" for day in gone.get("days", ())}

    async def compare(self) -> list[str]:
        found = []
        for name in sorted(self._names):
            kept, told = await asyncio.gather(
                *(self._value(shard, name) for shard in (self._kept, self._again))
            )
            await self._functions.line.call("DEL", f"{self._again.tag}{name}")
            passed = kept is None and PASSING.fullmatch(name)
            if kept != told and not passed:
                found.append(f"{self._kept.tag}{name}: kept {kept}, the ledger says {told}")
        return found

    async def _value(self, shard: Shard, name: str) -> Any:
        line, key = self._functions.line, f"{shard.tag}{name}"
        if name.startswith(COUNT):
            counted = await Counts(self._functions).of(shard, name.removeprefix(COUNT))
            return {field: str(number) for field, number in counted.items()} or None
        if await line.call("TYPE", key) != b"hash":
            return None
        found = await line.call("HGETALL", key)
        return {field.decode(): _plain(field.decode(), value) for field, value in found.items()}


def _names(shard: Shard, msisdn: str, day: Day) -> set[str]:
    """The keys that a row of that contact and day touches."""
    return {
        shard.last(msisdn),
        shard.known(msisdn),
        *(f"{shard.years(msisdn)}{year}" for year in (day.day[:4], day.week[:4])),
        f"{shard.days}{day.day}",
        f"{shard.counts}{day.day}",
        f"{shard.counts}{day.month}",
    }


def _row(told: Told, index: int, day: Day) -> dict[str, Any]:
    entry = told.entry
    return {
        **{name: value for name, value in structs.asdict(day).items() if name != "month"},
        "id": told.id_of(index),
        "kind": entry.kind,
        "answers": told.answers[index],
        "corrects": told.corrects[index],
        "at": entry.at,
        "unit": entry.org_unit,
        "conversation": "",
        "msisdn": entry.msisdn,
        **({"void": True} if entry.void else {}),
    }


def _plain(field: str, value: bytes) -> Any:
    """A stored value without what only the writing call knew, nor what another version of us wrote besides."""
    if not value.startswith(b"{"):
        return value.decode()
    kind = field.partition(":")[0]
    untold = UNTOLD | {name for name, of in DAYS.items() if of != kind}
    row = json.decode(value)
    for standing in (row, row.get("prev") or {}):
        for name in untold.intersection(standing):
            del standing[name]
    if "counted" in row:
        row["counted"] = [one if any(one[2:]) else one[:2] for one in row["counted"]]
    return row
