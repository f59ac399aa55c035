"""The ledger as it is: every row that a contact said, the newest first."""

from collections.abc import Mapping, Sequence

from aiohttp import web

from bot.admin.areas import chosen_from, name_of
from bot.admin.days import days
from bot.admin.desk import Desk, Page
from bot.admin.looking import before, looking
from bot.admin.said import Speech
from bot.admin.table import Choice, Column, Table, has
from bot.admin.visit import Visit
from bot.flow.definition import KINDS
from bot.people import Unit
from bot.store.ledger import Entry, Row, Told
from bot.text.fold import bare

SKEW = 3_600_000
"""Milliseconds by which the store's clock may be behind ours: what was said then was written then or later."""


def pages(_: Desk) -> list[Page]:
    return [Page("/reports", reports, menu=16)]


async def reports(visit: Visit) -> web.Response:
    units = await visit.desk.book.units()
    kinds = [(kind, visit.speech.or_itself("kind", kind)) for kind in KINDS]
    asked = days(visit)
    kind, area, words = (visit.query.get(name, "") for name in ("kind", "area", "q"))
    searched = bare(words).split()

    def rows(told: Told) -> list[Row]:
        """None of an entry that cannot be meant: most are not, and rows are dear."""
        entry = told.entry
        if kind not in ("", entry.kind) or not f"{entry.org_path}/".startswith(f"{area}/" if area else ""):
            return []
        if searched and not has(searched, bare(_searched(entry))):
            return []
        return told.rows() if asked.hold(entry.at) and visit.account.sees(entry.org_path) else []

    return await looking(
        visit,
        "reports.html",
        table(units),
        [
            Choice("kind", kinds, lambda row, kind: row.kind == kind),
            Choice(
                "area",
                chosen_from(units, visit.account),
                lambda row, path: f"{row.org_path}/".startswith(f"{path}/"),
            ),
        ],
        lambda *_: visit.desk.search.told(before(visit), f"{asked.until:%Y%m}" if asked.until else ""),
        rows,
        max(0, asked.first - SKEW),
        days=asked,
    )


def answers(row: Row, speech: Speech) -> str:
    """`Produit : SRO, Quantité : 12`; an answer we have no word for under its own name."""
    return ", ".join(
        speech.say(
            "reports.answer",
            name=speech.or_itself("answer", name),
            value=speech.or_itself("value", value) if isinstance(value, str) else value,
        )
        for name, value in row.answers.items()
    )


def table(units: Mapping[str, Unit]) -> Table[Row]:
    place: Column[Row] = Column("org_unit", lambda row: name_of(row.org_path, units))
    return Table("reports", [*_WHO, place, *_WHAT], _searched)


def _searched(row: Row | Entry) -> str:
    return f"{row.contact} {row.msisdn} {row.raw} {row.org_path}"


def _plain(row: Row) -> str:
    return ", ".join(f"{name}={value}" for name, value in row.answers.items())


_WHO: Sequence[Column[Row]] = (
    Column("at", lambda row: row.at, lambda row, speech: speech.iso(row.at)),
    Column("kind", lambda row: row.kind, lambda row, speech: speech.or_itself("kind", row.kind)),
    Column("contact", lambda row: row.contact or row.msisdn, link=lambda row: f"/admin/roster/{row.msisdn}"),
)
_WHAT: Sequence[Column[Row]] = (
    Column("answers", _plain, answers),
    Column("raw", lambda row: row.raw),
    Column("channel", lambda row: row.channel, lambda row, _: row.channel.upper()),
    Column(
        "corrects",
        lambda row: row.corrects,
        lambda row, speech: speech.say("reports.correction") if row.corrects else "",
        tone=lambda row: "warn" if row.corrects else "",
    ),
)
