"""The ledger as it is: every row that a contact said, the newest first."""

from datetime import date

from aiohttp import web

from bot.admin.areas import areas
from bot.admin.desk import Desk, Page
from bot.admin.looking import before, looking
from bot.admin.said import Speech
from bot.admin.table import Choice, Column, Table
from bot.admin.visit import Visit
from bot.flow.definition import KINDS
from bot.store.ledger import Row, Told


def pages(_: Desk) -> list[Page]:
    return [Page("/reports", reports, menu=30)]


async def reports(visit: Visit) -> web.Response:
    units = await visit.desk.book.units()
    kinds = [(kind, visit.speech.or_itself("kind", kind)) for kind in KINDS]
    since, until = (_day(visit.query.get(name, "")) for name in ("since", "until"))

    def rows(told: Told) -> list[Row]:
        day = visit.desk.programme.local(told.entry.at).date()
        inside = (since is None or day >= since) and (until is None or day <= until)
        return told.rows() if inside and visit.account.sees(told.entry.org_path) else []

    return await looking(
        visit,
        "reports.html",
        TABLE,
        [
            Choice("kind", kinds, lambda row, kind: row.kind == kind),
            Choice(
                "area",
                areas(units, visit.account),
                lambda row, path: f"{row.org_path}/".startswith(f"{path}/"),
            ),
        ],
        visit.desk.search.told(before(visit), f"{until:%Y%m}" if until else ""),
        rows,
        since=since.isoformat() if since else "",
        until=until.isoformat() if until else "",
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def answers(row: Row, speech: Speech) -> str:
    """`Produit : SRO, Quantité : 12`; an answer we have no word for under its own name."""
    return ", ".join(
        speech.say("reports.answer", name=speech.or_itself("answer", name), value=value)
        for name, value in row.answers.items()
    )


TABLE: Table[Row] = Table(
    "reports",
    [
        Column("at", lambda row: row.at, lambda row, speech: speech.iso(row.at)),
        Column("kind", lambda row: row.kind, lambda row, speech: speech.or_itself("kind", row.kind)),
        Column(
            "contact", lambda row: row.contact or row.msisdn, link=lambda row: f"/admin/roster/{row.msisdn}"
        ),
        Column("org_unit", lambda row: row.org_path),
        Column("answers", lambda row: ", ".join(f"{k}={v}" for k, v in row.answers.items()), answers),
        Column("raw", lambda row: row.raw),
        Column("channel", lambda row: row.channel),
        Column(
            "corrects",
            lambda row: row.corrects,
            lambda row, speech: speech.say("reports.correction") if row.corrects else "",
            tone=lambda row: "warn" if row.corrects else "",
        ),
    ],
    searched=lambda row: f"{row.contact} {row.msisdn} {row.raw} {row.org_path}",
)
