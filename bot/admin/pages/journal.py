"""The audit log, for administrators: who changed or took out what, and when."""

from aiohttp import web

from bot.accounts import Note
from bot.admin.desk import Desk, Page
from bot.admin.listing import listing
from bot.admin.table import Choice, Column, Table
from bot.admin.visit import Visit

MOST = 5000
"""Notes looked through, the newest; the rest is in the store."""

TABLE: Table[Note] = Table(
    "journal",
    [
        Column("at", lambda note: note.id, lambda note, speech: speech.moment(note.at)),
        Column("who", lambda note: note.who),
        Column("what", lambda note: note.what, lambda note, speech: speech.or_itself("deed", note.what)),
        Column("subject", lambda note: note.subject),
        Column("before", lambda note: note.before),
        Column("after", lambda note: note.after),
    ],
    searched=lambda note: f"{note.who} {note.what} {note.subject} {note.before} {note.after}",
)


def pages(_: Desk) -> list[Page]:
    return [Page("/journal", journal, least="admin", menu=95)]


async def journal(visit: Visit) -> web.Response:
    notes = []
    async for note in visit.desk.audit.newest():
        notes.append(note)
        if len(notes) == MOST:
            break
    who = sorted({note.who for note in notes})
    choice: Choice[Note] = Choice("who", [(name, name) for name in who], lambda note, name: note.who == name)
    return await listing(visit, "journal.html", TABLE, notes, [choice])
