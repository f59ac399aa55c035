"""What other systems ask and what they get: the description that `/api/v1/openapi.json` gives is made of these."""

from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar

from msgspec import Meta, Struct

from bot.people import Role
from bot.store import alerts, ledger, mail

MOST, USUAL = 500, 100
Item = TypeVar("Item")
Limit = Annotated[int, Meta(ge=1, le=MOST, description="How many at most; a report's rows stay together.")]
Cursor = Annotated[str, Meta(description="`next` of the page before.", max_length=64)]
Mark = Annotated[
    str, Meta(description="`next` of the page before.", pattern=r"^([0-9]{1,17}_-?[0-9]{1,17}_[0-9]{1,17})?$")
]
Since = Annotated[datetime, Meta(tz=True, description="From this moment on, `2026-11-01T00:00:00Z`.")]
Until = Annotated[datetime, Meta(tz=True, description="Before this moment.")]
Unit = Annotated[str, Meta(description="A unit and all below it: its code, or a path such as `ML/SEG`.")]


class Listed(Struct, frozen=True, forbid_unknown_fields=True):
    """What may be asked of every list."""

    limit: Limit = USUAL
    cursor: Cursor = ""


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """Where there is nothing to ask."""


class ContactsAsked(Listed, frozen=True):
    unit: Unit = ""
    role: Role | None = None
    active: bool | None = None


class Span(Listed, frozen=True):
    cursor: Mark = ""
    since: Since | None = None
    until: Until | None = None


class ReportsAsked(Span, frozen=True):
    kind: str = ""
    unit: Unit = ""


class AlertsAsked(Span, frozen=True):
    kind: str = ""
    state: Literal["open", "acknowledged", "resolved"] | None = None
    unit: Unit = ""


class MessagesAsked(Span, frozen=True):
    kind: str = ""
    state: str = ""


class Contact(Struct, frozen=True):
    """Somebody of the roster."""

    msisdn: str
    name: str
    role: Role
    org_unit: str
    org_path: str
    language: str
    supervisor: str
    sex: str
    products: tuple[str, ...]
    active: bool
    stopped: bool
    external_id: str


class Report(ledger.Row, frozen=True):
    """One row of the ledger."""


class Alert(alerts.Line, frozen=True):
    """One alert as it stands."""


class Message(mail.Line, frozen=True):
    """One outgoing message with what became of it."""


class Flow(Struct, frozen=True):
    """A conversation of the current release."""

    name: str
    version: int
    release: int


class FlowText(Struct, frozen=True):
    name: str
    version: int
    release: int
    yaml: str


class Page(Struct, Generic[Item], frozen=True):
    data: list[Item]
    next: str | None
    """Asks for what comes after; null at the end. A page can be short, or empty, and not be the last."""


class Problem(Struct, frozen=True):
    """What went wrong (RFC 9457)."""

    title: str
    status: int
    detail: str
    type: str = "about:blank"
