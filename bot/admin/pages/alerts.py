"""Alerts: found, read with all that became of them, and answered from here as a leader does from her phone."""

import asyncio
from collections.abc import Mapping, Sequence

from aiohttp import web
from msgspec import Struct

from bot import rules
from bot.admin.areas import chosen_from, name_of
from bot.admin.desk import Desk, Page
from bot.admin.listing import AT_ONCE, listing
from bot.admin.said import Speech
from bot.admin.table import Choice, Column, Table, moment
from bot.admin.visit import Visit
from bot.admin.whole import whole
from bot.people import LEADERS, Contact, Unit
from bot.services import sending
from bot.store.alerts import Alert

HOUR = 3600 * 1000
AGES: Mapping[str, int] = {"day": 24 * HOUR, "three": 72 * HOUR, "week": 168 * HOUR, "more": 0}
"""How old an alert is, each below so many ms; the last, older than all."""
TONES = {"open": "bad", "acknowledged": "warn", "resolved": "good"}
STATES = tuple(TONES)


class Found(Struct, frozen=True):
    """An alert, and what became of it, oldest first."""

    alert: Alert
    log: Sequence[Mapping[str, object]]
    archived: bool = False


class Step(Struct, frozen=True):
    """One line of an alert's log."""

    at: str
    what: str
    text: str = ""


def pages(_: Desk) -> list[Page]:
    return [
        Page("/alerts", every, menu=10),
        Page("/alerts/{number}", one),
        Page("/alerts/{number}", change, least="editor", method="POST"),
    ]


def place_of(alert: Alert, people: Mapping[str, Contact]) -> str:
    """Where it is; of somebody on no roster, where the supervisor she named is."""
    named = people.get(alert.supervisor)
    return alert.path or (named.path if named else "")


def age_of(alert: Alert, now: int) -> str:
    waited = now - alert.opened
    return next((age for age, below in AGES.items() if waited < below), "more")


async def every(visit: Visit) -> web.Response:
    """Those that stand and the latest; or all of a month that is chosen."""
    people, units = await visit.desk.book.people(), await visit.desk.book.units()
    figures, months = visit.desk.figures, await visit.desk.figures.months_of_alerts()
    month = asked if (asked := visit.query.get("month", "")) in months else ""
    found = await (figures.opened(month) if month else figures.alerts())
    return await listing(
        visit,
        "alerts.html",
        _table(visit, people, units),
        await seen_alerts(visit, found, "opened" if month else "alerts"),
        _choices(visit, people, units),
        month=month,
        months=[(one, f"{one[4:]}/{one[:4]}") for one in months],
    )


async def seen_alerts(visit: Visit, every: Sequence[Alert], called: str) -> Sequence[Alert]:
    """Those of her area."""
    if not visit.account.area:
        return every
    people = await visit.desk.book.people()

    async def make() -> Sequence[Alert]:
        found: list[Alert] = []
        for start in range(0, len(every), AT_ONCE):
            some = every[start : start + AT_ONCE]
            found += [one for one in some if visit.account.sees(place_of(one, people))]
            await asyncio.sleep(0)
        return found

    return await visit.desk.figures.kept.get((called, visit.account.area), (every, people), make)


def _table(visit: Visit, people: Mapping[str, Contact], units: Mapping[str, Unit]) -> Table[Alert]:
    def holder(alert: Alert) -> str:
        return people[alert.holder].name if alert.holder in people else alert.holder

    return Table(
        "alerts",
        [
            Column("number", lambda one: one.number, link=lambda one: f"/admin/alerts/{one.number}"),
            Column("kind", lambda one: one.kind, kind_of),
            Column("what", lambda one: sentence(visit, one), sorts=False),
            Column("contact", lambda one: one.name or one.msisdn),
            Column("org_unit", lambda one: name_of(place_of(one, people), units)),
            moment("opened", lambda one: one.opened, visit.speech),
            Column("holder", holder),
            Column("state", lambda one: one.state, state_of, tone=lambda one: TONES[one.state]),
        ],
        searched=lambda one: f"{one.number} {one.name} {one.msisdn} {name_of(one.path, units)}",
    )


def kind_of(alert: Alert, speech: Speech) -> str:
    return speech.or_itself("alerts.kind", alert.kind)


def state_of(alert: Alert, speech: Speech) -> str:
    return speech.say(f"alerts.state.{alert.state}")


def _choices(visit: Visit, people: Mapping[str, Contact], units: Mapping[str, Unit]) -> list[Choice[Alert]]:
    kinds = [(kind, visit.speech.or_itself("alerts.kind", kind)) for kind in rules.load()]
    return [
        Choice(
            "state",
            [(one, visit.say(f"alerts.state.{one}")) for one in STATES],
            lambda one, state: one.state == state,
        ),
        Choice("kind", kinds, lambda one, kind: one.kind == kind),
        Choice(
            "age",
            [(age, visit.say(f"alerts.age.{age}")) for age in AGES],
            lambda one, age: age_of(one, visit.now) == age,
        ),
        Choice(
            "area",
            chosen_from(units, visit.account),
            lambda one, path: f"{place_of(one, people)}/".startswith(f"{path}/"),
        ),
    ]


