"""The roster as a table, and the lists its pages offer."""

from collections.abc import Mapping, Sequence

from bot.admin.areas import chosen_from
from bot.admin.table import Choice, Column, Table
from bot.admin.visit import Visit
from bot.people import ROLES, Contact, Unit
from bot.services.roster import COLUMNS, cells_of

SHEET: Table[Contact] = Table(
    "roster",
    [
        Column(name, lambda one, place=place: cells_of(one)[place])  # type: ignore[misc]
        for place, name in enumerate(COLUMNS)
    ],
)
"""As an import reads it."""


def table(units: Mapping[str, Unit], people: Mapping[str, Contact]) -> Table[Contact]:
    def unit(one: Contact) -> str:
        return units[one.org_unit].name if one.org_unit in units else one.org_unit

    def supervisor(one: Contact) -> str:
        return people[one.supervisor].name if one.supervisor in people else one.supervisor

    return Table(
        "roster",
        [
            Column("name", lambda one: one.name, link=address),
            Column("msisdn", lambda one: one.msisdn),
            Column("role", lambda one: one.role, lambda one, speech: speech.or_itself("contact", one.role)),
            Column("org_unit", unit),
            Column("supervisor", supervisor),
            Column(
                "language",
                lambda one: one.language,
                lambda one, speech: speech.or_itself("language", one.language),
            ),
            Column(
                "state",
                state,
                lambda one, speech: speech.say(f"contact.{state(one)}"),
                tone=lambda one: {"active": "good", "stopped": "warn"}.get(state(one), "quiet"),
            ),
        ],
        searched=lambda one: f"{one.name} {one.msisdn} {one.external_id} {unit(one)}",
        first="name",
    )


def address(contact: Contact) -> str:
    return f"/admin/roster/{contact.msisdn}"


def state(contact: Contact) -> str:
    if not contact.active:
        return "inactive"
    return "stopped" if contact.stopped else "active"


def choices(visit: Visit, units: Mapping[str, Unit]) -> list[Choice[Contact]]:
    states = [(one, visit.say(f"contact.{one}")) for one in ("active", "stopped", "inactive")]
    return [
        Choice("role", roles(visit), lambda one, role: one.role == role),
        Choice(
            "area", chosen_from(units, visit.account), lambda one, path: f"{one.path}/".startswith(f"{path}/")
        ),
        Choice("state", states, lambda one, wanted: state(one) == wanted),
    ]


def roles(visit: Visit) -> Sequence[tuple[str, str]]:
    return [(role, visit.speech.or_itself("contact", role)) for role in ROLES]
