"""The audit log, for administrators: who changed or took out what, and when."""

from aiohttp import web

from bot.accounts import Note
from bot.admin.days import Days, days
from bot.admin.desk import Desk, Page
from bot.admin.listing import listing
from bot.admin.said import Speech
from bot.admin.table import Choice, Column, Table, moment
from bot.admin.visit import Visit
from bot.store.search import NEWEST

MOST = 5000
"""Notes looked through, the newest of the days that are asked for."""
SKEW = 24 * 3_600_000
"""Milliseconds by which the store's clock, which orders the notes, may be behind the one they tell."""


def pages(_: Desk) -> list[Page]:
    return [Page("/journal", journal, least="admin", menu=84)]


async def journal(visit: Visit) -> web.Response:
    asked = days(visit)
    notes = await _notes(visit, asked)
    who = sorted({note.who for note in notes})
    choice: Choice[Note] = Choice(
        "who",
        [(name, visit.speech.or_itself("journal.by", name)) for name in who],
        lambda note, name: note.who == name,
    )
    return await listing(
        visit,
        "journal.html",
        _table(visit.speech),
        notes,
        [choice],
        days=asked,
        most=MOST,
        cut=len(notes) == MOST,
    )


async def _notes(visit: Visit, asked: Days) -> list[Note]:
    notes: list[Note] = []
    async for note in visit.desk.audit.newest(0 if asked.end == NEWEST[0] else asked.end + SKEW):
        if note.at < asked.first or len(notes) == MOST:
            break
        if asked.hold(note.at):
            notes.append(note)
    return notes


def _table(speech: Speech) -> Table[Note]:
    return Table(
        "journal",
        [
            moment("at", lambda note: note.at, speech),
            Column(
                "who", lambda note: note.who, lambda note, speech: speech.or_itself("journal.by", note.who)
            ),
            Column("what", lambda note: note.what, lambda note, speech: speech.or_itself("deed", note.what)),
            Column("subject", lambda note: note.subject),
            Column("before", lambda note: note.before),
            Column("after", lambda note: note.after),
        ],
        searched=lambda note: f"{note.who} {note.what} {note.subject} {note.before} {note.after}",
        first="-at",
    )
