"""The health map as a sheet: organisation units under their parents, in as many levels as there are."""

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from bot.flow.definition import Problem
from bot.people import People, Unit
from bot.services import sheets
from bot.services.changes import Report, plan

COLUMNS = ("code", "name", "parent", "type", "dhis2_id")


async def import_units(content: str | bytes, people: People, file: str = "org_units.csv") -> Report:
    """Take the sheet's units; when one moves, the paths of all contacts below it move with it."""
    held = await people.units()
    units, problems = read_units(content, held, file)
    changes = plan(held, units)
    await people.put_units(changes.new)
    known = {**held, **units}
    paths = {code: path_of(code, known) for code in known}
    moved = [
        replace(contact, path=paths[contact.org_unit])
        async for contact in people.contacts()
        if contact.path != paths.get(contact.org_unit, contact.path)
    ]
    await people.put(moved)
    return changes.report(problems)


def read_units(
    content: str | bytes, held: Mapping[str, Unit] | None = None, file: str = "org_units.csv"
) -> tuple[dict[str, Unit], list[Problem]]:
    """Give the units by code, each on top of what is held of it; a parent may be in the sheet or held."""
    held = held or {}
    sheet = sheets.read(content, file, COLUMNS, "code")
    problems = list(sheet.problems)
    lines: dict[str, int] = {}
    units: dict[str, Unit] = {}
    for row in sheet.rows:
        code = row.cells["code"]
        unit = replace(held.get(code, Unit(code, "")), **row.cells)
        if reason := _unfit(unit, lines):
            problems.append(Problem(file, row.line, reason))
        else:
            units[code], lines[code] = unit, row.line
    known = {**held, **units}
    adrift = {code: reason for code in units if (reason := _adrift(code, known))}
    problems += [Problem(file, lines[code], reason) for code, reason in adrift.items()]
    return {code: unit for code, unit in units.items() if code not in adrift}, sorted(problems)


def path_of(code: str, units: Mapping[str, Unit]) -> str:
    """Join the codes from the top down to this unit: `ML/SEG/BLA`."""
    return "/".join(reversed(list(_upward(code, units))))


def _upward(code: str, units: Mapping[str, Unit]) -> Iterator[str]:
    while code in units:
        yield code
        code = units[code].parent


def _unfit(unit: Unit, lines: Mapping[str, int]) -> str:
    """Why this row is refused by itself; empty when it is not."""
    if not unit.code or "/" in unit.code:
        return "code: it must be there, without the / that separates codes in a path"
    if unit.code in lines:
        return f"code: {unit.code} is on line {lines[unit.code]} already"
    return "" if unit.name else "name: empty"


def _adrift(code: str, units: Mapping[str, Unit]) -> str:
    """Why no top is reached from this unit; empty when one is."""
    way = [code]
    while parent := units[way[-1]].parent:
        if parent in way:
            return f"parent: the way up goes in a circle ({' < '.join([*way, parent])})"
        if parent not in units:
            return f"parent: {parent}, parent of {way[-1]}, is not known"
        way.append(parent)
    return ""
