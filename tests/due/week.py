"""A small programme, a week of it, and what the phones got, as the provider was asked to send it."""

import asyncio
from collections import Counter
from datetime import date

from msgspec import structs

from bot.config import Settings
from bot.config_reminders import Pause
from bot.house import House
from bot.messages import Inbound
from bot.people import Contact, Unit
from bot.services.reminders import Silence
from bot.services.trainings import among
from bot.store.trainings import Session
from tests.due.people import at
from tests.standin import StandIn
from tests.worker.work import Clock, at_standin

AWA, BINTA, COUMBA, DJENEBA, ESTELLE, FANTA, GAWA, MARIAM, KONE = (
    f"+2237600000{digit}" for digit in range(1, 10)
)
NAMES = {AWA: "Awa", BINTA: "Binta", COUMBA: "Coumba", DJENEBA: "Djeneba", ESTELLE: "Estelle"}
NAMES |= {FANTA: "Fanta", GAWA: "Gawa", MARIAM: "Mariam", KONE: "Dr Koné"}
TRAINING = Session("F-9", "malaria", "CSRef de Bla", "2026-11-09T08:30")
HOURS = ("07:00", "09:00", "10:00", "11:00", "15:59", "16:00", "19:59", "20:00")


def settings(standin: StandIn) -> Settings:
    """The shipped ones, with a movable holiday on the Wednesday, and Kemeni out of reach from Tuesday on."""
    shipped = at_standin(standin, "http")
    pause = Pause("KEMENI", date(2026, 11, 3), date(2026, 11, 30), "zone inaccessible")
    holidays = (*shipped.calendar.holidays, "2026-11-04")
    calendar = structs.replace(shipped.calendar, holidays=holidays, pauses=(pause,))
    # Nobody is spared by the cap here: it has tests of its own.
    sms = structs.replace(shipped.sms, daily_cap=0)
    return structs.replace(shipped, calendar=calendar, sms=sms)


def people() -> list[Contact]:
    asc = [
        Contact(
            number,
            NAMES[number],
            "asc",
            "KEMENI" if number == DJENEBA else "FALO",
            "bm" if number == GAWA else "fr",
            supervisor=KONE,
            products=("SRO",),
            active=number != FANTA,
            path=f"ML/SEG/BLA/{'KEMENI' if number == DJENEBA else 'FALO'}",
        )
        for number in NAMES
        if number != KONE
    ]
    return [*asc, Contact(KONE, NAMES[KONE], "dtc", "FALO", "fr", path="ML/SEG/BLA/FALO")]


class Week:
    """A house whose clock the test moves; two workers do everything at once, and then again."""

    def __init__(self, standin: StandIn) -> None:
        self.standin = standin
        self.clock = Clock()
        self.house: House
        self.silences: set[tuple[str, str, str]] = set()
        self._said = 0

    async def moves_into(self, house: House) -> None:
        self.house = house
        house.reminders.silent = self._silent
        self.clock.now = at("2026-10-31 09:00")
        await house.contacts.put_units([Unit("FALO", "Falo"), Unit("KEMENI", "Kemeni")])
        await house.contacts.put(people())

    async def _silent(self, silence: Silence, _now: int) -> None:
        self.silences.add((NAMES[silence.person.msisdn], silence.about, silence.since))

    async def says(self, now: str, number: str, *texts: str) -> None:
        """Somebody writes, and hears what became of it."""
        self.clock.now = at(now)
        for text in texts:
            self._said += 1
            await self.house.gateway.receive(
                Inbound("africastalking", "sms", f"sms-{self._said}", number, text)
            )

    async def calls(self, now: str, number: str, *typed: str) -> None:
        """Somebody dials, and answers."""
        self.clock.now = at(now)
        for length in range(len(typed) + 1):
            text = "*".join(typed[:length])
            dialled = Inbound(
                "africastalking", "ussd", f"ATUid_{number}_{self.clock.now}_{typed[0]}", number, text
            )
            await self.house.gateway.dial(dialled)
        await self.house.gateway.settle()

    async def works(self, now: str) -> list[str]:
        """Two workers do what is due, at once, and each once more; what was new, as `Awa checkin:2026-11-02`."""
        before = await self.reminders()
        self.clock.now = at(now)
        for _ in range(2):
            await asyncio.gather(*(self.house.worker().once() for _ in range(2)))
        return sorted(name for name in await self.reminders() if name not in before)

    async def reminders(self) -> dict[str, str]:
        """Every reminder in the outbox, with its state."""
        lines = [line async for line in self.house.outbox.read() if line.kind == "reminder"]
        return {
            f"{NAMES[line.to]} {line.id.removeprefix('reminder:').removesuffix(f':{line.to}')}": line.state
            for line in lines
        }

    async def rehearses(self, now: str) -> list[str]:
        found = [line async for line in self.house.reminders.rehearse(at(now))]
        return sorted(
            f"{line.name} {line.why.removeprefix('reminder:').removesuffix(f':{line.to}')}"
            for line in found
            if line.text
        )

    async def got(self) -> Counter[tuple[str, str]]:
        """What the provider was asked to send as reminders: to whom, and which words."""
        lines = [line async for line in self.house.outbox.read() if line.kind in ("reply", "alert")]
        replies = Counter((line.to, line.text) for line in lines)
        return Counter((message.number, message.text) for message in self.standin.sent) - replies

    async def told(self) -> Counter[tuple[str, str]]:
        """The same as the outbox has it."""
        return Counter(
            [(line.to, line.text) async for line in self.house.outbox.read() if line.kind == "reminder"]
        )

    async def invites(self, now: str) -> None:
        self.clock.now = at(now)
        await self.house.trainings.put([TRAINING])
        invited = {AWA, GAWA, ESTELLE, KONE}
        chosen = among((), ("BLA",))
        await self.house.planner.invite(
            TRAINING, lambda one: chosen(one) and one.msisdn in invited, self.clock()
        )
