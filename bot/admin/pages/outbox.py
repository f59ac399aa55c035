"""The outbox: every message to the field with what became of it, the newest first."""

from collections.abc import Mapping
from typing import get_args
from urllib.parse import urlencode

from aiohttp import web

from bot.admin.desk import Desk, Page
from bot.admin.looking import before, looking
from bot.admin.table import Choice, Column, Table
from bot.admin.visit import Visit
from bot.messages import SendState
from bot.people import Contact
from bot.store.mail import Line

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
    people = await visit.desk.book.people()
    states = [(state, visit.say(f"message.{state}")) for state in STATES]

    def seen(line: Line) -> list[Line]:
        reader = people.get(line.to)
        return [line] if visit.account.sees(reader.path if reader else "") else []

    return await looking(
        visit,
        "outbox.html",
        table(people),
        [Choice("state", states, lambda line, state: line.state == state)],
        visit.desk.search.sent(before(visit)),
        seen,
    )


async def _found(visit: Visit, name: str) -> tuple[Line, Contact | None]:
    """A message to somebody of her area."""
    line = await visit.desk.outbox.find(name)
    reader = await visit.desk.contacts.get(line.to) if line else None
    if line is None or not visit.account.sees(reader.path if reader else ""):
        raise web.HTTPNotFound
    return line, reader


async def one(visit: Visit) -> web.Response:
    line, reader = await _found(visit, visit.query.get("id", ""))
    return visit.show(
        "outbox_message.html",
        line=line,
        reader=reader,
        tone=TONES.get(line.state, "quiet"),
        can="cancel" if line.state == "queued" else "again" if line.state in AGAIN else "",
    )


async def turn(visit: Visit) -> web.Response:
    """Cancels what waits, or sends once more what did not arrive."""
    line, _ = await _found(visit, visit.form.get("id"))
    deed = visit.form.get("deed")
    if deed not in ("cancel", "again"):
        raise web.HTTPBadRequest
    await visit.note(f"outbox.{deed}", line.id, line.state)
    box = visit.desk.outbox
    done = await (box.cancel(line) if deed == "cancel" else box.again(line, visit.now))
    return visit.go("/outbox/message", "said.saved" if done else "said.outbox_moved", id=line.id)


def address(line: Line) -> str:
    return f"/admin/outbox/message?{urlencode({'id': line.id})}"


def table(people: Mapping[str, Contact]) -> Table[Line]:
    def reader(line: Line) -> str:
        return people[line.to].name if line.to in people else line.to

    return Table(
        "outbox",
        [
            Column("made", lambda line: line.made, lambda line, speech: speech.iso(line.made)),
            Column("to", reader, link=lambda line: f"/admin/roster/{line.to}"),
            Column("number", lambda line: line.to),
            Column("kind", lambda line: line.kind, lambda line, speech: speech.or_itself("sms", line.kind)),
            Column("text", lambda line: line.text),
            Column(
                "state",
                lambda line: line.state,
                lambda line, speech: speech.or_itself("message", line.state),
                tone=lambda line: TONES.get(line.state, "quiet"),
                link=address,
            ),
            Column("segments", lambda line: line.segments),
            Column("cost", lambda line: line.cost),
            Column("reason", lambda line: line.reason),
        ],
        searched=lambda line: f"{line.to} {reader(line)} {line.text}",
    )
