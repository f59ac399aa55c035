"""The roster as a sheet: a row is taken, or refused with its reason; what a person chose is never in it."""

import re
from asyncio import to_thread
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar
from unicodedata import combining, normalize

from msgspec import Struct
from msgspec.structs import replace

from bot.flow.definition import Problem
from bot.people import ROLES, Contact, People, Unit
from bot.services import sheets
from bot.services.changes import Report, plan
from bot.services.units import path_of
from bot.text import msisdn
from bot.text.fold import bare

_NEEDED = ("name", "role", "org_unit")
COLUMNS = ("msisdn", *_NEEDED, "language", "supervisor", "sex", "products", "active", "external_id")

_ROLES: dict[str, str] = {role: role for role in ROLES}
_SEXES = {"": "", "f": "f", "femme": "f", "female": "f", "m": "m", "h": "m", "homme": "m", "male": "m"}
_YES = ("", "1", "oui", "o", "true", "vrai", "yes", "y", "x", "actif", "active")
_NO = ("0", "non", "n", "false", "faux", "no", "inactif", "inactive")
_ACTIVE = dict.fromkeys(_YES, True) | dict.fromkeys(_NO, False)
Meaning = TypeVar("Meaning")


class Programme(Struct, frozen=True):
    """What a row may name: units by code, products, and languages (the first: of whoever has none)."""

    units: Mapping[str, Unit]
    products: Sequence[str]
    languages: Sequence[str]


async def import_roster(
    content: str | bytes,
    people: People,
    products: Sequence[str],
    languages: Sequence[str],
    file: str = "roster.csv",
) -> Report:
    """Take the contacts of a sheet; beside the event loop, for a national roster is read in a second."""
    held = {contact.msisdn: contact async for contact in people.contacts()}
    # A product that left the settings stays with those who hold it, so that what was exported can come back.
    kept = (code for contact in held.values() for code in contact.products)
    programme = Programme(await people.units(), list(dict.fromkeys((*products, *kept))), languages)
    contacts, problems = await to_thread(read_roster, content, programme, held, file)
    changes = plan(held, contacts)
    await people.put(changes.new)
    return changes.report(problems)


def read_roster(
    content: str | bytes,
    programme: Programme,
    held: Mapping[str, Contact] | None = None,
    file: str = "roster.csv",
) -> tuple[dict[str, Contact], list[Problem]]:
    """Give the contacts by number, each on top of what is held of her: a column not there changes nothing."""
    sheet = sheets.read(content, file, COLUMNS, "msisdn")
    reading = _Reading(programme, held or {}, file)
    for row in sheet.rows:
        reading.take(row)
    reading.look_up_supervisors()
    return reading.contacts, sorted(sheet.problems + reading.problems)


def export_roster(contacts: Iterable[Contact]) -> str:
    return sheets.write(COLUMNS, map(cells_of, contacts))


def cells_of(contact: Contact) -> list[str]:
    said = {"products": " ".join(contact.products), "active": "true" if contact.active else "false"}
    return [said[column] if column in said else getattr(contact, column) for column in COLUMNS]


class _Reading:
    """One pass over one roster: who was taken, from which line, and what was refused on the way."""

    def __init__(self, programme: Programme, held: Mapping[str, Contact], file: str) -> None:
        self.programme = programme
        self.held = held
        self.file = file
        self.left = {number: one for one in held.values() for number, _ in one.before if number not in held}
        self.contacts: dict[str, Contact] = {}
        self.lines: dict[str, int] = {}
        self.problems: list[Problem] = []

    def take(self, row: sheets.Row) -> None:
        said, wrong = _read(row.cells, self.programme)
        number = str(said.get("msisdn"))
        if number in self.lines:
            wrong.append(f"msisdn: {number} is on line {self.lines[number]} already")
        if number not in self.held:
            wrong += [
                f"{column}: no such column, and she is new" for column in _NEEDED if column not in row.cells
            ]
        if (now := self.left.get(number)) and _same(now, said):
            wrong.append(f"msisdn: {number} was hers, {now.msisdn} is: write that, or she is there twice")
        if wrong:
            self.problems.append(Problem(self.file, row.line, "; ".join(wrong)))
            return
        base = self.held.get(number) or Contact(number, "", "asc", "", self.programme.languages[0])
        contact = replace(base, **said)
        self.contacts[number] = replace(contact, path=path_of(contact.org_unit, self.programme.units))
        self.lines[number] = row.line

    def look_up_supervisors(self) -> None:
        """Last, since a supervisor may stand below those she supervises."""
        asc = {number for number, one in {**self.held, **self.contacts}.items() if one.role == "asc"}
        for contact in list(self.contacts.values()):
            if contact.supervisor in asc or contact.supervisor == contact.msisdn:
                self.say(contact, "is no supervisor: hers is a DTC or above, and somebody else")
                del self.contacts[contact.msisdn]
        known = self.held.keys() | self.contacts.keys()
        for contact in self.contacts.values():
            if contact.supervisor and contact.supervisor not in known:
                self.say(contact, "is not in the roster", "warning")

    def say(self, contact: Contact, reason: str, level: str = "error") -> None:
        message = f"supervisor: {contact.supervisor} {reason}"
        self.problems.append(Problem(self.file, self.lines[contact.msisdn], message, level))


def _same(one: Contact, said: Mapping[str, object]) -> bool:
    """Whether a row with a number she has left is about her, and not about whoever has it now."""
    name, mark = str(said.get("name", "")), said.get("external_id")
    return bool(mark and mark == one.external_id) or sorted(bare(name).split()) == sorted(
        bare(one.name).split()
    )


def _read(cells: Mapping[str, str], programme: Programme) -> tuple[dict[str, object], list[str]]:
    """Tell what the row says by column, and what is wrong with it."""
    said: dict[str, object] = {}
    wrong = []
    for column, cell in cells.items():
        try:
            said[column] = _meaning(column, cell, programme)
        except ValueError as reason:
            wrong.append(f"{column}: {reason}")
    if not said.get("language"):  # an empty cell: hers stays
        said.pop("language", None)
    return said, wrong


def _meaning(column: str, cell: str, programme: Programme) -> object:  # noqa: PLR0911 - one return a column
    match column:
        case "msisdn":
            return _reachable(cell)
        case "supervisor":
            return cell and _reachable(cell)
        case "role":
            return _found(_bare(cell), _ROLES)
        case "org_unit":
            return _found(cell, programme.units).code
        case "language":
            return cell and _found(cell.casefold(), {code: code for code in programme.languages})
        case "sex":
            return _found(_bare(cell), _SEXES)
        case "products":
            return _products(cell, programme.products)
        case "active":
            return _found(_bare(cell), _ACTIVE)
        case "name" if not cell:
            raise ValueError("empty")
        case _:
            return cell


def _reachable(cell: str) -> str:
    number = msisdn.parse(cell)
    if not msisdn.is_mobile(number):
        raise ValueError(f"{number} is no mobile number: a landline gets no SMS")
    return number


def _found(word: str, meanings: Mapping[str, Meaning]) -> Meaning:
    if word not in meanings:
        raise ValueError(f"{word} is not known{sheets.nearest(word, meanings)}" if word else "empty")
    return meanings[word]


def _products(cell: str, known: Sequence[str]) -> tuple[str, ...]:
    codes = {code: code for code in known}
    return tuple(dict.fromkeys(_found(code, codes) for code in re.findall(r"\w+", cell.upper())))


def _bare(cell: str) -> str:
    return "".join(sign for sign in normalize("NFD", cell.casefold()) if not combining(sign))
