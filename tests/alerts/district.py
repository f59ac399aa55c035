"""The people of a small district, their phones, and what the provider brought to each."""

from aiohttp import ClientSession
from msgspec import structs

from bot.house import House
from bot.people import Contact, Unit
from bot.store.alerts import Alert
from tests.calls import Phone
from tests.standin import StandIn
from tests.worker.work import Clock

AWA, BINTA = "+22370000001", "+22370000002"
DTC, OTHER_DTC, DISTRICT, REGION, CENTRAL = (
    "+22370000101",
    "+22370000102",
    "+22370000201",
    "+22370000301",
    "+22370000401",
)
UNITS = [
    Unit("ML", "Mali"),
    Unit("SEG", "Ségou", "ML"),
    Unit("BLA", "Bla", "SEG"),
    Unit("FALO", "CSCom de Falo", "BLA"),
    Unit("DIARA", "CSCom de Diaramana", "BLA"),
]
PATHS = {
    "ML": "ML",
    "SEG": "ML/SEG",
    "BLA": "ML/SEG/BLA",
    "FALO": "ML/SEG/BLA/FALO",
    "DIARA": "ML/SEG/BLA/DIARA",
}
HOUR, WINDOW = 3600, 300
"""Seconds."""


def person(msisdn: str, name: str, role: str, unit: str, supervisor: str = "", **more: object) -> Contact:
    found = Contact(msisdn, name, role, unit, "fr", supervisor, path=PATHS[unit])  # type: ignore[arg-type]  # a role
    return structs.replace(found, **more)


PEOPLE = [
    person(AWA, "Awa Traoré", "asc", "FALO", DTC, products=("SRO", "CTE")),
    person(BINTA, "Binta Keïta", "asc", "FALO", DTC, products=("SRO", "CTE"), language="bm"),
    person(DTC, "Dr Fanta Doumbia", "dtc", "FALO", DISTRICT),
    person(OTHER_DTC, "Dr Issa Théra", "dtc", "DIARA", DISTRICT),
    person(DISTRICT, "Dr Modibo Samaké", "district", "BLA", REGION),
    person(REGION, "Dr Oumar Kanté", "region", "SEG", CENTRAL),
    person(CENTRAL, "Dr Mariam Touré", "central", "ML"),
]


class District:
    def __init__(self, house: House, standin: StandIn, clock: Clock, client: ClientSession, url: str) -> None:
        self.house, self.standin, self.clock = house, standin, clock
        self.client, self.url = client, url

    async def settle(self, *people: Contact) -> None:
        """These are on the roster, or everybody."""
        await self.house.contacts.put_units(UNITS)
        await self.house.contacts.put(people or PEOPLE)

    async def change(self, msisdn: str, **fields: str) -> None:
        await self.house.contacts.change(msisdn, **fields)

    def phone(self, msisdn: str = AWA) -> Phone:
        return Phone(self.client, self.url, msisdn)

    async def works(self, seconds: float = 0) -> None:
        """Time passes, then a worker does all that is due; a digest's window passes too."""
        self.clock.passes(seconds)
        await self.house.worker().once()
        self.clock.passes(WINDOW)
        await self.house.worker().once()

    def heard(self, *leaders: str) -> list[tuple[str, str]]:
        """What the provider brought to leaders, replies to their own SMS left out."""
        some = leaders or (DTC, OTHER_DTC, DISTRICT, REGION, CENTRAL)
        return [(one.number, one.text) for one in self.standin.sent if one.number in some]

    def told(self) -> list[str]:
        """To whom, in order."""
        return [number for number, _ in self.heard()]

    async def alerts(self) -> list[Alert]:
        numbers = [line.number async for line in self.house.alerts.read()]
        return await self.house.alerts.several(numbers)

    async def alert(self) -> Alert:
        (only,) = await self.alerts()
        return only
