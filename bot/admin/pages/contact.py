"""One person: who she is, what she said with its corrections, and what was written to her."""

from aiohttp import web
from msgspec import Struct

from bot.admin.desk import Desk, Page
from bot.admin.pages.outbox import TONES
from bot.admin.pages.reports import answers
from bot.admin.pages.roster import found_in_area
from bot.admin.people import state
from bot.admin.visit import Visit
from bot.people import Contact
from bot.store.ledger import Row
from bot.store.mail import Line

SAID, WRITTEN = 60, 30
LOOKED_AT = 6000
"""Entries of her shard looked through: hers are among those of her neighbours."""


class Event(Struct, frozen=True):
    """One thing of the timeline."""

    at: str
    title: str
    text: str
    mark: str = ""
    tone: str = ""
    void: bool = False


def pages(_: Desk) -> list[Page]:
    return [Page("/roster/{msisdn}", contact)]


async def contact(visit: Visit) -> web.Response:
    one = await found_in_area(visit)
    units, people = await visit.desk.book.units(), await visit.desk.book.people()
    return visit.show(
        "contact.html",
        one=one,
        state=state(one),
        places=[units[code].name for code in one.path.split("/") if code in units],
        supervisor=people.get(one.supervisor),
        team=sorted((other for other in people.values() if other.supervisor == one.msisdn), key=_name),
        said_by_her=await _said(visit, one),
        written=await _written(visit, one),
        edits=visit.account.may("editor"),
    )


def _name(contact: Contact) -> str:
    return contact.name


async def _said(visit: Visit, one: Contact) -> list[Event]:
    rows: list[Row] = []
    looked = 0
    async for _, told in visit.desk.search.told(msisdn=one.msisdn):
        looked += 1
        if told.entry.msisdn == one.msisdn:
            rows += told.rows()
        if len(rows) >= SAID or looked == LOOKED_AT:
            break
    corrected = {row.corrects for row in rows if row.corrects}
    return [_report(visit, row, corrected) for row in sorted(rows, key=lambda row: row.at, reverse=True)]


def _report(visit: Visit, row: Row, corrected: set[str]) -> Event:
    speech = visit.speech
    mark = "corrected" if row.id in corrected else "correction" if row.corrects else ""
    return Event(
        at=speech.iso(row.at),
        title=f"{speech.or_itself('kind', row.kind)} · {row.channel.upper()}",
        text=answers(row, speech),
        mark=speech.say(f"reports.{mark}") if mark else "",
        tone="quiet" if mark == "corrected" else "warn",
        void=mark == "corrected",
    )


async def _written(visit: Visit, one: Contact) -> list[Event]:
    lines: list[Line] = []
    looked = 0
    async for _, line in visit.desk.search.sent(msisdn=one.msisdn):
        looked += 1
        if line.to == one.msisdn:
            lines.append(line)
        if len(lines) >= WRITTEN or looked == LOOKED_AT:
            break
    return [_message(visit, line) for line in lines]


def _message(visit: Visit, line: Line) -> Event:
    speech = visit.speech
    return Event(
        at=speech.iso(line.sent or line.made),
        title=speech.or_itself("sms", line.kind),
        text=line.text,
        mark=speech.or_itself("message", line.state),
        tone=TONES.get(line.state, "quiet"),
    )
