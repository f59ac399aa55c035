"""The rehearsal: what the calendar would send at a moment, to whom and in which words; nothing is sent."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime

from aiohttp import web

from bot.admin.desk import Desk, Page
from bot.admin.looking import before, looking
from bot.admin.said import Speech
from bot.admin.table import Choice, Column, Table
from bot.admin.visit import Visit
from bot.people import Contact
from bot.services.due import Line, Wanted
from bot.store.past import Mark
from bot.store.search import NEWEST

KINDS = ("checkin", "stock", "payment", "training", "followup")
"""As the settings call them."""


def pages(_: Desk) -> list[Page]:
    return [Page("/due", due, menu=53)]


async def due(visit: Visit) -> web.Response:
    people, asked = await visit.desk.book.people(), visit.query
    moment, kind = _moment(visit, asked.get("at", "")), asked.get("reminder", "")
    session = asked.get("session", "")[:64]
    wanted = Wanted(kind if kind in KINDS else "", session, _among(visit, people, session))
    kinds = [(one, visit.say(f"due.{one}")) for one in KINDS]
    return await looking(
        visit,
        "due.html",
        _table(people),
        [Choice("reminder", kinds, lambda line, kind: _kind(line) in (kind, "silent"))],
        lambda *_: _numbered(visit.desk.reminders.rehearse(moment, wanted), before(visit)),
        lambda line: [line],
        at=f"{visit.desk.programme.local(moment):%Y-%m-%dT%H:%M}",
        said_at=visit.speech.moment(moment),
        session=session,
    )


def _moment(visit: Visit, at: str) -> int:
    """`2026-11-30T08:00` on the programme's clock, in Unix ms; now, where that is none."""
    try:
        asked = datetime.fromisoformat(at)
    except ValueError:
        return visit.now
    return visit.desk.figures.calendar.at(asked.date(), f"{asked:%H:%M}")


def _among(visit: Visit, people: Mapping[str, Contact], session: str) -> set[str] | None:
    """Whom she sees, and who may be invited to that training; None: everybody."""
    if not (visit.account.area or session):
        return None
    return {one.msisdn for one in people.values() if visit.account.sees(one.path) and session in one.training}


async def _numbered(lines: AsyncIterator[Line], after: Mark) -> AsyncIterator[tuple[Mark, Line]]:
    """Each with its place in the list, from the one after a place."""
    number, first = 0, 0 if after == NEWEST else after[0]
    async for line in lines:
        number += 1
        if number > first:
            yield (number, 0, 0), line


def _kind(line: Line) -> str:
    """Of `reminder:training:2026-11-30:…` its second word; of `silent:…` the first."""
    first, second, _ = f"{line.why}::".split(":", 2)
    return first if first == "silent" else second


def _table(people: Mapping[str, Contact]) -> Table[Line]:
    def reader(line: Line) -> str:
        return people[line.to].name if line.to in people else line.to

    def about(line: Line, speech: Speech) -> str:
        return speech.say("due.about", name=line.name) if _kind(line) == "silent" else line.text

    return Table(
        "due",
        [
            Column("at", lambda line: line.at, lambda line, speech: speech.iso(line.at)),
            Column("to", reader, link=lambda line: f"/admin/roster/{line.to}" if line.to else ""),
            Column("number", lambda line: line.to),
            Column("reminder", _kind, lambda line, speech: speech.or_itself("due", _kind(line))),
            Column("text", lambda line: line.text or line.name, about),
        ],
        searched=lambda line: f"{line.to} {reader(line)} {line.name} {line.text}",
    )
