"""One person: who she is, what she said with its corrections, and what was written to her."""

from collections.abc import Sequence
from datetime import UTC, datetime

from aiohttp import web
from msgspec import Struct

from bot.admin.desk import Desk, Page
from bot.admin.looking import Reach, at_hand
from bot.admin.pages.outbox import TONES
from bot.admin.pages.reports import answers
from bot.admin.pages.roster import found_in_area
from bot.admin.people import state
from bot.admin.visit import Visit
from bot.people import Contact
from bot.store.ledger import Row
from bot.store.mail import Line

SAID, WRITTEN = 60, 30
FILES = 6
"""Archived months looked through for messages to somebody who was written to no more since."""

NEVER = "9999"
"""After every time."""


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
    one = await visit.desk.contacts.get(visit.named("msisdn"))
    if one is None and (moved := await visit.desk.contacts.moved_to(visit.named("msisdn"))):
        return visit.go(f"/roster/{moved.msisdn}")
    one = await found_in_area(visit)
    units, people = await visit.desk.book.units(), await visit.desk.book.people()
    reach = Reach()
    return visit.show(
        "contact.html",
        one=one,
        state=state(one),
        places=[units[code].name for code in one.path.split("/") if code in units],
        supervisor=people.get(one.supervisor),
        team=sorted((other for other in people.values() if other.supervisor == one.msisdn), key=_name),
        held=await visit.desk.moving.portrait(one),
        said_by_her=await _said(visit, one, reach),
        written=await _written(visit, one, reach),
        reach=reach,
        edits=visit.account.may("editor"),
    )


def iso(at: int) -> str:
    """A time (Unix ms) as rows and messages write it."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")


def _name(contact: Contact) -> str:
    return contact.name


def _numbers(one: Contact) -> Sequence[tuple[str, str]]:
    """Her number and those she had before, the latest first, each with when she left it (ISO 8601)."""
    before = [(number, iso(at)) for number, at in reversed(one.before)]
    return [(one.msisdn, NEVER), *before]


async def _said(visit: Visit, one: Contact, reach: Reach) -> list[Event]:
    """What she said under whatever number; what another said with it later is not hers."""
    rows = [row for number, left in _numbers(one) for row in await _told(visit, number, left, reach)]
    corrected = {row.corrects for row in rows if row.corrects}
    rows = sorted(rows, key=lambda row: row.at, reverse=True)[:SAID]
    return [_report(visit, row, corrected, one.msisdn) for row in rows]


async def _told(visit: Visit, number: str, left: str, reach: Reach) -> list[Row]:
    rows: list[Row] = []
    async for _, told in at_hand(visit.desk.search.told(msisdn=number), reach):
        if told.entry.msisdn == number:
            rows += [row for row in told.rows() if row.at < left]
        if len(rows) >= SAID:
            break
    return rows


def _report(visit: Visit, row: Row, corrected: set[str], now: str) -> Event:
    speech = visit.speech
    mark = "corrected" if row.id in corrected else "correction" if row.corrects else ""
    return Event(
        at=speech.iso(row.at),
        title=" · ".join(
            (
                speech.or_itself("kind", row.kind),
                row.channel.upper(),
                *([row.msisdn] if row.msisdn != now else []),
            )
        ),
        text=answers(row, speech),
        mark=speech.say(f"reports.{mark}") if mark else "",
        tone="quiet" if mark == "corrected" else "warn",
        void=mark == "corrected",
    )


async def _written(visit: Visit, one: Contact, reach: Reach) -> list[Event]:
    hers = {number for number, _ in _numbers(one)}
    lines = [line for number, left in _numbers(one) for line in await _sent(visit, number, left, hers, reach)]
    lines = sorted(lines, key=lambda line: line.made, reverse=True)[:WRITTEN]
    return [_message(visit, line) for line in lines]


async def _sent(visit: Visit, number: str, left: str, hers: set[str], reach: Reach) -> list[Line]:
    """Those in the shard of that number; one that was meant for it may have gone to the next."""
    lines: dict[str, Line] = {}
    files = FILES
    hot_and_old = visit.desk.search.sent(msisdn=number, meant=lambda line: line.to in hers, most=WRITTEN)
    async for _, line in at_hand(hot_and_old, reach):
        if line is None:
            files -= 1
            if files < 0:
                break
            continue
        if line.to in hers and line.made < left:
            lines[line.id] = line
        if len(lines) >= WRITTEN:
            break
    return list(lines.values())


def _message(visit: Visit, line: Line) -> Event:
    speech = visit.speech
    return Event(
        at=speech.iso(line.sent or line.made),
        title=speech.or_itself("sms", line.kind),
        text=line.text or speech.say("outbox.unwritten"),
        mark=speech.or_itself("message", line.state),
        tone=TONES.get(line.state, "quiet"),
    )
