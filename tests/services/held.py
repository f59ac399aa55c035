"""People held in memory, under the law that `bot.people.People` states: what the store must do too."""

from collections.abc import AsyncIterator, Iterable, Mapping

from msgspec.structs import replace

from bot.people import Contact, Unit


class Held:
    def __init__(self) -> None:
        self.by_number: dict[str, Contact] = {}
        self.by_code: dict[str, Unit] = {}
        self.written: list[str] = []

    async def contacts(self) -> AsyncIterator[Contact]:
        for contact in list(self.by_number.values()):
            yield contact

    async def put(self, contacts: Iterable[Contact]) -> None:
        for new in contacts:
            old = self.by_number.get(new.msisdn, new)
            self.by_number[new.msisdn] = replace(
                new, letters=old.letters, stopped=old.stopped, consent=old.consent, training=old.training
            )
            self.written.append(new.msisdn)

    async def units(self) -> Mapping[str, Unit]:
        return dict(self.by_code)

    async def put_units(self, units: Iterable[Unit]) -> None:
        self.by_code |= {unit.code: unit for unit in units}
        self.written += [unit.code for unit in units]
