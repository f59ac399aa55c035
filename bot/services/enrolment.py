"""Changing the roster by hand or by sheet, within an area: what would change is known before anything does."""

from collections.abc import Mapping

from bot.accounts import Account
from bot.flow.definition import Problem
from bot.people import Contact
from bot.services import sheets
from bot.services.changes import Considered, plan
from bot.services.roster import COLUMNS, Programme, cells_of, read_roster

OUTSIDE = "org_unit: outside your area"


def consider(
    content: str | bytes, held: Mapping[str, Contact], programme: Programme, account: Account
) -> Considered[Contact]:
    """Each row on top of what is held; who is, or would be, outside the account's area is refused."""
    contacts, problems = read_roster(content, programme, held, "")
    outside = {
        number
        for number, one in contacts.items()
        if not account.sees(one.path) or (number in held and not account.sees(held[number].path))
    }
    taken = {number: one for number, one in contacts.items() if number not in outside}
    refused = [Problem("", 0, f"{number}: {OUTSIDE}") for number in sorted(outside)]
    return Considered(plan(held, taken), problems + refused, held, lambda one: one.msisdn, COLUMNS, cells_of)


def one_row(cells: Mapping[str, str]) -> str:
    """A sheet of what a form says of one person."""
    return sheets.write(list(cells), [list(cells.values())])


def told(contact: Contact | None) -> str:
    """A row of the audit log."""
    return ",".join(cells_of(contact)) if contact else ""
