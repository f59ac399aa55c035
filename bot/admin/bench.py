"""What the pages of flows and words share: the draft as it stands, and one way for every change to be made."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from msgspec import Struct
from msgspec.structs import replace

from bot.admin.desk import Handler
from bot.admin.problems import told
from bot.admin.visit import Visit, place, there
from bot.admin.whole import whole
from bot.flow.definition import Flow, Problem
from bot.flow.release import Release
from bot.services.editing import words
from bot.services.editing.desk import Change, Made, Opened, Overtaken
from bot.services.editing.impossible import Impossible
from bot.services.editing.preview import Screen, preview

SEEN = "seen"
"""The field with the version of the draft that a form was made from."""


class Bench(Struct, frozen=True):
    """The draft, and what it makes."""

    opened: Opened
    made: Made

    @property
    def release(self) -> Release | None:
        return self.made.release

    def problems(self, file: str) -> list[Problem]:
        return [problem for problem in self.made.problems if problem.file == file]


async def bench(visit: Visit) -> Bench:
    opened = await visit.desk.editing.open()
    made = await visit.desk.editing.made(opened.draft.source)
    return Bench(opened, replace(made, problems=tuple(told(visit.speech, made.problems))))


def may_edit(visit: Visit) -> bool:
    """Flows are everybody's: who looks after one area only does not change them."""
    return visit.account.may("editor") and not visit.account.area


def edits(handler: Callable[[Visit], Awaitable[web.StreamResponse]]) -> Handler:
    """The handler of a change: what cannot be done is said, and who was overtaken sees by whom, with her own words."""

    @wraps(handler)
    async def answered(visit: Visit) -> web.StreamResponse:
        if not may_edit(visit):
            raise web.HTTPForbidden
        try:
            return await handler(visit)
        except Overtaken as late:
            fields = [
                (name, value) for name, value in visit.form.fields.items() if name not in (SEEN, "csrf")
            ]
            return visit.show("overtaken.html", 409, now=late.now, fields=fields)
        except Impossible as refused:
            return visit.show("impossible.html", 422, why=reason(visit, refused))

    return answered


def reason(visit: Visit, refused: Impossible) -> str:
    values = {name: str(value) for name, value in refused.values.items()}
    if "language" in values:
        values["language"] = visit.speech.or_itself("language", values["language"])
    return visit.speech.say(f"cannot.{refused.key}", **values)


def texts(visit: Visit) -> dict[str, dict[str, str]]:
    """The words a form brings, by key and language; its fields are called `text.fr.stock.thanks`."""
    found: dict[str, dict[str, str]] = {}
    for name, value in visit.form.fields.items():
        if name.startswith("text."):
            language, _, key = name[5:].partition(".")
            found.setdefault(key, {})[language] = value.replace("\r\n", "\n")
    return found


def typed(visit: Visit) -> dict[str, str]:
    """The words a form brings as its fields are called, for a form that shows them once more."""
    return {name: value for name, value in visit.form.fields.items() if name.startswith("text.")}


def said(visit: Visit) -> dict[str, str]:
    """What a new thing is called in each language; nothing where nothing was written."""
    return {language: text for language, text in texts(visit).get("", {}).items() if text.strip()}


def reviewer(visit: Visit) -> str:
    """Who vouches for them, and when; empty when nobody does."""
    day = f"{visit.desk.programme.local(visit.now):%Y-%m-%d}"
    return f"{visit.account.name}, {day}" if visit.form.get("reviewed") else ""


def readable(visit: Visit, language: str, po: str) -> None:
    """Raises Impossible for a PO file that cannot be read, with its line."""
    file = f"{language}.po"
    if wrong := words.readable(language, po):
        (problem,) = told(visit.speech, [Problem(file, wrong.line, wrong.message)])
        raise Impossible("not_a_po", file=file, line=problem.line, why=problem.message)


def seen(visit: Visit) -> int:
    version = whole(visit.form.get(SEEN))
    if version is None:
        raise web.HTTPBadRequest
    return version


async def make(visit: Visit, what: str, subject: str, change: Change) -> Opened:
    """One change of the draft, noted. Raises Overtaken and Impossible."""
    before = seen(visit)
    opened = await visit.desk.editing.change(before, visit.account.name, f"{what} {subject}", change)
    await visit.note(what, subject, before=f"v{before}", after=f"v{opened.version}")
    return opened


def back(path: str, said: str = "", anchor: str = "", **query: str) -> web.Response:
    """To a place of a page."""
    asked = urlencode({**({"said": said} if said else {}), **query})
    mark = f"#{anchor}" if anchor else ""
    return web.Response(
        status=303, headers={"Location": place(f"/admin{path}" + (f"?{asked}" if asked else "") + mark)}
    )


def flow_of(visit: Visit, release: Release) -> Flow:
    return there(release.flows.get(visit.named("flow")))


async def phone(visit: Visit, release: Release, flow: str, step: str = "") -> dict[str, Any]:
    """The phone beside a flow, or beside a step, where the call begins at it: what its template wants."""
    query = visit.request.query
    languages = release.words.languages
    asked = query.get("lang", "")
    language = asked if asked in languages else "fr"
    typed = [text[:160] for text in query.getall("t", [])]
    at = query.get("at", step)
    page = f"/admin/flows/{flow}" + (f"/steps/{step}" if step else "")
    settings = visit.desk.programme.settings
    screen: Screen | None = None
    try:
        screen = await preview(settings, release, flow, language, typed, at)
        missing = ""
    except KeyError as nowhere:
        missing = nowhere.args[0]
    return {
        "screen": screen,
        "typed": typed,
        "language": language,
        "missing": missing,
        "at": at,
        "beside": step,
        "phone_page": page,
    }
