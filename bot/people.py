"""Who reports, to whom, and where. What a roster says of a person and what she chose herself stay apart."""

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Literal, Protocol, get_args

from msgspec import Struct

Role = Literal["asc", "dtc", "district", "region", "central"]
ROLES: tuple[Role, ...] = get_args(Role)
LADDER: tuple[Role, ...] = ROLES[1:]
"""Who hears of an alert, one level after the other; the first is her supervisor."""
LEADERS = frozenset(LADDER)
"""Who may be told about others: a number that a caller typed is not written to unless it is one of theirs."""


class Unit(Struct, frozen=True):
    """A place of the health map, under its parent (empty: the top)."""

    code: str
    name: str
    parent: str = ""
    type: str = ""
    dhis2_id: str = ""


class Contact(Struct, frozen=True):
    """A health worker or one of those she reports to."""

    msisdn: str
    name: str
    role: Role
    org_unit: str
    language: str
    supervisor: str = ""
    """An MSISDN; empty when nobody."""
    sex: str = ""
    """`f`, `m`, or empty: from the roster only, never asked."""
    products: tuple[str, ...] = ()
    """What she is asked to count, in the order of the questions."""
    active: bool = True
    external_id: str = ""
    path: str = ""
    """The codes of her units from the top, `ML/SEG/BLA/FALO`: computed, never written by hand."""

    letters: bool = False
    """Her phone shows ɛ ɔ ɲ ŋ."""
    stopped: bool = False
    """She said STOP."""
    consent: str = ""
    training: str = ""
    """The next session she is invited to, as JSON; empty when none."""
    was: str = ""
    """The numbers she had before, each with when she left it (Unix ms): `+22370000001@1763760000000`."""

    @property
    def before(self) -> tuple[tuple[str, int], ...]:
        """The same, read; the earliest first."""
        parts = (one.partition("@") for one in self.was.split())
        return tuple((number, int(at)) for number, _, at in parts)


class People(Protocol):
    """Where contacts and units are held."""

    def contacts(self) -> AsyncIterator[Contact]: ...

    async def put(self, contacts: Iterable[Contact]) -> None:
        """Keep new contacts whole; of one held already, `letters`, `stopped`, `consent`, `training` and `was` stay.

        A STOP that arrives while a roster is read must not be undone by it.
        """
        ...

    async def units(self) -> Mapping[str, Unit]: ...

    async def put_units(self, units: Iterable[Unit]) -> None: ...
