"""What is in the outbox: messages as they are kept, as they are claimed, and as other systems read them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import DecodeError, Struct, json, structs

from bot.store.keys import BROADCAST, GROUPED, REMINDER, REPLY, TOLD, Shard
from bot.store.sessions import Message

FINAL = frozenset(
    {
        b"sent",
        b"delivered",
        b"failed",
        b"unknown",
        b"refused",
        b"expired",
        b"needless",
        b"capped",
        b"cancelled",
    }
)
"""The states in which a message is over, unless somebody has it sent again."""
_LANES = {"reply": REPLY, "tell": TOLD, "alert": GROUPED, "reminder": REMINDER, "broadcast": BROADCAST}


class Body(Struct, frozen=True, omit_defaults=True):
    """What a message says: its text, or words said in the recipient's language when it is sent."""

    to: str
    kind: str
    """`reply`, `tell`, `alert`, `reminder` or `broadcast`."""
    text: str = ""
    key: str = ""
    values: dict[str, str] = {}
    channel: str = ""
    urgent: bool = False
    """Waits for no quiet hours, no cap, no budget and no other alert."""
    expires: int = 0
    """Unix ms from which it is not worth sending; 0: never."""
    unless: str = ""
    """What makes it needless: `checkin:20261121`, when she has checked in on that day. Of what `Outbox.queue` takes."""
    unit: str = ""
    """The org path its cost is counted under."""
    alert: int = 0
    """The number of the alert it tells of."""
    texts: dict[str, str] = {}
    """The sender's own words by language, said instead of `key`: a broadcast's."""
    asks: str = ""
    """The broadcast whose question it is."""
    choices: dict[str, tuple[str, ...]] = {}
    """What may be answered, by language."""

    @property
    def lane(self) -> str:
        return TOLD if self.urgent and self.kind != "reply" else _LANES[self.kind]


class Claimed(Struct, frozen=True):
    """A message that is this worker's to send until the lease ends (Unix ms)."""

    id: str
    shard: Shard
    body: Body
    attempts: int
    """This one included."""
    lease: int
    lane: str = ""
    address: dict[str, str] = {}
    """Where it goes, when that is no more where it was meant to go."""

    def to(self, msisdn: str) -> "Claimed":
        """The same, to the number its recipient has now."""
        return structs.replace(self, body=structs.replace(self.body, to=msisdn), address={"to": msisdn})


class Waiting(Struct, frozen=True):
    """What is due: how many by lane and shard; and what this month's messages have cost so far (1/100 FCFA)."""

    spent: int
    due: Mapping[str, Sequence[int]]

    def of(self, lane: str) -> int:
        return sum(self.due[lane])


class Charge(Struct, frozen=True):
    """What an SMS costs, and under which month (`202611`), unit and kind that is counted; in 1/100 FCFA."""

    month: str
    unit: str
    kind: str
    segments: int
    cents: int


class Lost(Struct, frozen=True):
    """A message that will reach nobody: refused, or failed for good."""

    id: str
    body: Body


class Line(Struct, frozen=True):
    """One message as other systems read it."""

    id: str
    to: str
    kind: str
    text: str
    state: str
    attempts: int
    segments: int
    cost: str
    provider_id: str
    reason: str
    report: str
    made: str
    sent: str
    urgent: bool = False
    expires: str = ""
    grouped_with: str = ""
    """The message whose SMS said it too, and whose segments and cost count for both."""


_body = json.Decoder(Body)


def message(name: str, body: Body, at: int, due: int = 0) -> Message:
    """A message made then, which may leave from `due` on (Unix ms; 0: at once)."""
    return Message(name, json.encode(body).decode(), at, due or at, body.lane, body.to)


def read_body(told: bytes) -> Body:
    """A message as it is kept; of one that nobody can read, one of no kind."""
    try:
        return json.decode(told, type=Body)
    except DecodeError:
        return Body(to="", kind="")


def read_line(name: str, found: Any) -> Line:
    """A message as its hash tells it."""
    return line_of(name, {key.decode(): value.decode() for key, value in found.items()})


def line_of(name: str, fields: Mapping[str, str]) -> Line:
    """The same, of an archive file."""
    body = _body.decode(fields["message"])
    return Line(
        id=name,
        to=fields.get("to", body.to),
        kind=body.kind,
        text=fields.get("text", body.text),
        state=fields["state"],
        attempts=int(fields["attempts"]),
        segments=int(fields.get("segments", 0)),
        cost=fields.get("cost", ""),
        provider_id=fields.get("provider_id", ""),
        reason=fields.get("reason", ""),
        report=fields.get("report", ""),
        made=_iso(fields["made"]),
        sent=_iso(fields.get("sent", "")),
        urgent=body.urgent,
        expires=_iso(body.expires),
        grouped_with=fields.get("with", ""),
    )


def _iso(ms: str | int) -> str:
    return datetime.fromtimestamp(int(ms) / 1000, UTC).isoformat(timespec="milliseconds") if ms else ""
