"""Who may use the console: an account has a role and an area, and sees nothing outside it."""

from typing import Literal, get_args

from msgspec import Struct

Rank = Literal["viewer", "editor", "admin"]
RANKS: tuple[Rank, ...] = get_args(Rank)
"""From the least to the most: each may do what those before it may."""


class Account(Struct, frozen=True):
    """One person at the console."""

    name: str
    role: Rank
    area: str = ""
    """The path of a unit, `ML/SEG/BLA`; empty: the whole programme."""
    secret: str = ""
    """Her password as Argon2 keeps it."""
    one_time: bool = False
    """The password was made by somebody else, and must be replaced before anything else is done."""
    active: bool = True
    language: str = "fr"
    made: int = 0
    """Unix ms."""

    def may(self, least: Rank) -> bool:
        return RANKS.index(self.role) >= RANKS.index(least)

    def sees(self, path: str) -> bool:
        """Whether a unit, or who belongs to it, lies in her area."""
        return not self.area or f"{path}/".startswith(f"{self.area}/")


Scope = Literal["contacts:read", "reports:read", "alerts:read", "outbox:read", "flows:read"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
"""What a token of `/api/v1` may be for."""


class Token(Struct, frozen=True):
    """What lets another system read some of the programme; the secret itself is nowhere here."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    secret: str
    """Its digest."""
    area: str = ""
    """As an account's."""
    by: str = ""
    """Who made it."""
    made: int = 0
    """Unix ms."""
    revoked: int = 0
    """Unix ms; 0: it is good."""

    def sees(self, path: str) -> bool:
        return not self.area or f"{path}/".startswith(f"{self.area}/")


class SignIn(Struct, frozen=True):
    """One browser that is signed in; `id` says nothing that would let another in."""

    id: str
    name: str
    at: int
    """Unix ms."""
    address: str
    browser: str


class Note(Struct, frozen=True):
    """One line of the audit log: who did what to which thing, and what it was before and after."""

    id: str
    at: int
    """Unix ms."""
    who: str
    what: str
    """A word such as `contact.change`."""
    subject: str
    before: str
    after: str
