"""A programme to try Kunnafoni on: places of Mali, invented people, a training some are invited to."""

import tomllib
from datetime import date, time, timedelta
from importlib.resources import files

import msgspec
from msgspec.structs import replace

from bot.flow.definition import Problem
from bot.people import Contact, People
from bot.services.roster import Programme, read_roster
from bot.services.units import read_units


class Training(msgspec.Struct, frozen=True):
    topic: str
    place: str
    in_days: int
    at: time
    invited: str

    def invites(self, contact: Contact) -> bool:
        return contact.role == "asc" and f"{contact.path}/".startswith(f"{self.invited}/")

    def session(self, today: date) -> str:
        """Write the session as a contact carries it; on one day always the same."""
        day = today + timedelta(days=self.in_days)
        begins = f"{day.isoformat()}T{self.at:%H:%M}"
        unit = self.invited.rpartition("/")[2]
        told = {"id": f"F-{day}-{unit}", "topic": self.topic, "place": self.place, "date": begins}
        return msgspec.json.encode(told).decode()


async def load(people: People, today: date) -> list[Problem]:
    """Put the demo programme into an empty store; no problem is expected of its files."""
    said = tomllib.loads(_file("programme.toml"))
    units, problems = read_units(_file("org_units.csv"))
    programme = Programme(units, said["products"], said["languages"])
    contacts, refused = read_roster(_file("roster.csv"), programme)
    training = msgspec.convert(said["training"], Training)
    session = training.session(today)
    await people.put_units(units.values())
    await people.put(
        replace(contact, training=session) if training.invites(contact) else contact
        for contact in contacts.values()
    )
    return problems + refused


def _file(name: str) -> str:
    return files(__name__).joinpath(name).read_text("utf-8")
