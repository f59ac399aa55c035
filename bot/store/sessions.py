"""Where each contact is in her conversation, and the one call that keeps a step whole."""

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from msgspec import Struct, json, structs

from bot.store.alerts import Raised, alert_names
from bot.store.functions import Functions
from bot.store.keys import DAY_KEPT, DRAFT, SEEN, SESSION, SESSION_REUSE, Shard, shard_of
from bot.store.standing import Standing, standing
from bot.store.tick import NotReplicated

SEPARATOR = "\x1f"
"""Between the inputs of a transcript; a form field with control characters is refused, so no input holds it."""


class Pin(Struct, frozen=True, gc=False):
    """What was known when a conversation began: a replay sees the same, whichever worker does it."""

    at: int
    """Unix ms; with the session id it names the call."""
    release: int
    contact: dict[str, str]
    known: dict[str, str]
    draft: str = ""
    """The unfinished conversation there was, as JSON."""
    deep: bool = False
    """She dialled past the menu: `*123*2#`."""
    name: str = ""
    """The call or the message that began it, however it went on."""

    def unfinished(self) -> "Draft | None":
        """The draft, while it is young enough to be offered."""
        draft = json.decode(self.draft, type=Draft) if self.draft else None
        return draft if draft and self.at < draft.at + _ms(DRAFT) else None


class Draft(Struct, frozen=True, gc=False):
    """An unfinished conversation: what it began from, and the answers it has had."""

    pin: Pin
    flow: str
    given: tuple[str, ...]
    session: str
    at: int
    bearer: str
    place: str = ""
    """Where its answers led; empty: it is not known."""


class Record(Struct, frozen=True, omit_defaults=True):
    """One report to keep: rows of answers, with who said it, where and when."""

    kind: str
    rows: tuple[dict[str, Any], ...]
    told: str
    """The rows as JSON, as they will stand in the ledger: their order is that of the questions."""
    entry: str
    """Its ledger entry as JSON: store.ledger.Entry."""
    at: int
    day: str
    yday: int
    week: str
    month: str
    unit: str
    conversation: str
    """Names it among hers: what is said again in it, by whichever call took it up, corrects what it said before."""
    msisdn: str
    once: str = ""
    corrects: bool = False
    void: bool = False


class Message(Struct, frozen=True, gc=False):
    """One SMS to send, with the time (Unix ms) from which it may leave."""

    id: str
    body: str
    """store.outbox.Body as JSON."""
    made: int
    due: int
    lane: str = ""
    """One of store.keys.LANES."""
    to: str = ""


class Polled(Struct, frozen=True, gc=False):
    """An answer to the question of a broadcast; a later one takes its place."""

    broadcast: str
    said: str
    """The choice and when: `2@1763760000000`."""


class Kept(Struct, frozen=True, gc=False):
    """The draft as it is written: its JSON, and when it becomes a partial report (Unix ms)."""

    body: str
    expires: int


class Step(Struct, frozen=True, omit_defaults=True):
    """All that one step keeps, in one piece. `request` names what caused it: the second time changes nothing."""

    msisdn: str
    request: str
    reply: str
    records: tuple[Record, ...] = ()
    changes: dict[str, str] = {}
    messages: tuple[Message, ...] = ()
    alerts: tuple[Raised, ...] = ()
    cleared: tuple[str, ...] = ()
    """Subjects of alerts whose cause has ended, if they are open."""
    draft: Kept | None = None
    """What is left to answer; None: the conversation is over."""
    aside: bool = False
    """This step stands beside the conversation and leaves its draft as it is."""
    session: str = ""
    said: str = ""
    over: bool = False
    expects: str | None = None
    polled: Polled | None = None


class Looked(Struct, frozen=True):
    """What is needed to answer one SMS. `first` is the reply it had already, when it has come before."""

    first: str | None
    pin: Pin
    draft: Draft | None
    count: str


class Moved(Exception):  # noqa: N818 - not an error: look again
    """The conversation went on while this step was being made."""


