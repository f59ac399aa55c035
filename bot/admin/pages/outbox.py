"""The outbox: every message to the field with what became of it, the newest first."""

from collections.abc import Mapping
from datetime import datetime
from typing import get_args
from urllib.parse import urlencode

from aiohttp import web
from msgspec import Struct

from bot.admin.days import days
from bot.admin.desk import Desk, Page
from bot.admin.looking import before, looking
from bot.admin.table import SEARCH, Choice, Column, Table
from bot.admin.visit import Visit
from bot.messages import SendState
from bot.people import Contact
from bot.services.known import Programme
from bot.store.mail import Line
from bot.store.outbox import MESSAGES
from bot.text.fold import bare

DIGITS = 6
KINDS = ("reply", "tell", "alert", "reminder", "broadcast")
STATES = ("queued", "sending", *get_args(SendState), "refused", "cancelled")
AGAIN = ("failed", "refused", "capped", "cancelled")
TONES = {"delivered": "good", "sent": "good", "failed": "bad", "unknown": "warn", "refused": "bad"}


def pages(_: Desk) -> list[Page]:
    return [
        Page("/outbox", outbox, menu=50),
        Page("/outbox/message", one),
        Page("/outbox/message", turn, least="editor", method="POST"),
    ]


async def outbox(visit: Visit) -> web.Response:
    """Those of the store and those in archive files, by when they were made."""
    people, asked = await visit.desk.book.people(), days(visit)
    states = [(state, visit.say(f"message.{state}")) for state in STATES]
    kinds = [(kind, visit.speech.or_itself("sms", kind)) for kind in KINDS]
    start = min(before(visit), (asked.end, 0, 0))

    def seen(line: Line) -> list[Line]:
        reader = people.get(line.to)
        return [line] if visit.account.sees(reader.path if reader else "") else []

    return await looking(
        visit,
        "outbox.html",
        table(people, visit.desk.programme),
        [
            Choice("state", states, lambda line, state: line.state == state),
            Choice("kind", kinds, lambda line, kind: line.kind == kind),
        ],
        lambda meant, most: visit.desk.search.sent(start, "", meant, most, _number_in(visit)),
        seen,
        asked.first,
        days=asked,
    )


def _number_in(visit: Visit) -> str:
    """The phone number that is looked for: no name of a reader has so many digits."""
    words = bare(visit.query.get(SEARCH, "")).split()
    return next((word for word in words if len(word) >= DIGITS and word.isascii() and word.isdecimal()), "")


class Found(Struct, frozen=True):
    """A message to somebody of her area."""

    line: Line
    reader: Contact | None
    archived: bool


async def _found(visit: Visit, name: str, month: str = "") -> Found:
    """`month`: in which it was made, where it may be in the archive."""
    line, archived = await visit.desk.outbox.find(name), False
    if line is None and month in await visit.desk.past.months(MESSAGES):
        line, archived = await visit.desk.past.message(name, month), True
    reader = await visit.desk.contacts.get(line.to) if line else None
    if line is None or not visit.account.sees(reader.path if reader else ""):
        raise web.HTTPNotFound
    return Found(line, reader, archived)


async def one(visit: Visit) -> web.Response:
    found = await _found(visit, visit.query.get("id", ""), visit.query.get("month", ""))
    state = found.line.state
    can = "cancel" if state == "queued" else "again" if state in AGAIN else ""
    return visit.show(
        "outbox_message.html",
        line=found.line,
        reader=found.reader,
        tone=TONES.get(state, "quiet"),
        can="" if found.archived else can,
        archived=found.archived,
    )


async def turn(visit: Visit) -> web.Response:
    """Cancels what waits, or sends once more what did not arrive."""
    line = (await _found(visit, visit.form.get("id"))).line
    deed = visit.form.get("deed")
    if deed not in ("cancel", "again"):
        raise web.HTTPBadRequest
    await visit.note(f"outbox.{deed}", line.id, line.state)
    box = visit.desk.outbox
    done = await (box.cancel(line) if deed == "cancel" else box.again(line, visit.now))
    return visit.go("/outbox/message", "said.saved" if done else "said.outbox_moved", id=line.id)


def address(line: Line, programme: Programme) -> str:
    """With the month it was made in: its archive file is called so."""
    made = programme.local(round(datetime.fromisoformat(line.made).timestamp() * 1000))
    return f"/admin/outbox/message?{urlencode({'id': line.id, 'month': f'{made:%Y%m}'})}"


def table(people: Mapping[str, Contact], programme: Programme) -> Table[Line]:
    def reader(line: Line) -> str:
        return people[line.to].name if line.to in people else line.to

    return Table(
        "outbox",
        [
            Column("made", lambda line: line.made, lambda line, speech: speech.iso(line.made)),
            Column("to", reader, link=lambda line: f"/admin/roster/{line.to}"),
            Column("number", lambda line: line.to),
            Column("kind", lambda line: line.kind, lambda line, speech: speech.or_itself("sms", line.kind)),
            Column(
                "text",
                lambda line: line.text,
                lambda line, speech: line.text or speech.say("outbox.unwritten"),
            ),
            Column(
                "state",
                lambda line: line.state,
                lambda line, speech: speech.or_itself("message", line.state),
                tone=lambda line: TONES.get(line.state, "quiet"),
                link=lambda line: address(line, programme),
            ),
            Column("segments", lambda line: line.segments),
            Column("cost", lambda line: line.cost),
            Column("reason", lambda line: line.reason),
        ],
        searched=lambda line: f"{line.to} {reader(line)} {line.text}",
    )
