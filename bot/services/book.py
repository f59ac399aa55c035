"""The roster as pages look things up in it: read at most every few seconds, whoever asks."""

from collections.abc import Mapping

from bot.people import Contact, Unit
from bot.services.fresh import Fresh
from bot.store.contacts import Contacts


class Book:
    def __init__(self, contacts: Contacts) -> None:
        self._contacts = contacts
        self._people = Fresh(self._read)
        self._units = Fresh(contacts.units)

    async def people(self) -> Mapping[str, Contact]:
        return await self._people.get()

    async def units(self) -> Mapping[str, Unit]:
        return await self._units.get()

    def warm(self) -> None:
        """Begins to read it: somebody is about to look."""
        self._people.warm()
        self._units.warm()

    def forget(self) -> None:
        """What it holds has been changed."""
        self._people.forget()
        self._units.forget()

    async def _read(self) -> dict[str, Contact]:
        return {one.msisdn: one async for one in self._contacts.contacts()}