def sentence(visit: Visit, alert: Alert) -> str:
    """What a leader reads of it on her phone, in French: the field's words."""
    release = visit.desk.releases.find(visit.desk.releases.current)
    key = f"alert.{alert.kind}.line"
    if release.words.get("fr", key) is None:
        return alert.subject
    try:
        said = sending.say(release, "fr", key, {**alert.values, "number": f"{alert.number}"})
    except KeyError:  # an old one: the words of today name something that was not kept with it
        return alert.subject
    return said.removesuffix(f" ({alert.number})")


async def one(visit: Visit) -> web.Response:
    return await _shown(visit, await _found(visit))


async def _shown(visit: Visit, found: Found, problem: str = "", status: int = 200) -> web.Response:
    people, units = await visit.desk.book.people(), await visit.desk.book.units()
    alert = found.alert
    place = place_of(alert, people)
    return visit.show(
        "alert.html",
        status,
        one=alert,
        archived=found.archived,
        kind=kind_of(alert, visit.speech),
        state=state_of(alert, visit.speech),
        tone=TONES[alert.state],
        sentence=sentence(visit, alert),
        places=[units[code].name for code in place.split("/") if code in units],
        holder=_who(alert.holder, people),
        supervisor=_who(alert.supervisor, people),
        log=[_step(visit, entry, people) for entry in reversed(found.log)],
        leaders=[(one.msisdn, f"{one.name} · {name_of(one.path, units)}") for one in _leaders(visit, people)],
        edits=visit.account.may("editor") and not found.archived,
        problem=problem,
    )


def _leaders(visit: Visit, people: Mapping[str, Contact]) -> Sequence[Contact]:
    """To whom an alert may be given: who is reached, in the visitor's area."""
    found = [
        one
        for one in people.values()
        if one.role in LEADERS and one.active and not one.stopped and visit.account.sees(one.path)
    ]
    return sorted(found, key=lambda one: one.name)


def _who(number: str, people: Mapping[str, Contact]) -> str:
    return people[number].name if number in people else number


def _step(visit: Visit, entry: Mapping[str, object], people: Mapping[str, Contact]) -> Step:
    what, who = str(entry["what"]), _who(str(entry.get("who", "")), people)
    more = str(entry.get("more") or "")
    to = _who(more, people) if what == "reassigned" else ""
    return Step(
        at=visit.speech.moment(int(str(entry["at"]))),
        what=visit.say(f"alerts.log.{what}", who=who, to=to)
        if visit.speech.knows(f"alerts.log.{what}")
        else f"{what} {who}",
        text=more if what == "commented" else "",
    )


async def _found(visit: Visit) -> Found:
    """The alert the address names; outside the visitor's area there is none."""
    number = whole(visit.named("number"))
    found = None if number is None else await _held(visit, number)
    if found is None or not visit.account.sees(place_of(found.alert, await visit.desk.book.people())):
        raise web.HTTPNotFound
    return found


async def _held(visit: Visit, number: int) -> Found | None:
    """Of the store, else of the archive."""
    alerts = visit.desk.overseer.alerts
    if alert := await alerts.get(number):
        return Found(alert, await alerts.log(alert.number))
    old = await visit.desk.past.alert(number)
    return Found(*old, archived=True) if old else None


async def change(visit: Visit) -> web.Response:
    found = await _found(visit)
    alert, deed = found.alert, visit.form.get("deed")
    if deed not in _DEEDS:
        raise web.HTTPBadRequest
    if found.archived:
        return await _shown(visit, found, visit.say("alerts.archived"), 409)
    problem = await _DEEDS[deed](visit, alert)
    await visit.desk.figures.changed(alert.number)
    if problem:
        return await _shown(visit, await _found(visit), visit.say(problem), 409)
    return visit.go(f"/alerts/{alert.number}", "said.saved")


async def _acknowledge(visit: Visit, alert: Alert) -> str:
    await visit.note("alert.acknowledge", f"{alert.number}", alert.state, "acknowledged")
    done = await visit.desk.overseer.acknowledge(alert, visit.account.name, visit.now)
    return "" if done else "alerts.moved_on"


async def _resolve(visit: Visit, alert: Alert) -> str:
    await visit.note("alert.resolve", f"{alert.number}", alert.state, "resolved")
    done = await visit.desk.overseer.resolve(alert, visit.account.name, visit.now)
    return "" if done else "alerts.moved_on"


async def _comment(visit: Visit, alert: Alert) -> str:
    text = visit.form.get("text")[:500]
    if not text:
        return "alerts.no_text"
    await visit.note("alert.comment", f"{alert.number}", "", text)
    await visit.desk.overseer.comment(alert, visit.account.name, text, visit.now)
    return ""


async def _reassign(visit: Visit, alert: Alert) -> str:
    people = await visit.desk.book.people()
    wanted = visit.form.get("leader")
    leader = next((one for one in _leaders(visit, people) if one.msisdn == wanted), None)
    if leader is None:
        return "alerts.no_leader"
    await visit.note("alert.reassign", f"{alert.number}", alert.holder, leader.msisdn)
    done = await visit.desk.overseer.reassign(alert, leader, visit.account.name, visit.now)
    return "" if done else "alerts.moved_on"


_DEEDS = {"acknowledge": _acknowledge, "resolve": _resolve, "comment": _comment, "reassign": _reassign}
