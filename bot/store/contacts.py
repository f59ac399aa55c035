"""The people and the places: one hash a contact in her shard, one hash for all organisation units."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

from msgspec import convert, json, structs

from bot.people import LEADERS, Contact, Unit
from bot.store.functions import Functions
from bot.store.keys import UNITS, Shard, shard_of

CHUNK = 500
_T = TypeVar("_T")
HERS = frozenset({"letters", "stopped", "consent", "training", "was"})
"""What she chose, was invited to, or left behind: a roster never overwrites it."""
HOPS = 5
"""Numbers one after the other that a message follows."""


class Contacts:
    """Contacts and units in the store."""

    def __init__(self, functions: Functions, shards: int) -> None:
        self._line = functions.line
        self._shards = shards
        self._looked = False

    async def get(self, msisdn: str) -> Contact | None:
        """None for a number that is on no roster, whatever else is known of it."""
        return _contact(msisdn, await self._line.call("HGETALL", self._shard(msisdn).contact(msisdn)))

    async def fields(self, msisdn: str) -> dict[str, str]:
        """All that is held of a number, as a pin holds it."""
        return _pairs(await self._line.call("HGETALL", self._shard(msisdn).contact(msisdn)))

    async def contacts(self) -> AsyncIterator[Contact]:
        for shard in map(Shard, range(self._shards)):
            for numbers in _chunks(sorted(await self._line.call("SMEMBERS", shard.contacts))):
                found = await asyncio.gather(*(self.get(number.decode()) for number in numbers))
                for contact in filter(None, found):
                    yield contact

    async def put(self, contacts: Iterable[Contact]) -> None:
        """Keeps new contacts whole; of one held already, what she chose herself stays."""
        units = await self.units()
        for chunk in _chunks(contacts):
            names = await self._supervisors(chunk)
            await self._place(chunk)
            await asyncio.gather(*(self._put(contact, units, names) for contact in chunk))

    async def _put(self, contact: Contact, units: Mapping[str, Unit], names: Mapping[str, str]) -> None:
        shard = self._shard(contact.msisdn)
        fields = {name: _text(value) for name, value in structs.asdict(contact).items()}
        fields["unit_name"] = units[contact.org_unit].name if contact.org_unit in units else contact.org_unit
        fields["supervisor_name"] = names.get(contact.supervisor, "")
        key = shard.contact(contact.msisdn)
        hers = {name: fields.pop(name) for name in HERS}
        await asyncio.gather(
            self._line.call("SADD", shard.contacts, contact.msisdn),
            self._line.call("HSET", key, *(part for pair in fields.items() for part in pair)),
            *(self._line.call("HSETNX", key, name, value) for name, value in hers.items()),
        )

    async def _place(self, contacts: Iterable[Contact]) -> None:
        """Each in the team of her supervisor and in no other; leaders among the leaders."""
        keys = [(self._shard(contact.msisdn), contact) for contact in contacts]
        before = await asyncio.gather(
            *(self._line.call("HGET", shard.contact(one.msisdn), "supervisor") for shard, one in keys)
        )
        asked = []
        for (shard, one), was in zip(keys, before, strict=True):
            asked.append(("SADD" if one.role in LEADERS else "SREM", shard.leaders, one.msisdn))
            if was and was.decode() != one.supervisor:
                asked.append(("SREM", self._team(was.decode()), one.msisdn))
            if one.supervisor:
                asked.append(("SADD", self._team(one.supervisor), one.msisdn))
        await asyncio.gather(*(self._line.call(*command) for command in asked))

    async def leaders(self) -> list[Contact]:
        """All of the roster, active or not: a few hundred in a country."""
        found = await asyncio.gather(
            *(self._line.call("SMEMBERS", Shard(number).leaders) for number in range(self._shards))
        )
        numbers = sorted(number.decode() for some in found for number in some)
        if numbers or self._looked:
            return await self.several(numbers)
        # Once: a roster without a leader may be a million contacts long, and the ladder asks each minute.
        self._looked = True
        return await self._found_out()

    async def _found_out(self) -> list[Contact]:
        """The same of a store that was filled before leaders and teams were kept: now they are."""
        everybody = [contact async for contact in self.contacts()]
        for chunk in _chunks(everybody):
            await self._place(chunk)
        return [contact for contact in everybody if contact.role in LEADERS]

    async def team(self, supervisor: str) -> list[Contact]:
        """Whose supervisor she is, by name."""
        numbers = await self._line.call("SMEMBERS", self._team(supervisor))
        found = await self.several(number.decode() for number in numbers)
        return sorted(found, key=lambda contact: (contact.name, contact.msisdn))

    async def leave_team(self, supervisor: str, msisdn: str) -> None:
        """She is in that team no more."""
        if supervisor:
            await self._line.call("SREM", self._team(supervisor), msisdn)

    async def checked_in(self, msisdns: Iterable[str]) -> list[str]:
        """The latest check-in of each as it is known, `present@1763…`; "" when there is none."""
        numbers = list(msisdns)
        found = await asyncio.gather(
            *(self._line.call("HGET", self._shard(n).known(n), "checkin") for n in numbers)
        )
        return [said.decode() if said else "" for said in found]

    async def several(self, numbers: Iterable[str]) -> list[Contact]:
        found = await asyncio.gather(*map(self.get, numbers))
        return [contact for contact in found if contact]

    async def _supervisors(self, contacts: Iterable[Contact]) -> dict[str, str]:
        """Their names: of this batch, else of the store."""
        here = {contact.msisdn: contact.name for contact in contacts}
        asked = sorted({contact.supervisor for contact in contacts if contact.supervisor} - here.keys())
        found = await asyncio.gather(
            *(self._line.call("HGET", self._shard(n).contact(n), "name") for n in asked)
        )
        return here | {number: name.decode() for number, name in zip(asked, found, strict=True) if name}

    async def change(self, msisdn: str, **fields: str) -> None:
        """Sets what she chose herself, whether or not she is on a roster."""
        key = self._shard(msisdn).contact(msisdn)
        await self._line.call("HSET", key, *(part for pair in fields.items() for part in pair))

    async def moved_to(self, msisdn: str) -> Contact | None:
        """Whoever had this number, under the number she has now; None when nobody left it, or somebody has it again."""
        for _ in range(HOPS):
            found = await self._line.call("HGET", self._shard(msisdn).left(msisdn), "to")
            if not found:
                return None
            msisdn = found.decode()
            if contact := await self.get(msisdn):
                return contact
        return None

    async def opt_out(self, msisdn: str) -> None:
        """She wants no more messages: kept as a report is, before anybody is told so."""
        await self._line.durable("HSET", self._shard(msisdn).contact(msisdn), "stopped", "1")

    async def forget(self, roster: str, name: str) -> None:
        """Takes a name off a shard's list."""
        await self._line.call("SREM", roster, name)

    async def units(self) -> Mapping[str, Unit]:
        found = _pairs(await self._line.call("HGETALL", UNITS))
        return {code: json.decode(unit, type=Unit) for code, unit in sorted(found.items())}

    async def put_units(self, units: Iterable[Unit]) -> None:
        pairs = [(unit.code, json.encode(unit)) for unit in units]
        if pairs:
            await self._line.call("HSET", UNITS, *(part for pair in pairs for part in pair))

    def _shard(self, msisdn: str) -> Shard:
        return shard_of(msisdn, self._shards)

    def _team(self, supervisor: str) -> str:
        return self._shard(supervisor).team(supervisor)


def _contact(msisdn: str, found: Any) -> Contact | None:
    fields = _pairs(found)
    return contact_of(msisdn, fields) if fields.get("role") else None


def contact_of(msisdn: str, fields: Mapping[str, str]) -> Contact:
    """A contact from its stored fields. Raises KeyError when it is on no roster."""
    known = {name: fields[name] for name in Contact.__struct_fields__ if name in fields}
    flags = {name: known.get(name) == "1" for name in ("active", "letters", "stopped")}
    products = known.get("products", "").split()
    return convert({**known, **flags, "msisdn": msisdn, "products": products}, Contact)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return " ".join(value) if isinstance(value, tuple) else str(value)


def _pairs(found: Any) -> dict[str, str]:
    return {key.decode(): value.decode() for key, value in found.items()}


def _chunks(things: Iterable[_T]) -> Iterator[list[_T]]:
    source = iter(things)
    while chunk := list(islice(source, CHUNK)):
        yield chunk
