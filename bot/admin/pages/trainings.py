"""Trainings: planned by a form or a sheet, people invited, who came noted, answers and quiz results shown."""

from aiohttp import web
from msgspec import Struct
from msgspec.structs import replace

from bot.admin import training
from bot.admin.areas import areas
from bot.admin.desk import Desk, Page
from bot.admin.listing import listing
from bot.admin.people import roles
from bot.admin.preview import Named
from bot.admin.preview import previewed as show
from bot.admin.table import Asked, Choice
from bot.admin.visit import Visit, there
from bot.flow.definition import Problem
from bot.people import ROLES, Contact
from bot.services import sheets
from bot.services.courses import COLUMNS
from bot.services.trainings import Attendant, named
from bot.store.trainings import Session

SHEET = 1024 * 1024


def pages(_: Desk) -> list[Page]:
    return [
        Page("/trainings", every, menu=54),
        Page("/trainings/new", new, least="editor"),
        Page("/trainings/new", save, least="editor", method="POST"),
        Page("/trainings/sheet", preview, least="editor", method="POST", limit=SHEET),
        Page("/trainings/sheet/{upload}", previewed, least="editor"),
        Page("/trainings/sheet/{upload}", take_sheet, least="editor", method="POST"),
        Page("/trainings/{id}", one),
        Page("/trainings/{id}/edit", edit, least="editor"),
        Page("/trainings/{id}/edit", save, least="editor", method="POST"),
        Page("/trainings/{id}/invite", invite, least="editor", method="POST", limit=SHEET),
        Page("/trainings/{id}/attendance", attend, least="editor", method="POST", limit=SHEET),
    ]


async def every(visit: Visit) -> web.Response:
    sessions = list((await visit.desk.trainings.sessions()).values())
    release = visit.desk.releases.find(visit.desk.releases.current)
    states = [(state, visit.say(f"training.{state}")) for state in training.STATES]
    return await listing(
        visit,
        "trainings.html",
        training.table(release),
        sessions,
        [Choice("state", states, lambda one, state: one.state == state)],
        as_read=training.SESSIONS,
        columns=COLUMNS,
    )


async def _found(visit: Visit) -> Session:
    return there(await visit.desk.planner.session(visit.named("id")))


async def _listed(
    visit: Visit, session: Session, *, at_a_glance: bool = False
) -> tuple[list[Attendant], bool]:
    """Those of her area; and whether these are all. At a glance: whom the roster of a moment ago calls invited."""
    known = await visit.desk.book.people()
    among = [number for number, one in known.items() if session.id in one.training] if at_a_glance else None
    everybody = await visit.desk.planner.listed(session, among)
    seen = [one for one in everybody if one.msisdn in known and visit.account.sees(known[one.msisdn].path)]
    return seen, len(seen) == len(everybody)


async def one(visit: Visit) -> web.Response:
    session = await _found(visit)
    listed, all_hers = await _listed(visit, session, at_a_glance=True)
    begun, edits = visit.desk.planner.begun(session, visit.now), visit.account.may("editor")
    release = visit.desk.releases.find(visit.desk.releases.current)
    return await listing(
        visit,
        "training.html",
        training.attendants(edits=edits),
        listed,
        training.choices(visit.speech, listed),
        as_read=training.ATTENDANTS,
        one=session,
        topic=training.topic(release, session),
        begins=training.moment(session.begins),
        ends=training.moment(session.ends),
        here=Asked(visit.query).address(),
        counts=training.counts(listed),
        edits=edits,
        may_change=all_hers,
        invites=session.state == "planned" and not begun,
        reminders=[(*_when(visit, at), text) for at, text in visit.desk.reminders.announced(session)],
        roles=roles(visit),
        units=areas(await visit.desk.book.units(), visit.account),
    )


def _when(visit: Visit, at: int) -> tuple[str, str]:
    """A moment as the rehearsal's address has it, and as it is read."""
    return f"{visit.desk.programme.local(at):%Y-%m-%dT%H:%M}", visit.speech.moment(at)


async def new(visit: Visit) -> web.Response:
    return _form(visit, dict.fromkeys(COLUMNS, "") | {"state": "planned"})


async def edit(visit: Visit) -> web.Response:
    session = await _hers(visit)
    return _form(visit, {name: getattr(session, name) for name in COLUMNS})


async def _hers(visit: Visit) -> Session:
    """What she may change: a change is told to all who are invited, so all must be of her area."""
    session = await _found(visit)
    if not (await _listed(visit, session))[1]:
        raise web.HTTPForbidden
    return session


def _form(visit: Visit, cells: dict[str, str], problem: str = "", status: int = 200) -> web.Response:
    release = visit.desk.releases.find(visit.desk.releases.current)
    return visit.show(
        "training_edit.html",
        status,
        cells=cells,
        problem=problem,
        topics=training.topics(release),
        quizzes=training.quizzes(release),
    )


async def save(visit: Visit) -> web.Response:
    """What a form says is read as a row of a sheet is, and refused for the same reasons."""
    cells = {name: visit.form.get(name) for name in COLUMNS}
    named = {
        name: value for value, name in training.topics(visit.desk.releases.find(visit.desk.releases.current))
    }
    cells["topic"] = named.get(cells["topic"], cells["topic"])
    is_new = "id" not in visit.request.match_info
    cells["id"] = await _name(visit, cells["begins"][:10]) if is_new else (await _hers(visit)).id
    before = await visit.desk.planner.session(cells["id"])
    said = " ".join(filter(None, cells.values()))
    sheet = sheets.write(COLUMNS, [list(cells.values())])
    await visit.note("training.add" if is_new else "training.change", cells["id"], str(before or ""), said)
    report = await visit.desk.planner.import_sessions(sheet, "form", visit.now)
    if report.problems:
        return _form(visit, cells, training.told(visit.speech, report.problems)[0].message, 400)
    return visit.go(f"/trainings/{cells['id']}", "said.saved")


