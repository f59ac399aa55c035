"""The roster as pages look things up in it: read at most every few seconds, whoever asks."""

import asyncio
import time
from collections.abc import Mapping

from bot.people import Contact, Unit
from bot.store.contacts import Contacts

FRESH = 5.0
"""Seconds for which it is not read again."""


class Book:
    def __init__(self, contacts: Contacts) -> None:
        self._contacts = contacts
        self._people: dict[str, Contact] = {}
        self._units: Mapping[str, Unit] = {}
        self._read = float("-inf")
        self._reading = asyncio.Lock()

    async def people(self) -> Mapping[str, Contact]:
        await self._refresh()
        return self._people

    async def units(self) -> Mapping[str, Unit]:
        await self._refresh()
        return self._units

    def forget(self) -> None:
        """What it holds has been changed."""
        self._read = float("-inf")

    async def _refresh(self) -> None:
        async with self._reading:
            if time.monotonic() - self._read < FRESH:
                return
            self._units = await self._contacts.units()
            self._people = {one.msisdn: one async for one in self._contacts.contacts()}
            self._read = time.monotonic()
