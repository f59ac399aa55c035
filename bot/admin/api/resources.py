"""What other systems may read. Nobody reads outside the area of her token."""

from collections.abc import Awaitable, Callable
from typing import Any

from msgspec import Struct

from bot import people
from bot.accounts import Scope, Token
from bot.admin.api import shapes
from bot.admin.api.feed import at_of, mark_of, ms, page, within
from bot.admin.api.refusing import Refusal
from bot.admin.api.shapes import Contact, Flow, FlowText, Item, Page
from bot.admin.desk import Desk
from bot.services import audience
from bot.store.alerts import Line as Alert
from bot.store.ledger import Row, Told
from bot.store.mail import Line as Message
from bot.text.msisdn import NotANumber, parse

SKEW = 3_600_000
"""Milliseconds by which the store's clock may be behind ours."""


class Ask(Struct, frozen=True):
    """One request that was let in."""

    desk: Desk
    token: Token
    query: Any
    """Of the resource's `query`."""
    named: str = ""
    """What the address names."""


class Resource(Struct, frozen=True):
    path: str
    scope: Scope
    summary: str
    query: type[Struct]
    answer: Any
    """The type of what is answered."""
    handler: Callable[[Ask], Awaitable[Any]]


async def contacts(ask: Ask) -> Page[Contact]:
    """By number: there is no newest."""
    held, query = await ask.desk.book.people(), ask.query
    after = [
        one
        for number, one in sorted(held.items())
        if number.lstrip("+") > query.cursor and _meant(one, query) and ask.token.sees(one.path)
    ]
    return _cut([_contact(one) for one in after], query.limit, lambda one: one.msisdn.lstrip("+"))


def _cut(found: list[Item], limit: int, name: Callable[[Item], str]) -> Page[Item]:
    here = found[:limit]
    return Page(here, name(here[-1]) if len(found) > len(here) else None)


def _meant(one: people.Contact, query: shapes.ContactsAsked) -> bool:
    return (
        query.role in (None, one.role)
        and query.active in (None, one.active)
        and audience.within(one.path, query.unit)
    )


def _contact(one: people.Contact) -> Contact:
    return Contact(
        org_path=one.path,
        **{name: getattr(one, name) for name in Contact.__struct_fields__ if name != "org_path"},
    )


async def contact(ask: Ask) -> Contact:
    try:
        one = await ask.desk.contacts.get(parse(ask.named))
    except NotANumber:
        one = None
    if one is None or not ask.token.sees(one.path):
        raise Refusal(404, "no such contact")
    return _contact(one)


async def reports(ask: Ask) -> Page[Row]:
    query, since = ask.query, ms(ask.query.since)

    def rows(told: Told) -> list[Row]:
        entry = told.entry
        asked = query.kind in ("", entry.kind) and within(query, entry.at)
        seen = audience.within(entry.org_path, query.unit) and ask.token.sees(entry.org_path)
        return told.rows() if asked and seen else []

    until = f"{ask.desk.programme.local(ms(query.until) or 0):%Y%m}" if query.until else ""
    things = ask.desk.search.told(mark_of(query.cursor), until)
    # What was said then was written then or later, never before.
    return await page(things, rows, query.limit, lambda mark: since is not None and mark[0] < since - SKEW)


async def alerts(ask: Ask) -> Page[Alert]:
    query, since = ask.query, ms(ask.query.since)

    def rows(one: Alert) -> list[Alert]:
        asked = query.kind in ("", one.kind) and query.state in (None, one.state)
        seen = audience.within(one.org_path, query.unit) and ask.token.sees(one.org_path)
        return [one] if asked and seen and within(query, at_of(one.opened)) else []

    things = ask.desk.search.raised(_from(query), lambda one: bool(rows(one)), query.limit)
    return await page(things, rows, query.limit, lambda mark: since is not None and mark[0] < since)


async def outbox(ask: Ask) -> Page[Message]:
    query, since = ask.query, ms(ask.query.since)
    known = await ask.desk.book.people()

    def rows(one: Message) -> list[Message]:
        asked = query.kind in ("", one.kind) and query.state in ("", one.state)
        reader = known.get(one.to)
        seen = ask.token.sees(reader.path if reader else "")
        return [one] if asked and seen and within(query, at_of(one.made)) else []

    things = ask.desk.search.sent(_from(query), "", lambda one: bool(rows(one)), query.limit)
    return await page(things, rows, query.limit, lambda mark: since is not None and mark[0] < since)


def _from(query: shapes.Span) -> tuple[int, int, int]:
    """Where to begin: at the cursor, else at the end of what is asked for."""
    until = ms(query.until)
    return min(mark_of(query.cursor), mark_of("") if until is None else (until, 1, 0))


async def flows(ask: Ask) -> Page[Flow]:
    release = ask.desk.releases.find(ask.desk.releases.current)
    found = [Flow(name, release.versions.get(name, 0), release.number) for name in sorted(release.flows)]
    return _cut([one for one in found if one.name > ask.query.cursor], ask.query.limit, lambda one: one.name)


async def flow(ask: Ask) -> FlowText:
    release = ask.desk.releases.find(ask.desk.releases.current)
    found = release.flows.get(ask.named)
    if found is None:
        raise Refusal(404, "no such flow")
    text = release.source.flows[found.file]
    return FlowText(ask.named, release.versions.get(ask.named, 0), release.number, text)


RESOURCES = (
    Resource(
        "/contacts", "contacts:read", "The roster, by number", shapes.ContactsAsked, Page[Contact], contacts
    ),
    Resource("/contacts/{msisdn}", "contacts:read", "One contact", shapes.Nothing, Contact, contact),
    Resource(
        "/reports",
        "reports:read",
        "The ledger, the last written first",
        shapes.ReportsAsked,
        Page[shapes.Report],
        reports,
    ),
    Resource(
        "/alerts",
        "alerts:read",
        "Alerts, the last opened first",
        shapes.AlertsAsked,
        Page[shapes.Alert],
        alerts,
    ),
    Resource(
        "/outbox",
        "outbox:read",
        "Messages, the last made first",
        shapes.MessagesAsked,
        Page[shapes.Message],
        outbox,
    ),
    Resource("/flows", "flows:read", "The flows of the current release", shapes.Listed, Page[Flow], flows),
    Resource("/flows/{name}", "flows:read", "One flow as it is written", shapes.Nothing, FlowText, flow),
)
