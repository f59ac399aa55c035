"""What the commands of the programme do once their options are read: each opens the house, works, and closes it."""

import sys
from pathlib import Path

from msgspec import structs

from bot.app import open_house
from bot.config import Settings
from bot.flow.definition import Problem
from bot.house import House
from bot.services import exports, sheets
from bot.services.changes import Report
from bot.services.due import Line
from bot.services.trainings import LISTED, Invited, among, named
from bot.store.trainings import Session

TEXT = "text"


class Unknown(Exception):  # noqa: N818 - the operator's word, said in a line
    """There is no such session."""


async def due(settings: Settings, now: int | None, form: str) -> None:
    """Prints what would leave at that moment (Unix ms; None: now)."""
    async with open_house(settings) as house:
        lines = house.reminders.rehearse(house.clock() if now is None else now)
        if form != TEXT:
            await exports.write(lines, Line, form, sys.stdout)
            return
        async for line in lines:
            said = " | ".join((line.at, line.to or "-", line.name, line.language, line.why, line.text))
            sys.stdout.write(f"{said.rstrip(' |')}\n")


async def import_sessions(settings: Settings, file: Path) -> Report:
    async with open_house(settings) as house:
        return await house.planner.import_sessions(file.read_bytes(), str(file), house.clock())


async def export_sessions(settings: Settings) -> str:
    async with open_house(settings) as house:
        return await house.planner.export_sessions()


async def invite(
    settings: Settings, name: str, units: tuple[str, ...], roles: tuple[str, ...], file: Path | None
) -> tuple[Invited, list[Problem]]:
    """Invites by a list, or by unit and role. Raises Unknown; also for a session that is over or cancelled."""
    numbers, problems = named(file.read_bytes(), str(file)) if file else (None, [])
    by_group = among(roles, units)
    async with open_house(settings) as house:
        session = await _session(house, name)
        if session.state != "planned" or house.planner.begun(session, house.clock()):
            raise Unknown(f"{name} is cancelled, or has begun")
        invited = await house.planner.invite(
            session,
            lambda person: by_group(person) and (numbers is None or person.msisdn in numbers),
            house.clock(),
        )
        return invited, problems


async def listed(settings: Settings, name: str) -> str:
    """The trainer's list as CSV."""
    async with open_house(settings) as house:
        found = await house.planner.listed(await _session(house, name))
        return sheets.write(LISTED, (structs.astuple(one) for one in found))


async def attend(settings: Settings, name: str, file: Path) -> Report:
    async with open_house(settings) as house:
        return await house.planner.attend(await _session(house, name), file.read_bytes(), str(file))


async def _session(house: House, name: str) -> Session:
    sessions = await house.trainings.sessions()
    if name not in sessions:
        raise Unknown(f"there is no training {name}{sheets.nearest(name, sessions)}")
    return sessions[name]
