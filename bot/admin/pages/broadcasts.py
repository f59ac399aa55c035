"""Broadcasts: composed, counted and priced before anything leaves, sent once, their answers counted."""

from aiohttp import web
from msgspec import json

from bot.admin import announcing, people
from bot.admin.announcing import Draft
from bot.admin.areas import areas, name_of
from bot.admin.desk import Desk, Page
from bot.admin.listing import listing
from bot.admin.table import Column, Table, moment
from bot.admin.visit import Visit
from bot.services.audience import DONE, AudienceError
from bot.services.plans import Plan
from bot.store.broadcasts import Broadcast

FORM = 512 * 1024
"""Bytes, the list of numbers included."""
NAMED = 30
"""People left out that are named; the others are counted."""


def pages(_: Desk) -> list[Page]:
    return [
        Page("/broadcasts", every, menu=55),
        Page("/broadcasts/new", new, least="editor"),
        Page("/broadcasts/new", price, least="editor", method="POST", limit=FORM),
        Page("/broadcasts/send/{upload}", send, least="editor", method="POST"),
        Page("/broadcasts/{id}", one),
    ]


async def every(visit: Visit) -> web.Response:
    units = await visit.desk.book.units()
    seen = [one for one in await visit.desk.broadcasts.kept() if visit.account.sees(one.unit)]
    table: Table[Broadcast] = Table(
        "broadcasts",
        [
            moment("at", lambda one: one.at, visit.speech, _address),
            Column("text", lambda one: one.texts["fr"], link=_address),
            Column(
                "audience",
                lambda one: one.audience,
                lambda one, speech: announcing.whom(speech, one.audience, units),
            ),
            Column("count", lambda one: one.count),
            Column("cost", lambda one: round(one.cost)),
            Column("by", lambda one: one.by),
        ],
        searched=lambda one: " ".join((*one.texts.values(), one.audience, one.by)),
        first="-at",
    )
    return await listing(visit, "broadcasts.html", table, seen)


def _address(broadcast: Broadcast) -> str:
    return f"/admin/broadcasts/{broadcast.id}"


async def one(visit: Visit) -> web.Response:
    """What became of it."""
    found = await visit.desk.broadcasts.find(visit.named("id"))
    if found is None or not visit.account.sees(found.unit):
        raise web.HTTPNotFound
    units = await visit.desk.book.units()
    return visit.show(
        "broadcast.html",
        one=found,
        state=await visit.desk.broadcasts.state(found.id),
        whom=announcing.whom(visit.speech, found.audience, units),
    )


async def new(visit: Visit) -> web.Response:
    return await _form(visit, Draft(unit=visit.account.area))


async def _form(
    visit: Visit, draft: Draft, problems: tuple[str, ...] = (), status: int = 200
) -> web.Response:
    units = await visit.desk.contacts.units()
    sessions = await visit.desk.trainings.sessions()
    kinds = [name for name, done in DONE.items() if "{id}" not in done.subject]
    kinds += [f"{kind}:{id_}" for id_ in reversed(list(sessions)) for kind in ("training", "quiz")]
    return visit.show(
        "broadcast_new.html",
        status,
        draft=draft,
        problems=announcing.told(visit.speech, problems),
        roles=people.roles(visit),
        units=areas(units, visit.account),
        not_done=[(kind, announcing.not_done(visit.speech, kind, sessions)) for kind in kinds],
        may_urge=visit.account.may("admin"),
    )


async def price(visit: Visit) -> web.Response:
    """Who would get it and what it costs; nothing is sent yet."""
    draft = announcing.read(visit.form, visit.account.area, may_urge=visit.account.may("admin"))
    if visit.form.get("again") or (draft.unit and not visit.account.sees(draft.unit)):
        return await _form(visit, draft)
    try:
        plan = await _plan(visit, draft)
    except AudienceError as error:
        return await _form(visit, draft, error.problems, 400)
    return await _priced(visit, draft, plan)


async def _plan(visit: Visit, draft: Draft) -> Plan:
    return await visit.desk.broadcasts.plan(draft.audience(), draft.texts, draft.choices, urgent=draft.urgent)


async def _priced(visit: Visit, draft: Draft, plan: Plan, *, changed: bool = False) -> web.Response:
    units, budget = await visit.desk.book.units(), visit.desk.programme.settings.sms.budget
    kept = json.encode((draft, plan.count, plan.segments))
    return visit.show(
        "broadcast_price.html",
        plan=plan,
        draft=draft,
        changed=changed,
        budget=budget,
        over=budget and plan.spent + plan.cost > budget and not draft.urgent,
        whom=announcing.whom(visit.speech, plan.broadcast.audience, units),
        by_unit=[
            (name_of(path, units) or visit.say("area.all"), part) for path, part in plan.by_unit.items()
        ],
        left_out=[(one, announcing.left_out(visit.speech, one)) for one in plan.excluded[:NAMED]],
        upload=await visit.desk.uploads.put(visit.account.name, kept),
    )


async def send(visit: Visit) -> web.Response:
    """Only what was read on the page before: if its count or price is another by now, it is shown again."""
    kept = await visit.desk.uploads.get(visit.account.name, visit.named("upload"))
    if kept is None:
        return visit.go("/broadcasts/new", "said.announce_too_late")
    draft, count, segments = json.decode(kept, type=tuple[Draft, int, int])
    if draft.unit and not visit.account.sees(draft.unit):
        raise web.HTTPForbidden
    try:
        plan = await _plan(visit, draft)
    except AudienceError as error:  # a place or a flow that is not there any more
        return await _form(visit, draft, error.problems, 400)
    if (plan.count, plan.segments) != (count, segments) or not plan.count:
        return await _priced(visit, draft, plan, changed=True)
    after = f"{plan.count} SMS, {plan.cost:.0f} FCFA: {draft.fr}"
    await visit.note("broadcast.send", plan.broadcast.id, plan.broadcast.audience, after)
    id_ = await visit.desk.broadcasts.send(plan, visit.account.name)
    return visit.go(f"/broadcasts/{id_}", "said.announced")