class Sessions:
    """Conversations in the store. Every method is one round trip."""

    def __init__(self, functions: Functions, shards: int) -> None:
        self._functions = functions
        self._shards = shards

    async def open(
        self, session: str, msisdn: str, release: int, now: int, *, deep: bool
    ) -> tuple[Pin, tuple[str, ...]]:
        """The call as it was pinned when it began, and what was typed so far; pins it when it is new."""
        shard = self._shard(msisdn)
        keys = [
            shard.session(session, msisdn),
            shard.contact(msisdn),
            shard.known(msisdn),
            shard.draft(msisdn),
        ]
        pin, said = await self._functions.call(
            "k_open", keys, now, release, _ms(SESSION_REUSE), _ms(SESSION), int(deep)
        )
        began = structs.replace(json.decode(pin, type=Pin), name=session)
        return began, tuple(said.decode().split(SEPARATOR)) if said else ()

    async def pin(self, session: str, msisdn: str, pin: Pin) -> Pin:
        """Adds to the pin of a call that has just begun; what another worker added first stands."""
        key = self._shard(msisdn).session(session, msisdn)
        found = await self._functions.call("k_pin", [key], pin.at, json.encode(pin))
        return json.decode(found, type=Pin) if found else pin

    async def look(self, message: str, msisdn: str, release: int, now: int) -> Looked:
        shard = self._shard(msisdn)
        keys = [shard.seen(message), shard.contact(msisdn), shard.known(msisdn), shard.draft(msisdn)]
        again, first, found, draft, count = await self._functions.call("k_look", keys)
        return Looked(
            first=first.decode() if again else None,
            pin=Pin(now, release, name=message, **json.decode(found)),
            draft=json.decode(draft, type=Draft) if draft else None,
            count=count.decode(),
        )

    async def follow(
        self, msisdn: str, session: str, said: Sequence[str], draft: Kept | None, *, drop: bool
    ) -> None:
        """Writes behind the reply where she is. With nothing worth keeping, the draft there is stays, or is dropped."""
        shard = self._shard(msisdn)
        keys = [shard.session(session, msisdn), shard.draft(msisdn), shard.drafts]
        body, expires = (draft.body, draft.expires) if draft else ("" if drop else "-", 0)
        transcript = SEPARATOR.join(said)
        await self._functions.call("k_follow", keys, transcript, body, expires, msisdn, _ms(SESSION))

    async def commit(self, step: Step) -> tuple[str, bool]:
        """Keeps a step, durably: the reply it had the first time, and whether this was the first. Raises Moved."""
        shard = self._shard(step.msisdn)
        told, names = json.encode(step), json.encode(self._keys(shard, step))
        keys = [shard.contact(step.msisdn)]
        try:
            outcome = await self._functions.keep("k_commit", keys, told, names)
        except NotReplicated:
            # Done, and on the primary's disk: asking again changes nothing and waits for the replicas once more.
            outcome = await self._functions.keep("k_commit", keys, told, names)
        if outcome[0] == b"moved":
            raise Moved
        return outcome[1].decode(), outcome[0] == b"first"

    def _keys(self, shard: Shard, step: Step) -> dict[str, Any]:
        msisdn = step.msisdn
        judged = step.alerts or step.cleared
        month = step.records[0].month if step.records else ""
        return {
            "seen": shard.seen(step.request),
            "session": shard.session(step.session, msisdn),
            "draft": shard.draft(msisdn),
            "drafts": shard.drafts,
            "contact": shard.contact(msisdn),
            "session_life": _ms(SESSION),
            "seen_for": _seconds(SEEN),
            "messages": shard.messages,
            "due": shard.due,
            "group": shard.groups,
            "outbox": shard.outbox,
            "ledger": shard.ledger(month),
            **({"poll": shard.poll(step.polled.broadcast)} if step.polled else {}),
            **({"alerts": alert_names(shard, self._shards)} if judged else {}),
            **projection_keys(shard, msisdn),
        }

    async def last(self, msisdn: str) -> list[Standing]:
        """The latest row of each subject, most recently written last."""
        found = await self._functions.line.call("HGETALL", self._shard(msisdn).last(msisdn))
        rows = (standing(subject.decode(), said) for subject, said in found.items())
        return sorted(rows, key=lambda row: row.order)

    async def stale(self, shard: Shard, now: int, most: int) -> list[str]:
        """The contacts whose drafts have waited long enough to be kept as partial reports."""
        found = await self._functions.line.call("ZRANGEBYSCORE", shard.drafts, 0, now, "LIMIT", 0, most)
        return [msisdn.decode() for msisdn in found]

    async def settled(self, msisdn: str) -> None:
        """Nothing of hers waits, if nothing is there."""
        shard = self._shard(msisdn)
        await self._functions.call("k_settled", [shard.draft(msisdn), shard.drafts], msisdn)

    def _shard(self, msisdn: str) -> Shard:
        return shard_of(msisdn, self._shards)


def projection_keys(shard: Shard, msisdn: str) -> dict[str, Any]:
    """What follows from the ledger, for one contact."""
    return {
        "msisdn": msisdn,
        "shard": f"{shard.number:02d}",
        "months": shard.months,
        "last": shard.last(msisdn),
        "known": shard.known(msisdn),
        "counts": shard.counts,
        "days": shard.days,
        "years": shard.years(msisdn),
        "day_kept": _seconds(DAY_KEPT),
    }


def kept(draft: Draft) -> Kept:
    return Kept(json.encode(draft).decode(), draft.at + _ms(DRAFT))


def now_ms() -> int:
    """The time, in Unix ms."""
    return time.time_ns() // 1_000_000


def _ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)


def _seconds(span: timedelta) -> int:
    return span // timedelta(seconds=1)
