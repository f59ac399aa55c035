"""A programme to try Kunnafoni on: places of Mali, invented people, a training some are invited to."""

import tomllib
from datetime import date, time, timedelta
from importlib.resources import files
from typing import Any

import msgspec
from msgspec.structs import replace

from bot.flow.definition import Problem
from bot.people import Contact, People
from bot.services.invitations import Invitation
from bot.services.roster import Programme, read_roster
from bot.services.units import read_units
from bot.store.trainings import Session


class Training(msgspec.Struct, frozen=True):
    topic: str
    place: str
    in_days: int
    at: time
    invited: str

    def invites(self, contact: Contact) -> bool:
        return contact.role == "asc" and f"{contact.path}/".startswith(f"{self.invited}/")

    def session(self, today: date) -> Session:
        """The session as it is planned; on one day always the same."""
        day = today + timedelta(days=self.in_days)
        unit = self.invited.rpartition("/")[2]
        return Session(f"F-{day}-{unit}", self.topic, self.place, f"{day}T{self.at:%H:%M}")


async def load(people: People, today: date) -> list[Problem]:
    """Put the demo programme into an empty store; no problem is expected of its files."""
    said = _said()
    units, problems = read_units(_file("org_units.csv"))
    programme = Programme(units, said["products"], said["languages"])
    contacts, refused = read_roster(_file("roster.csv"), programme)
    training = msgspec.convert(said["training"], Training)
    planned = training.session(today)
    kept = Invitation(planned.id, planned.topic, planned.place, planned.begins, invited=f"{today}")
    invitation = msgspec.json.encode([kept]).decode()
    await people.put_units(units.values())
    await people.put(
        replace(contact, training=invitation) if training.invites(contact) else contact
        for contact in contacts.values()
    )
    return problems + refused


def session(today: date) -> Session:
    """The session that some of its people are invited to."""
    return msgspec.convert(_said()["training"], Training).session(today)


def _said() -> dict[str, Any]:
    return tomllib.loads(_file("programme.toml"))


def _file(name: str) -> str:
    return files(__name__).joinpath(name).read_text("utf-8")