async def _name(visit: Visit, day: str) -> str:
    """`F-2026-11-30`, and `-2` when there is one of that day."""
    held = await visit.desk.trainings.sessions()
    stem = f"F-{day}"
    return next(
        name for count in range(1, len(held) + 2) if (name := stem + f"-{count}" * (count > 1)) not in held
    )


async def preview(visit: Visit) -> web.Response:
    """Kept for an hour, so that it can be looked through."""
    _for_all(visit)
    upload = await visit.desk.uploads.put(visit.account.name, visit.form.files.get("file", b""))
    return visit.go(f"/trainings/sheet/{upload}")


def _for_all(visit: Visit) -> None:
    """A sheet may change any session, and that is told to all who are invited: for who sees them all."""
    if visit.account.area:
        raise web.HTTPForbidden


async def previewed(visit: Visit) -> web.Response:
    _for_all(visit)
    content = await visit.desk.uploads.get(visit.account.name, visit.named("upload"))
    if content is None:
        return visit.go("/trainings", "said.too_late")
    found = await visit.desk.planner.consider(content, "trainings.csv")
    new = len(found.changes.new)
    return await show(
        visit,
        found,
        training.told(visit.speech, found.problems),
        Named(
            lambda one: str(one.id),
            lambda column: visit.say(f"trainings.{column}"),
            lambda one: f"{one.topic} · {one.place} · {training.moment(one.begins)}",
        ),
        back="/trainings",
        back_name=visit.say("menu./trainings"),
        take=visit.say("training.take", count=visit.speech.number(new)) if new else "",
        warning=visit.say("training.will_be_told"),
    )


async def take_sheet(visit: Visit) -> web.Response:
    """The sheet again on the sessions of this moment."""
    _for_all(visit)
    content = await visit.desk.uploads.get(visit.account.name, visit.named("upload"))
    if content is None:
        return visit.go("/trainings", "said.too_late")
    await visit.note("training.import", "trainings.csv")
    report = await visit.desk.planner.import_sessions(content, "trainings.csv", visit.now)
    return visit.show(
        "training_taken.html",
        report=report,
        problems=training.told(visit.speech, report.problems),
        back="/admin/trainings",
    )


class Guests(Struct, frozen=True):
    """Whom a form means, all conditions together."""

    unit: str
    roles: tuple[str, ...]
    pasted: str
    numbers: frozenset[str]
    problems: list[Problem]

    def means(self, one: Contact) -> bool:
        here = not self.unit or f"/{self.unit}/" in f"/{one.path}/"
        listed = not self.pasted or one.msisdn in self.numbers
        return one.active and here and listed and (not self.roles or one.role in self.roles)

    @property
    def fields(self) -> list[tuple[str, str]]:
        """As they are posted again."""
        return [("unit", self.unit), ("numbers", self.pasted), *(("roles", role) for role in self.roles)]


def _guests(visit: Visit) -> Guests:
    pasted = visit.form.get("numbers")
    numbers, problems = named(f"msisdn\n{pasted}", "list")
    problems = [replace(one, line=one.line - 1) for one in problems]
    chosen = tuple(role for role in ROLES if role in visit.form.all("roles"))
    return Guests(visit.form.get("unit"), chosen, pasted, frozenset(numbers), problems)


async def invite(visit: Visit) -> web.Response:
    """The first time it is counted, the second time it is done."""
    session, guests = await _found(visit), _guests(visit)
    if session.state != "planned" or visit.desk.planner.begun(session, visit.now):
        return visit.go(f"/trainings/{session.id}", "said.training_over")
    if not (guests.unit or guests.roles or guests.pasted):
        return visit.go(f"/trainings/{session.id}", "said.training_nobody")
    known = (await visit.desk.book.people()).values()
    meant = {one.msisdn for one in known if visit.account.sees(one.path) and guests.means(one)}
    if not visit.form.get("sure"):
        return _counted(visit, session, guests, len(meant))
    await visit.note("training.invite", session.id, after=" ".join(sorted(meant)))
    await visit.desk.planner.invite(session, lambda person: person.msisdn in meant, visit.now)
    visit.desk.book.forget()
    return visit.go(f"/trainings/{session.id}", "said.invited")


def _counted(visit: Visit, session: Session, guests: Guests, count: int) -> web.Response:
    price = visit.desk.programme.settings.sms.cost_per_segment
    return visit.show(
        "training_invite.html",
        one=session,
        begins=training.moment(session.begins),
        count=count,
        cost=round(count * price),
        problems=training.told(visit.speech, guests.problems),
        hidden=guests.fields,
    )


async def attend(visit: Visit) -> web.Response:
    """From the page's own fields `came.<number>`, or from the trainer's list."""
    session = await _found(visit)
    listed, _ = await _listed(visit, session)
    hers = {one.msisdn for one in listed}
    ticked = [(number, visit.form.get(f"came.{number}")) for number in sorted(hers)]
    written = sheets.write(("msisdn", "attended"), [(number, came) for number, came in ticked])
    file = visit.form.files.get("file", b"")
    came = " ".join(number for number, said in ticked if said == "yes")
    await visit.note("training.attendance", session.id, after="list.csv" if file else came)
    report = await visit.desk.planner.attend(session, file or written, "list", hers.__contains__)
    if file:
        problems = training.told(visit.speech, report.problems)
        return visit.show(
            "training_taken.html", report=report, problems=problems, back=training.address(session)
        )
    here = {name: visit.query.get(name, "") for name in training.ASKED}
    return visit.go(f"/trainings/{session.id}", "said.saved", **here)
